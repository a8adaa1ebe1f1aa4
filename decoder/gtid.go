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
}

// Flags of MariaDB's GTID event (MariaDB source: Gtid_log_event).
const (
	MariaGtidStandalone = 0x01 // the transaction is one statement, without an end event
	MariaGtidDDL        = 0x20
	MariaGtidPreparedXA = 0x40
)

// IsGtid says whether the event is a GTID event.
func (e *Event) IsGtid() bool {
	switch e.Type {
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
//	rest   commit timestamps, transaction length, server versions
func readGtid(c *bin.Cursor) Gtid {
	g := Gtid{Flags: c.Uint8("flags")}
	g.ID.Flavour = gtid.MySQL
	copy(g.ID.TSID.UUID[:], c.Bytes(16, "UUID"))
	g.ID.Seq = c.Uint64("transaction number")
	if c.Len() >= 17 && c.Uint8("logical timestamp type") == 2 {
		g.LastCommitted = int64(c.Uint64("last_committed"))
		g.SequenceNumber = int64(c.Uint64("sequence_number"))
	}
	return g
}

// readMariaGtid reads MariaDB's GTID event; its server id is the header's.
//
//	bytes  field
//	8      sequence number
//	4      domain
//	1      flags
//	rest   commit id or XA id, by flags
func readMariaGtid(c *bin.Cursor, server uint32) Gtid {
	g := Gtid{ID: gtid.GTID{Flavour: gtid.MariaDB, Server: server}}
	g.ID.Seq = c.Uint64("sequence number")
	g.ID.Domain = c.Uint32("domain")
	g.Flags = c.Uint8("flags")
	return g
}

// The fields of a GTID_TAGGED event that are read here, in the order in which they are written.
const (
	taggedFlags = iota
	taggedUUID
	taggedGNO
	taggedTag
	taggedLastCommitted
	taggedSequenceNumber
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
//	6…      timestamps, transaction length, server versions
func readTaggedGtid(c *bin.Cursor) Gtid {
	g := Gtid{ID: gtid.GTID{Flavour: gtid.MySQL}}
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

// varint reads a variable-length integer: the lowest bits of the first byte, as many ones as bytes follow and then a
// zero, tell its length; the bits above them and the bytes that follow are the number, little-endian. 0xff is followed
// by all eight bytes.
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
