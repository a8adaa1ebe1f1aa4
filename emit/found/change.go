package found

import (
	"bytes"
	"fmt"
	"strings"

	"binmend/decoder"
	"binmend/emit/display"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// Change is one change of the wanted row, or a statement that was logged as such and names its table.
type Change struct {
	Version int `json:"version"`
	Place
	Event     *EventPlace `json:"event,omitempty"` // of a row change
	Table     string      `json:"table,omitempty"`
	Kind      string      `json:"kind"`              // insert, update, delete, statement
	Key       string      `json:"key,omitempty"`     // before the change: "id = 42"; of an insert, after it
	NewKey    string      `json:"new_key,omitempty"` // after an update that changes it
	Columns   []Column    `json:"columns,omitempty"` // of an update only those that it changes
	Statement string      `json:"statement,omitempty"`
}

// EventPlace is where a row change stands: its event, and its number in the event from 1.
type EventPlace struct {
	File   string `json:"file"`
	Offset int64  `json:"offset"`
	Row    int    `json:"row"`
}

// Column is what a change does to a column. Values are SQL literals; null stands for a value that there is none of, or that
// the log does not hold.
type Column struct {
	Name   string  `json:"name"`
	Before *string `json:"before"`
	After  *string `json:"after"`
}

// SetRow fills in what a change does to the row. The dialect is that of the literals.
func (c *Change) SetRow(d sqltext.Dialect, t *schema.Table, kind decoder.RowsKind, row *decoder.Row) error {
	c.Table, c.Kind = t.Database+"."+t.Name, strings.ToLower(kind.String())
	if err := c.setKeys(t, row); err != nil {
		return err
	}
	for i := range t.Columns {
		before, after := cellOf(row.Before, nil, i), cellOf(row.After, nil, i)
		if !changes(kind, before, after) {
			continue
		}
		column := Column{Name: t.Columns[i].Name}
		var err error
		if column.Before, err = literal(d, &t.Columns[i], before); err != nil {
			return err
		}
		if column.After, err = literal(d, &t.Columns[i], after); err != nil {
			return err
		}
		c.Columns = append(c.Columns, column)
	}
	return nil
}

func (c *Change) setKeys(t *schema.Table, row *decoder.Row) error {
	k := &followed{table: t, key: identity(t)}
	before, err := appendKey(nil, k, row.Before, nil)
	if err != nil {
		return err
	}
	after, err := appendKey(nil, k, row.After, row.Before)
	if err != nil {
		return err
	}
	switch {
	case len(row.Before) == 0:
		c.Key = string(after)
	case len(after) > 0 && !bytes.Equal(before, after):
		c.Key, c.NewKey = string(before), string(after)
	default:
		c.Key = string(before)
	}
	return nil
}

// changes says whether a change of the row is one of the column.
func changes(kind decoder.RowsKind, before, after decoder.Cell) bool {
	if kind != decoder.Update {
		return before.State() != decoder.Absent || after.State() != decoder.Absent
	}
	return after.State() != decoder.Absent && (before.State() != after.State() || !bytes.Equal(before.Raw(), after.Raw()))
}

// literal is the value of a cell; nil where the log does not hold one.
func literal(d sqltext.Dialect, column *schema.Column, cell decoder.Cell) (*string, error) {
	if cell.State() != decoder.Value && cell.State() != decoder.Null {
		return nil, nil
	}
	b, err := d.AppendLiteral(nil, column, cell)
	if err != nil {
		return nil, err
	}
	text := string(b)
	return &text, nil
}

func (p *textPrinter) Change(c *Change) error {
	if err := p.begin(&c.Place); err != nil {
		return err
	}
	if c.Kind == statementKind {
		_, err := fmt.Fprintf(p.w, "  STATEMENT %s\n", display.OneLine([]byte(c.Statement), maxShown))
		return err
	}
	if _, err := fmt.Fprintf(p.w, "  %s\n", c.text()); err != nil {
		return err
	}
	width := 0
	for _, column := range c.Columns {
		width = max(width, len(display.Printable(column.Name)))
	}
	for _, column := range c.Columns {
		if _, err := fmt.Fprintf(p.w, "    %s %-*s  %s\n", sign(c.Kind), width, display.Printable(column.Name), column.text(c.Kind)); err != nil {
			return err
		}
	}
	return nil
}

// The kinds of changes that are not updates.
const (
	insertKind    = "insert"
	deleteKind    = "delete"
	statementKind = "statement" // logged as such
)

// NewStatement is a statement that names the row's table.
func NewStatement(at Place, sql string) *Change {
	return &Change{Place: at, Kind: statementKind, Statement: sql}
}

func (c *Change) text() string {
	text := strings.ToUpper(c.Kind) + " " + display.Printable(c.Table)
	if c.Key != "" {
		text += ", " + display.Printable(c.Key)
	}
	if c.NewKey != "" {
		text += " -> " + display.Printable(c.NewKey)
	}
	return text
}

func (c *Column) text(kind string) string {
	switch kind {
	case insertKind:
		return shown(c.After)
	case deleteKind:
		return shown(c.Before)
	}
	return shown(c.Before) + " -> " + shown(c.After)
}

// sign is how a line of a change begins.
func sign(kind string) string {
	switch kind {
	case insertKind:
		return "+"
	case deleteKind:
		return "-"
	}
	return "~"
}

// shown is a value, cut when it is long.
func shown(literal *string) string {
	switch {
	case literal == nil:
		return "(not in the log)"
	case len(*literal) > maxShown:
		return display.Printable(strings.ToValidUTF8((*literal)[:maxShown], "")) + " …"
	}
	return display.Printable(*literal)
}
