package span

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/emit/runs"
	"binmend/schema"
	"binmend/schema/changes"
	"binmend/schema/dump"
	"binmend/schema/live"
)

func isMissing(err error) bool { return errors.Is(err, live.ErrNoTable) }

// worker makes records of the items of chunks. It allocates nothing for a row.
type worker struct {
	span    *Span
	rows    changes.RowReader
	known   map[*decoder.TableMap]*mapped
	of      uint64 // the generation of the timeline that known is of
	changes uint64 // of rows

	key, old, value       []byte
	origin                []byte // of the current event, as appendOrigin makes it
	before, after, merged []decoder.Cell
	bags, barriers        []byte // what is made of the chunk so far, beside its Out
	transaction           int    // in the chunk; what follows is of it
	series                int
	visible, wanted       bool
	change                change
}

// mapped is what is known of a table map at a place of the logs.
type mapped struct {
	table    *Table
	version  *version
	taken    bool // the replica applies its rows
	wanted   bool
	referred []Reference // foreign keys that hand changes of its rows on
	until    place
	ends     bool // at until
}

func (w *worker) work(c *changes.Chunk) error {
	w.transaction = -1
	for i := range c.Items {
		if item := &c.Items[i]; item.Kind == changes.KindRows {
			if err := w.addRows(c, item); err != nil {
				return err
			}
		}
	}
	w.finish(c)
	return nil
}

// finish appends the bags and barriers after the rows, and their lengths.
func (w *worker) finish(c *changes.Chunk) {
	if len(c.Out)+len(w.bags)+len(w.barriers) == 0 {
		return
	}
	rows, bags := uint32(len(c.Out)), uint32(len(w.bags))
	c.Out = append(append(c.Out, w.bags...), w.barriers...)
	c.Out = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(c.Out, rows), bags)
	w.bags, w.barriers = w.bags[:0], w.barriers[:0]
}

// tableOf finds what is known of the table of a row event.
func (w *worker) tableOf(item *changes.Item, at place) *mapped {
	l := w.span.line
	if g := l.generation.Load(); g != w.of || len(w.known) > maxSeen {
		w.of = g
		clear(w.known)
	}
	m := item.Rows.Map
	if x := w.known[m]; x != nil && (!x.ends || at.before(x.until)) {
		return x
	}
	o := &w.span.options
	x := &mapped{taken: o.Filters.Applies(m.Database, m.Table), wanted: o.isWanted(filter.Table{Database: m.Database, Name: m.Table})}
	l.mu.Lock()
	defer l.mu.Unlock()
	x.until, x.ends = l.markAfter(at)
	if x.taken {
		x.table = l.at(dump.Name{Database: m.Database, Table: m.Table}, at)
		x.version = x.table.versionOf(m, at, item.Table)
		x.referred = w.span.referencesTo(x.table)
	}
	if w.known == nil {
		w.known = map[*decoder.TableMap]*mapped{}
	}
	w.known[m] = x
	return x
}

// begin finds out what the transaction of an item is for the span.
func (w *worker) begin(t *changes.Transaction, number int) {
	if w.transaction == number {
		return
	}
	w.transaction = number
	s := w.span
	w.series = s.series.number(t.GTID)
	w.visible = s.line.isVisible(&t.Transaction)
	w.wanted = s.options.Wanted == nil || s.options.Wanted.Contains(t.GTID)
}

// change is the current row event.
type change struct {
	*worker
	out      *changes.Chunk
	table    *Table
	version  *version
	at       order
	flags    byte
	referred []Reference
	isLater  bool
	isWanted bool // the table is
}

func (w *worker) addRows(c *changes.Chunk, item *changes.Item) error {
	at := w.span.line.placeOf(item.Rows.Pos, item.Rows.Inner)
	m := w.tableOf(item, at)
	if !m.taken {
		return nil
	}
	transaction := c.TransactionOf(item)
	w.begin(transaction, item.Transaction)
	x := &w.change
	*x = change{worker: w, out: c, table: m.table, version: m.version, at: order{place: at}, referred: m.referred, isLater: !w.visible, isWanted: m.wanted}
	if len(m.referred) > 0 && w.visible && item.Rows.Kind != decoder.Insert && item.Rows.Flags()&decoder.RowsNoForeignKeyChecks == 0 &&
		!w.span.line.hasCascades(transaction.Format, item.Rows.Map) {
		x.flags |= mayCascade
	}
	if !x.isWanted && x.flags&mayCascade == 0 {
		return nil
	}
	o := Origin{Pos: item.Rows.Pos, Type: item.Rows.Type, GTID: transaction.GTID, inner: item.Rows.Inner}
	w.origin = w.span.appendOrigin(w.origin[:0], &o, w.series)
	if w.wanted {
		x.flags |= isWanted
	}
	if !x.isLater && x.isWanted {
		atomic.AddUint64(&x.table.Events, 1)
	}
	err := x.addRows(item)
	if err != nil && err != context.Canceled {
		return fmt.Errorf("%s at offset %d: row %d: %w", o.Pos.File, o.Pos.Offset, x.at.row, err)
	}
	return err
}

func (x *change) addRows(item *changes.Item) error {
	x.rows.AnyMember = x.version.layout != nil // which refuses the row alone
	if err := x.rows.Open(x.out, item); err != nil {
		return err
	}
	isBare := x.table.Key == nil
	switch {
	case x.version.err != "":
		return x.leaveOut(item.Rows.Kind == decoder.Delete)
	case isBare && x.isLater:
		return nil
	case isBare && !x.table.empty && x.flags&mayCascade == 0:
		n, err := x.rows.Rows().Count()
		x.countBare(n)
		return err
	}
	if err := x.readRows(); err != nil {
		return err
	}
	if isBare {
		x.countBare(x.at.row)
	}
	return nil
}

func (x *change) readRows() error {
	for {
		row, err := x.rows.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		x.at.row = x.rows.Number()
		if err := x.addRow(row); err != nil {
			return err
		}
		if len(x.out.Out)+len(x.bags) > changes.FlushBytes {
			x.finish(x.out)
			if err := x.out.Flush(); err != nil {
				return err
			}
		}
	}
}

// leaveOut counts the rows of an event that are not read.
func (x *change) leaveOut(isDelete bool) error {
	if x.flags&mayCascade != 0 {
		x.cascade(isDelete)
	}
	n, err := x.rows.Rows().Count()
	if err == nil && !x.isLater && x.isWanted {
		x.table.addReason(x.version.err, uint64(n))
	}
	return err
}

// countBare counts the rows of a table without a key.
func (x *change) countBare(n int) {
	if !x.isWanted {
		return
	}
	t := x.table
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bare += uint64(n)
	t.Wanted = t.Wanted || x.flags&isWanted != 0
}

// addRow makes the records of one row. What a system-versioned table keeps of old rows is no part of it.
func (x *change) addRow(row *decoder.Row) error {
	t := x.table
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
	before, err := x.version.row(&x.before, before, len(t.Table.Columns))
	if err == nil {
		after, err = x.version.row(&x.after, after, len(t.Table.Columns))
	}
	if errors.Is(err, schema.ErrValue) {
		return x.unknown("a value does not fit the replica's column: " + err.Error())
	}
	if err != nil {
		return err
	}
	if x.flags&mayCascade != 0 && len(before) > 0 && (len(after) == 0 || x.changesReferred(before, after)) {
		x.cascade(len(after) == 0)
	}
	switch {
	case !x.isWanted:
		return nil
	case t.Key == nil:
		return x.addToBag(before, after)
	}
	return x.addKeyed(before, after)
}

// addKeyed makes the records of a row that a key identifies. An UPDATE that changes the key makes one for each of the two keys.
func (x *change) addKeyed(before, after []decoder.Cell) (err error) {
	const noKey = "an image does not hold the replica's key of the row"
	t, d := x.table, x.span.options.Dialect
	switch {
	case len(before) > 0 && !t.hasKey(before), len(before) == 0 && !t.hasKey(after):
		return x.unknown(noKey)
	case len(before) > 0:
		x.old, err = t.keyOf(append(x.old[:0], t.prefix...), d, before)
	default:
		x.old, err = t.keyOf(append(x.old[:0], t.prefix...), d, after)
	}
	switch {
	case err != nil:
		return err
	case len(after) == 0:
		return x.record(x.old, opDelete, nil, before)
	case len(before) == 0:
		return x.record(x.old, opInsert, after, nil)
	}
	after = x.merge(before, after)
	if !t.hasKey(after) {
		return x.unknown(noKey)
	}
	if x.key, err = t.keyOf(append(x.key[:0], t.prefix...), d, after); err != nil {
		return err
	}
	if bytes.Equal(x.old, x.key) {
		return x.record(x.key, opUpdate, after, before)
	}
	if err := x.record(x.old, opDelete, nil, before); err != nil {
		return err
	}
	return x.record(x.key, opInsert, after, nil)
}

// merge puts what an image after a change does not hold from the one before it, but for values that the server computes.
func (x *change) merge(before, after []decoder.Cell) []decoder.Cell {
	if !slices.ContainsFunc(after, func(c decoder.Cell) bool { return c.State() == decoder.Absent }) {
		return after
	}
	x.merged = append(x.merged[:0], after...)
	for i, c := range after {
		if c.State() == decoder.Absent && x.table.Table.Columns[i].Assignable() {
			x.merged[i] = before[i]
		}
	}
	return x.merged
}

// hasKey reports whether an image has the row's key.
func (t *Table) hasKey(cells []decoder.Cell) bool {
	for i := range t.Key.Parts {
		if cells[t.Key.Parts[i].Column].State() != decoder.Value {
			return false
		}
	}
	return true
}

// unknown counts a row that can't be identified: it may be any row of the table.
func (x *change) unknown(why string) error {
	x.table.addReason(why, 1)
	x.barriers = appendBarrier(x.barriers, x.table, x.at, why)
	return nil
}

// record appends the record of a change under the key of a row.
func (x *change) record(key []byte, op operation, after, before []decoder.Cell) error {
	t, s := x.table, x.span
	if s.options.Keys != nil && !s.options.Keys.Has(t, key[len(t.prefix):]) {
		return nil
	}
	if x.isLater {
		x.value = append(x.value[:0], byte(opLater))
	} else {
		x.changes++
		flags := byte(op) | x.flags&^mayCascade
		if len(t.others) > 0 && len(before) > 0 {
			flags |= hasBefore
		}
		x.value = x.appendHead(x.value[:0], flags)
		if op == opDelete {
			x.value = appendCells(x.value, before, t.keyed)
		} else {
			x.value = appendCells(x.value, after, nil)
		}
		if flags&hasBefore != 0 {
			x.value = appendCells(x.value, before, t.unique)
		}
	}
	x.out.Out = runs.AppendRecord(x.out.Out, key, x.value)
	return nil
}

// appendHead appends what a record begins with.
func (x *change) appendHead(dst []byte, flags byte) []byte {
	dst = binary.AppendUvarint(append(dst, flags), uint64(x.version.id))
	return binary.AppendUvarint(append(dst, x.origin...), uint64(x.at.row))
}
