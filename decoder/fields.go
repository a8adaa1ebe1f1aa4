package decoder

import (
	"fmt"
	"strconv"
	"time"

	"binmend/decoder/internal/bin"
)

// Field is a run of an event's bytes with what they mean.
type Field struct {
	Offset int // in the event
	Bytes  []byte
	Name   string
	Value  string // "" where the bytes say it all, or nothing is known of them
}

// Fields calls yield for the fields of an event in byte order: those of its header, its body and its checksum. Each byte of the event is
// in one field: compressed data is a single one, and what can't be read too. It ends with the first error of yield.
func (e *Event) Fields(yield func(Field) error) error {
	f := &fieldReader{yield: yield, event: e}
	f.header()
	f.body = bin.New(e.Body)
	switch {
	case e.IsRows():
		f.rows()
	case fieldsOf[e.Type] != nil:
		fieldsOf[e.Type](f)
	}
	f.rest("body")
	f.trailer()
	return f.err
}

// fieldsOf reads the bodies of the event types.
var fieldsOf = map[EventType]func(*fieldReader){
	EventQuery: (*fieldReader).query, EventMariaQueryCompressed: (*fieldReader).query, EventTableMap: (*fieldReader).tableMap,
	EventFormatDescription: (*fieldReader).format, EventGtid: (*fieldReader).gtid, EventAnonymousGtid: (*fieldReader).gtid,
	EventGtidTagged: func(f *fieldReader) { f.rest("fields of the GTID") }, EventMariaGtid: (*fieldReader).mariaGtid, EventMariaGtidList: (*fieldReader).gtidList,
	EventPreviousGtids: (*fieldReader).previousGtids,
	EventXid:           func(f *fieldReader) { f.number(8, "xid") },
	EventRotate:        func(f *fieldReader) { f.number(8, "position"); f.rest("next log") },
	EventIntvar:        func(f *fieldReader) { f.number(1, "variable"); f.number(8, "value") },
	EventRand:          func(f *fieldReader) { f.number(8, "seed 1"); f.number(8, "seed 2") },
	EventRowsQuery:     func(f *fieldReader) { f.number(1, "length, modulo 256"); f.rest("statement") },
	EventUserVar:       (*fieldReader).userVar, EventXAPrepare: (*fieldReader).xaPrepare,
	EventMariaAnnotateRows:     func(f *fieldReader) { f.rest("statement") },
	EventMariaBinlogCheckpoint: func(f *fieldReader) { f.text(f.number(4, "length of the log's name"), "log") },
	EventBeginLoadQuery:        func(f *fieldReader) { f.number(4, "file id"); f.rest("block") },
	EventAppendBlock:           func(f *fieldReader) { f.number(4, "file id"); f.rest("block") },
	EventDeleteFile:            func(f *fieldReader) { f.number(4, "file id") },
	EventIncident:              func(f *fieldReader) { f.number(2, "incident"); f.text(f.number(1, "length of the message"), "message") },
	EventTransactionPayload:    (*fieldReader).payload,
}

// fieldReader reads an event field by field.
type fieldReader struct {
	yield func(Field) error
	event *Event
	body  bin.Cursor
	at    int // in the event
	err   error
}

// give gives the next bytes of the event.
func (f *fieldReader) give(b []byte, name, value string) {
	if f.err == nil && len(b) > 0 {
		f.err = f.yield(Field{Offset: f.at, Bytes: b, Name: name, Value: value})
	}
	f.at += len(b)
}

// take takes bytes of the body; fewer are the rest, under no name.
func (f *fieldReader) take(n uint64) []byte {
	if n > uint64(f.body.Len()) {
		return nil
	}
	return f.body.Bytes(n, "")
}

func (f *fieldReader) number(n int, name string) uint64 {
	b := f.take(uint64(n))
	if b == nil {
		return 0
	}
	v := bin.Uint(b)
	f.give(b, name, strconv.FormatUint(v, 10))
	return v
}

// bits is a number of flags.
func (f *fieldReader) bits(n int, name string) uint64 {
	b := f.take(uint64(n))
	if b == nil {
		return 0
	}
	v := bin.Uint(b)
	f.give(b, name, fmt.Sprintf("0x%0*x", 2*n, v))
	return v
}

func (f *fieldReader) text(n uint64, name string) { f.give(f.take(n), name, "") }

// rest is all that is left of the body.
func (f *fieldReader) rest(name string) { f.text(uint64(f.body.Len()), name) }

// length is a length-encoded integer.
func (f *fieldReader) length(name string) uint64 {
	c := bin.New(f.body.Peek())
	v := c.LenEnc(name)
	f.give(f.take(uint64(c.Offset())), name, strconv.FormatUint(v, 10))
	if c.Err() != nil {
		return 0
	}
	return v
}

// short is a text of up to 255 bytes behind its length.
func (f *fieldReader) short(name string) { f.text(f.number(1, "length of the "+name), name) }

// header gives the common header.
func (f *fieldReader) header() {
	e, raw := f.event, f.event.raw()
	f.give(raw[0:4], "timestamp", fmt.Sprintf("%d, %s UTC", e.Timestamp, e.Time().Format(time.DateTime)))
	f.give(raw[4:5], "type", fmt.Sprintf("%d, %s", raw[typeOffset], e.Type))
	f.give(raw[5:9], "server id", strconv.FormatUint(uint64(e.ServerID), 10))
	f.give(raw[9:13], "length", strconv.FormatUint(uint64(e.Length), 10))
	f.give(raw[13:17], "end_log_pos", strconv.FormatUint(uint64(e.EndLogPos), 10))
	f.give(raw[17:19], "flags", fmt.Sprintf("0x%04x", e.Flags))
	if e.Format != nil && e.Format.HeaderLength > headerLength {
		f.give(raw[headerLength:len(raw)-len(e.Body)], "group id and checksum", "")
	}
}

// trailer gives what follows the body.
func (f *fieldReader) trailer() {
	if rest := f.event.raw()[f.at:]; len(rest) == checksumLength {
		f.give(rest, "checksum", fmt.Sprintf("0x%08x", bin.Uint(rest)))
	}
}

func (f *fieldReader) query() {
	f.number(4, "thread id")
	f.number(4, "execution time")
	database := f.number(1, "length of the database")
	f.number(2, "error code")
	status := bin.New(f.take(f.number(2, "length of the status variables")))
	f.status(&status)
	f.text(database, "database")
	f.number(1, "end of the database")
	f.rest("statement")
}

// status gives the status variables of a Query event.
func (f *fieldReader) status(c *bin.Cursor) {
	var session Session
	for c.Len() > 0 {
		b, begin := c.Peek(), c.Offset()
		number := c.Uint8("status variable")
		isKnown := session.read(c, number)
		if !isKnown || c.Err() != nil {
			f.give(b, "status variables", "")
			return
		}
		f.give(b[:1], "status variable", fmt.Sprintf("%d, %s", number, statusNames[number]))
		value := b[1 : c.Offset()-begin]
		text := ""
		if len(value) <= 8 && len(value) > 0 {
			text = fmt.Sprintf("0x%0*x", 2*len(value), bin.Uint(value))
		}
		f.give(value, statusNames[number], text)
	}
}

var statusNames = [256]string{
	statusFlags2: "flags2", statusSQLMode: "sql_mode", statusCatalogOld: "catalog", statusAutoIncrement: "auto_increment",
	statusCharset: "character sets", statusTimeZone: "time_zone", statusCatalog: "catalog", statusLCTimeNames: "lc_time_names",
	statusCharsetDatabase: "collation_database", statusTableMapForUpdate: "tables of a multi-table UPDATE",
	statusMasterDataWritten: "bytes written by the master", statusInvoker: "invoker", statusUpdatedDatabases: "updated databases",
	statusMicroseconds: "microseconds", statusExplicitDefaults: "explicit_defaults_for_timestamp", statusDDLXid: "xid",
	statusDefaultCollationUTF8MB4: "default_collation_for_utf8mb4", statusRequirePrimaryKey: "sql_require_primary_key",
	statusTableEncryption: "default_table_encryption", statusMariaMicroseconds: "microseconds", statusMariaXid: "xid",
	statusMariaGtidFlags: "flags of the GTID", statusMariaCollations: "character_set_collations",
}

var metadataNames = [...]string{
	0: "optional metadata", metaSignedness: "signedness", metaDefaultCharset: "default character set", metaColumnCharset: "character sets",
	metaColumnName: "column names", metaSetStrValue: "SET members", metaEnumStrValue: "ENUM members", metaGeometryType: "geometry types",
	metaSimplePrimaryKey: "primary key", metaPrimaryKeyPrefix: "primary key with prefixes", metaEnumSetDefault: "default character set of ENUM and SET",
	metaEnumSetColumn: "character sets of ENUM and SET", metaColumnVisibility: "visible columns", metaVectorDimension: "vector dimensions",
}

func (f *fieldReader) format() {
	f.number(2, "binlog version")
	f.text(serverVersionLength, "server version")
	f.number(4, "creation time")
	f.number(1, "header length")
	lengths := uint64(f.body.Len())
	if f.event.Format.Server.knowsChecksums() && lengths > 0 {
		lengths--
	}
	f.text(lengths, "post-header lengths")
	f.number(1, "checksum algorithm")
}

func (f *fieldReader) userVar() {
	f.text(f.number(4, "length of the name"), "name")
	if f.number(1, "NULL") != 0 {
		return
	}
	f.number(1, "type")
	f.number(4, "collation")
	f.text(f.number(4, "length of the value"), "value")
	f.bits(1, "flags")
}

func (f *fieldReader) xaPrepare() {
	f.number(1, "one phase")
	f.number(4, "format id")
	gtrid, bqual := f.number(4, "length of gtrid"), f.number(4, "length of bqual")
	f.text(gtrid, "gtrid")
	f.text(bqual, "bqual")
}

func (f *fieldReader) payload() {
	names := map[uint64]string{payloadSize: "size of the payload", payloadCompression: "compression", 3: "size inflated"}
	for f.body.Len() > 0 && f.err == nil {
		kind := f.length("field")
		if kind == payloadEnd {
			break
		}
		n := f.length("length of the field")
		b := f.take(n)
		c := bin.New(b)
		f.give(b, names[kind], strconv.FormatUint(c.LenEnc("value"), 10))
	}
	f.rest("payload")
}
