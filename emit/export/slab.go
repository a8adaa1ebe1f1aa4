package export

import (
	"encoding/binary"
	"fmt"

	"binmend/decoder"
)

// slab is a run of records of one table and day, column by column: the values stand in it as Parquet's PLAIN encoding has them.
type slab struct {
	layout *layout
	day    int64 // since 1970
	rows   int
	runs   runs
	number []byte // of each row in its event, 0 for a statement: 4 bytes, little-endian
	leaves []leafData
	size   int // bytes of all of it, about

	// Of the few rows that have such: the row's number in the slab, and for each column its index. Those of the after image come after
	// those of the before image.
	absent  []byte // uvarints: row, how many columns, the columns
	inexact []byte // uvarints: row, column, length of the text, and the text

	text      []byte // scratch
	lacking   []int  // absent columns of the current row
	notExact  int    // values of the current row
	imageRows [2]int
}

// runs are what consecutive records have in common, as the temporary file has it: most runs have one row, and records would be memory
// full of pointers.
type runs struct {
	n       int    // with the current one
	encoded []byte // without the current one
	current record
	rows    int                 // of the current one
	texts   [commonTexts]string // of the last encoded one
}

// add adds a record.
func (rs *runs) add(r *record) {
	if rs.n > 0 && rs.current == *r {
		rs.rows++
		return
	}
	rs.end()
	rs.current, rs.rows = *r, 1
	rs.n++
}

// end encodes the current run.
func (rs *runs) end() {
	if rs.rows > 0 {
		rs.encoded = rs.current.appendRun(rs.encoded, rs.rows, &rs.texts)
		rs.rows = 0
	}
}

func (rs *runs) empty() { *rs = runs{encoded: rs.encoded[:0]} }

// leafData is a column of a row image, of the rows that have that image.
type leafData struct {
	same   byte   // the state of all values, while it is one; 0: there are none yet
	states []byte // of each value, when they differ
	data   []byte // of those that are not NULL
}

// The states of a value.
const (
	stateNull  = 1
	stateValue = 2
)

// add adds the state of the next value after n of them.
func (l *leafData) add(state byte, n int) {
	switch {
	case l.states != nil:
		l.states = append(l.states, state)
	case n == 0:
		l.same = state
	case l.same != state:
		for range n {
			l.states = append(l.states, l.same)
		}
		l.states = append(l.states, state)
	}
}

func newSlab(l *layout) *slab {
	return &slab{layout: l, leaves: make([]leafData, 2*len(l.columns))}
}

// keepLeaf bounds the bytes that an emptied column keeps.
const keepLeaf = 64 << 10

// empty empties the slab for another run of the same table.
func (s *slab) empty() {
	s.rows, s.size, s.imageRows = 0, 0, [2]int{}
	s.runs.empty()
	s.number, s.absent, s.inexact = s.number[:0], s.absent[:0], s.inexact[:0]
	for i := range s.leaves {
		l := &s.leaves[i]
		l.same, l.states = 0, nil
		if l.data = l.data[:0]; cap(l.data) > keepLeaf {
			l.data = nil
		}
	}
}

// begin adds what a record has besides the row.
func (s *slab) begin(r *record) {
	common := *r
	common.row = 0
	had := len(s.runs.encoded)
	s.runs.add(&common)
	s.size += len(s.runs.encoded) - had
	s.number = binary.LittleEndian.AppendUint32(s.number, uint32(r.row))
	s.rows++
	s.size += 4
}

// addRow adds a record. After an error the slab can't be used any more.
func (s *slab) addRow(r *record, row *decoder.Row) error {
	s.begin(r)
	s.lacking, s.notExact = s.lacking[:0], 0
	for image, cells := range [][]decoder.Cell{row.Before, row.After} {
		if err := s.addImage(image, cells); err != nil {
			return err
		}
	}
	if n := len(s.lacking); n > 0 {
		s.absent = binary.AppendUvarint(binary.AppendUvarint(s.absent, uint64(s.rows-1)), uint64(n))
		for _, column := range s.lacking {
			s.absent = binary.AppendUvarint(s.absent, uint64(column))
		}
		s.size += 2 * n
	}
	return nil
}

func (s *slab) addImage(image int, cells []decoder.Cell) error {
	if len(cells) == 0 { // the change has no such image
		return nil
	}
	columns := len(s.layout.columns)
	if len(cells) < columns {
		return fmt.Errorf("expected %d columns, found %d", columns, len(cells))
	}
	n := s.imageRows[image]
	s.imageRows[image]++
	for i := range columns {
		c, v, leaf := &s.layout.columns[i], cells[i], image*columns+i
		state := byte(stateNull)
		switch v.State() {
		case decoder.Value:
			had := len(s.leaves[leaf].data)
			exact, err := s.addValue(leaf, c, v)
			if err != nil {
				return fmt.Errorf("column %s: %w", c.Name, err)
			}
			if exact {
				state = stateValue
			}
			s.size += len(s.leaves[leaf].data) - had
		case decoder.Null:
		default:
			s.lacking = append(s.lacking, leaf)
		}
		s.leaves[leaf].add(state, n)
	}
	s.size += columns
	return nil
}

// addInexact names a value that the column's Parquet type can't hold: its text goes to not_representable.
func (s *slab) addInexact(leaf int, text []byte) {
	s.inexact = binary.AppendUvarint(binary.AppendUvarint(s.inexact, uint64(s.rows-1)), uint64(leaf))
	s.inexact = append(binary.AppendUvarint(s.inexact, uint64(len(text))), text...)
	s.size += len(text) + 4
	s.notExact++
}
