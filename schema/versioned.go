package schema

import (
	"bytes"

	"binmend/decoder"
)

// MariaDB keeps the old rows of a system-versioned table in the table itself. Such history has no part in unique keys:
// every one of them has row_end as its last, often hidden, part. An UPDATE is logged with an INSERT of the old row as
// history, and a DELETE as an UPDATE that makes the row history.

// endless are the values of row_end in a current row: the last TIMESTAMP(6) of 32 signed bits, that of 32 unsigned bits
// from 11.5 on, and the last transaction number of tables that are versioned by transactions.
var endless = [][]byte{
	{0x7f, 0xff, 0xff, 0xff, 0x0f, 0x42, 0x3f},
	{0xff, 0xff, 0xff, 0xff, 0x0f, 0x42, 0x3f},
	{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
}

// IsHistory reports whether a row image of the log, hidden columns included, is that of an old row.
func (t *Table) IsHistory(image []decoder.Cell) bool {
	end, ok := t.RowEnd()
	if !ok || end >= len(image) || image[end].State() != decoder.Value {
		return false
	}
	for _, value := range endless {
		if bytes.Equal(image[end].Raw(), value) {
			return false
		}
	}
	return true
}

// CurrentKind is what a logged change of the table's rows does to those that are current: an UPDATE that ends a row is its DELETE. ok is false
// for a change of history.
func (t *Table) CurrentKind(kind decoder.RowsKind, row *decoder.Row) (_ decoder.RowsKind, ok bool) {
	switch {
	case !t.SystemVersioned:
		return kind, true
	case kind == decoder.Delete:
		return kind, !t.IsHistory(row.Before)
	case !t.IsHistory(row.After):
		return kind, true
	}
	return decoder.Delete, kind == decoder.Update && !t.IsHistory(row.Before)
}

// HidesPeriod reports whether the table's rows have a row_start and a row_end that are not among its columns.
func (t *Table) HidesPeriod() bool {
	end, ok := t.RowEnd()
	return ok && end >= len(t.Columns)
}
