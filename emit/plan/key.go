package plan

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"binmend/decoder"
	"binmend/schema"
)

// key is a unique key of a table and what the walk knows about its values.
type key struct {
	*schema.Key
	table  *schema.Table
	index  int     // in the table's Keys
	inputs [][]int // by part: ordinals of the columns that it depends on
	reads  []int   // all of them, each once
	// functional keys have an expression among their parts. Their values are compared by the columns that it reads. The expression may
	// be NULL whatever these are, so two rows may seem to have the same value.
	functional bool
	// guessed are the parts whose expression can't be computed reliably from logged values.
	guessed []bool
	// sources are the columns from which generated columns in reads are computed.
	sources []int
	// local keys have only columns of the replica alone: a row that the applier inserts has their defaults.
	local bool
	// exact keys have no two values that the server finds equal although their bytes differ.
	exact bool
	// values holds every value that is settled for the time before the transactions: one of their rows had it, or no row may. They
	// index slots.
	values map[string]int
	slots  []slot
}

// slot is what is known about a key value at the current point of the walk.
type slot struct {
	lineage int // the last one that had the value
	held    bool
}

// slotOf is the value's slot, valid until the next settle; nil when the value is not settled.
func (k *key) slotOf(value []byte) *slot {
	if i, ok := k.values[string(value)]; ok {
		return &k.slots[i]
	}
	return nil
}

// hold notes that the row has the value. It returns the memory that a new value takes.
func (k *key) hold(value []byte, lineage int) (size int) {
	s := slot{lineage: lineage, held: true}
	if have := k.slotOf(value); have != nil {
		*have = s
		return 0
	}
	k.values[string(value)] = len(k.slots)
	k.slots = append(k.slots, s)
	return slotSize + len(value)
}

// release notes that the row no longer has the value.
func (k *key) release(value []byte, lineage int) {
	if have := k.slotOf(value); have != nil && have.lineage == lineage {
		have.held = false
	}
}

// valueKind says how much is known about a row's value of a key.
type valueKind uint8

const (
	whole    valueKind = iota // every part is known and none is NULL
	null                      // a part is NULL: the row conflicts with no other
	computed                  // a part is unknown, but the server can compute it from known values; it may be NULL
	unknown                   // a part is unknown
)

// settles reports whether a statement can ask for the value.
func (v valueKind) settles() bool { return v == whole || v == computed }

func newKey(t *schema.Table, index int) (*key, error) {
	k := &key{Key: &t.Keys[index], table: t, index: index, exact: !t.Keys[index].WithoutOverlaps, local: isLocal(t, &t.Keys[index]), values: map[string]int{}}
	for i := range k.Parts {
		part := &k.Parts[i]
		if part.Column >= len(t.Columns) {
			return nil, fmt.Errorf("key %s of table %s names column %d; the table has %d columns",
				k.Name, t.FullName(), part.Column+1, len(t.Columns))
		}
		k.inputs = append(k.inputs, partColumns(t, part))
		for _, c := range k.inputs[i] {
			if !slices.Contains(k.reads, c) {
				k.reads = append(k.reads, c)
			}
		}
		if part.Column < 0 {
			k.functional = true
		}
		k.exact = k.exact && isExact(t, part)
		k.guessed = append(k.guessed, part.Column < 0 && !t.ComputesExactly(part))
	}
	for _, c := range k.reads {
		k.sources = append(k.sources, sources(t, c)...)
	}
	return k, nil
}

// isLocal reports whether only the replica has the columns of a key, so that the log says nothing about its values.
func isLocal(t *schema.Table, k *schema.Key) bool {
	return !slices.ContainsFunc(k.Parts, func(part schema.KeyPart) bool {
		return part.Column < 0 || part.Column >= len(t.Columns) || isLogged(&t.Columns[part.Column]) || t.Columns[part.Column].Generated != schema.NotGenerated
	})
}

// partColumns lists the columns that a part's value depends on. An expression that could not be parsed may read every column.
func partColumns(t *schema.Table, part *schema.KeyPart) []int {
	if part.Column >= 0 {
		return []int{part.Column}
	}
	var columns []int
	for _, c := range part.Columns {
		if c >= 0 && c < len(t.Columns) {
			columns = append(columns, c)
		}
	}
	if len(columns) > 0 {
		return columns
	}
	for c := range t.Columns {
		columns = append(columns, c)
	}
	return columns
}

// isExact reports whether different bytes mean different values of the part. Text depends on its collation; FLOAT and DOUBLE have
// two zeros; a prefix of a BINARY column may cut into the zero bytes that the row image drops. A generated column may be
// represented by its own value or by the values that it is computed from.
func isExact(t *schema.Table, part *schema.KeyPart) bool {
	if part.Column < 0 || part.Prefix > 0 || t.Columns[part.Column].Generated != schema.NotGenerated {
		return false
	}
	return t.Columns[part.Column].Type.IsExact()
}

// value appends the row's value of the key. Equal bytes are equal values, except for functional keys and values that the server
// computes; the reverse need not hold.
func (k *key) value(dst []byte, cells []decoder.Cell) ([]byte, valueKind) {
	kind := whole
	for i := range k.Parts {
		part := &k.Parts[i]
		if part.Column >= 0 {
			switch cell := cells[part.Column]; cell.State() {
			case decoder.Null:
				return dst, null
			case decoder.Value:
				dst = appendBytes(dst, prefix(&k.table.Columns[part.Column], part.Prefix, cell.Raw()))
				continue
			}
			if c := &k.table.Columns[part.Column]; c.Local && c.AutoIncrement {
				return dst, null // the replica generates a value that no row has
			}
		}
		if k.guessed[i] {
			kind = unknown
			continue
		}
		if part.Column < 0 && allKnown(cells, k.inputs[i]) {
			dst = appendCells(dst, cells, k.inputs[i])
			continue
		}
		from, ok := k.table.Computation(k.inputs[i], func(c int) bool { return known(cells[c]) })
		if !ok {
			kind = unknown
			continue
		}
		kind = max(kind, computed)
		dst = binary.AppendUvarint(dst, math.MaxUint64) // a length that no value has
		dst = appendCells(dst, cells, from.Inputs)
	}
	return dst, kind
}

func allKnown(cells []decoder.Cell, columns []int) bool {
	return !slices.ContainsFunc(columns, func(c int) bool { return !known(cells[c]) })
}

func appendCells(dst []byte, cells []decoder.Cell, columns []int) []byte {
	for _, c := range columns {
		dst = appendCell(dst, cells[c])
	}
	return dst
}

// touched reports whether a change may alter the row's value of the key.
func (k *key) touched(before, after []decoder.Cell) bool {
	for _, c := range k.reads {
		if !sameCell(before[c], after[c]) {
			return true
		}
	}
	for _, c := range k.reads {
		if k.table.Columns[c].Generated != schema.NotGenerated && !known(after[c]) {
			return anyChanged(k.sources, before, after)
		}
	}
	return false
}

// bit is the key's bit in a lineage's set of keys. MySQL allows 64 keys per table.
func (k *key) bit() uint64 { return 1 << min(k.index, 63) }

// isPart reports whether a NULL in the column makes the key's value NULL.
func (k *key) isPart(column int) bool {
	return slices.ContainsFunc(k.Parts, func(part schema.KeyPart) bool { return part.Column == column })
}

// dependsOn reports whether the key's value may depend on the column, directly or through a generated column.
func (k *key) dependsOn(column int) bool {
	return slices.Contains(k.reads, column) || slices.Contains(k.sources, column)
}

// sources lists the columns from which a generated column is computed, directly or through others; none for another column.
func sources(t *schema.Table, column int) []int {
	var all []int
	todo := []int{column}
	for len(todo) > 0 {
		c := &t.Columns[todo[0]]
		todo = todo[1:]
		if c.Generated == schema.NotGenerated {
			continue
		}
		for input := range t.Columns {
			if reads(c, input, t.Columns[input].Name) && !slices.Contains(all, input) {
				all = append(all, input)
				todo = append(todo, input)
			}
		}
	}
	return all
}

// reads reports whether a generated column reads another one. If that is uncertain, it returns true.
func reads(c *schema.Column, input int, name string) bool {
	if len(c.Inputs) > 0 {
		return slices.Contains(c.Inputs, input)
	}
	return c.Expr == "" || strings.Contains(strings.ToLower(c.Expr), strings.ToLower(name))
}

// anyChanged reports whether one of the columns differs between the two rows.
func anyChanged(columns []int, before, after []decoder.Cell) bool {
	return slices.ContainsFunc(columns, func(c int) bool { return !sameCell(before[c], after[c]) })
}

// missing lists the columns of the key whose values in a row are unknown.
func (k *key) missing(cells []decoder.Cell) []int {
	var columns []int
	for _, c := range k.reads {
		if !known(cells[c]) {
			columns = append(columns, c)
		}
	}
	if len(columns) == 0 {
		return k.reads // an expression can't be computed reliably
	}
	return columns
}

// prefix cuts a value to the n characters of a key part. If the length of characters is unknown, it leaves the value whole: equal
// key values may then look different, which costs an extra Absence.
func prefix(column *schema.Column, n int, raw []byte) []byte {
	if n <= 0 || column.Compressed {
		return raw
	}
	switch prefixUnit(column.Charset) {
	case unitByte:
		return raw[:min(n, len(raw))]
	case unitUTF8:
		return prefixUTF8(raw, n)
	}
	return raw
}

// unit is how a character set stores a character.
type unit uint8

const (
	unitUnknown unit = iota
	unitByte
	unitUTF8
)

func prefixUnit(charset string) unit {
	switch charset {
	case "binary", "ascii", "latin1", "latin2":
		return unitByte
	case "utf8", "utf8mb3", "utf8mb4":
		return unitUTF8
	}
	return unitUnknown
}

func prefixUTF8(raw []byte, n int) []byte {
	if !utf8.Valid(raw) {
		return raw
	}
	rest := raw
	for ; n > 0 && len(rest) > 0; n-- {
		_, size := utf8.DecodeRune(rest)
		rest = rest[size:]
	}
	return raw[:len(raw)-len(rest)]
}

// known reports whether the cell has the column's value.
func known(c decoder.Cell) bool { return c.State() == decoder.Value || c.State() == decoder.Null }

func sameCell(a, b decoder.Cell) bool {
	return a.State() == b.State() && bytes.Equal(a.Raw(), b.Raw())
}

// appendCell appends a cell in such a way that different sequences of cells give different bytes.
func appendCell(dst []byte, c decoder.Cell) []byte {
	dst = append(dst, byte(c.State()))
	if c.State() == decoder.Value {
		dst = appendBytes(dst, c.Raw())
	}
	return dst
}

func appendBytes(dst, raw []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(raw)))
	return append(dst, raw...)
}
