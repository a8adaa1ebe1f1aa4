package export

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"binmend/decoder"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// column is a column of a table and the form of its values.
type column struct {
	*schema.Column
	form form
}

func columnsOf(t *schema.Table) []column {
	list := make([]column, len(t.Columns))
	for i := range t.Columns {
		list[i] = column{&t.Columns[i], formOf(&t.Columns[i])}
	}
	return list
}

// anyDialect writes UUIDs and addresses, which are the same in every dialect.
var anyDialect = sqltext.For(decoder.Version{})

// appendPlain appends the text of a value that is ASCII and holds no quotes.
func (c *column) appendPlain(dst []byte, v decoder.Cell) ([]byte, error) {
	if c.Type == schema.TypeTime {
		return v.AppendText(dst)
	}
	begin := len(dst)
	dst, err := anyDialect.AppendLiteral(dst, c.Column, v)
	if err != nil || len(dst) < begin+2 {
		return dst[:begin], err
	}
	copy(dst[begin:], dst[begin+1:len(dst)-1])
	return dst[:len(dst)-2], nil
}

// appendName appends the member of an ENUM or the members of a SET. ok is false if the definition does not name them.
func (c *column) appendName(dst []byte, v decoder.Cell) (_ []byte, ok bool) {
	n := v.Uint64()
	if c.Type == schema.TypeEnum {
		if n == 0 { // the server's value for invalid input
			return dst, true
		}
		name, ok := c.MemberName(int(min(n, math.MaxInt32)))
		return append(dst, name...), ok
	}
	begin := len(dst)
	for bit := 1; n != 0; bit, n = bit+1, n>>1 {
		if n&1 == 0 {
			continue
		}
		name, ok := c.MemberName(bit)
		if !ok {
			return dst[:begin], false
		}
		if len(dst) > begin {
			dst = append(dst, ',')
		}
		dst = append(dst, name...)
	}
	return dst, true
}

// appendText appends a text in UTF-8. If it can't be converted without loss, ok is false and the bytes are appended unchanged.
func (c *column) appendText(dst []byte, v decoder.Cell) (_ []byte, ok bool, err error) {
	begin := len(dst)
	if dst, err = v.AppendBytes(dst); err != nil {
		return dst[:begin], false, err
	}
	stored := dst[begin:]
	if c.isUTF8() {
		return dst, utf8.Valid(stored), nil
	}
	if schema.IsASCII(stored) && c.isASCIIBased() {
		return dst, true, nil
	}
	text, ok := schema.ToUTF8(c.Charset, stored)
	if !ok {
		return dst, false, nil
	}
	return append(dst[:begin], text...), true, nil
}

// isUTF8 reports whether the bytes of text are UTF-8 in the column's character set.
func (c *column) isUTF8() bool {
	return c.Charset == "utf8mb4" || c.Charset == "utf8mb3" || c.Charset == ""
}

// isCompressed reports whether a value must be inflated.
func isCompressed(v decoder.Cell) bool {
	t := v.Column().Type
	return t == decoder.TypeVarcharCompressed || t == decoder.TypeBlobCompressed
}

// isASCIIBased reports whether the bytes of ASCII text are ASCII in the column's character set.
func (c *column) isASCIIBased() bool {
	switch c.Charset {
	case "ucs2", "utf16", "utf16le", "utf32", "swe7", "sjis", "cp932":
		return false
	}
	return true
}

// appendBytes appends a binary value, for BINARY with the trailing zero bytes that the log drops.
func (c *column) appendBytes(dst []byte, v decoder.Cell) ([]byte, error) {
	begin := len(dst)
	dst, err := v.AppendBytes(dst)
	if err != nil || c.Type != schema.TypeBinary {
		return dst, err
	}
	length := c.Length
	if length == 0 {
		length = v.Column().Length
	}
	if missing := length - (len(dst) - begin); missing > 0 {
		dst = append(dst, bytes.Repeat([]byte{0}, missing)...)
	}
	return dst, nil
}

// vectorElement is the n-th number of a VECTOR: little-endian floats of 4 bytes, one after the other.
func vectorElement(stored []byte, n int) float32 {
	return math.Float32frombits(binary.LittleEndian.Uint32(stored[4*n:]))
}

// vectorLength is how many numbers a VECTOR has.
func (c *column) vectorLength(stored []byte) (int, error) {
	if len(stored)%4 != 0 {
		return 0, fmt.Errorf("column %s: expected a VECTOR of 4 bytes a number, found %d bytes", c.Name, len(stored))
	}
	return len(stored) / 4, nil
}

// year is a YEAR as a number; 0 for 0000.
func year(v decoder.Cell) uint64 {
	if n := v.Uint64(); n != 0 {
		return 1900 + n
	}
	return 0
}

// appendFloat appends a number in JSON's form.
func appendFloat(dst []byte, f float64, bits int) ([]byte, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return dst, fmt.Errorf("%v can't be stored by a server", f)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, bits), nil
}
