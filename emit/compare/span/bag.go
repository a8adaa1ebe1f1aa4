package span

import (
	"crypto/sha256"
	"encoding/binary"

	"binmend/decoder"
	"binmend/emit/runs"
)

// addToBag makes the records of a row that no key identifies. They say something only if the table is known whole.
func (x *change) addToBag(before, after []decoder.Cell) error {
	if !x.table.empty {
		return nil
	}
	if len(before) > 0 {
		x.bag(before, -1)
	}
	if len(after) > 0 && len(before) > 0 {
		after = x.merge(before, after)
	}
	if len(after) > 0 {
		x.bag(after, 1)
	}
	return nil
}

// A record of a bag has the table's number and the digest of the whole row as its key:
//
//	bytes    field
//	1        0: the row goes; 2: it comes, and what follows is there
//	uvarint  version
//	…        origin
//	…        the row
func (x *change) bag(cells []decoder.Cell, sign int) {
	text, err := x.span.appendRow(x.old[:0], x.table, cells)
	if err != nil {
		x.table.addReason("an image does not hold all columns of a row that no key identifies", 1)
		return
	}
	x.old = text
	sum := sha256.Sum256(text)
	x.key = append(binary.BigEndian.AppendUint32(x.key[:0], x.table.id), sum[:]...)
	x.value = append(x.value[:0], byte(sign+1))
	if sign > 0 {
		x.value = appendCells(x.appendHead(x.value[:0], byte(sign+1)), cells, nil)
	}
	x.bags = runs.AppendRecord(x.bags, x.key, x.value)
}

// appendRow appends all that a statement may assign to a row's columns, as text that is the same for equal rows of the log and of
// the replica. What is not known is an error.
func (s *Span) appendRow(dst []byte, t *Table, cells []decoder.Cell) (_ []byte, err error) {
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
