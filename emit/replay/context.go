package replay

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"binmend/decoder"
	"binmend/decoder/statement"
	"binmend/emit/session"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// sessionState is what the statements of a chunk have changed in the session so far.
type sessionState struct {
	entered  bool // the session is set for statements, not for rows
	dialect  sqltext.Dialect
	database string            // the default one; "" while none was chosen
	values   map[string]string // the variables that were set, by name
}

// variables collects the variables that a statement needs, in order.
type variables []session.Setting

func (v *variables) set(name, format string, args ...any) {
	*v = append(*v, session.Setting{Name: name, Value: fmt.Sprintf(format, args...)})
}

func (v *variables) setNumber(name string, n uint16) { v.set("@@session."+name, "%d", n) }

func (v *variables) setBool(name string, on bool) {
	n := uint16(0)
	if on {
		n = 1
	}
	v.setNumber(name, n)
}

// ofRows are the variables that are not reset to their defaults: rows need a certain value, or none.
var ofRows = map[string]bool{"@@session.foreign_key_checks": true, "@@session.sql_mode": true, "@@session.time_zone": true,
	"@@session.character_set_client": true, "@@session.collation_connection": true, pseudoThread: true,
	"@@session.explicit_defaults_for_timestamp": true, "@@session.unique_checks": true}

const collationDatabase = "@@session.collation_database"

// A session sees the temporary tables of the thread that pseudo_thread_id names, and they hide real tables of the same name. So the
// variable is that of the source's thread only for statements that the log marks as thread-specific; for all else it is 0, which is
// no thread's. (The session's own number may be that of a thread in the log.)
const (
	pseudoThread = "@@session.pseudo_thread_id"
	noThread     = "0"
)

// enterContext writes the default database and the variables of the session that ran a statement, as far as they differ from what was
// written before. (MySQL source: Query_log_event::print_query_header; MariaDB has the same function with variables of its own.)
func (r *renderer) enterContext(d sqltext.Dialect, e *decoder.Event, q *decoder.Query, s *decoder.Session) error {
	c := &r.context
	c.entered, c.dialect = true, d
	name := r.rewritten(string(q.Database))
	if r.homeless && name != "" {
		name = "information_schema" // is always there, and nothing can be made or changed in it
	}
	if name != "" && name != c.database && needsDatabase(e, q) {
		text, err := d.AppendUse(r.text, name)
		if err != nil {
			return refusal(ErrClient, e.Pos, brief(q.SQL), err.Error())
		}
		r.text, c.database = append(text, ";\n"...), name
	}
	if c.values == nil {
		c.values = map[string]string{}
	}
	var changed []string
	needed := variablesOf(d, e, q, s)
	if keepsHistory(d) && altersTable(q, e.Format.Server) {
		needed.set("@@session.system_versioning_alter_history", "KEEP")
	}
	if s.CollationDatabase == 0 && c.values[collationDatabase] != "" {
		needed.set(collationDatabase, "DEFAULT")
	}
	switch {
	case e.Flags&decoder.FlagThreadSpecific != 0:
		needed.set(pseudoThread, "%d", q.ThreadID)
	case c.values[pseudoThread] != "":
		needed.set(pseudoThread, noThread)
	}
	for _, v := range needed {
		if c.values[v.Name] != v.Value {
			c.values[v.Name] = v.Value
			changed = append(changed, v.Name+"="+v.Value)
		}
	}
	if len(changed) > 0 {
		r.text = append(append(append(r.text, "SET "...), strings.Join(changed, ", ")...), ";\n"...)
	}
	return nil
}

// needsDatabase reports whether a statement may need its default database. Servers mark those that don't, with CREATE and DROP DATABASE
// among them, and ALTER DATABASE, which does where it names none.
func needsDatabase(e *decoder.Event, q *decoder.Query) bool {
	if e.Flags&decoder.FlagSuppressUse == 0 {
		return true
	}
	st := statement.Read(q, e.Format.Server)
	return st.Verb == statement.Alter && st.Object == statement.DatabaseObject && st.NamesAt() == 0
}

// keepsHistory reports whether a session has to allow an ALTER TABLE to leave the history of a system-versioned table as it is. Whether
// the source's did is not in the log, but the statement is there only because it succeeded; other tables have no history.
func keepsHistory(d sqltext.Dialect) bool { return d.MariaDB() && d.Version().AtLeast(10, 3, 4) }

func altersTable(q *decoder.Query, writer decoder.Version) bool {
	st := statement.Read(q, writer)
	return st.Verb == statement.Alter && st.Object == statement.TableObject || st.Object == statement.IndexObject
}

// tellClient changes the client's own character set; "" leaves it. The client then also sets names in the session.
func (r *renderer) tellClient(charset string) {
	if charset == "" {
		return
	}
	r.text = append(append(r.text, session.ClientCharset(charset)...), '\n')
	delete(r.context.values, "@@session.character_set_client")
	delete(r.context.values, "@@session.collation_connection")
}

// utf8Collation is utf8mb4_general_ci, which all servers have.
const utf8Collation = 45

// sessionOf is the session in which a statement means what it did. For a CREATE TABLE … SELECT the log has the server's text, which is
// in UTF-8, and the character set of the client that sent another one: a replica would take it for mojibake.
func sessionOf(q *decoder.Query, writer decoder.Version) decoder.Session {
	s := q.Session()
	if s.HasCollations && statement.InUTF8(q.SQL, writer) && !schema.IsASCII(q.SQL) {
		s.Collations.Client, s.Collations.Connection = utf8Collation, utf8Collation
	}
	if statement.InUTF8(q.SQL, writer) && bytes.Contains(q.SQL, []byte(" DEFAULT '0000-00-00")) {
		s.SQLMode &^= modesOfZeroDates
	}
	return s
}

// modesOfZeroDates are NO_ZERO_IN_DATE and NO_ZERO_DATE. Under these MySQL 5.7 makes columns of CREATE TABLE … SELECT NOW() with a zero
// default, and logs the table with it, as a text that no server takes under them.
const modesOfZeroDates = 1<<23 | 1<<24

// variablesOf lists the variables of a statement's session, without autocommit: transactions are written as they are.
func variablesOf(d sqltext.Dialect, e *decoder.Event, q *decoder.Query, s *decoder.Session) variables {
	var v variables
	if s.HasMicroseconds {
		v.set("TIMESTAMP", "%d.%06d", e.Timestamp, s.Microseconds)
	} else {
		v.set("TIMESTAMP", "%d", e.Timestamp)
	}
	if s.HasFlags2 {
		v.setBool("foreign_key_checks", s.Flags2&decoder.FlagNoForeignKeyChecks == 0)
		v.setBool("sql_auto_is_null", s.Flags2&decoder.FlagAutoIsNull != 0)
		v.setBool("unique_checks", s.Flags2&decoder.FlagRelaxedUniqueChecks == 0)
		if d.HasCheckVariable() {
			v.setBool("check_constraint_checks", s.Flags2&decoder.FlagNoCheckConstraintChecks == 0)
		}
	}
	if s.HasSQLMode {
		v.set("@@session.sql_mode", "%d", knownModes(d, e.Format.Server.Flavor, s.SQLMode))
	}
	v.setNumber("auto_increment_increment", max(1, s.AutoIncrementIncrement))
	v.setNumber("auto_increment_offset", max(1, s.AutoIncrementOffset))
	if _, _, known := schema.CollationByNumber(s.Collations.Client); s.HasCollations && known {
		v.set("@@session.character_set_client", "%s", clientCharset(d, s.Collations.Client))
		v.setNumber("collation_connection", s.Collations.Connection)
		v.setNumber("collation_server", s.Collations.Server)
	}
	if len(s.TimeZone) > 0 {
		v.set("@@session.time_zone", "%s", d.AppendString(nil, string(s.TimeZone)))
	}
	v.setNumber("lc_time_names", s.LCTimeNames)
	return addRare(v, d, e, q, s)
}

// defaultCollations are the first collations of the character sets that a client can have, in the order of their names. MariaDB takes no
// other number for character_set_client, although its log has the one of SET NAMES … COLLATE, or of the client's login.
var defaultCollations = map[string]uint16{"armscii8": 32, "ascii": 11, "big5": 1, "binary": 63, "cp1250": 26, "cp1251": 51, "cp1256": 57, "cp1257": 59,
	"cp850": 4, "cp852": 40, "cp866": 36, "cp932": 95, "dec8": 3, "eucjpms": 97, "euckr": 19, "gb18030": 248, "gb2312": 24, "gbk": 28, "geostd8": 92,
	"greek": 25, "hebrew": 16, "hp8": 6, "keybcs2": 37, "koi8r": 7, "koi8u": 22, "latin1": 8, "latin2": 9, "latin5": 30, "latin7": 41, "macce": 38,
	"macroman": 39, "sjis": 13, "swe7": 10, "tis620": 18, "ujis": 12, "utf8mb3": 33, "utf8mb4": utf8Collation}

// clientCharset is the value of character_set_client for a session. MySQL takes the number of any of its collations.
func clientCharset(d sqltext.Dialect, number uint16) string {
	_, charset, known := schema.CollationByNumber(number)
	switch first := defaultCollations[charset]; {
	case known && number >= firstOnlyMariaDB:
		return charset
	case d.MariaDB() && first > 0:
		number = first
	}
	return strconv.Itoa(int(number))
}

// setsCollations reports whether a session can say which collations character sets have by default.
func setsCollations(d sqltext.Dialect) bool { return d.MariaDB() && d.Version().AtLeast(11, 2, 1) }

// addRare adds variables that only a few statements depend on, if the server knows them.
func addRare(v variables, d sqltext.Dialect, e *decoder.Event, q *decoder.Query, s *decoder.Session) variables {
	if s.CollationDatabase != 0 {
		v.set(collationDatabase, "%d", s.CollationDatabase)
	}
	if on, told := s.ExplicitDefaultsOf(e.Format.Server); told && setsExplicitDefaults(d) {
		v.setBool("explicit_defaults_for_timestamp", on)
	}
	if s.DefaultCollation != 0 && d.MySQLSince(8, 0, 11) {
		v.setNumber("default_collation_for_utf8mb4", s.DefaultCollation)
	}
	if s.HasRequirePrimaryKey && d.MySQLSince(8, 0, 13) {
		v.setBool("sql_require_primary_key", s.RequirePrimaryKey)
	}
	if s.HasTableEncryption && d.MySQLSince(8, 0, 16) {
		v.setBool("default_table_encryption", s.TableEncryption)
	}
	if list := characterSetCollations(s); setsCollations(d) && (list != "" || namesCharset(q, e.Format.Server)) {
		v.set("@@session.character_set_collations", "'%s'", list)
	}
	return v
}

// The bits of sql_mode that only some servers know. Those that MySQL 8.0 has removed either stand for other bits, which are set too,
// or concern SHOW's output and GRANT; except MAXDB, see changesMeaning.
const (
	modesOfMySQL8  = 0x1effc00ff
	modesShared    = 1<<32 - 1
	modeMaxDB      = 1 << 12
	modesOfMariaDB = 1<<32 | 1<<33 | 1<<9 // EMPTY_STRING_IS_NULL, SIMULTANEOUS_ASSIGNMENT, ORACLE
)

// knownModes are the bits of a statement's sql_mode that the server of the dialect knows.
func knownModes(d sqltext.Dialect, writer decoder.Flavor, mode uint64) uint64 {
	switch {
	case d.MySQLSince(8, 0, 0) && writer == decoder.MySQL:
		return mode & modesOfMySQL8
	case d.MySQLSince(8, 0, 0):
		return mode & modesOfMySQL8 & modesShared
	case d.MariaDB() != (writer == decoder.MariaDB):
		return mode & modesShared
	}
	return mode
}

// changesMeaning reports whether a statement may mean something else without the sql_mode bits that the dialect's server does not
// know.
func changesMeaning(d sqltext.Dialect, writer decoder.Flavor, mode uint64) bool {
	lost := mode &^ knownModes(d, writer, mode)
	return lost&modeMaxDB != 0 || writer == decoder.MariaDB && lost&modesOfMariaDB != 0
}

// namesCharset reports whether a statement may name a character set, whose collation is then that of character_set_collations. MariaDB logs
// the variable only for statements that have used it, and not where it is empty, as on servers that don't have it.
func namesCharset(q *decoder.Query, writer decoder.Version) bool {
	s := statement.NewScanner(q.SQL, statement.ContextOf(q, writer))
	isChar := false // the word before is CHAR
	for t := s.Next(); t.Kind != statement.End; t = s.Next() {
		for _, word := range []string{"CHARSET", "CHARACTER", "NATIONAL", "NCHAR", "NVARCHAR", "ASCII", "UNICODE", "USING"} {
			if s.Is(t, word) {
				return true
			}
		}
		if t.Kind == statement.Word && q.SQL[t.Start] == '_' || isChar && s.Is(t, "SET") {
			return true
		}
		isChar = s.Is(t, "CHAR")
	}
	return false
}

// characterSetCollations is the value of MariaDB's variable; "" if the statement has no known collation.
func characterSetCollations(s *decoder.Session) string {
	var b bytes.Buffer
	s.EachCollation(func(of, collation uint16) {
		_, charset, ok := schema.CollationByNumber(of)
		name, _, known := schema.CollationByNumber(collation)
		if !ok || !known {
			return
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%s=%s", charset, name)
	})
	return b.String()
}

// leaveContext resets what rows need in the session, if a statement has changed it.
func (r *renderer) leaveContext() {
	if r.context.entered {
		r.keep(r.appendLeave, piece{statement: true})
	}
}

func (r *renderer) appendLeave() {
	c := &r.context
	if !c.entered {
		return
	}
	s := session.Session{Dialect: c.dialect, Checks: true, LogBin: true}
	r.text = append(append(r.text, s.Names()...), '\n')
	r.text = append(append(r.text, s.Set()...), '\n')
	var defaults []string
	for name := range c.values {
		if !ofRows[name] {
			defaults = append(defaults, name+"=DEFAULT")
		}
	}
	slices.Sort(defaults)
	if len(defaults) > 0 {
		r.text = append(append(append(r.text, "SET "...), strings.Join(defaults, ", ")...), ";\n"...)
	}
	if thread := c.values[pseudoThread]; thread != "" && thread != noThread {
		r.text = append(r.text, "SET "+pseudoThread+"="+noThread+";\n"...)
	}
	r.context = sessionState{database: c.database}
}

// appendLeaveAll resets everything that rows need, whatever a CREATE TABLE of MySQL 8.0.21 or later has changed.
func (r *renderer) appendLeaveAll(d sqltext.Dialect) {
	c := &r.context
	c.entered, c.dialect = true, d
	if c.values == nil {
		c.values = map[string]string{}
	}
	for _, name := range []string{"TIMESTAMP", "@@session.auto_increment_increment", "@@session.auto_increment_offset",
		"@@session.collation_server", collationDatabase, "@@session.default_collation_for_utf8mb4", "@@session.lc_time_names",
		"@@session.sql_auto_is_null", "@@session.sql_require_primary_key", "@@session.unique_checks"} {
		c.values[name] = ""
	}
	r.appendLeave()
}
