package decoder

import "binmend/decoder/internal/bin"

// readSignedness reads the signedness bits of a table map: one for each numeric column, in column order, the highest bit of a
// byte first, 1 for unsigned; the last byte is padded with 0.
//
// Servers differ in whether YEAR is a numeric column here. MySQL up to 8.0.20 leaves it out; MySQL from 8.0.29 on and MariaDB
// count it, and its bit is 1 (seen in table maps of MySQL 8.0.15, 8.0.19, 8.0.20, 8.0.29, 8.0.31 and 9.7, and of MariaDB 10.5
// to 11.8). The field's length and bits decide first, then the server's version. If neither does, a column that is signed in
// one reading and unsigned in the other keeps SignUnknown.
func readSignedness(m *TableMap, v *bin.Cursor, writer Version) {
	counted, left := readSigns(m, v.Peek(), true), readSigns(m, v.Peek(), false)
	signs := counted.signs
	switch withYear, known := countsYear(writer); {
	case left.fits && !counted.fits, left.fits && known && !withYear:
		signs = left.signs
	case left.fits && counted.fits && !known:
		for i := range signs {
			if signs[i] != left.signs[i] {
				signs[i] = SignUnknown
			}
		}
	case v.Len() < counted.size:
		v.Bytes(uint64(counted.size), "signedness bits")
		return
	}
	for i := range m.Columns {
		m.Columns[i].Sign = signs[i]
	}
}

// countsYear reports whether a server writes a signedness bit for YEAR.
func countsYear(writer Version) (counts, known bool) {
	switch {
	case writer.Flavor == MariaDB || writer.AtLeast(8, 0, 29):
		return true, true
	case !writer.AtLeast(8, 0, 21):
		return false, true
	}
	return false, false
}

// signReading is one way to read signedness bits.
type signReading struct {
	signs []Signedness // of all columns
	size  int          // bytes that it takes
	fits  bool         // the field has this size, the bits of YEAR are 1, and those after the last column are 0
}

func readSigns(m *TableMap, bits []byte, withYear bool) signReading {
	r := signReading{signs: make([]Signedness, len(m.Columns)), fits: true}
	isSet := func(n int) bool { return n>>3 < len(bits) && bits[n>>3]&(0x80>>(n&7)) != 0 }
	n := 0
	for i := range m.Columns {
		t := m.Columns[i].Type
		if !isNumeric(t) && !(withYear && t == TypeYear) {
			continue
		}
		r.signs[i] = Signed
		if isSet(n) {
			r.signs[i] = Unsigned
		} else if t == TypeYear {
			r.fits = false
		}
		n++
	}
	r.size = (n + 7) / 8
	r.fits = r.fits && len(bits) == r.size
	for ; n < 8*len(bits); n++ {
		r.fits = r.fits && !isSet(n)
	}
	return r
}

// isNumeric reports whether the type has a signedness bit on every server.
func isNumeric(t ColumnType) bool {
	switch t {
	case TypeTiny, TypeShort, TypeInt24, TypeLong, TypeLonglong, TypeNewDecimal, TypeFloat, TypeDouble:
		return true
	}
	return false
}
