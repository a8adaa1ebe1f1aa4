package span

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/schema"
	"binmend/schema/changes"
	"binmend/schema/dump"
	"binmend/schema/live"
)

func isMissing(err error) bool { return errors.Is(err, live.ErrNoTable) }

// worker makes frames of the items of chunks.
type worker struct {
	rows                  changes.RowReader
	before, after, merged []decoder.Cell
	key, value            []byte
}

func (w *worker) work(s *Span, c *changes.Chunk) error {
	for i := range c.Items {
		if item := &c.Items[i]; item.Kind == changes.KindRows {
			if err := w.addRows(s, c, item); err != nil {
				return err
			}
		}
	}
	return nil
}

func appendBarrier(dst []byte, t *Table, why string) []byte {
	dst = binary.AppendUvarint(append(dst, frameBarrier), uint64(t.id))
	dst = binary.AppendUvarint(dst, uint64(len(why)))
	return append(append(dst, why...), 0)
}

// change is the row event at hand.
type change struct {
	*worker
	span     *Span
	chunk    *changes.Chunk
	table    *Table
	version  *version
	kind     decoder.RowsKind
	flags    byte
	isLater  bool
	isWanted bool // the table is
	isHidden bool // a statement has changed rows since
	origin   Origin
}

func (w *worker) addRows(s *Span, c *changes.Chunk, item *changes.Item) error {
	m := item.Rows.Map
	if !s.options.Filters.Applies(m.Database, m.Table) {
		return nil
	}
	at := s.line.placeOf(item.Rows.Pos, item.Rows.Inner)
	t := s.line.at(dump.Name{Database: m.Database, Table: m.Table}, at)
	x := change{worker: w, span: s, chunk: c, table: t, kind: item.Rows.Kind}
	transaction := c.TransactionOf(item)
	x.isLater = !s.line.isVisible(&transaction.Transaction)
	if !x.isLater && !t.gone && item.Rows.Kind != decoder.Insert && item.Rows.Flags()&decoder.RowsNoForeignKeyChecks == 0 && s.isReferred(t) &&
		!s.line.hasCascades(transaction.Format, m) {
		x.flags |= handsOn
	}
	x.isWanted = !t.gone && s.options.isWanted(filter.Table{Database: m.Database, Name: m.Table})
	if !x.isWanted && x.flags&handsOn == 0 {
		return nil
	}
	x.origin = Origin{Pos: item.Rows.Pos, Type: item.Rows.Type, GTID: transaction.GTID}
	if s.options.Wanted == nil || s.options.Wanted.Contains(transaction.GTID) {
		x.flags |= isWanted
	}
	if !x.isLater && x.isWanted {
		atomic.AddUint64(&t.Events, 1)
	}
	x.isHidden = t.undone.hides(at) || s.line.all.hides(at)
	x.version = t.versionOf(m, at, item.Table)
	return x.addRows(item)
}

func (x *change) addRows(item *changes.Item) error {
	if x.version.err != "" {
		re, err := x.open(item)
		if err != nil {
			return err
		}
		n, err := re.Count()
		if err == nil && !x.isLater && x.isWanted {
			x.table.addReason(x.version.err, uint64(n))
		}
		return err
	}
	err := x.rows.All(x.chunk, item, func(row *decoder.Row) error {
		x.origin.Row = x.rows.Number()
		if err := x.addRow(row); err != nil {
			return fmt.Errorf("%s at offset %d: row %d: %w", x.origin.Pos.File, x.origin.Pos.Offset, x.origin.Row, err)
		}
		if len(x.chunk.Out) > changes.FlushBytes {
			return x.chunk.Flush()
		}
		return nil
	})
	return err
}

func (x *change) open(item *changes.Item) (*decoder.RowsEvent, error) {
	if err := x.rows.Open(x.chunk, item); err != nil {
		return nil, err
	}
	return x.rows.Rows(), nil
}

// addRow makes the frames of one row. What a system-versioned table keeps of old rows is no part of it.
func (x *change) addRow(row *decoder.Row) (err error) {
	t, columns := x.table, len(x.table.Table.Columns)
	before, after := row.Before, row.After
	if t.Table.SystemVersioned {
		if t.Table.IsHistory(before) {
			before = nil
		}
		if t.Table.IsHistory(after) {
			after = nil
		}
		if len(before) == 0 && len(after) == 0 {
			return nil
		}
	}
	if x.before, err = x.version.row(x.before, before, columns); err == nil {
		x.after, err = x.version.row(x.after, after, columns)
	}
	if errors.Is(err, schema.ErrValue) {
		why := "a value does not fit the replica's column: " + err.Error()
		t.addReason(why, 1)
		x.chunk.Out = appendBarrier(x.chunk.Out, t, why)
		return nil
	}
	if err != nil {
		return err
	}
	x.handOn()
	switch {
	case !x.isWanted:
		return nil
	case t.Key == nil:
		return x.addToBag()
	}
	return x.addKeyed()
}

// addKeyed makes the frames of a row that a key tells: of an UPDATE that gives it another key one for each.
func (x *change) addKeyed() (err error) {
	t, s := x.table, x.span
	switch {
	case len(x.after) == 0:
		return x.frame(x.before, opDelete, nil, x.before)
	case len(x.before) == 0:
		if !x.hasKey(x.after) {
			return x.unknown()
		}
		return x.frame(x.after, opInsert, x.after, nil)
	case !x.hasKey(x.before):
		return x.unknown()
	}
	x.merged = append(x.merged[:0], x.before...)
	for i, c := range x.after {
		switch {
		case c.State() != decoder.Absent:
			x.merged[i] = c
		case !t.Table.Columns[i].Assignable():
			x.merged[i] = decoder.Cell{}
		}
	}
	if x.key, err = t.keyOf(x.key[:0], s.options.Dialect, x.before); err != nil {
		return err
	}
	old := string(x.key)
	if x.key, err = t.keyOf(x.key[:0], s.options.Dialect, x.merged); err != nil {
		return err
	}
	if old == string(x.key) {
		return x.frame(x.merged, opUpdate, x.merged, x.before)
	}
	if err := x.frame(x.before, opDelete, nil, x.before); err != nil {
		return err
	}
	return x.frame(x.merged, opInsert, x.merged, nil)
}

// hasKey reports whether an image tells the row's key.
func (x *change) hasKey(cells []decoder.Cell) bool {
	for _, p := range x.table.Key.Parts {
		if cells[p.Column].State() != decoder.Value {
			return false
		}
	}
	return true
}

// unknown counts a row of which an image does not tell the key: it may be any row of the table.
func (x *change) unknown() error {
	const why = "an image does not hold the replica's key of the row"
	x.table.addReason(why, 1)
	x.chunk.Out = appendBarrier(x.chunk.Out, x.table, why)
	return nil
}

// frame appends the record of a change under the key of a row.
func (x *change) frame(keyed []decoder.Cell, op operation, after, before []decoder.Cell) (err error) {
	if !x.hasKey(keyed) {
		return x.unknown()
	}
	t, s := x.table, x.span
	if x.key, err = t.keyOf(x.key[:0], s.options.Dialect, keyed); err != nil {
		return err
	}
	if s.options.Keys != nil && !s.options.Keys.Has(t, x.key) {
		return nil
	}
	switch {
	case x.isLater:
		x.value = append(x.value[:0], byte(opLater))
	case x.isHidden:
		x.value = append(x.value[:0], byte(opHidden)|x.flags&^handsOn)
	default:
		flags := byte(op) | x.flags&^handsOn
		if len(t.others) > 0 && len(before) > 0 {
			flags |= hasBefore
		}
		x.value = binary.AppendUvarint(append(x.value[:0], flags), uint64(x.version.id))
		x.value = s.appendOrigin(x.value, &x.origin)
		if op == opDelete {
			x.value = appendCells(x.value, before, t.keyed)
		} else {
			x.value = appendCells(x.value, after, nil)
		}
		if flags&hasBefore != 0 {
			x.value = appendCells(x.value, before, t.unique)
		}
	}
	x.emit(frameRow, x.key, x.value)
	return nil
}

func (x *change) emit(kind byte, key, value []byte) {
	out := binary.AppendUvarint(append(x.chunk.Out, kind), uint64(x.table.id))
	out = append(binary.AppendUvarint(out, uint64(len(key))), key...)
	x.chunk.Out = append(binary.AppendUvarint(out, uint64(len(value))), value...)
}

// addToBag makes the frames of a row that no key identifies. Only of a table that is known whole is anything known.
func (x *change) addToBag() error {
	t := x.table
	if x.flags&isWanted != 0 && !x.isLater {
		t.mu.Lock()
		t.Wanted = true
		t.mu.Unlock()
	}
	if !t.Whole || x.isLater {
		if !x.isLater {
			t.addReason(cmp.Or(t.undone.why, x.span.line.all.why, "the table has no key that identifies its rows, and was there before the logs begin"), 1)
		}
		return nil
	}
	if len(x.before) > 0 {
		if err := x.bag(x.before, -1); err != nil {
			return err
		}
	}
	if len(x.after) == 0 {
		return nil
	}
	for i, c := range x.after {
		if c.State() == decoder.Absent && len(x.before) > 0 {
			x.after[i] = x.before[i]
		}
	}
	return x.bag(x.after, 1)
}

func (x *change) bag(cells []decoder.Cell, sign int) error {
	text, err := x.span.AppendRow(x.key[:0], x.table, cells)
	if err != nil {
		x.table.addReason("an image does not hold all columns of a row that no key identifies", 1)
		return nil
	}
	x.key = text
	sum := sha256.Sum256(text)
	key := binary.BigEndian.AppendUint32(nil, x.table.id)
	x.value = append(x.value[:0], byte(sign+1))
	if sign > 0 {
		x.value = s32(x.value, x.version.id)
		x.value = x.span.appendOrigin(x.value, &x.origin)
		x.value = appendCells(x.value, cells, nil)
	}
	x.emit(frameBag, append(key, sum[:]...), x.value)
	return nil
}

func s32(dst []byte, n uint32) []byte { return binary.AppendUvarint(dst, uint64(n)) }

// AppendRow appends all that a statement may assign to a row's columns, as text that is the same for equal rows of the log and of
// the replica. What is not known is an error.
func (s *Span) AppendRow(dst []byte, t *Table, cells []decoder.Cell) (_ []byte, err error) {
	for i := range t.Table.Columns {
		c := &t.Table.Columns[i]
		if !c.Assignable() || c.Local {
			continue
		}
		if dst, err = Text(dst, s.options.Dialect, c, cells[i]); err != nil {
			return dst, err
		}
		dst = append(dst, 0)
	}
	return dst, nil
}

// handOn appends barriers for the tables whose rows the replica's foreign keys change along with a row of this one: the log does
// not have those changes. Once for an event is enough, as what follows it in the event is of this table.
func (x *change) handOn() {
	if x.flags&handsOn == 0 || len(x.before) == 0 {
		return
	}
	isDelete := len(x.after) == 0
	if !isDelete && !x.changesReferred() {
		return
	}
	x.flags &^= handsOn
	x.chunk.Out = x.span.handOn(x.chunk.Out, x.table, isDelete, map[*Table]bool{})
}

// handsOn is a flag of a change, not of records: foreign keys refer to the table, and its session checked them.
const handsOn = 0x80

func (s *Span) isReferred(t *Table) bool {
	return slices.ContainsFunc(s.options.Effects.References, func(r Reference) bool { return (r.OnDelete || r.OnUpdate) && isNamed(r.Parent, t) })
}

// changesReferred reports whether an UPDATE changes what a foreign key refers to.
func (x *change) changesReferred() bool {
	for _, r := range x.span.options.Effects.References {
		if !r.OnUpdate || !isNamed(r.Parent, x.table) {
			continue
		}
		for _, name := range r.Columns {
			i := x.table.Table.Column(name)
			if i < 0 || x.after[i].State() != decoder.Absent &&
				(x.after[i].State() != x.before[i].State() || !bytes.Equal(x.after[i].Raw(), x.before[i].Raw())) {
				return true
			}
		}
	}
	return false
}

func (s *Span) handOn(dst []byte, parent *Table, isDelete bool, seen map[*Table]bool) []byte {
	for _, r := range s.options.Effects.References {
		if !isNamed(r.Parent, parent) || isDelete && !r.OnDelete || !isDelete && !r.OnUpdate {
			continue
		}
		for _, child := range s.line.tables {
			if child.gone || seen[child] || !isNamed(r.Child, child) {
				continue
			}
			seen[child] = true
			dst = appendBarrier(dst, child, "foreign keys hand changes of "+parent.Name.Database+"."+parent.Name.Table+" on to it, which are not in the log")
			dst = s.handOn(dst, child, isDelete, seen)
			dst = s.handOn(dst, child, !isDelete, seen)
		}
	}
	return dst
}

func isNamed(name dump.Name, t *Table) bool {
	return t.Table != nil && strings.EqualFold(name.Database, t.Table.Database) && strings.EqualFold(name.Table, t.Table.Name)
}
