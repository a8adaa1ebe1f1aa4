package list

import (
	"fmt"
	"strconv"

	"binmend/decoder"
	"binmend/decoder/cache"
	"binmend/decoder/statement"
	"binmend/decoder/txn"
	"binmend/emit/display"
)

// Contents collects what a transaction does, event by event: the rows that it changes by table, and its statements.
type Contents struct {
	Changes    []Does
	Thread     uint32 // that ran it; 0 when unknown
	Unreadable bool   // an event could not be read, and its changes are missing here

	names cache.Cache[*decoder.TableMap, string] // of tables
}

// AddEvent adds the next event, of this transaction or the first of the next one.
func (c *Contents) AddEvent(e *decoder.Event, step txn.Step) {
	if step.Begins() {
		c.Changes, c.Thread, c.Unreadable = c.Changes[:0], 0, false
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
func (c *Contents) addStatement(e *decoder.Event) {
	c.addThread(e)
	text, err := display.Statement(e)
	if err != nil {
		c.Unreadable = true
		text = fmt.Sprintf("the statement at %d can't be read: %s", e.Pos.Offset, reason(err))
	}
	if text != "" {
		c.Changes = append(c.Changes, Does{Statement: text})
	}
}

// addThread takes the thread from the first event that names it. Unreadable events are reported elsewhere.
func (c *Contents) addThread(e *decoder.Event) {
	switch {
	case c.Thread != 0:
	case e.Type == decoder.EventMariaGtid: // MySQL's have none
		g, _ := e.Gtid()
		c.Thread = g.ThreadID
	case isQuery(e):
		if q, _, err := statement.Of(e); err == nil {
			c.Thread = q.ThreadID
		}
	}
}

func (c *Contents) addRows(e *decoder.Event) {
	re, err := e.Rows()
	c.countRows(re, err, e.Pos)
}

// countRows adds the rows of an event, or the error of reading it.
func (c *Contents) countRows(re *decoder.RowsEvent, err error, pos decoder.Position) {
	if err == nil {
		_, err = re.Count()
	}
	if err != nil {
		c.Unreadable = true
		c.Changes = append(c.Changes, Does{Statement: fmt.Sprintf("rows at %d can't be read: %s", pos.Offset, reason(err))})
		return
	}
	name, kind := c.name(re.Map), kindNames[re.Kind]
	for i := range c.Changes {
		if known := &c.Changes[i]; known.Table == name && known.Kind == kind {
			known.Rows += re.Number()
			return
		}
	}
	c.Changes = append(c.Changes, Does{Table: name, Kind: kind, Rows: re.Number()})
}

// name is a table's name, made once.
func (c *Contents) name(m *decoder.TableMap) string {
	name, ok := c.names.Get(m)
	if !ok {
		name = tableName(m.Database, m.Table)
		c.names.Put(m, name, m.Size()+len(name))
	}
	return name
}

// appendInShort appends the transaction's changes on one line: rows by table, and statements.
func appendInShort(b []byte, changes []Does) []byte {
	if len(changes) == 0 {
		return append(b, '-')
	}
	for i := range changes {
		if i > 0 {
			b = append(b, ", "...)
		}
		does := &changes[i]
		if does.Statement != "" {
			b = append(b, does.Statement...)
			continue
		}
		b = append(append(append(append(b, does.Table...), ": "...), does.Kind...), ' ')
		b = strconv.AppendInt(b, int64(does.Rows), 10)
	}
	return b
}

func isQuery(e *decoder.Event) bool {
	return e.Type == decoder.EventQuery || e.Type == decoder.EventMariaQueryCompressed
}
