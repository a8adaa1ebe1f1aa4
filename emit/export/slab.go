package export

import (
	"fmt"
	"unsafe"

	"github.com/parquet-go/parquet-go"

	"binmend/decoder"
)

// slab is a run of records of one table and day as Parquet values, column by column. The values point into text.
type slab struct {
	layout *layout
	day    int64 // since 1970
	rows   int
	leaves [][]parquet.Value
	text   []byte // of the values; a full one is left to them and replaced
	texts  int    // bytes of all of them

	absent  int // number of absent columns of the current record
	inexact int
}

func newSlab(l *layout) *slab {
	return &slab{layout: l, leaves: make([][]parquet.Value, leafImages+2*len(l.columns))}
}

// empty empties the slab for another run of the same table.
func (s *slab) empty() {
	s.rows, s.text, s.texts = 0, s.text[:0], 0
	if cap(s.text) > maxText {
		s.text = nil
	}
	for i := range s.leaves {
		s.leaves[i] = s.leaves[i][:0]
	}
}

// bytes estimates the memory of the records.
func (s *slab) bytes() int {
	const ofRow = 48 // for the fields that every record has
	n := s.rows*ofRow + max(s.texts, len(s.text))
	for _, values := range s.leaves[leafImages:] {
		n += 8 * len(values)
	}
	return n
}

// held estimates the memory that the slab holds on to.
func (s *slab) held() int {
	return s.rows*len(s.leaves)*int(unsafe.Sizeof(parquet.Value{})) + s.texts
}

func (s *slab) put(leaf int, v parquet.Value, definition int) {
	s.leaves[leaf] = append(s.leaves[leaf], v.Level(0, definition, leaf))
}

// putRepeated adds an element of a list; first: it is the first one of the record.
func (s *slab) putRepeated(leaf int, v parquet.Value, first bool, definition int) {
	repetition := 1
	if first {
		repetition = 0
	}
	s.leaves[leaf] = append(s.leaves[leaf], v.Level(repetition, definition, leaf))
}

// minText is the size of the first block of text, maxText that of later ones; a longer value gets a larger one.
const (
	minText = 1 << 10
	maxText = 64 << 10
)

// room makes room for n more bytes without moving bytes that values point to.
func (s *slab) room(n int) {
	if cap(s.text)-len(s.text) < n {
		s.text = make([]byte, 0, max(n, min(maxText, max(minText, 2*cap(s.text)))))
		s.texts += cap(s.text)
	}
}

// addRow adds a record. After an error the slab is of no more use.
func (s *slab) addRow(r *record, names *parquetNames, row *decoder.Row) error {
	s.put(leafChange, names.change, 0)
	if r.source == "" {
		s.put(leafSource, parquet.NullValue(), 0)
	} else {
		s.put(leafSource, names.source, 1)
	}
	s.put(leafFile, names.file, 0)
	s.put(leafOffset, parquet.Int64Value(r.offset), 0)
	s.put(leafRow, parquet.Int32Value(int32(r.row)), 0)
	s.put(leafTransaction, parquet.Int64Value(int64(r.transaction)), 0)
	if r.gtid == "" {
		s.put(leafGTID, parquet.NullValue(), 0)
	} else {
		s.put(leafGTID, names.gtid, 1)
	}
	s.put(leafTime, parquet.Int64Value(int64(r.time)*microseconds), 0)
	s.put(leafServer, parquet.Int32Value(int32(r.server)), 0)
	if r.thread == 0 {
		s.put(leafThread, parquet.NullValue(), 0)
	} else {
		s.put(leafThread, parquet.Int32Value(int32(r.thread)), 1)
	}
	s.absent, s.inexact = 0, 0
	for image, cells := range [][]decoder.Cell{row.Before, row.After} {
		if err := s.addImage(image, cells); err != nil {
			return err
		}
	}
	if s.absent == 0 {
		s.put(leafAbsent, parquet.NullValue(), 0)
	}
	if s.inexact == 0 {
		s.put(leafInexactKey, parquet.NullValue(), 0)
		s.put(leafInexactValue, parquet.NullValue(), 0)
	}
	s.rows++
	return nil
}

func (s *slab) addImage(image int, cells []decoder.Cell) error {
	leaf := leafImages + image*len(s.layout.columns)
	if len(cells) == 0 { // the change has no such image
		for i := range s.layout.columns {
			s.put(leaf+i, parquet.NullValue(), 0)
		}
		return nil
	}
	for i := range s.layout.columns {
		if i >= len(cells) {
			return fmt.Errorf("expected %d columns, found %d", len(s.layout.columns), len(cells))
		}
		c, v := &s.layout.columns[i], cells[i]
		switch v.State() {
		case decoder.Value:
			if err := s.addValue(leaf+i, image, i, c, v); err != nil {
				return fmt.Errorf("column %s: %w", c.Name, err)
			}
		case decoder.Null:
			s.put(leaf+i, parquet.NullValue(), 1)
		default:
			s.put(leaf+i, parquet.NullValue(), 1)
			s.putRepeated(leafAbsent, parquet.ByteArrayValue(s.layout.names[image][i]), s.absent == 0, 1)
			s.absent++
		}
	}
	return nil
}

// addInexact adds NULL for a value that the column's Parquet type can't hold, and its text to not_representable.
func (s *slab) addInexact(leaf, image, i int, text []byte) {
	s.put(leaf, parquet.NullValue(), 1)
	s.putRepeated(leafInexactKey, parquet.ByteArrayValue(s.layout.names[image][i]), s.inexact == 0, 1)
	s.putRepeated(leafInexactValue, parquet.ByteArrayValue(text), s.inexact == 0, 1)
	s.inexact++
}
