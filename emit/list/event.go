package list

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/decoder/txn"
	"binmend/decoder/words"
	"binmend/emit/display"
)

// Event is one event of a log. Fields that its type does not have are left out.
type Event struct {
	Version   int    `json:"version"`
	File      string `json:"file"`
	Offset    int64  `json:"offset"`                // for an event inside a compressed transaction, of the event that contains it
	End       int64  `json:"end"`                   // the offset after it
	Inner     int    `json:"inner,omitempty"`       // counts the events inside a compressed transaction, from 1
	SourceEnd uint32 `json:"end_log_pos"`           // where it ends in the source's own log, modulo 4 GiB; 0: unknown
	Time      string `json:"time,omitempty"`        // RFC 3339, UTC
	Type      string `json:"type"`                  // as SHOW BINLOG EVENTS calls it
	Bytes     uint32 `json:"bytes"`                 // header and checksum included
	ServerID  uint32 `json:"server_id"`             // that first wrote it
	Of        int    `json:"transaction,omitempty"` // the number of its transaction, from 1 in the order of reading

	GTID           string `json:"gtid,omitempty"`
	LastCommitted  int64  `json:"last_committed,omitempty"`
	SequenceNumber int64  `json:"sequence_number,omitempty"`
	CommitID       uint64 `json:"commit_id,omitempty"`

	ThreadID  uint32  `json:"thread_id,omitempty"`
	Seconds   uint32  `json:"seconds,omitempty"`    // that a statement took
	ErrorCode uint16  `json:"error_code,omitempty"` // that a statement ended with
	Database  string  `json:"database,omitempty"`
	Statement *string `json:"statement,omitempty"` // in full; invalid UTF-8 is written as U+FFFD

	Table   string `json:"table,omitempty"` // without the database
	TableID uint64 `json:"table_id,omitempty"`
	Kind    string `json:"kind,omitempty"` // of row changes: insert, update, delete
	Rows    *int   `json:"rows,omitempty"`

	Xid        uint64 `json:"xid,omitempty"`
	NextFile   string `json:"next_file,omitempty"` // of a Rotate event
	NextOffset uint64 `json:"next_offset,omitempty"`
	Server     string `json:"server_version,omitempty"` // of a Format_desc event

	Unreadable string `json:"unreadable,omitempty"` // why its contents can't be read

	begins   bool // a transaction begins with it
	kind     decoder.EventType
	when     uint32 // Time, in seconds since 1970
	id       gtid.GTID
	database []byte // Database; it belongs to the event
	isMapped bool   // Database and Table are those of a table map, which is not kept: it may be large
	sql      []byte // Statement; it belongs to the event
	isSQL    bool   // the event has a statement, even if empty
	number   int    // Rows
	failed   error  // Unreadable
}

// Read fills in the record from an event, which is in the transaction with the given number or, with step Outside, in none. The
// record is valid as long as the event.
func (of *Event) Read(e *decoder.Event, step txn.Step, number int) {
	*of = Event{} // in place: a large value that is put together elsewhere and copied takes twice as long
	of.File, of.Offset, of.End, of.Inner, of.SourceEnd = e.Pos.File, e.Pos.Offset, e.End(), e.Inner, e.EndLogPos
	of.Type, of.Bytes, of.ServerID = e.Type.String(), e.Length, e.ServerID
	of.begins, of.kind, of.when = step.Begins(), e.Type, e.Timestamp
	if step != txn.Outside {
		of.Of = number
	}
	of.failed = of.read(e)
}

// read reads the contents of the event.
func (of *Event) read(e *decoder.Event) error {
	switch {
	case e.IsGtid():
		g, err := e.Gtid()
		of.id, of.LastCommitted, of.SequenceNumber = g.ID, g.LastCommitted, g.SequenceNumber
		of.CommitID, of.ThreadID = g.CommitID, g.ThreadID
		return err
	case e.IsRows():
		return of.readRows(e)
	}
	switch e.Type {
	case decoder.EventQuery, decoder.EventMariaQueryCompressed:
		return of.readQuery(e)
	case decoder.EventRowsQuery, decoder.EventMariaAnnotateRows:
		of.sql, of.isSQL = e.RowsQuery(), true
	case decoder.EventTableMap:
		m, err := e.TableMap()
		if err == nil && m != nil {
			of.isMapped, of.Database, of.Table, of.TableID = true, m.Database, m.Table, e.TableID()
		}
		return err
	case decoder.EventXid:
		var err error
		of.Xid, err = e.Xid()
		return err
	case decoder.EventRotate:
		to, err := e.Rotate()
		of.NextFile, of.NextOffset = to.File, to.Position
		return err
	case decoder.EventFormatDescription:
		of.Server = e.Format.Server.Text
	case decoder.EventPreviousGtids:
		return e.CheckPreviousGtids()
	case decoder.EventMariaGtidList:
		return e.CheckGtidList()
	}
	return e.CheckKnown()
}

func (of *Event) readQuery(e *decoder.Event) error {
	q, err := e.Query()
	of.ThreadID, of.Seconds, of.ErrorCode, of.database = q.ThreadID, q.ExecTime, q.ErrorCode, q.Database
	if err == nil {
		of.sql, of.isSQL = q.SQL, true
	}
	return err
}

func (of *Event) readRows(e *decoder.Event) error {
	re, err := e.Rows()
	if err != nil {
		return err
	}
	of.isMapped, of.Database, of.Table, of.TableID = true, re.Map.Database, re.Map.Table, e.TableID()
	of.Kind = kindNames[re.Kind]
	if of.number, err = re.Count(); err == nil {
		of.Rows = &of.number
	}
	return err
}

// kindNames are the kinds of row changes as listings name them.
var kindNames = [...]string{decoder.Insert: insertKind, decoder.Update: updateKind, decoder.Delete: deleteKind}

// WriteJSON writes the event as one JSON object on a line.
func (of *Event) WriteJSON(w io.Writer) error {
	of.Version = version
	if of.when != 0 {
		of.Time = rfc3339(of.when)
	}
	of.GTID = of.id.String()
	if !of.isMapped {
		of.Database = string(of.database)
	}
	if of.failed != nil {
		of.Unreadable = of.failed.Error()
	}
	if of.isSQL && len(of.sql) >= largeStatement {
		return of.writeLarge(w)
	}
	if of.isSQL {
		text := string(of.sql)
		of.Statement = &text
	}
	return display.NewEncoder(w).Encode(of)
}

// largeStatement is the size of a statement that is written part by part.
const largeStatement = 256 << 10

// writeLarge writes the object around a large statement, and the statement into it.
func (of *Event) writeLarge(w io.Writer) error {
	of.Statement = new(string)
	var object bytes.Buffer
	if err := display.NewEncoder(&object).Encode(of); err != nil {
		return err
	}
	const empty = `"statement":""` // in no string, where a quote has a backslash before it
	before, after, _ := bytes.Cut(object.Bytes(), []byte(empty))
	if _, err := w.Write(append(before[:len(before):len(before)], empty[:len(empty)-1]...)); err != nil {
		return err
	}
	if err := display.WriteJSONText(w, of.sql); err != nil {
		return err
	}
	_, err := w.Write(append([]byte{'"'}, after...))
	return err
}

const eventHead = "    OFFSET        END SOURCE END  TIME (UTC)           EVENT\n"

// columns writes what neighbouring lines have in common: the text of the last offset and of the last clock is kept. Where one event
// ends, the next one begins, and in a binary log it is where it ends on the source.
type columns struct {
	offset int64
	text   []byte
	clocks words.Clocks
}

func (c *columns) appendOffset(b []byte, offset int64) []byte {
	if len(c.text) == 0 || offset != c.offset {
		c.offset, c.text = offset, appendRight(c.text[:0], "", offset)
	}
	return append(b, c.text...)
}

// appendClock appends an event header's timestamp; the receiver's own events have none.
func (c *columns) appendClock(b []byte, timestamp uint32) []byte {
	if timestamp == 0 {
		return appendLeft(b, "-", len(time.DateTime))
	}
	return c.clocks.Append(b, int64(timestamp))
}

// appendLine appends the event as a line for people. Logs have millions of events.
func (of *Event) appendLine(b []byte, c *columns) []byte {
	if of.Inner > 0 {
		b = appendRight(b, "+", int64(of.Inner))
		b = append(b, "           "...)
	} else {
		b = append(c.appendOffset(b, of.Offset), ' ')
		b = c.appendOffset(b, of.End)
	}
	b = append(b, ' ')
	if of.SourceEnd == 0 {
		b = append(b, "         -"...)
	} else {
		b = c.appendOffset(b, int64(of.SourceEnd))
	}
	b = c.appendClock(append(b, "  "...), of.when)
	b = appendLeft(append(b, "  "...), of.Type, 20)
	b = of.appendDetail(append(b, ' '))
	return append(bytes.TrimRight(b, " "), '\n')
}

// appendDetail describes the contents of the event in a few words.
func (of *Event) appendDetail(b []byte) []byte {
	switch {
	case of.failed != nil:
		return append(append(b, "can't be read: "...), reason(of.failed)...)
	case !of.id.IsZero():
		return of.id.AppendText(b)
	case of.Rows != nil:
		b = append(of.appendTable(b), ": "...)
		b = strconv.AppendInt(append(append(b, of.Kind...), " of "...), int64(of.number), 10)
		if of.number == 1 {
			return append(b, " row"...)
		}
		return append(b, " rows"...)
	case of.isSQL:
		if len(of.database) > 0 {
			b = append(display.AppendPrintable(append(b, "use "...), string(of.database)), "; "...)
		}
		return display.AppendOneLine(b, of.sql, maxShown)
	}
	switch of.kind {
	case decoder.EventTableMap:
		if of.Database == "" && of.Table == "" {
			return b
		}
		b = append(of.appendTable(b), " (table id "...)
		return append(strconv.AppendUint(b, of.TableID, 10), ')')
	case decoder.EventXid:
		return append(strconv.AppendUint(append(b, "COMMIT /* xid="...), of.Xid, 10), " */"...)
	case decoder.EventRotate:
		return fmt.Appendf(b, "to %s at %d", display.Printable(of.NextFile), of.NextOffset)
	case decoder.EventFormatDescription:
		return append(b, display.Printable(of.Server)...)
	}
	return b
}

const offsetWidth = 10

// appendRight appends an offset, or a sign and a number, right-aligned in a column for offsets.
func appendRight(b []byte, sign string, n int64) []byte {
	begin := len(b)
	b = appendBlanks(b, offsetWidth)
	rest := uint64(n)
	for at := len(b) - 1; at >= begin+len(sign); at-- {
		b[at] = '0' + byte(rest%10)
		if rest /= 10; rest == 0 {
			copy(b[at-len(sign):at], sign)
			return b
		}
	}
	return strconv.AppendInt(append(b[:begin], sign...), n, 10) // wider than its column
}

// appendLeft appends a text, left-aligned in a column of the given width.
func appendLeft(b []byte, text string, width int) []byte {
	begin := len(b)
	return pad(append(b, text...), begin, width)
}

// pad fills a column that begins at begin with blanks, up to its width in characters.
func pad(b []byte, begin, width int) []byte {
	return appendBlanks(b, width-utf8.RuneCount(b[begin:]))
}

func appendBlanks(b []byte, n int) []byte {
	const blanks = "                                                " // wider than any column
	return append(b, blanks[:min(max(n, 0), len(blanks))]...)
}

// appendTable appends the qualified name of the table.
func (of *Event) appendTable(b []byte) []byte {
	return display.AppendPrintable(append(display.AppendPrintable(b, of.Database), '.'), of.Table)
}
