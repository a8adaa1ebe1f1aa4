package plan

import (
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"

	"binmend/decoder"
	"binmend/schema"
)

// lineage is one row throughout the transactions, whatever its values become.
type lineage struct {
	table  *table
	origin Origin // the change in which it was first seen
	// found is the row as the transactions find it; nil when they insert it.
	found []decoder.Cell
	// fates says, by column, what happens to the unknown values of found; nil when all are known.
	fates []fate
	// now has the current values of the columns of unique keys; nil when the row is deleted.
	now []decoder.Cell
	// gaveUp has a bit for each key whose value the row did not keep.
	gaveUp uint64
	// place is the number of the row's entry in table.alike, table.vague or both; an entry with another number is out of date. 0 for none.
	place int
	// update is the number of the last event that updated the row. 0: none.
	update int
}

// fate is what the transactions do with a value that the log does not have.
type fate uint8

const (
	lasts       fate = iota // it still exists at the end, so it matters
	overwritten             // it is lost, so it does not matter
	read                    // the new value is computed from it (JSON diffs), so it matters
)

// table is the walk's state of one table.
type table struct {
	schema *schema.Table
	keys   []*key // in the order of schema.Keys, so the primary key is first
	reads  []int  // ordinals of the columns that any key depends on, directly or through a generated column
	// sources lists, for each generated column, the columns that it is computed from.
	sources map[int][]int
	// Rows that no key value identifies: alike holds, by their digest, those that are known completely; vague holds those about which a
	// later image may say more, which exist only if images leave columns out.
	alike  map[[sha256.Size]byte][]placed
	vague  []placed
	places int // number of the last entry in alike or vague

	rewritten bool // an event updates a row more than once: see Plan.Rewritten

	old    []decoder.Cell // scratch of the planner: the row before the current change
	merged []decoder.Cell // the same: the row after it
}

// placed is a row that no key value identifies.
type placed struct {
	lineage, place int
	cells          []decoder.Cell // of a vague row
}

// identifies reports whether a unique key gives each row another value. By such a key the applier looks rows up one by one, if all
// of its columns are in the log.
func (tb *table) identifies() bool {
	return slices.ContainsFunc(tb.keys, func(k *key) bool {
		return !slices.ContainsFunc(k.Parts, func(part schema.KeyPart) bool {
			return part.Column < 0 || tb.schema.Columns[part.Column].Nullable || !isLogged(&tb.schema.Columns[part.Column])
		})
	})
}

func newTable(t *schema.Table) (*table, error) {
	tb := &table{
		schema: t,
		alike:  map[[sha256.Size]byte][]placed{},

		sources: map[int][]int{},
	}
	for c := range t.Columns {
		if t.Columns[c].Generated != schema.NotGenerated {
			tb.sources[c] = sources(t, c)
		}
	}
	isRead := make([]bool, len(t.Columns))
	for i := range t.Keys {
		k, err := newKey(t, i)
		if err != nil {
			return nil, err
		}
		tb.keys = append(tb.keys, k)
		for c := range t.Columns {
			isRead[c] = isRead[c] || k.dependsOn(c)
		}
	}
	for c, yes := range isRead {
		if yes {
			tb.reads = append(tb.reads, c)
		}
	}
	return tb, nil
}

// sameShape reports whether two definitions give row images and keys the same meaning.
func sameShape(a, b *schema.Table) bool {
	return reflect.DeepEqual(a.Columns, b.Columns) && reflect.DeepEqual(a.Keys, b.Keys)
}

// image checks a row image and drops the hidden columns after the table's own. Generated columns that only the replica has are
// unknown.
func (tb *table) image(cells []decoder.Cell) ([]decoder.Cell, error) {
	n := len(tb.schema.Columns)
	if len(cells) < n && !slices.ContainsFunc(tb.schema.Columns[len(cells):], func(c schema.Column) bool { return c.Generated == schema.NotGenerated }) {
		cells = append(cells[:len(cells):len(cells)], make([]decoder.Cell, n-len(cells))...)
	}
	if len(cells) < n {
		return nil, fmt.Errorf("expected %d columns in a row of table %s as in its definition (%s), found %d",
			n, tb.schema.FullName(), tb.schema.Source, len(cells))
	}
	return cells[:n], nil
}

// identity returns the first key that identifies the row, or nil. A functional key does not: its expression may be NULL.
func (tb *table) identity(cells []decoder.Cell) *schema.Key {
	for _, k := range tb.keys {
		if k.functional {
			continue
		}
		if _, kind := k.value(nil, cells); kind == whole {
			return k.Key
		}
	}
	return nil
}

// overlay makes a row from an image and, for columns that it leaves out, from what was known before.
func overlay(dst, image, known []decoder.Cell) {
	for c := range image {
		dst[c] = image[c]
		if image[c].State() == decoder.Absent {
			dst[c] = known[c]
		}
	}
}

// merge makes the row after a change from the row before it. A column that the after image leaves out keeps its value, except for
// generated columns: MariaDB leaves virtual ones out even if they change.
func (tb *table) merge(after []decoder.Cell) {
	overlay(tb.merged, after, tb.old)
	for c, from := range tb.sources {
		if after[c].State() == decoder.Absent && anyChanged(from, tb.old, tb.merged) {
			tb.merged[c] = decoder.Cell{}
		}
	}
}

// keepsName reports whether a key that identified the row before the change still identifies it afterwards: all images of a table's
// rows identify them by the same columns.
func (tb *table) keepsName(before, after []decoder.Cell) bool {
	var scratch [128]byte
	for _, k := range tb.keys {
		if k.functional {
			continue
		}
		if _, kind := k.value(scratch[:0], before); kind != whole {
			continue
		}
		if _, kind := k.value(scratch[:0], after); kind == whole {
			return true
		}
	}
	return false
}

// isFindable reports whether the row's next change will identify it by a key value that is known here.
func (tb *table) isFindable(cells []decoder.Cell) bool {
	var scratch [128]byte
	found := false
	for _, k := range tb.keys {
		if k.functional {
			continue
		}
		_, kind := k.value(scratch[:0], cells)
		if k.Primary {
			return kind == whole
		}
		if kind == unknown || kind == computed {
			return false
		}
		found = found || kind == whole
	}
	return found
}

// isComplete reports whether all columns are known from which the others can be computed.
func (tb *table) isComplete(cells []decoder.Cell) bool {
	for c := range cells {
		if !known(cells[c]) && isLogged(&tb.schema.Columns[c]) {
			return false
		}
	}
	return true
}

// isLogged reports whether a full row image has the column, and its value is not computed from others.
func isLogged(c *schema.Column) bool { return c.Generated == schema.NotGenerated && !c.Local }

// isKeyUnknown reports whether a later image may identify the row by a key value that is unknown here.
func (tb *table) isKeyUnknown(cells []decoder.Cell) bool {
	var scratch [128]byte
	for _, k := range tb.keys {
		if _, kind := k.value(scratch[:0], cells); (kind == unknown || kind == computed) && !k.functional {
			return true
		}
	}
	return false
}

// mayEqual reports whether two images agree in all columns that both have.
func mayEqual(a, b []decoder.Cell) bool {
	for c := range a {
		if known(a[c]) && known(b[c]) && !sameCell(a[c], b[c]) {
			return false
		}
	}
	return true
}

// overwrite notes what an after image does to the unknown values.
func (l *lineage) overwrite(after []decoder.Cell) {
	for c := range l.fates {
		if l.fates[c] != lasts || known(l.found[c]) {
			continue
		}
		switch {
		case known(after[c]):
			l.fates[c] = overwritten
		case after[c].State() != decoder.Absent:
			l.fates[c] = read
		}
	}
}
