package replay

import (
	"bytes"
	"fmt"
	"slices"

	"binmend/decoder"
	"binmend/decoder/words"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/changes"
)

// form is the kind of a row's statement.
type form uint8

const (
	text      form = iota // plain text, not a row
	insertRow             // body is the values
	updateRow             // set is the assignments, body the condition or key value
	deleteRow             // body is the condition or key value
)

// piece is one row's part of a statement, or text between statements. Its parts are spans of the renderer's text.
type piece struct {
	form      form
	lenient   bool              // the statement needs a session without strict mode
	opens     bool              // text that begins a transaction
	closes    bool              // text that ends one
	statement bool              // a logged statement with its session settings
	checks    decoder.RowsFlags // the checks that are off for the row
	table     *tableText
	named     []int // of an INSERT: ordinals of its columns
	key       []int // ordinals of the key that identifies the row; nil: all columns
	body      span
	set       span
	note      span // comment lines before the statement

	// A large row or statement keeps no text: again writes the body when it is composed, setAgain the assignments, and before the text
	// before the statement.
	again, setAgain, before func() error
}

type span struct{ from, to int }

func (s span) length() int { return s.to - s.from }

// rowWriter writes the rows of one item. A renderer has one, for one item after the other: what a large row leaves to be written again
// is written before its item is done.
type rowWriter struct {
	*renderer
	dialect sqltext.Dialect
	table   *tableText
	chunk   *changes.Chunk
	item    *changes.Item
	checks  decoder.RowsFlags // that were off
	named   []int
	large   bool // the current row's text is not kept
	quiet   bool // no more notes about its values

	long   bool       // its long values are variables
	naming bool       // writing the condition that identifies it
	cells  []longCell // of its variables, where they are noted
	from   int        // where its text begins
	thrown int        // bytes of its text that were dropped
}

// rows writes the rows of an item as pieces.
func (r *renderer) rows(c *changes.Chunk, item *changes.Item) error {
	d := r.dialect(c.TransactionOf(item).Format)
	w := &r.writer
	*w = rowWriter{renderer: r, dialect: d, table: r.tableText(d, item), chunk: c, item: item, checks: r.checksOff(d, item)}
	if err := w.table.client; err != nil {
		m := item.Rows.Map
		return refusal(ErrClient, item.Rows.Pos, fmt.Sprintf("%s of %s", item.Rows.Kind, words.Table(m.Database, m.Table)), err.Error())
	}
	if err := r.reader.Open(c, item); err != nil {
		return err
	}
	for {
		row, err := r.reader.Next()
		if row == nil {
			return ignoreEOF(err)
		}
		if err != nil {
			return err
		}
		if w.isLarge(row, w.table.compressed) {
			err = w.largeRow(row)
		} else {
			err = w.row(row)
		}
		if err != nil {
			return w.refuse(err)
		}
		if err := r.relieve(); err != nil {
			return err
		}
	}
}

// row writes one row. History rows of MariaDB are left to the server; a row that becomes history is written as a DELETE.
func (w *rowWriter) row(row *decoder.Row) error {
	t := w.table.table
	kind := w.item.Rows.Kind
	if t.SystemVersioned && kind != decoder.Delete && t.IsHistory(row.After) {
		if kind == decoder.Insert {
			return nil
		}
		kind = decoder.Delete
	}
	n := len(t.Columns)
	if len(row.Before) > n {
		row.Before = row.Before[:n]
	}
	if len(row.After) > n {
		row.After = row.After[:n]
	}
	w.summary.Rows++
	if w.options.backward {
		return w.invert(kind, row)
	}
	switch kind {
	case decoder.Insert:
		return w.insert(row.After)
	case decoder.Update:
		return w.update(row.Before, row.After)
	}
	return w.remove(row.Before)
}

// invert writes the inverse of the change.
func (w *rowWriter) invert(kind decoder.RowsKind, row *decoder.Row) error {
	switch kind {
	case decoder.Insert:
		return w.remove(row.After)
	case decoder.Update:
		return w.restore(row.Before, row.After)
	}
	if ordinal := w.missing(row.Before); ordinal >= 0 {
		return w.notLogged(ordinal)
	}
	return w.insert(row.Before)
}

// missing is the first needed column that the image lacks, or -1.
func (w *rowWriter) missing(image decoder.Image) int {
	for _, i := range w.table.assigned {
		if s := image[i].State(); s != decoder.Value && s != decoder.Null {
			return i
		}
	}
	return -1
}

// insert writes a row's values. Columns that the image leaves out get their defaults.
func (w *rowWriter) insert(image decoder.Image) error {
	if w.table.isSequence && len(w.columns(image)) < len(w.table.assigned) {
		return w.setValue(image)
	}
	p := piece{form: insertRow, table: w.table, named: w.columns(image)}
	if named := w.withoutEmptyShapes(p.named, image); len(named) < len(p.named) {
		p.named, p.lenient = named, true
	}
	p.lenient = p.lenient || w.isLenient(image) || w.lacksDefaults(p.named, image)
	p.body.from = len(w.text)
	if err := w.values(p.named, image); err != nil {
		return err
	}
	p.body.to = len(w.text)
	if w.large {
		named := p.named
		p.again = w.anew(func() error { return w.values(named, image) })
	}
	w.finish(&p)
	return nil
}

func (w *rowWriter) values(named []int, image decoder.Image) error {
	w.text = append(w.text, '(')
	for n, i := range named {
		if n > 0 {
			w.text = append(w.text, ", "...)
		}
		if err := w.value(i, &image[i]); err != nil {
			return err
		}
	}
	w.text = append(w.text, ')')
	return nil
}

// withoutEmptyShapes leaves out GEOMETRY and VECTOR columns that hold no value at all. A server gives a NOT NULL column this in a session without
// strict mode, where a statement does not name it, and takes it in no other way.
func (w *rowWriter) withoutEmptyShapes(named []int, image decoder.Image) []int {
	isEmpty := func(i int) bool { return w.isEmptyShape(i, &image[i]) }
	if len(w.table.shapes) == 0 || !slices.ContainsFunc(named, isEmpty) {
		return named
	}
	return slices.DeleteFunc(slices.Clone(named), isEmpty)
}

func (w *rowWriter) isEmptyShape(ordinal int, v *decoder.Cell) bool {
	return len(w.table.shapes) > 0 && slices.Contains(w.table.shapes, ordinal) && v.State() == decoder.Value && len(v.Raw()) == 0
}

// setValue writes the new state of a sequence from MINIMAL images, which hold only what NEXTVAL and SETVAL change, as an applier does
// (MariaDB source: Rows_log_event::update_sequence).
func (w *rowWriter) setValue(image decoder.Image) error {
	next, round := 0, len(w.table.names)-1
	p := piece{statement: true}
	p.body.from = len(w.text)
	w.text = append(append(append(w.text, "DO SETVAL("...), w.table.name...), ", "...)
	if err := w.value(next, &image[next]); err != nil {
		return err
	}
	w.text = append(w.text, ", 0, "...)
	if err := w.value(round, &image[round]); err != nil {
		return err
	}
	w.text = append(w.text, ");\n"...)
	p.body.to = len(w.text)
	w.finish(&p)
	return nil
}

// columns lists the assignable columns that the image holds. All rows of an event hold the same ones.
func (w *rowWriter) columns(image decoder.Image) []int {
	if w.named != nil {
		return w.named
	}
	w.named = w.table.assigned
	for n, i := range w.table.assigned {
		if image[i].State() != decoder.Absent {
			continue
		}
		w.named = append([]int{}, w.table.assigned[:n]...)
		for _, i := range w.table.assigned[n:] {
			if image[i].State() != decoder.Absent {
				w.named = append(w.named, i)
			}
		}
		break
	}
	return w.named
}

// update writes the columns that change; with Options.Full, all that the after image holds.
func (w *rowWriter) update(before, after decoder.Image) error {
	return w.set(before, after, after, before)
}

// restore writes the values that the columns had before the change.
func (w *rowWriter) restore(before, after decoder.Image) error {
	w.merged = append(w.merged[:0], after...)
	for i := range w.merged {
		if w.merged[i].State() == decoder.Absent {
			w.merged[i] = before[i]
		}
	}
	return w.set(before, after, before, w.merged)
}

// set writes the UPDATE that gives a row the values of an image, in the columns that changed from before to after. If only columns
// that the server computes changed, it writes nothing.
func (w *rowWriter) set(before, after, values, where decoder.Image) error {
	p := piece{form: updateRow, table: w.table, lenient: w.isLenient(values)}
	p.set.from = len(w.text)
	changes, err := w.assignments(before, after, values)
	if err != nil {
		return err
	}
	if p.set.to = len(w.text); !changes {
		return nil
	}
	for _, i := range w.table.shapes {
		p.lenient = p.lenient || w.isEmptyShape(i, &values[i])
	}
	if w.large {
		p.setAgain = w.anew(func() error {
			_, err := w.assignments(before, after, values)
			return err
		})
	}
	return w.where(&p, where)
}

// assignments writes what an UPDATE assigns, and reports whether it changes anything.
func (w *rowWriter) assignments(before, after, values decoder.Image) (changes bool, err error) {
	first := true
	for _, i := range w.table.assigned {
		if after[i].State() == decoder.Absent {
			continue
		}
		same := sameCell(&before[i], &after[i])
		if same && !w.options.Full && !w.table.moved[i] {
			continue
		}
		switch state := values[i].State(); {
		case state == decoder.Diffs && !w.options.backward:
			changes = true
			err = w.change(first, i, values[i])
		case state != decoder.Value && state != decoder.Null:
			return changes, w.notLogged(i)
		default:
			changes = changes || !same
			err = w.assign(first, i, &values[i])
		}
		if err != nil {
			return changes, err
		}
		first = false
	}
	return changes, nil
}

// change assigns a JSON column its document with the diffs applied by the server: with MINIMAL images the log does not have the
// document.
func (w *rowWriter) change(first bool, ordinal int, diffs decoder.Cell) (err error) {
	if !first {
		w.text = append(w.text, ", "...)
	}
	w.text = append(w.text, w.table.equals[ordinal]...)
	w.text, err = w.dialect.AppendJSONDiffs(w.text, w.table.names[ordinal], diffs.Raw())
	return err
}

func (w *rowWriter) assign(first bool, ordinal int, v *decoder.Cell) error {
	if !first {
		w.text = append(w.text, ", "...)
	}
	w.text = append(w.text, w.table.equals[ordinal]...)
	if w.isEmptyShape(ordinal, v) { // what NULL is in a NOT NULL column, in a session without strict mode
		w.text = append(w.text, "NULL"...)
		return nil
	}
	return w.value(ordinal, v)
}

func (w *rowWriter) remove(image decoder.Image) error {
	return w.where(&piece{form: deleteRow, table: w.table, lenient: w.table.isCut && w.isLenient(image)}, image) // a server computes what it deletes
}

// where writes the condition that identifies a row: by the best key in which it has a value, else by all its columns.
func (w *rowWriter) where(p *piece, image decoder.Image) error {
	p.key = w.key(image)
	p.body.from = len(w.text)
	if err := w.condition(p.key, image); err != nil {
		return err
	}
	p.body.to = len(w.text)
	if w.large {
		key := p.key
		p.again = w.anew(func() error { return w.condition(key, image) })
	}
	w.finish(p)
	return nil
}

// condition writes what identifies a row: the value of a one-column key, or the comparison with a longer key or all columns.
func (w *rowWriter) condition(key []int, image decoder.Image) error {
	w.naming = true
	defer func() { w.naming = false }()
	switch len(key) {
	case 0:
		return w.wholeRow(image)
	case 1:
		return w.value(key[0], &image[key[0]])
	}
	for n, i := range key {
		if n > 0 {
			w.text = append(w.text, " AND "...)
		}
		w.text = append(w.text, w.table.equals[i]...)
		if err := w.value(i, &image[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *rowWriter) key(image decoder.Image) []int {
next:
	for _, columns := range w.table.keys {
		for _, i := range columns {
			if image[i].State() != decoder.Value {
				continue next
			}
		}
		return columns
	}
	return nil
}

func (w *rowWriter) wholeRow(image decoder.Image) error {
	if ordinal := w.missing(image); ordinal >= 0 {
		return w.notLogged(ordinal)
	}
	var err error
	for n, i := range w.table.assigned {
		if n > 0 {
			w.text = append(w.text, " AND "...)
		}
		if name := w.variable(i, image[i]); name != "" {
			w.sameAsVariable(i, name)
			continue
		}
		begin := len(w.text)
		if w.text, err = w.dialect.AppendSame(w.text, &w.table.table.Columns[i], image[i]); err != nil {
			return err
		}
		w.explain(begin, i, image[i])
	}
	return nil
}

// value writes a literal.
func (w *rowWriter) value(ordinal int, v *decoder.Cell) (err error) {
	if w.large {
		return w.largeValue(ordinal, *v)
	}
	begin := len(w.text)
	w.text, err = w.table.literals[ordinal].Append(w.text, v)
	if err == nil && len(w.text) > begin && (w.text[begin] == '_' || w.text[begin] == 'x') {
		w.explain(begin, ordinal, *v)
	}
	return err
}

// largeValue writes a literal of a large row.
func (w *rowWriter) largeValue(ordinal int, v decoder.Cell) (err error) {
	if name := w.variable(ordinal, v); name != "" {
		w.text = append(w.text, name...)
		return nil
	}
	begin := len(w.text)
	if v, err = v.Inflated(); err != nil {
		return err
	}
	w.text, err = w.dialect.AppendLiteral(w.text, &w.table.table.Columns[ordinal], v)
	w.explain(begin, ordinal, v)
	return err
}

// explain notes a value for people that is written as hex.
func (w *rowWriter) explain(begin, ordinal int, v decoder.Cell) {
	if w.options.Batch > 1 || w.quiet || !w.large && bytes.IndexByte(w.text[begin:], 'x') < 0 {
		return
	}
	c := &w.table.table.Columns[ordinal]
	from := len(w.notes)
	w.notes = append(w.notes, "--   "...)
	w.notes = append(sqltext.AppendVisible(w.notes, c.Name), ": "...)
	notes, ok := w.dialect.AppendReadable(w.notes, c, v)
	if !ok {
		w.notes = w.notes[:from]
		return
	}
	w.notes = append(notes, '\n')
}

// finish keeps a piece, with the notes made while it was written.
func (w *rowWriter) finish(p *piece) {
	if w.large {
		w.notes = w.noteSize(w.notes, w.thrown+len(w.text)-w.from)
	}
	if cells := w.cells; len(cells) > 0 {
		p.before = w.anew(func() error { return w.setVariables(cells) })
		w.cells = nil
	}
	if len(w.notes) > 0 {
		p.note.from = len(w.text)
		w.text = append(w.text, w.notes...)
		p.note.to = len(w.text)
		w.notes = w.notes[:0]
	}
	p.checks = w.checks
	w.pieces = append(w.pieces, *p)
}

func (w *rowWriter) isLenient(image decoder.Image) bool {
	return w.table.mayBeCut && sqltext.NeedsLenientMode(schema.Row{Table: w.table.table, Cells: image})
}

// lacksDefaults reports whether an INSERT leaves out a column that has no default, being NOT NULL or after DROP DEFAULT, as MINIMAL images of
// a source without strict mode do. It then gets its type's own default, or NULL, which only a session without strict mode gives it.
func (w *rowWriter) lacksDefaults(named []int, image decoder.Image) bool {
	return len(named) < len(w.table.assigned) && slices.ContainsFunc(w.table.assigned, func(i int) bool {
		c := &w.table.table.Columns[i]
		lacks := c.Default.Kind == schema.NoDefault || c.Default.Kind == schema.DefaultUnknown && !c.Nullable
		return image[i].State() == decoder.Absent && lacks && !c.AutoIncrement
	})
}

// sameCell reports whether two cells hold the same value. Unknown values are not the same.
func sameCell(a, b *decoder.Cell) bool {
	return a.State() == b.State() && (a.State() == decoder.Null || a.State() == decoder.Value && bytes.Equal(a.Raw(), b.Raw()))
}
