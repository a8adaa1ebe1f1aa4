package plan_test

import (
	"fmt"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/emit/plan"
	"binmend/schema"
)

// The model server of the property test: tables of a few small columns, kept as slices of rows.

// value is a stored value; its zero is the empty string.
type value struct {
	bytes string
	null  bool
}

func (v value) String() string {
	if v.null {
		return "NULL"
	}
	return fmt.Sprintf("%q", v.bytes)
}

type row []value

func (r row) String() string { return fmt.Sprint([]value(r)) }

// database is the contents of a server's table.
type database struct {
	table *schema.Table
	rows  []row
}

// keyParts is a row's value of a key as the server's index compares it; ok is false when a part is NULL.
func keyParts(t *schema.Table, k *schema.Key, r row) (parts []string, ok bool) {
	for _, part := range k.Parts {
		v := partValue(t, part, r)
		if v.null {
			return nil, false
		}
		parts = append(parts, v.bytes)
	}
	return parts, true
}

// Functional key parts of the model.
const (
	exprLower  = "lower(c)"
	exprNullIf = "nullif(lower(c),'a')"
	exprIfNull = "ifnull(lower(c),'a')"
)

func partValue(t *schema.Table, part schema.KeyPart, r row) value {
	column := part.Column
	if column < 0 {
		column = part.Columns[0]
	}
	v := r[column]
	if t.Columns[column].Type == schema.TypeVarchar {
		v.bytes = strings.ToLower(v.bytes)
	}
	if part.Prefix > 0 {
		chars := []rune(v.bytes)
		v.bytes = string(chars[:min(part.Prefix, len(chars))])
	}
	switch {
	case part.Expr == exprNullIf && v.bytes == "a":
		v.null = true
	case part.Expr == exprIfNull && v.null:
		v = value{bytes: "a"}
	}
	return v
}

// collide reports whether two rows can't both be in the table, because of the key.
func collide(t *schema.Table, k *schema.Key, a, b row) bool {
	x, ok := keyParts(t, k, a)
	if !ok {
		return false
	}
	y, ok := keyParts(t, k, b)
	return ok && slices.Equal(x, y)
}

// conflict returns the first row but one that r collides with in any key, or -1.
func (db *database) conflict(r row, but int) int {
	for i := range db.rows {
		if i != but && collideAny(db.table, db.rows[i], r) {
			return i
		}
	}
	return -1
}

func collideAny(t *schema.Table, a, b row) bool {
	for k := range t.Keys {
		if collide(t, &t.Keys[k], a, b) {
			return true
		}
	}
	return false
}

// replace is REPLACE.
func (db *database) replace(r row) {
	for i := db.conflict(r, -1); i >= 0; i = db.conflict(r, -1) {
		db.rows = slices.Delete(db.rows, i, i+1)
	}
	db.rows = append(db.rows, r)
}

func (db *database) count(r row) int {
	n := 0
	for _, have := range db.rows {
		if slices.Equal(have, r) {
			n++
		}
	}
	return n
}

// generate computes the generated columns.
func generate(t *schema.Table, r row) {
	for c := range t.Columns {
		if t.Columns[c].Generated != schema.NotGenerated {
			base := r[t.Column(t.Columns[c].Expr)]
			r[c] = value{bytes: strings.ToUpper(base.bytes), null: base.null}
		}
	}
}

// change is one row change of a transaction.
type change struct {
	id            int // of the row on the source
	before, after row // nil where there is none
	written       []bool
}

// imageMode is binlog_row_image.
type imageMode int

const (
	full imageMode = iota
	minimal
	noblob
	fullNodup
)

func (m imageMode) String() string { return [...]string{"FULL", "MINIMAL", "NOBLOB", "FULL_NODUP"}[m] }

// primaryEquivalent marks the columns that every before image has: the primary key's, else those of a unique key of
// whole NOT NULL columns, else all.
func primaryEquivalent(t *schema.Table) []bool {
	marks := make([]bool, len(t.Columns))
	if k := lookupKey(t); k != nil {
		for _, part := range k.Parts {
			marks[part.Column] = true
		}
		return marks
	}
	for c := range marks {
		marks[c] = true
	}
	return marks
}

// lookupKey is the key that an applier finds rows by, or nil.
func lookupKey(t *schema.Table) *schema.Key {
	for k := range t.Keys {
		usable := true
		for _, part := range t.Keys[k].Parts {
			if part.Column < 0 || part.Prefix > 0 || t.Columns[part.Column].Nullable {
				usable = false
			}
		}
		if usable {
			return &t.Keys[k]
		}
	}
	return nil
}

// images is the change as a source with the given binlog_row_image logs it.
func (m imageMode) images(t *schema.Table, c change) (before, after []decoder.Cell) {
	named := primaryEquivalent(t)
	isBlob := func(i int) bool { return t.Columns[i].Type == schema.TypeBlob }
	if c.before != nil {
		before = cells(c.before, func(i int) bool {
			switch m {
			case minimal:
				return named[i]
			case noblob:
				return named[i] || !isBlob(i)
			}
			return true
		})
	}
	if c.after != nil {
		after = cells(c.after, func(i int) bool {
			switch {
			case m == fullNodup && c.before != nil:
				return c.written[i] && t.Columns[i].Generated == schema.NotGenerated // as MariaDB does with virtual ones
			case m == minimal:
				return c.written[i]
			case m == noblob:
				return c.written[i] || named[i] || !isBlob(i)
			}
			return true
		})
	}
	return before, after
}

func cells(r row, has func(int) bool) []decoder.Cell {
	out := make([]decoder.Cell, len(r))
	for i, v := range r {
		switch {
		case !has(i):
		case v.null:
			out[i] = decoder.NullCell(nil)
		default:
			out[i] = decoder.NewCell(nil, []byte(v.bytes))
		}
	}
	return out
}

// fill makes a row of cells; what they don't tell comes from other.
func fill(cells []decoder.Cell, other row) row {
	r := make(row, len(cells))
	for i, c := range cells {
		switch c.State() {
		case decoder.Null:
			r[i] = value{null: true}
		case decoder.Value:
			r[i] = value{bytes: string(c.Raw())}
		default:
			if other != nil {
				r[i] = other[i]
			}
		}
	}
	return r
}

func agrees(cells []decoder.Cell, r row) bool {
	return slices.Equal(fill(cells, r), r)
}

// find is how an applier finds the row of a before image.
func (db *database) find(before []decoder.Cell) int {
	k := lookupKey(db.table)
	for i, r := range db.rows {
		if k != nil && collide(db.table, k, fill(before, r), r) || k == nil && agrees(before, r) {
			return i
		}
	}
	return -1
}

// apply is what an applier does with a logged change.
func (db *database) apply(before, after []decoder.Cell) error {
	t := db.table
	if before == nil {
		r := fill(after, defaults(t))
		generate(t, r)
		if i := db.conflict(r, -1); i >= 0 {
			return fmt.Errorf("1062: duplicate key: INSERT %v, there is %v", r, db.rows[i])
		}
		db.rows = append(db.rows, r)
		return nil
	}
	i := db.find(before)
	if i < 0 {
		return fmt.Errorf("1032: row not found: %v", fill(before, nil))
	}
	if !agrees(before, db.rows[i]) {
		return fmt.Errorf("row found differs: %v, expected %v", db.rows[i], fill(before, nil))
	}
	if after == nil {
		db.rows = slices.Delete(db.rows, i, i+1)
		return nil
	}
	r := fill(after, db.rows[i])
	generate(t, r)
	if j := db.conflict(r, i); j >= 0 {
		return fmt.Errorf("1062: duplicate key: UPDATE %v to %v, there is %v", db.rows[i], r, db.rows[j])
	}
	db.rows = slices.Clone(db.rows)
	db.rows[i] = r
	return nil
}

// defaults is a row of column defaults.
func defaults(t *schema.Table) row {
	r := make(row, len(t.Columns))
	for c := range t.Columns {
		switch column := &t.Columns[c]; {
		case column.Default.Kind == schema.DefaultNull:
			r[c].null = true
		case column.Type == schema.TypeTinyInt:
			r[c].bytes = "\x00"
		default:
			r[c].bytes = column.Default.Text
		}
	}
	return r
}

// repair carries a plan out.
func (db *database) repair(pl *plan.Plan) {
	for _, a := range pl.Absences {
		db.rows = slices.DeleteFunc(slices.Clone(db.rows), func(r row) bool { return db.answers(r, &a) })
	}
	for _, p := range pl.Presences {
		r := fill(p.Row.Cells, fillers(db.table))
		generate(db.table, r)
		if p.Key != nil || db.count(r) < p.Count {
			db.replace(r)
		}
	}
}

// fillers is what the script writes in columns whose values don't matter.
func fillers(t *schema.Table) row {
	r := make(row, len(t.Columns))
	for c := range t.Columns {
		r[c] = value{bytes: "filler", null: t.Columns[c].Nullable}
	}
	return r
}
