package sqltext

import (
	"encoding/binary"
	"math"
	"strconv"

	"binmend/decoder"
	"binmend/schema"
)

// Literal is AppendLiteral for the column that it was chosen for.
type Literal struct {
	dialect *Dialect
	column  *schema.Column
	common  func(dst []byte, v *decoder.Cell) ([]byte, bool) // see commonOf
}

// maxReadyMembers bounds how many literals of an ENUM's members are kept.
const maxReadyMembers = 64

// Literals chooses how to write the literals of a table's columns, once, when the table is first seen. Rare values of a type are left to
// AppendLiteral.
func (d Dialect) Literals(columns []schema.Column) []Literal {
	list := make([]Literal, len(columns))
	for i := range columns {
		list[i] = Literal{&d, &columns[i], d.commonOf(&columns[i])}
	}
	return list
}

// Append appends the literal of a cell of a row image, which is not copied on the way.
func (l *Literal) Append(dst []byte, v *decoder.Cell) ([]byte, error) {
	if l.common != nil && v.State() == decoder.Value {
		if dst, ok := l.common(dst, v); ok {
			return dst, nil
		}
	}
	return l.dialect.AppendLiteral(dst, l.column, *v)
}

// commonOf chooses how to write common values; nil for a type without such. The function that it returns appends nothing when it
// returns false.
func (d Dialect) commonOf(c *schema.Column) func(dst []byte, v *decoder.Cell) ([]byte, bool) {
	switch c.Type {
	case schema.TypeTinyInt, schema.TypeSmallInt, schema.TypeMediumInt, schema.TypeInt, schema.TypeBigInt:
		if c.Unsigned {
			return func(dst []byte, v *decoder.Cell) ([]byte, bool) { return strconv.AppendUint(dst, v.Uint64(), 10), true }
		}
		return func(dst []byte, v *decoder.Cell) ([]byte, bool) { return strconv.AppendInt(dst, v.Int64(), 10), true }
	case schema.TypeDecimal:
		return appendDecimal
	case schema.TypeDouble:
		return appendPlainDouble
	case schema.TypeDate, schema.TypeTime, schema.TypeDatetime, schema.TypeTimestamp:
		return appendTemporal
	case schema.TypeJSON:
		return func(dst []byte, v *decoder.Cell) ([]byte, bool) {
			dst, err := d.appendJSON(dst, v.Raw())
			return dst, err == nil
		}
	case schema.TypeEnum:
		return d.membersOf(c)
	}
	if family := families[c.Charset]; c.Type.IsText() && (family == unicode8 || family == asciiBased) {
		return appendClean
	}
	return nil
}

// appendDecimal appends a DECIMAL.
func appendDecimal(dst []byte, v *decoder.Cell) ([]byte, bool) {
	dst, err := v.AppendText(dst)
	return dst, err == nil
}

// appendTemporal appends a quoted date or time.
func appendTemporal(dst []byte, v *decoder.Cell) ([]byte, bool) {
	dst, err := v.AppendText(append(dst, '\''))
	return append(dst, '\''), err == nil
}

// appendPlainDouble appends a number that is neither zero nor none.
func appendPlainDouble(dst []byte, v *decoder.Cell) ([]byte, bool) {
	f := v.Float64()
	if f == 0 || math.IsNaN(f) || math.IsInf(f, 0) {
		return dst, false
	}
	return strconv.AppendFloat(dst, f, 'g', -1, 64), true
}

// membersOf writes the literals of an ENUM's members, made once here.
func (d Dialect) membersOf(c *schema.Column) func(dst []byte, v *decoder.Cell) ([]byte, bool) {
	if len(c.Members) > maxReadyMembers {
		return nil
	}
	literals := make([][]byte, len(c.Members)+1)
	for i := range literals {
		literals[i] = d.appendEnum(nil, c, uint64(i))
	}
	return func(dst []byte, v *decoder.Cell) ([]byte, bool) {
		if index := v.Uint64(); index < uint64(len(literals)) {
			return append(dst, literals[index]...), true
		}
		return dst, false
	}
}

// appendClean appends quoted text that needs no escapes.
func appendClean(dst []byte, v *decoder.Cell) ([]byte, bool) {
	switch v.Column().Type {
	case decoder.TypeVarcharCompressed, decoder.TypeBlobCompressed:
		return dst, false
	}
	text := v.Raw()
	if !isClean(text) {
		return dst, false
	}
	return append(append(append(dst, '\''), text...), '\''), true
}

// isClean reports whether text is visible ASCII without backslashes and quotes. It looks at eight bytes at once, like plainWord.
func isClean(text []byte) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for ; len(text) >= 8; text = text[8:] {
		w := binary.LittleEndian.Uint64(text)
		backslash, quote := w^'\\'*ones, w^'\''*ones
		if (w|(w+ones)|(w-' '*ones)|(backslash-ones)&^backslash|(quote-ones)&^quote)&tops != 0 {
			return false
		}
	}
	for _, b := range text {
		if !isPlain[b] || b == '\'' {
			return false
		}
	}
	return true
}
