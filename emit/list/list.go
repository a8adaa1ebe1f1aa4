// Package list is the use case of events and find: listings of what logs hold, as text for people or as one JSON object per line,
// both from the same records (Event, Transaction, Change). In go a range of logs, or where a search begins, and a writer; out
// come the listings of Events, Finder and Tables. It plans no repair and writes no SQL to run.
//
// A JSON object has "version": 1, and the fields of Transaction, Event or Change. Adding a field does not change the version;
// removing one or changing its meaning does.
package list

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"binmend/decoder/txn"
	"binmend/decoder/words"
	"binmend/emit/display"
)

// version is the version of the JSON objects.
const version = 1

// Place says which transaction it is, where it is in the logs, and who wrote it.
type Place struct {
	File     string `json:"file"`
	Offset   int64  `json:"offset"` // of the transaction's first event
	EndFile  string `json:"end_file,omitempty"`
	End      int64  `json:"end,omitempty"` // after its last event; 0 when that has not been read
	Time     string `json:"time,omitempty"`
	GTID     string `json:"gtid,omitempty"`
	ServerID uint32 `json:"server_id"`
	ThreadID uint32 `json:"thread_id,omitempty"`
	Errant   string `json:"errant,omitempty"` // why it is not a transaction of the source

	when uint32 // Time, in seconds since 1970; 0 when unknown
}

// placeOf is the place of a transaction. thread is 0 when unknown, errant "" when the transaction is not errant.
func placeOf(t *txn.Transaction, thread uint32, errant string) Place {
	p := Place{File: t.Start.File, Offset: t.Start.Offset, End: t.End.Offset, GTID: t.GTID.String(), ServerID: t.ServerID, ThreadID: thread, Errant: errant, when: t.Time}
	if t.End.File != t.Start.File {
		p.EndFile = t.End.File
	}
	if t.Time != 0 {
		p.Time = rfc3339(t.Time)
	}
	return p
}

// Transaction is a transaction that was found.
type Transaction struct {
	Version int `json:"version"`
	Place
	Ending    string  `json:"ending,omitempty"`    // committed, rolled back, prepared, statement
	Source    *Source `json:"source,omitempty"`    // for a relay log
	Changes   []Does  `json:"changes"`             // in the order in which tables and statements first occur
	Statement string  `json:"statement,omitempty"` // the one with the searched text, if it is not among the changes

	onSource Source // for a binary log too; zero when unknown
}

// transactionOf makes the record of a transaction that has been read to its end.
func transactionOf(t *txn.Transaction, holds *Contents) *Transaction {
	of := &Transaction{Place: placeOf(t, holds.Thread, ""), Ending: t.Ending.String(), Changes: slices.Clone(holds.Changes)}
	if of.Changes == nil {
		of.Changes = []Does{}
	}
	if t.SourceEnd != 0 {
		of.onSource = Source{File: t.SourceFile, Start: t.SourceStart, End: t.SourceEnd}
		if t.SourceFile != "" && t.SourceFile != filepath.Base(t.Start.File) {
			of.Source = &of.onSource
		}
	}
	return of
}

// Source is the place of a transaction in the source's log, modulo 4 GiB.
type Source struct {
	File  string `json:"file"`
	Start uint32 `json:"start"`
	End   uint32 `json:"end"`
}

// Does is what a transaction does to a table, or a logged statement.
type Does struct {
	Table     string `json:"table,omitempty"`
	Kind      string `json:"kind,omitempty"` // insert, update, delete
	Rows      int    `json:"rows,omitempty"`
	Statement string `json:"statement,omitempty"` // its beginning
}

// Printer prints what was found.
type Printer interface {
	Transaction(*Transaction) error
	Change(*Change) error
	Risk(text string) error // why what was printed may be wrong
}

// JSON writes one JSON object per line. Invalid UTF-8 in a name or a statement is written as U+FFFD.
func JSON(w io.Writer) Printer {
	return &jsonPrinter{Encoder: display.NewEncoder(w), w: w}
}

type jsonPrinter struct {
	*json.Encoder
	w io.Writer
}

func (p *jsonPrinter) Transaction(t *Transaction) error {
	t.Version = version
	return p.Encode(t)
}

func (p *jsonPrinter) Risk(text string) error {
	return p.Encode(struct {
		Version int    `json:"version"`
		Risk    string `json:"risk"`
	}{version, text})
}

// Text writes lines for people.
func Text(w io.Writer, p Paint) Printer { return &textPrinter{w: w, Paint: p} }

type textPrinter struct {
	Paint
	w     io.Writer
	shown string // the heading of the current transaction
}

// maxShown bounds what is shown of a statement, in bytes.
const maxShown = 200

func (p *textPrinter) Transaction(t *Transaction) error {
	if err := p.begin(&t.Place); err != nil {
		return err
	}
	if t.Ending == txn.Open.String() {
		if _, err := fmt.Fprintln(p.w, p.warning("  its end is not in these logs: whether it was committed is not known")); err != nil {
			return err
		}
	}
	if s := t.Source; s != nil {
		if _, err := fmt.Fprintf(p.w, "  on the source: %s:%d-%d\n", display.Printable(s.File), s.Start, s.End); err != nil {
			return err
		}
	}
	for _, d := range t.Changes {
		if _, err := fmt.Fprintf(p.w, "  %s\n", d.text()); err != nil {
			return err
		}
	}
	if t.Statement == "" {
		return nil
	}
	_, err := fmt.Fprintf(p.w, "  found in: %s\n", display.OneLine([]byte(t.Statement), maxShown))
	return err
}

func (d *Does) text() string {
	if d.Statement != "" {
		return display.OneLine([]byte(d.Statement), maxShown)
	}
	return fmt.Sprintf("%s: %s of %s", display.Printable(d.Table), d.Kind, display.Count(uint64(d.Rows), "row"))
}

// begin writes, once, where a transaction is and who wrote it.
func (p *textPrinter) Risk(text string) error {
	_, err := fmt.Fprintln(p.w, p.warning("RISK: "+display.Printable(text)))
	return err
}

func (p *textPrinter) begin(at *Place) error {
	heading := at.text(p.Paint)
	if heading == p.shown {
		return nil
	}
	between := ""
	if p.shown != "" {
		between = "\n"
	}
	p.shown = heading
	_, err := io.WriteString(p.w, between+heading)
	return err
}

func (at *Place) text(p Paint) string {
	text := fmt.Sprintf("%s:%d", display.Printable(at.File), at.Offset)
	switch {
	case at.EndFile != "":
		text += fmt.Sprintf(" to %s:%d", display.Printable(filepath.Base(at.EndFile)), at.End)
	case at.End != 0:
		text += fmt.Sprintf("-%d", at.End)
	}
	if at.GTID != "" {
		text += "  " + at.GTID
	}
	text = p.heading(text) + fmt.Sprintf("\n  %s, server %d", at.clock(), at.ServerID)
	if at.ThreadID != 0 {
		text += fmt.Sprintf(", thread %d", at.ThreadID)
	}
	if at.Errant != "" {
		text += "\n  " + p.warning("ERRANT: "+at.Errant)
	}
	return text + "\n"
}

func (at *Place) clock() string {
	if at.when == 0 {
		return "at an unknown time"
	}
	return words.Clock(int64(at.when)) + " UTC"
}
