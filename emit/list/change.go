package list

import (
	"bytes"
	"fmt"
	"strings"

	"binmend/decoder"
	"binmend/emit/display"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// Change is one change of the wanted row, or a logged statement that names its table.
type Change struct {
	Version int `json:"version"`
	Place
	Event     *EventPlace `json:"event,omitempty"` // of a row change
	Table     string      `json:"table,omitempty"`
	Kind      string      `json:"kind"`              // insert, update, delete, statement
	Key       string      `json:"key,omitempty"`     // before the change: "id = 42"; of an insert, after it
	NewKey    string      `json:"new_key,omitempty"` // after an update that changes it
	Columns   []Column    `json:"columns,omitempty"` // for an update only those that it changes
	Statement string      `json:"statement,omitempty"`
}

// EventPlace is the place of a row change: its event, and its number in the event from 1.
type EventPlace struct {
	File   string `json:"file"`
	Offset int64  `json:"offset"`
	Row    int    `json:"row"`
}

// Column is what a change does to a column. Values are SQL literals; null means that there is no value, or that the log does not
// have it.
type Column struct {
	Name   string  `json:"name"`
	Before *string `json:"before"`
	After  *string `json:"after"`

	before, after string // for people, if a literal is only hex
}

// SetRow fills in what a change does to the row. The literals are in the given dialect.
func (c *Change) SetRow(d sqltext.Dialect, t *schema.Table, kind decoder.RowsKind, row *decoder.Row) error {
	c.Table, c.Kind = t.Database+"."+t.Name, kindNames[kind]
	if err := c.setKeys(t, row); err != nil {
		return err
	}
	for i := range t.Columns {
		before, after := cellOf(row.Before, nil, i), cellOf(row.After, nil, i)
		if !isChanged(kind, before, after) {
			continue
		}
		column := Column{Name: t.Columns[i].Name}
		var err error
		if column.Before, column.before, err = value(d, &t.Columns[i], before); err != nil {
			return err
		}
		if column.After, column.after, err = value(d, &t.Columns[i], after); err != nil {
			return err
		}
		c.Columns = append(c.Columns, column)
	}
	return nil
}

func (c *Change) setKeys(t *schema.Table, row *decoder.Row) error {
	k := &followed{table: t, key: identity(t)}
	before, err := namedKey(k, row.Before, nil)
	if err != nil {
		return err
	}
	after, err := namedKey(k, row.After, row.Before)
	if err != nil {
		return err
	}
	switch {
	case len(row.Before) == 0:
		c.Key = after
	case after != "" && after != before:
		c.Key, c.NewKey = before, after
	default:
		c.Key = before
	}
	return nil
}

// namedKey is "id = 42"; "" if the log does not have the key.
func namedKey(k *followed, image, before decoder.Image) (string, error) {
	var text []byte
	for i, ordinal := range k.key {
		if i > 0 {
			text = append(text, ", "...)
		}
		text = append(append(text, k.table.Columns[ordinal].Name...), " = "...)
		var ok bool
		var err error
		if text, ok, err = appendPart(text, k, i, image, before); !ok || err != nil {
			return "", err
		}
	}
	return string(text), nil
}

// isChanged reports whether a change of the row changes the column.
func isChanged(kind decoder.RowsKind, before, after decoder.Cell) bool {
	if kind != decoder.Update {
		return before.State() != decoder.Absent || after.State() != decoder.Absent
	}
	return after.State() != decoder.Absent && (before.State() != after.State() || !bytes.Equal(before.Raw(), after.Raw()))
}

// value is the literal of a cell, nil if the log has no value, and a readable form if the literal is only hex.
func value(d sqltext.Dialect, column *schema.Column, cell decoder.Cell) (literal *string, readable string, err error) {
	if cell.State() != decoder.Value && cell.State() != decoder.Null {
		return nil, "", nil
	}
	if cell, err = cell.Inflated(); err != nil {
		return nil, "", err
	}
	b, err := d.AppendLiteral(nil, column, cell)
	if err != nil {
		return nil, "", err
	}
	text := string(b)
	seen, _ := d.AppendReadable(nil, column, cell)
	return &text, string(seen), nil
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

// The kinds of changes.
const (
	insertKind    = "insert"
	updateKind    = "update"
	deleteKind    = "delete"
	statementKind = "statement" // a logged statement
)

// NewStatement makes the Change for a statement that names the row's table.
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
		return shown(c.After, c.after)
	case deleteKind:
		return shown(c.Before, c.before)
	}
	return shown(c.Before, c.before) + " -> " + shown(c.After, c.after)
}

// sign is the beginning of a change's line.
func sign(kind string) string {
	switch kind {
	case insertKind:
		return "+"
	case deleteKind:
		return "-"
	}
	return "~"
}

// shown is a value, cut if it is long. A readable form in place of the literal is in double quotes.
func shown(literal *string, readable string) string {
	switch {
	case literal == nil:
		return "(not in the log)"
	case readable != "":
		return display.Printable(`"` + readable + `"`)
	case len(*literal) > maxShown:
		return display.Printable(strings.ToValidUTF8((*literal)[:maxShown], "")) + " …"
	}
	return display.Printable(*literal)
}
