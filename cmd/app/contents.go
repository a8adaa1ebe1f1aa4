package app

import (
	"fmt"
	"strings"

	"binmend/decoder"
	"binmend/decoder/txn"
	"binmend/emit/display"
	"binmend/emit/found"
)

// contents collects what a transaction does, event by event: the rows that it changes by table, and its statements.
type contents struct {
	changes    []*change
	thread     uint32 // that ran it; 0 when the log does not tell
	unreadable bool   // what an event holds is not among the changes
}

// change counts what a transaction does to a table. A statement has no kind and no rows.
type change struct {
	table string
	kind  string
	rows  int
}

func (c *change) String() string {
	if c.kind == "" {
		return c.table
	}
	return fmt.Sprintf("%s: %s %d", c.table, c.kind, c.rows)
}

// add takes the next event, of this transaction or the first of the next one.
func (c *contents) add(e *decoder.Event, step txn.Step) {
	if step.Begins() {
		*c = contents{changes: c.changes[:0]}
	}
	switch {
	case step == txn.Outside:
	case e.IsRows():
		c.addRows(e)
	default:
		c.addStatement(e)
	}
}

// addStatement adds a statement that changes something itself.
func (c *contents) addStatement(e *decoder.Event) {
	c.addThread(e)
	text, err := display.Statement(e)
	if err != nil {
		c.unreadable = true
		text = fmt.Sprintf("the statement at %d can't be read: %s", e.Pos.Offset, reason(err))
	}
	if text != "" {
		c.changes = append(c.changes, &change{table: text})
	}
}

// addThread takes the thread from the first event that tells it. What can't be read is told elsewhere.
func (c *contents) addThread(e *decoder.Event) {
	switch {
	case c.thread != 0:
	case e.IsGtid():
		g, _ := e.Gtid()
		c.thread = g.ThreadID
	case isQuery(e):
		q, _ := e.Query()
		c.thread = q.ThreadID
	}
}

func (c *contents) addRows(e *decoder.Event) {
	re, err := countRows(e)
	if err != nil {
		c.unreadable = true
		c.changes = append(c.changes, &change{table: fmt.Sprintf("rows at %d can't be read: %s", e.Pos.Offset, reason(err))})
		return
	}
	name, kind := tableName(re.Map), strings.ToLower(re.Kind.String())
	for _, known := range c.changes {
		if known.table == name && known.kind == kind {
			known.rows += re.Number()
			return
		}
	}
	c.changes = append(c.changes, &change{table: name, kind: kind, rows: re.Number()})
}

// countRows reads all rows of a row event, so that Number is how many there are.
func countRows(e *decoder.Event) (*decoder.RowsEvent, error) {
	re, err := e.Rows()
	if err != nil {
		return nil, err
	}
	_, err = re.Count()
	return re, err
}

// String says what the transaction changes: rows by table, and statements.
func (c *contents) String() string {
	var parts []string
	for _, x := range c.changes {
		parts = append(parts, x.String())
	}
	return orDash(strings.Join(parts, ", "))
}

// does is the same for package found.
func (c *contents) does() []found.Does {
	list := make([]found.Does, len(c.changes))
	for i, x := range c.changes {
		if x.kind == "" {
			list[i].Statement = x.table
		} else {
			list[i] = found.Does{Table: x.table, Kind: x.kind, Rows: x.rows}
		}
	}
	return list
}

func isQuery(e *decoder.Event) bool {
	return e.Type == decoder.EventQuery || e.Type == decoder.EventMariaQueryCompressed
}
