package export

import (
	"encoding/hex"
	"strconv"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"

	"binmend/decoder"
	"binmend/schema"
)

// present is the definition level of a value of a row image.
const present = 2

// addValue adds the value of a cell as its column's Parquet type.
func (s *slab) addValue(leaf, image, i int, c *column, v decoder.Cell) error {
	switch c.form {
	case formInt:
		s.put(leaf, integer(c, v.Int64()), present)
	case formUint:
		s.put(leaf, integer(c, int64(v.Uint64())), present)
	case formYear:
		s.put(leaf, parquet.Int32Value(int32(year(v))), present)
	case formFloat:
		s.put(leaf, parquet.FloatValue(v.Float32()), present)
	case formDouble:
		s.put(leaf, parquet.DoubleValue(v.Float64()), present)
	case formVector:
		return s.addVector(leaf, c, v)
	case formDate, formDatetime, formTimestamp:
		return s.addMoment(leaf, image, i, c, v)
	case formDecimal:
		return s.addDecimal(leaf, c, v)
	default:
		return s.addText(leaf, image, i, c, v)
	}
	return nil
}

// integer is a number as Parquet stores it: in 32 bits if the type has no more.
func integer(c *column, n int64) parquet.Value {
	if c.width() == 64 {
		return parquet.Int64Value(n)
	}
	return parquet.Int32Value(int32(n))
}

// moment is room for the text of a temporal value or a number.
const moment = 80

func (s *slab) addMoment(leaf, image, i int, c *column, v decoder.Cell) error {
	s.room(moment)
	begin := len(s.text)
	text, err := v.AppendText(s.text)
	if err != nil {
		return err
	}
	shown := text[begin:]
	var n int64
	var ok bool
	if c.form == formDate {
		n, ok = parseDay(shown)
	} else {
		n, ok = parseMoment(shown)
	}
	switch {
	case !ok:
		s.text = text
		s.addInexact(leaf, image, i, shown)
	case c.form == formDate:
		s.put(leaf, parquet.Int32Value(int32(n)), present)
	default:
		s.put(leaf, parquet.Int64Value(n), present)
	}
	return nil
}

func (s *slab) addDecimal(leaf int, c *column, v decoder.Cell) error {
	s.room(moment)
	begin := len(s.text)
	text, err := v.AppendText(s.text)
	if err != nil {
		return err
	}
	shown := text[begin:]
	switch precision := max(c.Length, 1); {
	case precision > maxDecimal:
		s.text = text
		s.put(leaf, parquet.ByteArrayValue(shown), present)
	case precision <= 9:
		s.put(leaf, parquet.Int32Value(int32(parseDecimal(shown).lo)), present)
	case precision <= 18:
		s.put(leaf, parquet.Int64Value(int64(parseDecimal(shown).lo)), present)
	default:
		s.text = parseDecimal(shown).appendSigned(s.text, c.decimalBytes())
		s.put(leaf, parquet.FixedLenByteArrayValue(s.text[begin:]), present)
	}
	return nil
}

// addText adds a value that Parquet has as bytes.
func (s *slab) addText(leaf, image, i int, c *column, v decoder.Cell) error {
	if v.ContentLength() >= maxSlabs {
		inflated, err := v.Inflated()
		if err != nil {
			return err
		}
		if v = inflated; c.isStoredAs(v) {
			s.texts += len(v.Raw()) // not copied: a slab this large is handed over while the event is still valid
			s.put(leaf, parquet.ByteArrayValue(v.Raw()), present)
			return nil
		}
	}
	s.room(len(v.Raw()) + moment)
	begin := len(s.text)
	text, ok, err := c.appendContent(s.text, v)
	if err != nil {
		return err
	}
	s.text = text
	shown := text[begin:len(text):len(text)]
	switch {
	case ok:
		s.put(leaf, parquet.ByteArrayValue(shown), present)
	case c.form == formName:
		s.addInexact(leaf, image, i, strconv.AppendUint(nil, v.Uint64(), 10))
	default:
		s.addInexact(leaf, image, i, append(hex.AppendEncode([]byte("x'"), shown), '\''))
	}
	return nil
}

// isStoredAs reports whether Parquet stores a value as its bytes in the event.
func (c *column) isStoredAs(v decoder.Cell) bool {
	return c.form == formBytes && c.Type != schema.TypeBinary || c.form == formText && c.isUTF8() && utf8.Valid(v.Raw())
}

// appendContent appends the bytes that Parquet stores. ok is false if they are not valid text.
func (c *column) appendContent(dst []byte, v decoder.Cell) (_ []byte, ok bool, err error) {
	switch c.form {
	case formText:
		return c.appendText(dst, v)
	case formName:
		dst, ok = c.appendName(dst, v)
		return dst, ok, nil
	case formPlain:
		dst, err = c.appendPlain(dst, v)
	case formJSON:
		if len(v.Raw()) == 0 { // MySQL reads this as null
			return append(dst, "null"...), true, nil
		}
		dst, err = v.AppendText(dst)
	default:
		dst, err = c.appendBytes(dst, v)
	}
	return dst, true, err
}

func (s *slab) addVector(leaf int, c *column, v decoder.Cell) error {
	stored := v.Raw()
	n, err := c.vectorLength(stored)
	if err != nil {
		return err
	}
	if n == 0 {
		s.put(leaf, parquet.NullValue(), present)
	}
	for i := range n {
		s.putRepeated(leaf, parquet.FloatValue(vectorElement(stored, i)), i == 0, present+1)
	}
	return nil
}
