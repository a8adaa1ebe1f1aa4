package decoder

import (
	"binmend/decoder/internal/bin"
	"binmend/decoder/internal/decimal"
)

// CellState distinguishes a value, NULL, and a column that the row image leaves out.
type CellState uint8

const (
	Absent CellState = iota // the image (MINIMAL, NOBLOB) does not hold the column; nothing is known of its value
	Null
	Value
	Diffs // JSON diffs on a document that the before image does not hold: the value changed, its new text is unknown
)

// Cell is one column of one row image, not yet interpreted. Its bytes belong to the event it came from and live until
// the reader's next Next; Clone keeps a copy.
type Cell struct {
	col   *Column
	data  []byte
	state CellState
}

// NewCell makes a cell of stored bytes, for tests and for values that do not come from a row event.
func NewCell(col *Column, data []byte) Cell { return Cell{col: col, data: data, state: Value} }

// NullCell makes a NULL cell.
func NullCell(col *Column) Cell { return Cell{col: col, state: Null} }

// State reports whether the cell is absent, NULL or a value.
func (c Cell) State() CellState { return c.state }

// Column is the table map's description of the cell's column; nil for an absent cell.
func (c Cell) Column() *Column { return c.col }

// Raw is the value as stored in the row image, without the length prefix of variable-length types. It is nil for NULL
// and absent cells.
func (c Cell) Raw() []byte { return c.data }

// Clone copies the cell's bytes, so that it outlives the event.
func (c Cell) Clone() Cell {
	if c.data != nil {
		c.data = append([]byte(nil), c.data...)
	}
	return c
}

// cellPlan is how a column's cells are measured.
type cellPlan struct {
	col    *Column
	fixed  int // bytes of a value of fixed length
	prefix int // otherwise, bytes of the length before the value
}

// cellPlanOf gives the stored length of each type (MySQL source: calc_field_size).
func cellPlanOf(col *Column) cellPlan {
	p := cellPlan{col: col}
	switch col.Type {
	case TypeTiny, TypeYear:
		p.fixed = 1
	case TypeShort:
		p.fixed = 2
	case TypeInt24, TypeDate, TypeNewDate:
		p.fixed = 3
	case TypeLong, TypeFloat:
		p.fixed = 4
	case TypeLonglong, TypeDouble:
		p.fixed = 8
	case TypeTime:
		p.fixed = hiresTimeBytes[col.Scale]
	case TypeTimestamp:
		p.fixed = 4 + hiresFractionBytes[col.Scale]
	case TypeDatetime:
		p.fixed = hiresDatetimeBytes[col.Scale]
	case TypeTime2:
		p.fixed = 3 + (col.Scale+1)/2
	case TypeTimestamp2:
		p.fixed = 4 + (col.Scale+1)/2
	case TypeDatetime2:
		p.fixed = 5 + (col.Scale+1)/2
	case TypeNewDecimal:
		p.fixed = decimal.Size(col.Precision, col.Scale)
	case TypeBit:
		p.fixed = (col.Length + 7) / 8
	case TypeEnum, TypeSet:
		p.fixed = col.Length
	default:
		p.prefix = col.LenBytes
	}
	return p
}

// split takes the value's bytes from the beginning of b; ok is false where they are not all there.
func (p *cellPlan) split(b []byte) (value, rest []byte, ok bool) {
	if p.prefix > 0 {
		return bin.Prefixed(b, p.prefix)
	}
	if p.fixed > len(b) {
		return nil, b, false
	}
	return b[:p.fixed:p.fixed], b[p.fixed:], true
}

// read returns the value's bytes without the length prefix.
func (p *cellPlan) read(c *bin.Cursor) []byte {
	if p.prefix == 0 {
		return c.Bytes(uint64(p.fixed), "value")
	}
	return c.Bytes(c.Uint(p.prefix, "length of a value"), "value")
}
