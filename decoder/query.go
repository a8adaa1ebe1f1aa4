package decoder

import (
	"bytes"
	"fmt"

	"binmend/decoder/internal/bin"
)

// Query is a QUERY event: a statement as it ran. Its bytes belong to the event.
type Query struct {
	ThreadID  uint32
	ExecTime  uint32 // seconds
	ErrorCode uint16
	Database  []byte
	SQL       []byte
	Status    []byte // status variables, uninterpreted
}

// Query interprets a QUERY event (MySQL source: Query_event), or the statement of an EXECUTE_LOAD_QUERY event, whose own fields are
// passed over: the text names a file of the source.
//
//	bytes  field
//	4      thread id
//	4      seconds that the statement took
//	1      length of the database name
//	2      error code
//	2      length of the status variables
//	13     only EXECUTE_LOAD_QUERY: file id, where the file's name begins and ends in the statement, what to do with duplicates
//	n      status variables
//	n      database name
//	1      0x00
//	rest   statement; MariaDB's Query_compressed holds it compressed
func (e *Event) Query() (q Query, err error) {
	q, err = e.queryHead()
	if err == nil && e.Type == EventMariaQueryCompressed {
		if q.SQL, err = e.reader.inflate.inflate(q.SQL); err != nil {
			return q, e.inflateError("compressed statement", err)
		}
	}
	return q, err
}

// compressedQuery is the statement of a Query_compressed event before it is inflated.
func (e *Event) compressedQuery() ([]byte, error) {
	q, err := e.queryHead()
	return q.SQL, err
}

// queryHead interprets a QUERY event without inflating its statement.
func (e *Event) queryHead() (q Query, err error) {
	if e.Type != EventQuery && e.Type != EventMariaQueryCompressed && e.Type != EventExecuteLoadQuery {
		return q, e.fail(ErrUnsupported, "expected a statement, found %s", e.Type)
	}
	c := bin.New(e.Body)
	q.ThreadID = c.Uint32("thread id")
	q.ExecTime = c.Uint32("execution time")
	n := c.Uint8("length of the database name")
	q.ErrorCode = c.Uint16("error code")
	status := c.Uint16("length of the status variables")
	if e.Type == EventExecuteLoadQuery {
		c.Bytes(4+4+4+1, "file of LOAD DATA")
	}
	q.Status = c.Bytes(uint64(status), "status variables")
	q.Database = c.Bytes(uint64(n), "database name")
	c.Uint8("database terminator")
	q.SQL = c.Rest()
	return q, e.corrupt(c.Err())
}

// RowsQuery is the statement text of a ROWS_QUERY (MySQL) or ANNOTATE_ROWS (MariaDB) event. MySQL puts a length byte before it,
// which is wrong for long statements and is ignored.
func (e *Event) RowsQuery() []byte {
	if e.Type == EventRowsQuery && len(e.Body) > 0 {
		return e.Body[1:]
	}
	return e.Body
}

// Rotate is a ROTATE event: where the log goes on.
type Rotate struct {
	Position uint64
	File     string
}

// maxLogName is how long the name of a log can be, in bytes. (MySQL source: FN_REFLEN.)
const maxLogName = 512

// Rotate interprets a ROTATE event: 8 bytes of position, then the file name.
func (e *Event) Rotate() (Rotate, error) {
	c := bin.New(e.Body)
	r := Rotate{Position: c.Uint64("position")}
	name := bytes.TrimRight(c.Rest(), "\x00")
	if len(name) > maxLogName {
		return r, e.fail(ErrCorrupt, "expected the name of a log, at most %d bytes, found %d", maxLogName, len(name))
	}
	r.File = string(name)
	return r, e.corrupt(c.Err())
}

// Xid is the transaction number of a XID event.
func (e *Event) Xid() (uint64, error) {
	c := bin.New(e.Body)
	xid := c.Uint64("xid")
	return xid, e.corrupt(c.Err())
}

// XAPrepare is an XA_PREPARE event: the end of the first phase of an XA transaction.
type XAPrepare struct {
	OnePhase bool
	FormatID uint32
	Gtrid    []byte
	Bqual    []byte
}

// XID is the transaction's name as servers write it in XA statements.
func (x *XAPrepare) XID() string { return fmt.Sprintf("X'%X',X'%X',%d", x.Gtrid, x.Bqual, x.FormatID) }

// XAPrepare interprets an XA_PREPARE event (MySQL source: XA_prepare_event).
//
//	bytes  field
//	1      one phase
//	4      format id
//	4      length of gtrid, g
//	4      length of bqual, b
//	g+b    gtrid and bqual
func (e *Event) XAPrepare() (XAPrepare, error) {
	c := bin.New(e.Body)
	x := XAPrepare{OnePhase: c.Uint8("one phase") != 0, FormatID: c.Uint32("format id")}
	g, b := c.Uint32("length of gtrid"), c.Uint32("length of bqual")
	x.Gtrid = c.Bytes(uint64(g), "gtrid")
	x.Bqual = c.Bytes(uint64(b), "bqual")
	return x, e.corrupt(c.Err())
}
