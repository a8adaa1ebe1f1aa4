package decoder

// CellState tells a value from NULL and from a column that the row image leaves out.
type CellState uint8

const (
	Absent CellState = iota // the image (MINIMAL, NOBLOB) does not hold the column; nothing is known of its value
	Null
	Value
)

// Cell is one column of one row image, not yet interpreted. Its bytes belong to the event it came from and live until
// the reader's next Next; Clone keeps a copy.
type Cell struct {
	col   *Column
	data  []byte
	state CellState
}

// NewCell makes a cell of stored bytes, for tests and for values that come from elsewhere than a row event.
func NewCell(col *Column, data []byte) Cell { return Cell{col: col, data: data, state: Value} }

// NullCell makes a NULL cell.
func NullCell(col *Column) Cell { return Cell{col: col, state: Null} }

// State says whether the cell is absent, NULL or a value.
func (c Cell) State() CellState { return c.state }

// Column is the table map's description of the cell's column; nil for an absent cell.
func (c Cell) Column() *Column { return c.col }

// Raw is the value as stored in the row image, without the length prefix of variable-length types. It is nil for NULL
// and absent cells.
func (c Cell) Raw() []byte { return c.data }

// Clone copies the cell's bytes, so that it outlives the event.
func (c Cell) Clone() Cell {
	if c.state == Value {
		c.data = append([]byte(nil), c.data...)
	}
	return c
}
