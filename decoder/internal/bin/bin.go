// Package bin reads little-endian binary structures with every access checked. It is the only code of the decoder that
// indexes raw bytes. The first failed read is kept and every read after it returns zero values, so that a decoder can
// read a whole structure and ask for the error once.
package bin

import (
	"encoding/binary"
	"fmt"
)

// ShortError says which field did not fit.
type ShortError struct {
	Field  string
	Offset int // where the field begins in the bytes given to New
	Need   uint64
	Have   int
}

func (e *ShortError) Error() string {
	return fmt.Sprintf("%s at byte %d needs %d bytes, %d are left", e.Field, e.Offset, e.Need, e.Have)
}

// Cursor reads a byte slice from its beginning. Slices that it returns share the memory of the input.
type Cursor struct {
	buf []byte
	off int
	err error
}

// New returns a cursor at the first byte of buf.
func New(buf []byte) Cursor { return Cursor{buf: buf} }

// Err is the first failure, a *ShortError unless Fail set another.
func (c *Cursor) Err() error { return c.err }

// Fail makes err, unless it is nil, the cursor's failure if it has none yet.
func (c *Cursor) Fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// Offset is the number of bytes read so far.
func (c *Cursor) Offset() int { return c.off }

// Len is the number of bytes left; 0 after a failure.
func (c *Cursor) Len() int {
	if c.err != nil {
		return 0
	}
	return len(c.buf) - c.off
}

// Bytes returns the next n bytes, and nil when fewer are left.
func (c *Cursor) Bytes(n uint64, field string) []byte {
	if c.err != nil {
		return nil
	}
	if have := len(c.buf) - c.off; n > uint64(have) {
		c.err = &ShortError{Field: field, Offset: c.off, Need: n, Have: have}
		return nil
	}
	b := c.buf[c.off : c.off+int(n) : c.off+int(n)]
	c.off += int(n)
	return b
}

// Rest returns all bytes that are left.
func (c *Cursor) Rest() []byte { return c.Bytes(uint64(c.Len()), "rest") }

// Peek returns all bytes that are left without reading them.
func (c *Cursor) Peek() []byte {
	if c.err != nil {
		return nil
	}
	return c.buf[c.off:len(c.buf):len(c.buf)]
}

// Uint8 reads one byte.
func (c *Cursor) Uint8(field string) uint8 {
	if b := c.Bytes(1, field); b != nil {
		return b[0]
	}
	return 0
}

// Uint16 reads two bytes.
func (c *Cursor) Uint16(field string) uint16 {
	if b := c.Bytes(2, field); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

// Uint32 reads four bytes.
func (c *Cursor) Uint32(field string) uint32 {
	if b := c.Bytes(4, field); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// Uint64 reads eight bytes.
func (c *Cursor) Uint64(field string) uint64 {
	if b := c.Bytes(8, field); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// Uint reads an unsigned number of n bytes, 1 to 8.
func (c *Cursor) Uint(n int, field string) uint64 { return Uint(c.Bytes(uint64(n), field)) }

// LenEnc reads a length-encoded integer of the client protocol and the log: one byte up to 250, otherwise 0xfc, 0xfd or 0xfe
// and 2, 3 or 8 bytes.
func (c *Cursor) LenEnc(field string) uint64 {
	switch first := c.Uint8(field); first {
	case 0xfc:
		return uint64(c.Uint16(field))
	case 0xfd:
		return c.Uint(3, field)
	case 0xfe:
		return c.Uint64(field)
	case 0xfb, 0xff:
		c.Fail(fmt.Errorf("%s at byte %d begins with 0x%02x, which no length-encoded integer does", field, c.off-1, first))
		return 0
	default:
		return uint64(first)
	}
}

// Uint16At reads two bytes at an offset. The caller must have checked that b is long enough, once for a whole structure; the
// same holds for Uint32At and Uint48At.
func Uint16At(b []byte, at int) uint16 { return binary.LittleEndian.Uint16(b[at:]) }

// Uint32At reads four bytes at an offset.
func Uint32At(b []byte, at int) uint32 { return binary.LittleEndian.Uint32(b[at:]) }

// Uint48At reads six bytes at an offset.
func Uint48At(b []byte, at int) uint64 {
	return uint64(binary.LittleEndian.Uint32(b[at:])) | uint64(binary.LittleEndian.Uint16(b[at+4:]))<<32
}

// Prefixed splits off a value with a length prefix of width bytes, 1 to 4. ok is false if b is too short; read it with a Cursor
// to learn which part is missing.
func Prefixed(b []byte, width int) (value, rest []byte, ok bool) {
	if len(b) < width {
		return nil, b, false
	}
	n, after := 0, b[width:]
	switch width {
	case 1:
		n = int(b[0])
	case 2:
		n = int(binary.LittleEndian.Uint16(b))
	default:
		n = int(Uint(b[:width]))
	}
	if n > len(after) {
		return nil, b, false
	}
	return after[:n:n], after[n:], true
}

// Uint is the little-endian number in b, of at most 8 bytes.
func Uint(b []byte) uint64 {
	switch len(b) {
	case 4:
		return uint64(binary.LittleEndian.Uint32(b))
	case 6:
		return uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint16(b[4:]))<<32
	case 8:
		return binary.LittleEndian.Uint64(b)
	}
	var v uint64
	for i := len(b) - 1; i >= 0; i-- {
		v = v<<8 | uint64(b[i])
	}
	return v
}

// UintBE is the big-endian number in b, of at most 8 bytes.
func UintBE(b []byte) uint64 {
	var v uint64
	for _, x := range b {
		v = v<<8 | uint64(x)
	}
	return v
}
