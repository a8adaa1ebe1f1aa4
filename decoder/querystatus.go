package decoder

import (
	"bytes"

	"binmend/decoder/internal/bin"
)

// Status variables of a QUERY event (MySQL source: Query_event; MariaDB's own, from 128 on: Query_log_event).
const (
	statusFlags2                  = 0
	statusSQLMode                 = 1
	statusCatalogOld              = 2 // MySQL 5.0.0 to 5.0.3
	statusAutoIncrement           = 3
	statusCharset                 = 4
	statusTimeZone                = 5
	statusCatalog                 = 6
	statusLCTimeNames             = 7
	statusCharsetDatabase         = 8
	statusTableMapForUpdate       = 9
	statusMasterDataWritten       = 10
	statusInvoker                 = 11
	statusUpdatedDatabases        = 12
	statusMicroseconds            = 13
	statusExplicitDefaults        = 16
	statusDDLXid                  = 17
	statusDefaultCollationUTF8MB4 = 18
	statusRequirePrimaryKey       = 19
	statusTableEncryption         = 20
	statusMariaMicroseconds       = 128
	statusMariaXid                = 129
	statusMariaGtidFlags          = 130
	statusMariaCollations         = 131
)

// tooManyDatabases stands for the number of updated databases when their names were left out.
const tooManyDatabases = 254

// Flags2 of a statement's session (MySQL source: query_options.h; MariaDB source: sql_priv.h, OPTION_*).
const (
	FlagAutoIsNull              = 1 << 14
	FlagNoCheckConstraintChecks = 1 << 15 // MariaDB
	FlagNotAutocommit           = 1 << 19
	FlagExplicitDefaults        = 1 << 24 // MariaDB: explicit_defaults_for_timestamp
	FlagNoForeignKeyChecks      = 1 << 26
	FlagRelaxedUniqueChecks     = 1 << 27
)

// AlterPhase is the part of a two-phase ALTER that an event stands for: with binlog_alter_two_phase, MariaDB logs the same
// statement as one event when it begins and another when it ends.
type AlterPhase uint8

const (
	WholeAlter    AlterPhase = iota // an ordinary statement
	StartAlter                      // it begins, and changes nothing yet
	CommitAlter                     // it has been done
	RollbackAlter                   // it has failed, and changed nothing
)

// alterPhase reads the extra flags of the statement's GTID event (MariaDB source: Gtid_log_event, FL_START_ALTER_E1 …).
func alterPhase(extra uint8) AlterPhase {
	switch {
	case extra&mariaExtraStartAlter != 0:
		return StartAlter
	case extra&mariaExtraCommitAlter != 0:
		return CommitAlter
	case extra&mariaExtraRollbackAlter != 0:
		return RollbackAlter
	}
	return WholeAlter
}

// Collations are the numbers of a session's collations.
type Collations struct {
	Client     uint16 // of character_set_client, which the statement is written in
	Connection uint16
	Server     uint16 // of a database that is created without one
}

// Session is what a QUERY event says about the session that ran the statement. A Has field says whether the field before it
// was logged.
type Session struct {
	Flags2                 uint32
	HasFlags2              bool
	SQLMode                uint64
	HasSQLMode             bool
	AutoIncrementIncrement uint16 // 0: not logged, which means 1
	AutoIncrementOffset    uint16
	Collations             Collations
	HasCollations          bool
	TimeZone               []byte // empty: not logged, because the statement does not depend on it
	LCTimeNames            uint16
	CollationDatabase      uint16 // 0: not logged
	Microseconds           uint32 // of the time when the statement began
	HasMicroseconds        bool
	ExplicitDefaults       bool // explicit_defaults_for_timestamp
	HasExplicitDefaults    bool
	DefaultCollation       uint16 // default_collation_for_utf8mb4; 0: not logged
	RequirePrimaryKey      bool   // sql_require_primary_key
	HasRequirePrimaryKey   bool
	TableEncryption        bool // default_table_encryption
	HasTableEncryption     bool
	AlterPhase             AlterPhase
	CharsetCollations      []byte // MariaDB's character_set_collations: pairs of collation numbers, see EachCollation
	Complete               bool   // every variable was understood
}

// ExplicitDefaultsOf is the value of explicit_defaults_for_timestamp under which a statement ran, and whether the log tells it: MySQL from
// 5.7 on has a status variable for it, MariaDB from 10.8.4 on a bit in flags2.
func (s *Session) ExplicitDefaultsOf(writer Version) (on, told bool) {
	if writer.Flavor == MariaDB {
		return s.Flags2&FlagExplicitDefaults != 0, s.HasFlags2 && writer.LogsExplicitDefaults()
	}
	return s.ExplicitDefaults, s.HasExplicitDefaults
}

// Session interprets the status variables. It stops at an unknown one: servers put newer ones after older ones.
//
//	bytes  field, each variable after one byte that is its number
//	4      0: flags2
//	8      1: sql_mode
//	1+n+1  2: catalog with a zero byte
//	4      3: auto_increment_increment and _offset
//	6      4: character_set_client, collation_connection, collation_server
//	1+n    5: time_zone
//	1+n    6: catalog
//	2      7: lc_time_names
//	2      8: collation_database
//	8      9: tables of a multi-table UPDATE
//	4      10: length of the event on the source
//	1+n+1+n  11: user and host that invoke
//	1+…    12: number of updated databases, and their names with a zero byte each; 254 has no names
//	3      13: microseconds
//	1      16: explicit_defaults_for_timestamp
//	8      17: XID of a DDL statement
//	2      18: default_collation_for_utf8mb4
//	1      19: sql_require_primary_key
//	1      20: default_table_encryption
//	3      128: microseconds
//	8      129: XID of a DDL statement
//	1[+8]  130: extra flags of the GTID; with the end of a two-phase ALTER, the sequence number of its beginning
//	1+4n   131: pairs of collation numbers: the default of a character set, and the one in force
func (q *Query) Session() (s Session) {
	c := bin.New(q.Status)
	for c.Err() == nil && c.Len() > 0 {
		if !s.read(&c, c.Uint8("status variable")) {
			return s
		}
	}
	s.Complete = c.Err() == nil
	return s
}

// read reads one variable; false when it is not known.
func (s *Session) read(c *bin.Cursor, number uint8) bool {
	switch number {
	case statusFlags2:
		s.Flags2, s.HasFlags2 = c.Uint32("flags2"), true
	case statusSQLMode:
		s.SQLMode, s.HasSQLMode = c.Uint64("sql_mode"), true
	case statusAutoIncrement:
		s.AutoIncrementIncrement, s.AutoIncrementOffset = c.Uint16("auto_increment_increment"), c.Uint16("auto_increment_offset")
	case statusCharset:
		s.Collations = Collations{c.Uint16("character_set_client"), c.Uint16("collation_connection"), c.Uint16("collation_server")}
		s.HasCollations = c.Err() == nil
	case statusTimeZone:
		s.TimeZone = shortBytes(c, "time_zone")
	case statusLCTimeNames:
		s.LCTimeNames = c.Uint16("lc_time_names")
	case statusCharsetDatabase:
		s.CollationDatabase = c.Uint16("collation_database")
	case statusMicroseconds, statusMariaMicroseconds:
		s.Microseconds, s.HasMicroseconds = uint32(c.Uint(3, "microseconds")), true
	case statusExplicitDefaults:
		s.ExplicitDefaults, s.HasExplicitDefaults = c.Uint8("explicit_defaults_for_timestamp") != 0, true
	case statusDefaultCollationUTF8MB4:
		s.DefaultCollation = c.Uint16("default_collation_for_utf8mb4")
	case statusRequirePrimaryKey:
		s.RequirePrimaryKey, s.HasRequirePrimaryKey = c.Uint8("sql_require_primary_key") != 0, true
	case statusTableEncryption:
		s.TableEncryption, s.HasTableEncryption = c.Uint8("default_table_encryption") != 0, true
	case statusMariaGtidFlags:
		if s.AlterPhase = alterPhase(c.Uint8("flags of the GTID")); s.AlterPhase > StartAlter {
			c.Bytes(8, "sequence number of START ALTER")
		}
	case statusMariaCollations:
		s.CharsetCollations = c.Bytes(4*uint64(c.Uint8("number of collations")), "collations")
	default:
		return skipStatus(c, number)
	}
	return true
}

// skipStatus skips a variable that says nothing about the session; false when it is unknown.
func skipStatus(c *bin.Cursor, number uint8) bool {
	switch number {
	case statusCatalogOld:
		c.Bytes(uint64(c.Uint8("length of the catalog"))+1, "catalog")
	case statusCatalog:
		shortBytes(c, "catalog")
	case statusTableMapForUpdate, statusDDLXid, statusMariaXid:
		c.Bytes(8, "status variable")
	case statusMasterDataWritten:
		c.Bytes(4, "status variable")
	case statusInvoker:
		shortBytes(c, "user")
		shortBytes(c, "host")
	case statusUpdatedDatabases:
		skipDatabases(c)
	default:
		return false
	}
	return true
}

// shortBytes reads one byte of length and as many bytes.
func shortBytes(c *bin.Cursor, field string) []byte {
	return c.Bytes(uint64(c.Uint8("length of the "+field)), field)
}

func skipDatabases(c *bin.Cursor) {
	n := c.Uint8("number of updated databases")
	if n == tooManyDatabases {
		return
	}
	for range n {
		end := bytes.IndexByte(c.Peek(), 0)
		c.Bytes(uint64(end+1), "updated database")
		if end < 0 {
			return
		}
	}
}

// EachCollation calls yield for each pair of MariaDB's character_set_collations: the number of a character set's compiled
// default collation, and that of the collation in force.
func (s *Session) EachCollation(yield func(of, collation uint16)) {
	c := bin.New(s.CharsetCollations)
	for c.Len() > 0 {
		yield(c.Uint16("character set"), c.Uint16("collation"))
	}
}

// Collations are those of the session that ran the statement; ok is false when the event does not say.
func (q *Query) Collations() (of Collations, ok bool) {
	s := q.Session()
	return s.Collations, s.HasCollations
}
