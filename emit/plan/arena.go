package plan

import (
	"unsafe"

	"binmend/decoder"
)

// arena keeps copies of borrowed cells in large blocks, which are released all at once with the planner.
type arena struct {
	bytes []byte
	cells []decoder.Cell
	size  int // of all blocks
}

const (
	byteBlock = 64 << 10
	cellBlock = 1 << 10
)

// row returns n absent cells.
func (a *arena) row(n int) []decoder.Cell {
	if n > cap(a.cells)-len(a.cells) {
		a.cells = make([]decoder.Cell, 0, max(n, cellBlock))
		a.size += cap(a.cells) * int(unsafe.Sizeof(decoder.Cell{}))
	}
	begin := len(a.cells)
	a.cells = a.cells[:begin+n]
	return a.cells[begin : begin+n : begin+n]
}

// cell copies a cell and its bytes.
func (a *arena) cell(c decoder.Cell) decoder.Cell {
	if c.State() != decoder.Value {
		return c
	}
	raw := c.Raw()
	if len(raw) > cap(a.bytes)-len(a.bytes) {
		if len(raw) > byteBlock/4 {
			a.size += len(raw)
			return c.Clone()
		}
		a.bytes = make([]byte, 0, byteBlock)
		a.size += byteBlock
	}
	begin := len(a.bytes)
	a.bytes = append(a.bytes, raw...)
	return decoder.NewCell(c.Column(), a.bytes[begin:len(a.bytes):len(a.bytes)])
}
