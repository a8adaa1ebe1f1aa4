package list

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"binmend/decoder/words"
	"binmend/emit/display"
	"binmend/schema"
)

// tablePrinter prints tables, and what is wrong with their definitions. What can't be written is an error of the writer, which
// keeps it.
type tablePrinter interface {
	table(*schema.Table)
	problem(*tableProblem)
}

// tableProblem is what was not understood, or where a definition disagrees with the log.
type tableProblem struct {
	Version  int    `json:"version"`
	Database string `json:"database,omitempty"`
	Table    string `json:"table,omitempty"`
	File     string `json:"file,omitempty"` // of the rows that the definition does not fit
	Offset   int64  `json:"offset,omitempty"`
	Text     string `json:"problem"`

	lead string // for people, what it is
}

// tableText prints for people.
type tableText struct{ io.Writer }

func (w tableText) table(t *schema.Table) { io.WriteString(w, textOf(t)) }

func (w tableText) problem(p *tableProblem) {
	lead := p.lead
	if p.Table != "" {
		lead = tableName(p.Database, p.Table)
	}
	if p.File != "" {
		lead += fmt.Sprintf(", %s:%d", display.Printable(p.File), p.Offset)
	}
	if p.Table != "" {
		lead += ": "
	}
	fmt.Fprintln(w, lead+display.Printable(p.Text))
}

// tableJSON prints one JSON object a line.
type tableJSON struct{ *json.Encoder }

func newTableJSON(w io.Writer) tableJSON { return tableJSON{display.NewEncoder(w)} }

func (w tableJSON) problem(p *tableProblem) {
	p.Version = version
	w.Encode(p)
}

func (w tableJSON) table(t *schema.Table) {
	if t == nil {
		return
	}
	form := tableForm{Version: version, Database: t.Database, Table: t.Name, Source: t.Source, Columns: []columnForm{}, Keys: []keyForm{}}
	for i := range t.Columns {
		c := &t.Columns[i]
		form.Columns = append(form.Columns, columnForm{c.Name, c.SQLType(), c.Nullable, c.Generated != schema.NotGenerated})
	}
	for _, k := range t.Keys {
		key := keyForm{k.Name, k.Primary, []partForm{}}
		for _, p := range k.Parts {
			if p.Column < 0 {
				key.Parts = append(key.Parts, partForm{Expression: p.Expr})
				continue
			}
			key.Parts = append(key.Parts, partForm{Column: t.Columns[p.Column].Name, Prefix: p.Prefix})
		}
		form.Keys = append(form.Keys, key)
	}
	w.Encode(form)
}

// tableForm is a table as JSON.
type tableForm struct {
	Version  int          `json:"version"`
	Database string       `json:"database"`
	Table    string       `json:"table"`
	Source   string       `json:"source"` // where the definition is from
	Columns  []columnForm `json:"columns"`
	Keys     []keyForm    `json:"keys"` // the unique ones
}

type columnForm struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	Nullable  bool   `json:"nullable"`
	Generated bool   `json:"generated"`
}

type keyForm struct {
	Name    string     `json:"name"`
	Primary bool       `json:"primary"`
	Parts   []partForm `json:"parts"`
}

type partForm struct {
	Column     string `json:"column,omitempty"`
	Prefix     int    `json:"prefix,omitempty"` // characters that count
	Expression string `json:"expression,omitempty"`
}

// textOf names a table and where its definition is from, and its unique keys, each on a line.
func textOf(t *schema.Table) string {
	if t == nil {
		return ""
	}
	name := t.Name
	if t.Database != "" {
		name = t.FullName()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s  (%s, from %s)\n", display.Printable(name), words.Count(len(t.Columns), "column"), display.Printable(t.Source))
	for _, k := range t.Keys {
		var parts []string
		for _, p := range k.Parts {
			parts = append(parts, partText(t, &p))
		}
		fmt.Fprintf(&b, "  %s (%s)\n", display.Printable(k.Name), strings.Join(parts, ", "))
	}
	if len(t.Keys) == 0 {
		fmt.Fprintln(&b, "  no unique key")
	}
	return b.String()
}

func partText(t *schema.Table, p *schema.KeyPart) string {
	switch {
	case p.Column < 0:
		return "(" + display.Printable(p.Expr) + ")"
	case p.Prefix > 0:
		return fmt.Sprintf("%s(%d)", display.Printable(t.Columns[p.Column].Name), p.Prefix)
	}
	return display.Printable(t.Columns[p.Column].Name)
}
