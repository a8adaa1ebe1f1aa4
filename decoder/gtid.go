package decoder

import (
	"errors"

	"binmend/decoder/gtid"
	"binmend/decoder/internal/bin"
)

// Gtid is a GTID event of either flavour: the beginning of a transaction.
type Gtid struct {
	ID    gtid.GTID // zero in an Anonymous_Gtid event
	Flags uint8     // MySQL: 1 when the transaction may have changed something by statement; MariaDB: see MariaGtid flags

	// MySQL 5.7 and later: which transactions may be applied in parallel.
	LastCommitted  int64
	SequenceNumber int64

	// MySQL 8.0 and later: when the transaction was committed, in microseconds since 1970. 0 where the log does not say.
	ImmediateCommit int64 // on the server whose log this is, or that sent it to this relay log
	OriginalCommit  int64 // on the server that wrote it first

	CommitID uint64 // MariaDB: transactions with the same one were committed together; 0 when there were no others
	ThreadID uint32 // MariaDB 11.5 and later: the session that wrote it; 0 where the log does not say
}

// Flags of MariaDB's GTID event (MariaDB source: Gtid_log_event).
const (
	MariaGtidStandalone    = 0x01 // the transaction is one statement, without an end event
	MariaGtidCommitID      = 0x02
	MariaGtidTransactional = 0x04 // it can be rolled back
	MariaGtidAllowParallel = 0x08 // @@skip_parallel_replication was not set
	MariaGtidWaited        = 0x10 // it waited for a lock of another transaction
	MariaGtidDDL           = 0x20
	MariaGtidPreparedXA    = 0x40
	MariaGtidCompletedXA   = 0x80
)

// Extra flags of MariaDB's GTID event.
const (
	mariaExtraEngines       = 0x01
	mariaExtraStartAlter    = 0x02
	mariaExtraCommitAlter   = 0x04
	mariaExtraRollbackAlter = 0x08
	mariaExtraThreadID      = 0x10
)

// IsGtid reports whether the event is a GTID event.
func (e *Event) IsGtid() bool { return e.Type.IsGtid() }

// IsGtid reports whether events of the type are GTID events.
func (t EventType) IsGtid() bool {
	switch t {
	case EventGtid, EventAnonymousGtid, EventGtidTagged, EventMariaGtid:
		return true
	}
	return false
}

// Gtid interprets a GTID event.
func (e *Event) Gtid() (Gtid, error) {
	c := bin.New(e.Body)
	var g Gtid
	switch e.Type {
	case EventGtid, EventAnonymousGtid:
		g = readGtid(&c)
		if e.Type == EventAnonymousGtid {
			g.ID = gtid.GTID{}
		}
	case EventGtidTagged:
		g = readTaggedGtid(&c)
	case EventMariaGtid:
		g = readMariaGtid(&c, e.ServerID)
	default:
		return g, e.fail(ErrUnsupported, "expected a GTID event, found %s", e.Type)
	}
	return g, e.corrupt(c.Err())
}

// readGtid reads a GTID or ANONYMOUS_GTID event (MySQL source: Gtid_event).
//
//	bytes  field
//	1      flags
//	16     UUID
//	8      transaction number
//	1      2: the two counters follow; from 5.7 on
//	8      last_committed
//	8      sequence_number
//	7      time of the commit in microseconds; from 8.0 on. The highest bit: the next field is there
//	7      time of the commit on the original server, where it is another
//	rest   transaction length, server versions
func readGtid(c *bin.Cursor) Gtid {
	g := Gtid{Flags: c.Uint8("flags")}
	g.ID.Flavor = gtid.MySQL
	copy(g.ID.TSID.UUID[:], c.Bytes(16, "UUID"))
	g.ID.Seq = c.Uint64("transaction number")
	if c.Len() >= 17 && c.Uint8("logical timestamp type") == 2 {
		g.LastCommitted = int64(c.Uint64("last_committed"))
		g.SequenceNumber = int64(c.Uint64("sequence_number"))
		readCommitTimes(c, &g)
	}
	return g
}

// commitTimeBytes is the width of a commit timestamp.
const commitTimeBytes = 7

func readCommitTimes(c *bin.Cursor, g *Gtid) {
	if c.Len() < commitTimeBytes {
		return
	}
	const original = 1 << 55
	at := int64(c.Uint(commitTimeBytes, "time of the commit"))
	g.ImmediateCommit, g.OriginalCommit = at&^original, at
	if at&original != 0 {
		g.OriginalCommit = int64(c.Uint(commitTimeBytes, "time of the original commit"))
	}
}

// readMariaGtid reads MariaDB's GTID event; its server id is the header's.
//
//	bytes  field
//	8      sequence number
//	4      domain
//	1      flags
//	8      commit id, by flag
//	4+1+1  format id and two lengths of an XA id, by flags, and its bytes
//	1      extra flags; zero bytes may follow instead
//	1      number of engines, by extra flag
//	8      sequence number of a two-phase ALTER, by extra flag
//	4      thread id, by extra flag
func readMariaGtid(c *bin.Cursor, server uint32) Gtid {
	g := Gtid{ID: gtid.GTID{Flavor: gtid.MariaDB, Server: server}}
	g.ID.Seq = c.Uint64("sequence number")
	g.ID.Domain = c.Uint32("domain")
	g.Flags = c.Uint8("flags")
	if g.Flags&MariaGtidCommitID != 0 {
		g.CommitID = c.Uint64("commit id")
	}
	if g.Flags&(MariaGtidPreparedXA|MariaGtidCompletedXA) != 0 {
		c.Uint32("format id of the XA id")
		n := uint64(c.Uint8("length of gtrid"))
		c.Bytes(n+uint64(c.Uint8("length of bqual")), "XA id")
	}
	if c.Len() > 0 {
		readMariaExtra(c, &g)
	}
	return g
}

// MariaXA is the XA id of a MariaDB GTID event that means XA START; ok is false for others. See readMariaGtid.
func (e *Event) MariaXA() (id XAPrepare, ok bool, err error) {
	g, err := e.Gtid()
	if err != nil || e.Type != EventMariaGtid || g.Flags&MariaGtidPreparedXA == 0 {
		return id, false, err
	}
	c := bin.New(e.Body)
	c.Bytes(8+4+1, "sequence number, domain and flags")
	if g.Flags&MariaGtidCommitID != 0 {
		c.Uint64("commit id")
	}
	id.FormatID = c.Uint32("format id of the XA id")
	gtrid, bqual := c.Uint8("length of gtrid"), c.Uint8("length of bqual")
	id.Gtrid, id.Bqual = c.Bytes(uint64(gtrid), "gtrid"), c.Bytes(uint64(bqual), "bqual")
	return id, true, e.corrupt(c.Err())
}

func readMariaExtra(c *bin.Cursor, g *Gtid) {
	extra := c.Uint8("extra flags")
	if extra&mariaExtraEngines != 0 {
		c.Uint8("number of engines")
	}
	if extra&(mariaExtraCommitAlter|mariaExtraRollbackAlter) != 0 {
		c.Uint64("sequence number of ALTER")
	}
	if extra&mariaExtraThreadID != 0 {
		g.ThreadID = c.Uint32("thread id")
	}
}

// The fields of a GTID_TAGGED event that are read here, in the order in which they are written.
const (
	taggedFlags = iota
	taggedUUID
	taggedGNO
	taggedTag
	taggedLastCommitted
	taggedSequenceNumber
	taggedImmediateCommit
	taggedOriginalCommit
)

var errSerialization = errors.New("expected version 1 of the serialization format")

// readTaggedGtid reads a GTID_TAGGED event of MySQL 8.3 and later (MySQL source: Gtid_event::define_fields; the format is
// that of libs/mysql/serialization).
//
//	bytes   field
//	varint  version of the format, 1
//	varint  size of the message
//	varint  last field that a reader must know
//	then, for each field, varint field id and its value:
//	0       flags, varint
//	1       UUID, 16 varints
//	2       transaction number, signed varint
//	3       tag, varint length and its bytes
//	4       last_committed, signed varint
//	5       sequence_number, signed varint
//	6       time of the commit in microseconds, varint
//	7       time of the commit on the original server, varint, where it is another
//	8…      transaction length, server versions
func readTaggedGtid(c *bin.Cursor) Gtid {
	g := Gtid{ID: gtid.GTID{Flavor: gtid.MySQL}}
	if varint(c, "format version") != 1 {
		c.Fail(errSerialization)
	}
	varint(c, "message size")
	varint(c, "last field to know")
	for c.Len() > 0 {
		switch varint(c, "field id") {
		case taggedFlags:
			g.Flags = uint8(varint(c, "flags"))
		case taggedUUID:
			for i := range g.ID.TSID.UUID {
				g.ID.TSID.UUID[i] = byte(varint(c, "UUID"))
			}
		case taggedGNO:
			g.ID.Seq = uint64(signedVarint(c, "transaction number"))
		case taggedTag:
			g.ID.TSID.Tag = readTag(c)
		case taggedLastCommitted:
			g.LastCommitted = signedVarint(c, "last_committed")
		case taggedSequenceNumber:
			g.SequenceNumber = signedVarint(c, "sequence_number")
		case taggedImmediateCommit:
			g.ImmediateCommit = int64(varint(c, "time of the commit"))
			g.OriginalCommit = g.ImmediateCommit
		case taggedOriginalCommit:
			g.OriginalCommit = int64(varint(c, "time of the original commit"))
			return g
		default:
			return g
		}
	}
	return g
}

func readTag(c *bin.Cursor) gtid.Tag {
	text := c.Bytes(varint(c, "tag length"), "tag")
	if len(text) == 0 {
		return gtid.Tag{}
	}
	tag, err := gtid.ParseTag(string(text))
	c.Fail(err)
	return tag
}

// varint reads a variable-length integer. The lowest bits of the first byte give its length: one 1 for each byte that
// follows, then a 0. The bits above them and the following bytes are the number, little-endian. After 0xff come eight bytes.
func varint(c *bin.Cursor, field string) uint64 {
	first := c.Uint8(field)
	more := 0
	for more < 8 && first>>more&1 == 1 {
		more++
	}
	if more == 8 {
		return c.Uint64(field)
	}
	return c.Uint(more, field)<<(7-more) | uint64(first)>>(more+1)
}

// signedVarint reads a varint whose lowest bit is the sign.
func signedVarint(c *bin.Cursor, field string) int64 {
	v := varint(c, field)
	if v&1 == 1 {
		return -int64(v>>1) - 1
	}
	return int64(v >> 1)
}

// PreviousGtids is the set of a PREVIOUS_GTIDS event: what MySQL logged before this file.
func (e *Event) PreviousGtids() (*gtid.Set, error) {
	set, err := gtid.DecodeSet(e.Body)
	return set, e.corrupt(err)
}

// CheckPreviousGtids returns the error that PreviousGtids would return. It does not build the set.
func (e *Event) CheckPreviousGtids() error { return e.corrupt(gtid.CheckSet(e.Body)) }

// EachPreviousGtid calls yield with the intervals that PreviousGtids would hold, without the memory for them.
func (e *Event) EachPreviousGtid(yield func(gtid.TSID, gtid.Interval)) error {
	return e.corrupt(gtid.EachOfSet(e.Body, yield))
}

// GtidList is the list of a GTID_LIST event: the last GTIDs that MariaDB logged before this file, by domain and server.
func (e *Event) GtidList() ([]gtid.GTID, error) {
	list, err := gtid.DecodeList(e.Body)
	return list, e.corrupt(err)
}

// EachOfGtidList calls yield with the GTIDs that GtidList would hold, without the memory for them.
func (e *Event) EachOfGtidList(yield func(gtid.GTID)) error {
	return e.corrupt(gtid.EachOfList(e.Body, yield))
}

// CheckGtidList returns the error that GtidList would return. It does not build the list.
func (e *Event) CheckGtidList() error { return e.EachOfGtidList(func(gtid.GTID) {}) }
