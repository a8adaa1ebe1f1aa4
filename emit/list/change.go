package list

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

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
	Statement []byte      `json:"-"`                 // "statement", a string, in JSON; of the event, which may be large
}

// EventPlace is the place of a row change: its event, and its number in the event from 1.
type EventPlace struct {
	File   string `json:"file"`
	Offset int64  `json:"offset"`
	Row    int    `json:"row"`
}

// Column is what a change does to a column.
type Column struct {
	Name          string
	before, after literal
}

// literal is a value that is made text when it is printed: it may be large. null means that there is no value, or that the log does not
// have it.
type literal struct {
	dialect sqltext.Dialect
	column  *schema.Column
	cell    decoder.Cell
}

// setRow fills in what a change does to the row, which has to stay as it is until that is printed. The literals are in the given dialect.
func (c *Change) setRow(d sqltext.Dialect, t *schema.Table, kind decoder.RowsKind, row *decoder.Row) error {
	c.Table, c.Kind = t.FullName(), kindNames[kind]
	if err := c.setKeys(t, row); err != nil {
		return err
	}
	for i := range t.Columns {
		before, after := cellOf(row.Before, nil, i), cellOf(row.After, nil, i)
		if !isChanged(kind, before, after) {
			continue
		}
		of := &t.Columns[i]
		column := Column{of.Name, literal{d, of, before}, literal{d, of, after}}
		for _, l := range []literal{column.before, column.after} {
			l.dialect = d.Spilling(func([]byte) []byte { return nil })
			if _, err := l.append(nil); err != nil {
				return err // before any of the change is printed
			}
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

func (l *literal) isNull() bool {
	return l.cell.State() != decoder.Value && l.cell.State() != decoder.Null
}

// append appends the literal, nothing for null.
func (l *literal) append(dst []byte) ([]byte, error) {
	if l.isNull() {
		return dst, nil
	}
	cell, err := l.cell.Inflated()
	if err != nil {
		return dst, err
	}
	return l.dialect.AppendLiteral(dst, l.column, cell)
}

// Change writes the line of a change in parts: its values may be large.
func (p *jsonPrinter) Change(c *Change) error {
	c.Version = version
	head := *c
	head.Columns = nil
	var line bytes.Buffer
	if err := display.NewEncoder(&line).Encode(head); err != nil {
		return err
	}
	line.Truncate(line.Len() - len("}\n"))
	if len(c.Columns) > 0 {
		if err := p.columns(&line, c.Columns); err != nil {
			return err
		}
	}
	if len(c.Statement) > 0 {
		if err := p.statement(&line, c.Statement); err != nil {
			return err
		}
	}
	line.WriteString("}\n")
	_, err := line.WriteTo(p.w)
	return err
}

// statement writes what is in line and a statement, part by part, but for the quote at its end.
func (p *jsonPrinter) statement(line *bytes.Buffer, sql []byte) error {
	line.WriteString(`,"statement":"`)
	if _, err := line.WriteTo(p.w); err != nil {
		return err
	}
	line.WriteByte('"')
	return display.WriteJSONText(p.w, sql)
}

// columns writes what is in line and the columns, but for their end, which is left in line.
func (p *jsonPrinter) columns(line *bytes.Buffer, columns []Column) error {
	next := `,"columns":[{"name":`
	for i := range columns {
		column := &columns[i]
		line.WriteString(next)
		if err := display.NewEncoder(line).Encode(column.Name); err != nil {
			return err
		}
		line.Truncate(line.Len() - len("\n"))
		for _, part := range []struct {
			name string
			*literal
		}{{"before", &column.before}, {"after", &column.after}} {
			line.WriteString(`,"` + part.name + `":`)
			if err := p.literal(line, part.literal); err != nil {
				return err
			}
		}
		next = `},{"name":`
	}
	line.WriteString("}]")
	return nil
}

// literal writes what is in line and a value, part by part, but for the quote at its end.
func (p *jsonPrinter) literal(line *bytes.Buffer, l *literal) error {
	if l.isNull() {
		line.WriteString("null")
		return nil
	}
	line.WriteByte('"')
	if _, err := line.WriteTo(p.w); err != nil {
		return err
	}
	var failed error
	parts := *l
	parts.dialect = l.dialect.Spilling(func(text []byte) []byte {
		whole := display.WholeRunes(text, max(0, len(text)-utf8.UTFMax))
		failed = cmp.Or(failed, display.WriteJSONText(p.w, text[:whole]))
		return text[:copy(text, text[whole:])]
	})
	last, err := parts.append(nil)
	if err == nil {
		err = display.WriteJSONText(p.w, last)
	}
	line.WriteByte('"')
	return cmp.Or(failed, err)
}

func (p *textPrinter) Change(c *Change) error {
	if err := p.begin(&c.Place); err != nil {
		return err
	}
	if c.Kind == statementKind {
		_, err := fmt.Fprintf(p.w, "  STATEMENT %s\n", display.OneLine(c.Statement, maxShown))
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

// newStatement makes the Change for a statement that names the row's table.
func newStatement(at Place, sql []byte) *Change {
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
		return c.after.shown()
	case deleteKind:
		return c.before.shown()
	}
	return c.before.shown() + " -> " + c.after.shown()
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

// shown is a value, cut if it is long. A readable form in place of a literal that is only hex is in double quotes.
func (l *literal) shown() string {
	text, err := l.append(nil)
	if l.isNull() || err != nil {
		return "(not in the log)"
	}
	cell, _ := l.cell.Inflated()
	if readable, _ := l.dialect.AppendReadable(nil, l.column, cell); len(readable) > 0 {
		return display.Printable(`"` + string(readable) + `"`)
	}
	if len(text) > maxShown {
		return display.Printable(strings.ToValidUTF8(string(text[:maxShown]), "")) + " …"
	}
	return display.Printable(string(text))
}
