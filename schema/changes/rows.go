package changes

import (
	"fmt"
	"io"

	"binmend/decoder"
	"binmend/schema"
	"binmend/schema/where"
)

// RowReader reads the rows of items that the stream's condition wants. Each goroutine needs one of its own; the zero value
// is ready.
type RowReader struct {
	// AnyMember: rows with the number of a member that the definition does not have are no error; the caller looks for them.
	AnyMember bool

	decoder decoder.RowsDecoder
	scratch where.Scratch
	rows    *decoder.RowsEvent
	where   *where.Matcher
	item    *Item
	chunk   *Chunk
}

// special are the ordinals of a table's columns whose values are looked at in each row.
type special struct {
	members   []int // they are numbers of members: ENUM and SET
	premature []int // INSERTs have wrong ones
}

func specialOf(t *schema.Table) *special {
	s := &special{t.AppendNumbered(nil), t.AppendPremature(nil)}
	if len(s.members)+len(s.premature) == 0 {
		return nil
	}
	return s
}

// Open begins with the rows of an item of the chunk.
func (r *RowReader) Open(c *Chunk, i *Item) error {
	rows, err := r.decoder.Rows(&i.Rows)
	r.rows, r.where, r.item, r.chunk = rows, i.where, i, c
	return err
}

// Next reads the next row; io.EOF ends. The row lives until the next call. Of its images, only the table's own columns are
// there: MariaDB hides others after them. Values that the server logs wrong are absent.
func (r *RowReader) Next() (*decoder.Row, error) {
	for {
		row, err := r.rows.Next()
		if err != nil {
			r.decoder.Release()
			return nil, err
		}
		if s := r.item.special; s != nil && r.rows.Kind == decoder.Insert {
			for _, c := range s.premature {
				if c < len(row.After) {
					row.After[c] = decoder.Cell{}
				}
			}
		}
		if err := r.sure(row); err != nil {
			return nil, err
		}
		if r.where == nil {
			return row, nil
		}
		wanted, err := r.where.Match(&r.scratch, row)
		if err != nil {
			return nil, err
		}
		r.chunk.judged++
		if wanted {
			r.chunk.wanted++
			return row, nil
		}
	}
}

// sure is an error for a row whose values may be different, because its table is not known well enough or is another.
func (r *RowReader) sure(row *decoder.Row) (err error) {
	t := r.item.Table
	if t != nil && t.Doubt != nil {
		err = t.Sure(row)
	}
	if s := r.item.special; err == nil && s != nil && !r.AnyMember {
		err = t.CheckMembers(s.members, row)
	}
	if err != nil {
		pos := r.item.Rows.Pos
		err = fmt.Errorf("%s at offset %d, row %d: %w", pos.File, pos.Offset, r.Number(), err)
	}
	return err
}

// Rows is the row event that is being read.
func (r *RowReader) Rows() *decoder.RowsEvent { return r.rows }

// Filters reports whether rows of the event may be left out.
func (r *RowReader) Filters() bool { return r.where != nil }

// Number is the number of the row last read in its event, from 1.
func (r *RowReader) Number() int { return r.rows.Number() }

// All calls yield for each row of an item.
func (r *RowReader) All(c *Chunk, i *Item, yield func(*decoder.Row) error) error {
	if err := r.Open(c, i); err != nil {
		return err
	}
	for {
		row, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = yield(row)
		}
		if err != nil {
			return err
		}
	}
}
