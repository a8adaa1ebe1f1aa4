package script

import (
	"bufio"
	"encoding/json"

	"binmend/emit/plan"
	"binmend/schema"
)

// Kind is the kind of a part of a script.
type Kind string

const (
	Comment   Kind = "comment"
	Risk      Kind = "risk"      // a comment that a reviewer must not miss
	Command   Kind = "command"   // a statement about the session, the transaction or replication
	Statement Kind = "statement" // a statement that changes rows
)

// Cause is the event in the log that a statement of a script is for, and the reason.
type Cause struct {
	Reason      string `json:"reason"`
	Database    string `json:"database"`
	Table       string `json:"table"`
	File        string `json:"file"`
	Offset      int64  `json:"offset"`
	Event       string `json:"event"`
	Row         int    `json:"row"`         // in the event, from 1
	Transaction int    `json:"transaction"` // of those that are repaired, from 1
}

func newCause(reason string, t *schema.Table, o plan.Origin) *Cause {
	return &Cause{Reason: reason, Database: t.Database, Table: t.Name, File: o.Pos.File, Offset: o.Pos.Offset,
		Event: o.Type.String(), Row: o.Row, Transaction: o.Transaction}
}

// partWriter writes the parts of a script in order. Their concatenated texts are the script.
type partWriter interface {
	writePart(kind Kind, text []byte, why *Cause) error
}

// textWriter writes the script itself.
type textWriter struct{ *bufio.Writer }

func (w textWriter) writePart(_ Kind, text []byte, _ *Cause) error {
	_, err := w.Write(text)
	return err
}

// Part is a part of a script as JSON. The concatenated texts of all parts are the script.
type Part struct {
	Kind Kind   `json:"kind"`
	Text string `json:"text"`
	*Cause
}

// jsonWriter writes each part as an element of an array.
type jsonWriter struct {
	*bufio.Writer
	any bool
}

func (w *jsonWriter) writePart(kind Kind, text []byte, why *Cause) error {
	part := Part{Kind: kind, Text: string(text)}
	if kind == Statement {
		part.Cause = why
	}
	b, err := json.Marshal(part)
	if err != nil {
		return err
	}
	if w.any {
		w.WriteByte(',')
	}
	w.any = true
	w.WriteString("\n    ")
	_, err = w.Write(b)
	return err
}
