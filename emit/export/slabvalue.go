package export

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"
	"strconv"

	"binmend/decoder"
)

// addValue adds the value of a cell as its column's Parquet type. exact is false if that can't hold it: it is named beside the row then.
func (s *slab) addValue(leaf int, c *column, v decoder.Cell) (exact bool, err error) {
	l := &s.leaves[leaf]
	switch c.form {
	case formInt:
		l.addInteger(c, uint64(v.Int64()))
	case formUint:
		l.addInteger(c, v.Uint64())
	case formYear:
		l.data = binary.LittleEndian.AppendUint32(l.data, uint32(year(v)))
	case formFloat:
		l.data = binary.LittleEndian.AppendUint32(l.data, math.Float32bits(v.Float32()))
	case formDouble:
		l.data = binary.LittleEndian.AppendUint64(l.data, math.Float64bits(v.Float64()))
	case formDate, formDatetime, formTimestamp:
		return s.addMoment(leaf, c, v)
	case formDecimal:
		return true, s.addDecimal(leaf, c, v)
	default:
		return s.addText(leaf, c, v)
	}
	return true, nil
}

// addInteger adds a number as Parquet stores it: in 32 bits if the type has no more.
func (l *leafData) addInteger(c *column, n uint64) {
	if c.width() == 64 {
		l.data = binary.LittleEndian.AppendUint64(l.data, n)
		return
	}
	l.data = binary.LittleEndian.AppendUint32(l.data, uint32(n))
}

func (s *slab) addMoment(leaf int, c *column, v decoder.Cell) (exact bool, err error) {
	text, err := v.AppendText(s.text[:0])
	if err != nil {
		return false, err
	}
	s.text = text
	l := &s.leaves[leaf]
	n, exact := parseDay(text)
	exact = exact && (s.layout.allDates || isPortable(n))
	if exact && c.form != formDate {
		n, exact = parseMoment(text)
	}
	switch {
	case !exact:
		s.addInexact(leaf, text)
	case c.form == formDate:
		l.data = binary.LittleEndian.AppendUint32(l.data, uint32(n))
	default:
		l.data = binary.LittleEndian.AppendUint64(l.data, uint64(n))
	}
	return exact, nil
}

func (s *slab) addDecimal(leaf int, c *column, v decoder.Cell) error {
	text, err := v.AppendText(s.text[:0])
	if err != nil {
		return err
	}
	s.text = text
	l := &s.leaves[leaf]
	if k := s.layout.kinds[leaf%len(s.layout.kinds)]; k.family == familyDecimal {
		l.data = k.appendNumber(l.data, parseDecimal(text))
		return nil
	}
	l.data = append(binary.LittleEndian.AppendUint32(l.data, uint32(len(text))), text...)
	return nil
}

// addText adds a value that Parquet has as bytes, after its length. Vectors are the bytes of their numbers here.
func (s *slab) addText(leaf int, c *column, v decoder.Cell) (exact bool, err error) {
	l := &s.leaves[leaf]
	begin := len(l.data)
	if n := v.ContentLength(); n > keepLeaf { // not more than it needs: it may be very large
		l.data = slices.Grow(l.data, n+4)
	}
	data, exact, err := c.appendContent(append(l.data, 0, 0, 0, 0), v)
	if err != nil {
		return false, err
	}
	shown := data[begin+4:]
	if exact {
		binary.LittleEndian.PutUint32(data[begin:], uint32(len(shown)))
		l.data = data
		return true, nil
	}
	if c.form == formName {
		s.addInexact(leaf, strconv.AppendUint(nil, v.Uint64(), 10))
	} else {
		s.addInexact(leaf, append(hex.AppendEncode([]byte("x'"), shown), '\''))
	}
	l.data = data[:begin]
	return false, nil
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
	case formVector:
		_, err = c.vectorLength(v.Raw())
		dst = append(dst, v.Raw()...)
	default:
		dst, err = c.appendBytes(dst, v)
	}
	return dst, true, err
}
