package sqltext

import (
	"bytes"
	"math"
	"math/bits"
	"unicode/utf8"

	"binmend/decoder"
	"binmend/schema"
)

// NeedsLenientMode reports whether only a session without strict mode may store the row: it holds an ENUM's number 0, the value that
// stands for an invalid one, or a generated column has a value to which servers may have cut what its expression gave.
func NeedsLenientMode(row schema.Row) bool {
	for i := range min(len(row.Cells), len(row.Table.Columns)) {
		v, c := &row.Cells[i], &row.Table.Columns[i]
		if v.State() != decoder.Value {
			continue
		}
		if c.Type == schema.TypeEnum && v.Uint64() == 0 || c.Generated != schema.NotGenerated && mayBeCut(c, v) {
			return true
		}
	}
	return false
}

// mayBeCut reports whether a value is at a limit of its column, to which a server without strict mode cuts values: the least or the largest, a date
// that is none, or text of full length.
func mayBeCut(c *schema.Column, v *decoder.Cell) bool {
	switch {
	case c.Type.IsString():
		return isFull(c, v.Raw())
	case c.Type == schema.TypeBit:
		raw := v.Raw()
		return len(raw) > 0 && bits.OnesCount8(raw[0]) == (c.Length-1)%8+1 && len(bytes.Trim(raw[1:], "\xff")) == 0
	case c.Type.IsInteger():
		least, most := c.Bounds()
		if c.Unsigned {
			return v.Uint64() == 0 || v.Uint64() == most
		}
		return v.Int64() == least || v.Int64() == int64(most)
	case c.Type == schema.TypeFloat:
		return isLargest(c, float64(v.Float32()), math.MaxFloat32)
	case c.Type == schema.TypeDouble:
		return isLargest(c, v.Float64(), math.MaxFloat64)
	}
	var buffer [128]byte
	text, err := v.AppendText(buffer[:0])
	if err != nil {
		return false
	}
	isZero := len(bytes.Trim(text, "-0.: ")) == 0
	switch {
	case c.Type == schema.TypeDecimal:
		return len(bytes.Trim(text, "-9.")) == 0 || c.Unsigned && isZero
	case c.Type == schema.TypeYear:
		return isZero
	case c.Type == schema.TypeTime:
		return isZero || bytes.HasPrefix(bytes.TrimPrefix(text, []byte("-")), []byte("838:59:59"))
	case c.Type.IsDated():
		return bytes.HasPrefix(text, []byte("0000")) || bytes.Contains(text, []byte("-00"))
	}
	return false
}

// isLargest reports whether a number is as large as its column lets it be: by FLOAT(M,D), or else by its type.
func isLargest(c *schema.Column, f, most float64) bool {
	if c.Length > 0 {
		const roundedUp = 1 - 1e-6 // in a FLOAT
		most = (math.Pow10(c.Length-c.Decimals) - math.Pow10(-c.Decimals)) * roundedUp
	}
	return math.Abs(f) >= most || c.Unsigned && f == 0
}

// isFull reports whether text is as long as the column lets it be, or has a question mark, which may stand for a character that it can't hold. CHAR
// and BINARY are made for values of one length.
func isFull(c *schema.Column, text []byte) bool {
	if c.Type.IsText() && bytes.IndexByte(text, '?') >= 0 {
		return true
	}
	switch c.Type {
	case schema.TypeTinyText, schema.TypeTinyBlob:
		return len(text) > math.MaxUint8-utf8.UTFMax
	case schema.TypeText, schema.TypeBlob:
		return len(text) > math.MaxUint16-utf8.UTFMax
	case schema.TypeMediumText, schema.TypeMediumBlob:
		return len(text) > 1<<24-1-utf8.UTFMax
	case schema.TypeLongText, schema.TypeLongBlob, schema.TypeChar, schema.TypeBinary:
		return false
	}
	characters := len(text)
	if c.Type.IsText() && families[c.Charset] == unicode8 {
		characters = utf8.RuneCount(text)
	}
	return characters >= c.Length
}
