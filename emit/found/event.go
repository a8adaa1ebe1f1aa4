package found

import (
	"encoding/json"
	"io"
	"strings"
	"time"

	"binmend/decoder"
	"binmend/decoder/txn"
)

// Event is one event of a log. What an event of its type does not have is left out.
type Event struct {
	Version   int    `json:"version"`
	File      string `json:"file"`
	Offset    int64  `json:"offset"`                // of an event inside a compressed transaction, that of the event which holds it
	End       int64  `json:"end"`                   // the offset behind it
	Inner     int    `json:"inner,omitempty"`       // counts the events inside a compressed transaction, from 1
	SourceEnd uint32 `json:"end_log_pos"`           // where it ends in the source's own log, modulo 4 GiB; 0: the log does not tell
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
	Statement *string `json:"statement,omitempty"` // whole; bytes that are no UTF-8 are written as U+FFFD

	Table   string `json:"table,omitempty"` // beside its database
	TableID uint64 `json:"table_id,omitempty"`
	Kind    string `json:"kind,omitempty"` // of row changes: insert, update, delete
	Rows    *int   `json:"rows,omitempty"`

	Xid        uint64 `json:"xid,omitempty"`
	NextFile   string `json:"next_file,omitempty"` // of a Rotate event
	NextOffset uint64 `json:"next_offset,omitempty"`
	Server     string `json:"server_version,omitempty"` // of a Format_desc event

	Unreadable string `json:"unreadable,omitempty"` // why what it holds can't be read
}

// EventOf describes an event, which stands in a transaction with the given number or, with step Outside, in none.
func EventOf(e *decoder.Event, step txn.Step, number int) *Event {
	of := &Event{Version: version, File: e.Pos.File, Offset: e.Pos.Offset, End: e.End(), Inner: e.Inner, SourceEnd: e.EndLogPos, Type: e.Type.String(),
		Bytes: e.Length, ServerID: e.ServerID}
	if e.Timestamp != 0 {
		of.Time = e.Time().Format(time.RFC3339)
	}
	if step != txn.Outside {
		of.Of = number
	}
	if err := of.read(e); err != nil {
		of.Unreadable = err.Error()
	}
	return of
}

// read takes what the event holds.
func (of *Event) read(e *decoder.Event) error {
	switch {
	case e.IsGtid():
		g, err := e.Gtid()
		of.GTID, of.LastCommitted, of.SequenceNumber = g.ID.String(), g.LastCommitted, g.SequenceNumber
		of.CommitID, of.ThreadID = g.CommitID, g.ThreadID
		return err
	case e.IsRows():
		return of.readRows(e)
	}
	switch e.Type {
	case decoder.EventQuery, decoder.EventMariaQueryCompressed:
		return of.readQuery(e)
	case decoder.EventRowsQuery, decoder.EventMariaAnnotateRows:
		of.setStatement(e.RowsQuery())
	case decoder.EventTableMap:
		m, err := e.TableMap()
		if err == nil && m != nil {
			of.Database, of.Table, of.TableID = m.Database, m.Table, e.TableID()
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
	}
	return nil
}

func (of *Event) readQuery(e *decoder.Event) error {
	q, err := e.Query()
	of.ThreadID, of.Seconds, of.ErrorCode, of.Database = q.ThreadID, q.ExecTime, q.ErrorCode, string(q.Database)
	if err == nil {
		of.setStatement(q.SQL)
	}
	return err
}

func (of *Event) setStatement(sql []byte) {
	text := string(sql)
	of.Statement = &text
}

func (of *Event) readRows(e *decoder.Event) error {
	re, err := e.Rows()
	if err != nil {
		return err
	}
	of.Database, of.Table, of.TableID, of.Kind = re.Map.Database, re.Map.Table, e.TableID(), strings.ToLower(re.Kind.String())
	n, err := re.Count()
	if err == nil {
		of.Rows = &n
	}
	return err
}

// WriteJSON writes the event as one JSON object on a line.
func (of *Event) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(of)
}
