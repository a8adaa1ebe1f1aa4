package dump

import (
	"fmt"
	"strings"

	"binmend/decoder/words"
	"binmend/schema"
	"binmend/schema/lexer"
)

// definition is a table by the words of its statements: keys and constraints name columns, character sets are not yet
// inherited. It is what ALTER TABLE changes; buildTable makes a schema.Table of it.
type definition struct {
	columns []columnDefinition
	keys    []keyDefinition // unique and secondary ones, in order, each with its name
	foreign []schema.ForeignKey
	options tableOptions
}

// inherited is the encoding of columns that name none.
func (d *definition) inherited() encoding { return encoding{d.options.charset, d.options.collation} }

// columnDefinition is a column as the parser understood it, and what was lifted out of its definition before.
type columnDefinition struct {
	schema.Column
	lifted
	key     keyKind // PRIMARY KEY or UNIQUE among its attributes
	null    bool    // NULL among its attributes
	json    bool    // MariaDB's JSON
	foreign *schema.ForeignKey
}

// keyKind tells keys apart.
type keyKind uint8

const (
	noKey keyKind = iota
	primaryKey
	uniqueKey
	secondaryKey
)

// keyDefinition is a key by the names of its columns.
type keyDefinition struct {
	name     string
	kind     keyKind
	parts    []partDefinition
	overlaps bool // WITHOUT OVERLAPS
}

// partDefinition is a column and how much of it counts, or an expression.
type partDefinition struct {
	column string // "" for an expression
	prefix int
	expr   []lexer.Token
}

// maxColumns is the most that a server allows.
const maxColumns = 4096

// join completes the parser's result for a reduced statement with what was lifted out before. Keys in column attributes come before
// those of the list, as on a server. Keys without a name have none yet.
func join(d *definition, r *reduced) error {
	if len(d.columns) != len(r.columns) {
		return fmt.Errorf("%d columns expected, %d understood", len(r.columns), len(d.columns))
	}
	if len(d.columns) == 0 || len(d.columns) > maxColumns {
		return fmt.Errorf("%d columns; a table has 1 to %d", len(d.columns), maxColumns)
	}
	d.options = r.options
	expressions := r.expressions
	for i := range d.keys {
		key := &d.keys[i]
		key.overlaps = i < len(r.overlaps) && r.overlaps[i]
		for j := range key.parts {
			if key.parts[j].column != "" {
				continue
			}
			if len(expressions) == 0 {
				return fmt.Errorf("key %s: an expression without its text", words.Quote(key.name))
			}
			key.parts[j].expr, expressions = expressions[0], expressions[1:]
		}
	}
	var own []keyDefinition
	for i := range d.columns {
		c := &d.columns[i]
		c.lifted = r.columns[i]
		if c.json && c.lifted.charset == "" && c.lifted.collation == "" {
			c.lifted.charset, c.lifted.collation = "utf8mb4", "utf8mb4_bin"
		}
		if c.key != noKey {
			own = append(own, keyDefinition{kind: c.key, parts: []partDefinition{{column: c.Name}}})
		}
		if c.foreign != nil {
			d.foreign = append(d.foreign, *c.foreign)
		}
	}
	d.keys = append(own, d.keys...)
	return nil
}

// column finds a column by name, or -1.
func (d *definition) column(name string) int {
	for i := range d.columns {
		if strings.EqualFold(d.columns[i].Name, name) {
			return i
		}
	}
	return -1
}

// nameKeys names the keys that have no name as MySQL does: by their first column, or functional_index, with _2, _3 …
// where that is taken by a key before.
func (d *definition) nameKeys() {
	taken := map[string]bool{"primary": true}
	for i := range d.keys {
		key := &d.keys[i]
		switch {
		case key.kind == primaryKey:
			key.name = "PRIMARY"
		case key.name == "":
			key.name = d.freeName(key, taken)
		}
		taken[strings.ToLower(key.name)] = true
	}
}

func (d *definition) freeName(key *keyDefinition, taken map[string]bool) string {
	first := "functional_index"
	if len(key.parts) > 0 && key.parts[0].column != "" {
		first = key.parts[0].column
		if i := d.column(first); i >= 0 {
			first = d.columns[i].Name // in the column's own case
		}
	}
	name := first
	for n := 2; taken[strings.ToLower(name)]; n++ {
		name = fmt.Sprintf("%s_%d", first, n)
	}
	return name
}
