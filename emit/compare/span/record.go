package span

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/emit/runs"
	"binmend/emit/sqltext"
)

// A record is one change of a row, under the row's key:
//
//	bytes    field
//	1        operation, flags
//	uvarint  version
//	…        origin
//	…        the row after the change: of each column a state, and the value with its length; of a DELETE the key of the row
//	…        the row before it, the columns of unique keys only; when hasBefore

// operation is what a record does to a row.
type operation byte

const (
	opInsert operation = iota // the record has all that is known about the row
	opUpdate                  // columns that the record does not have are as before
	opDelete
	opLater // a transaction that is not applied touches the row; nothing follows

	opMask    = 0x0f
	isWanted  = 0x10
	hasBefore = 0x20
)

// Origin is the event of the log that says how a row must be.
type Origin struct {
	Pos  decoder.Position
	Type decoder.EventType
	Row  int // in its event, from 1
	GTID gtid.GTID

	inner int // of an event in a compressed transaction
}

func (o Origin) String() string {
	s := fmt.Sprintf("%s:%d (%s)", filepath.Base(o.Pos.File), o.Pos.Offset, o.Type)
	if o.Row > 0 {
		s += ", row " + strconv.Itoa(o.Row)
	}
	if !o.GTID.IsZero() {
		s += ", " + o.GTID.String()
	}
	return s
}

// series are the GTIDs of a span without their numbers: only a few are different.
type series struct {
	mu   sync.Mutex
	list []gtid.GTID
	of   map[gtid.GTID]int
}

func (s *series) number(id gtid.GTID) int {
	id.Seq = 0
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, ok := s.of[id]; ok {
		return i
	}
	if s.of == nil {
		s.of = map[gtid.GTID]int{}
	}
	s.of[id] = len(s.list)
	s.list = append(s.list, id)
	return len(s.list) - 1
}

// appendOrigin appends an origin, whose GTID's series has a number, but for the row, which comes after it.
func (s *Span) appendOrigin(dst []byte, o *Origin, series int) []byte {
	dst = binary.AppendUvarint(dst, uint64(s.line.files[o.Pos.File]))
	dst = binary.AppendUvarint(dst, uint64(o.Pos.Offset))
	dst = append(dst, byte(o.Type))
	dst = binary.AppendUvarint(dst, uint64(o.inner))
	dst = binary.AppendUvarint(dst, uint64(series))
	return binary.AppendUvarint(dst, o.GTID.Seq)
}

// readOrigin reads what appendOrigin has appended, and the row.
func (s *Span) readOrigin(r *runs.Reader) (o Origin, at order) {
	file := r.Uvarint()
	if file < uint64(len(s.options.Range.Names)) {
		o.Pos.File = s.options.Range.Names[file]
	}
	o.Pos.Offset = int64(r.Uvarint())
	o.Type = decoder.EventType(r.Byte())
	o.inner = int(r.Uvarint())
	if n := r.Uvarint(); n < uint64(len(s.series.list)) {
		o.GTID = s.series.list[n]
	}
	o.GTID.Seq = r.Uvarint()
	o.Row = int(r.Uvarint())
	return o, order{place{int(file), o.Pos.Offset, o.inner}, o.Row}
}

// appendCells appends the selected columns of a row; nil selects all.
func appendCells(dst []byte, cells []decoder.Cell, takes []bool) []byte {
	for i, c := range cells {
		if takes != nil && !takes[i] {
			dst = append(dst, byte(decoder.Absent))
			continue
		}
		dst = append(dst, byte(c.State()))
		if c.State() == decoder.Value {
			dst = binary.AppendUvarint(dst, uint64(len(c.Raw())))
			dst = append(dst, c.Raw()...)
		}
	}
	return dst
}

// readCells reads a row into cells, which share the record's bytes. Columns that the record does not have stay as they are; a
// column that changed in an unknown way becomes unknown.
func (v *version) readCells(cells []decoder.Cell, r *runs.Reader) {
	for i, column := range v.cells {
		switch decoder.CellState(r.Byte()) {
		case decoder.Null:
			cells[i] = decoder.NullCell(column)
		case decoder.Value:
			cells[i] = decoder.NewCell(column, r.Bytes(r.Uvarint()))
		case decoder.Diffs:
			cells[i] = decoder.Cell{}
		}
	}
}

// A number as a part of a key, so that the bytes are ordered as the numbers are:
//
//	bytes  field
//	1      16 + n of a number from 0 on, 15 - n of one below
//	n      its last bytes, big-endian, which are all but those that are 0x00, of one below 0 0xff
const zeroByte = 16

func appendUnsigned(dst []byte, n uint64) []byte {
	length := (bits.Len64(n) + 7) / 8
	dst = append(dst, byte(zeroByte+length))
	for i := length - 1; i >= 0; i-- {
		dst = append(dst, byte(n>>(8*i)))
	}
	return dst
}

// readUnsigned reads what appendUnsigned has appended.
func readUnsigned(b []byte) (n uint64, rest []byte) {
	if len(b) == 0 || b[0] < zeroByte || int(b[0])-zeroByte > len(b)-1 {
		return 1<<64 - 1, nil
	}
	end := 1 + int(b[0]) - zeroByte
	for _, c := range b[1:end] {
		n = n<<8 | uint64(c)
	}
	return n, b[end:]
}

func appendSigned(dst []byte, n int64) []byte {
	if n >= 0 {
		return appendUnsigned(dst, uint64(n))
	}
	length := (bits.Len64(^uint64(n)) + 7) / 8
	dst = append(dst, byte(zeroByte-1-length))
	for i := length - 1; i >= 0; i-- {
		dst = append(dst, byte(n>>(8*i)))
	}
	return dst
}

// keyOf appends the key of a row of the log: of equal values the same bytes. Integers ascend.
func (t *Table) keyOf(dst []byte, d sqltext.Dialect, cells []decoder.Cell) (_ []byte, err error) {
	for i := range t.Key.Parts {
		column := t.Key.Parts[i].Column
		switch c := &t.Table.Columns[column]; {
		case !c.Type.IsInteger():
			if dst, err = d.AppendLiteral(dst, c, cells[column]); err != nil {
				return dst, err
			}
			dst = append(dst, 0)
		case c.Unsigned:
			dst = appendUnsigned(dst, cells[column].Uint64())
		default:
			dst = appendSigned(dst, cells[column].Int64())
		}
	}
	return dst, nil
}

// StoredKey appends the key of a row of the replica, as keyOf does.
func (t *Table) StoredKey(dst []byte, row *sqltext.Stored) ([]byte, error) {
	for i := range t.Key.Parts {
		column := t.Key.Parts[i].Column
		literal := row.Literals[column]
		switch c := &t.Table.Columns[column]; {
		case !c.Type.IsInteger():
			dst = append(append(dst, literal...), 0)
		case c.Unsigned:
			n, err := strconv.ParseUint(string(literal), 10, 64)
			if err != nil {
				return dst, err
			}
			dst = appendUnsigned(dst, n)
		default:
			n, err := strconv.ParseInt(string(literal), 10, 64)
			if err != nil {
				return dst, err
			}
			dst = appendSigned(dst, n)
		}
	}
	return dst, nil
}

// AppendCells appends cells of a row of the table, for ReadCells.
func (t *Table) AppendCells(dst []byte, cells []decoder.Cell) []byte {
	for i, c := range cells {
		dst = append(dst, byte(c.State()))
		if c.State() == decoder.Absent {
			continue
		}
		number := slices.IndexFunc(t.versions, func(v *version) bool { return i < len(v.cells) && v.cells[i] == c.Column() })
		dst = binary.AppendUvarint(dst, uint64(max(0, number)))
		if c.State() == decoder.Value {
			dst = append(binary.AppendUvarint(dst, uint64(len(c.Raw()))), c.Raw()...)
		}
	}
	return dst
}

// ReadCells reads what AppendCells has appended. The cells share the given bytes.
func (t *Table) ReadCells(b []byte) ([]decoder.Cell, error) {
	r := runs.Reader{Rest: b}
	cells := make([]decoder.Cell, len(t.Table.Columns))
	for i := range cells {
		state := decoder.CellState(r.Byte())
		if state == decoder.Absent {
			continue
		}
		number := r.Uvarint()
		if number >= uint64(len(t.versions)) {
			return nil, runs.ErrRecord
		}
		column := t.versions[number].cells[i]
		if state == decoder.Null {
			cells[i] = decoder.NullCell(column)
		} else {
			cells[i] = decoder.NewCell(column, r.Bytes(r.Uvarint()))
		}
	}
	return cells, r.Err
}

// ID is the table's number in the span, by which Rows orders the tables.
func (t *Table) ID() uint32 { return t.id }
