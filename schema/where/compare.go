package where

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"

	"binmend/decoder"
	"binmend/schema"
)

// comparer compares a value with a literal: negative, zero or positive. A nil comparer is that of NULL.
type comparer func(*Scratch, decoder.Cell) (int, error)

// comparerOf makes the comparison of a column's values with a literal.
func comparerOf(col *schema.Column, l literal) (comparer, error) {
	switch {
	case l.kind == nullLiteral:
		return nil, nil
	case (l.kind == dateLiteral || l.kind == timeLiteral) && !isTemporal(col.Type, l.kind):
		return nil, fmt.Errorf("a literal of a date or a time is compared with columns of such types only, and this one is of type %s", col.SQLType())
	}
	switch col.Type {
	case schema.TypeYear:
		return compareYear(col, l)
	case schema.TypeTinyInt, schema.TypeSmallInt, schema.TypeMediumInt, schema.TypeInt, schema.TypeBigInt, schema.TypeDecimal, schema.TypeBit:
		if l.kind == floatLiteral {
			return compareAsFloat(col, l)
		}
		return compareNumber(col, l)
	case schema.TypeFloat, schema.TypeDouble:
		return compareAsFloat(col, l)
	case schema.TypeDate, schema.TypeDatetime, schema.TypeTimestamp:
		return compareDate(l)
	case schema.TypeTime:
		return compareTime(col, l)
	case schema.TypeEnum, schema.TypeSet: // with a number
		return compareIndex(l)
	}
	if isIdentity(col.Type) {
		return compareIdentity(col, l)
	}
	if col.Type.IsBytes() && (l.kind == stringLiteral || l.kind == hexStringLiteral || l.kind == hexLiteral) {
		return compareBytes(col, l), nil
	}
	if col.Type.IsText() || col.Type.IsBytes() {
		return nil, fmt.Errorf("text is compared with strings only: write %s in quotes", l.text)
	}
	return nil, fmt.Errorf("a value of type %s can't be compared, only IS NULL can", col.SQLType())
}

func isTemporal(t schema.Type, kind literalKind) bool {
	if kind == timeLiteral {
		return t == schema.TypeTime
	}
	return t == schema.TypeDate || t == schema.TypeDatetime || t == schema.TypeTimestamp
}

// compareNumber compares exact numbers by value.
func compareNumber(col *schema.Column, l literal) (comparer, error) {
	want, err := parseDecimal(l)
	if err != nil {
		return nil, err
	}
	n, isInteger := want.integer()
	switch {
	case !isInteger || col.Type == schema.TypeDecimal || col.Type == schema.TypeYear:
	case hasNoSign(col):
		return func(_ *Scratch, v decoder.Cell) (int, error) {
			if n < 0 {
				return 1, nil
			}
			return cmp.Compare(v.Uint64(), uint64(n)), nil
		}, nil
	default:
		return func(_ *Scratch, v decoder.Cell) (int, error) { return cmp.Compare(v.Int64(), n), nil }, nil
	}
	return func(s *Scratch, v decoder.Cell) (int, error) {
		err := s.number(col, v)
		return compareDecimals(splitDecimal(s.a), want), err
	}, nil
}

// hasNoSign reports whether the numbers of an integer column are never negative.
func hasNoSign(col *schema.Column) bool { return col.Type == schema.TypeBit || col.Unsigned }

// number writes an exact number.
func (s *Scratch) number(col *schema.Column, v decoder.Cell) (err error) {
	switch {
	case col.Type == schema.TypeDecimal, col.Type == schema.TypeYear:
		s.a, err = v.AppendText(s.a[:0])
	case hasNoSign(col):
		s.a = strconv.AppendUint(s.a[:0], v.Uint64(), 10)
	default:
		s.a = strconv.AppendInt(s.a[:0], v.Int64(), 10)
	}
	return err
}

// compareYear compares with a year of four digits. Servers take two digits for others.
func compareYear(col *schema.Column, l literal) (comparer, error) {
	if n, err := strconv.Atoi(l.text); l.kind != numberLiteral && l.kind != stringLiteral || l.isBoolean || err != nil || n < 1901 || n > 2155 || len(l.text) != 4 {
		return nil, fmt.Errorf("expected a year from 1901 to 2155, found %q", l.text)
	}
	return compareNumber(col, l)
}

// maxDigits bounds the digits of a number in a string: servers compare it as floating point, which has that many for certain.
const maxDigits = 15

// decimal is the digits of a number, without zeros at either end.
type decimal struct {
	negative        bool
	whole, fraction []byte
}

// splitDecimal takes apart what is written with digits, a point and a sign.
func splitDecimal(text []byte) decimal {
	var d decimal
	if len(text) > 0 && text[0] == '-' {
		d.negative, text = true, text[1:]
	}
	whole, fraction, _ := bytes.Cut(text, []byte{'.'})
	d.whole, d.fraction = bytes.TrimLeft(whole, "0"), bytes.TrimRight(fraction, "0")
	d.negative = d.negative && len(d.whole)+len(d.fraction) > 0
	return d
}

// integer is the number as an integer; ok is false if it is not one, or may not fit.
func (d *decimal) integer() (n int64, ok bool) {
	const most = 18 // digits that always fit
	if len(d.fraction) > 0 || len(d.whole) > most {
		return 0, false
	}
	for _, digit := range d.whole {
		n = 10*n + int64(digit-'0')
	}
	if d.negative {
		n = -n
	}
	return n, true
}

func compareDecimals(a, b decimal) int {
	switch {
	case a.negative && !b.negative:
		return -1
	case b.negative && !a.negative:
		return 1
	}
	c := cmp.Compare(len(a.whole), len(b.whole))
	if c == 0 {
		c = bytes.Compare(a.whole, b.whole)
	}
	if c == 0 {
		c = bytes.Compare(a.fraction, b.fraction)
	}
	if a.negative {
		return -c
	}
	return c
}

// maxExponent bounds the zeros that an exponent writes out; a DECIMAL has 65 digits.
const maxExponent = 400

// parseDecimal reads a literal as an exact number. A string is read as one when it is one.
func parseDecimal(l literal) (decimal, error) {
	bad := fmt.Errorf("expected a number, found %q", l.text)
	if l.kind == hexStringLiteral {
		return decimal{}, fmt.Errorf("x'%x' is a number to MySQL and a string to MariaDB: write 0x%[1]x", l.text)
	}
	if l.kind == hexLiteral {
		if len(l.text) > 8 {
			return decimal{}, bad
		}
		var n uint64
		for i := range len(l.text) {
			n = n<<8 | uint64(l.text[i])
		}
		return splitDecimal(strconv.AppendUint(nil, n, 10)), nil
	}
	mantissa, exponent, scientific := strings.Cut(strings.ToLower(l.text), "e")
	if l.kind == stringLiteral && (len(strings.Trim(mantissa, "-0")) > maxDigits || scientific) {
		return decimal{}, fmt.Errorf("%q is compared as floating point: write the number without quotes", l.text)
	}
	digits := strings.TrimPrefix(mantissa, "-")
	if strings.Trim(digits, "0123456789") != "" && strings.Trim(digits, "0123456789") != "." || strings.Trim(digits, ".") == "" {
		return decimal{}, bad
	}
	if !scientific {
		return splitDecimal([]byte(mantissa)), nil
	}
	shift, err := strconv.Atoi(exponent)
	if err != nil || shift > maxExponent || shift < -maxExponent {
		return decimal{}, bad
	}
	return splitDecimal(shifted(mantissa, shift)), nil
}

// shifted moves the point of a number.
func shifted(mantissa string, by int) []byte {
	sign := ""
	if rest, negative := strings.CutPrefix(mantissa, "-"); negative {
		sign, mantissa = "-", rest
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if by >= 0 {
		fraction += strings.Repeat("0", max(0, by-len(fraction)))
		whole, fraction = whole+fraction[:by], fraction[by:]
	} else {
		whole = strings.Repeat("0", max(0, -by-len(whole))) + whole
		whole, fraction = whole[:len(whole)+by], whole[len(whole)+by:]+fraction
	}
	return []byte(sign + whole + "." + fraction)
}

// exactDigits is how many digits a DOUBLE keeps for certain.
const exactDigits = 15

// significant is the number of digits before the exponent of a number, without the zeros that lead.
func significant(text string) (n int) {
	text, _, _ = strings.Cut(strings.ToLower(text), "e")
	for _, r := range strings.TrimLeft(text, "+-0.") {
		if '0' <= r && r <= '9' {
			n++
		}
	}
	return n
}

// compareAsFloat compares as floating point of 64 bits, as servers do where either side is. A FLOAT is widened: 0.1 in one is not 0.1.
func compareAsFloat(col *schema.Column, l literal) (comparer, error) {
	if digits := significant(l.text); col.Type == schema.TypeDecimal && l.kind == floatLiteral && digits > exactDigits {
		return nil, fmt.Errorf("%s has %d digits, of which some servers compare %d with a DECIMAL: write it without an exponent", l.text, digits, exactDigits)
	}
	want, err := strconv.ParseFloat(l.text, 64)
	isNumber := l.kind == numberLiteral || l.kind == floatLiteral || l.kind == stringLiteral && strings.Trim(l.text, "+-.0123456789eE") == ""
	if col.Type != schema.TypeFloat && col.Type != schema.TypeDouble && math.Abs(want) >= 1<<53 {
		return nil, fmt.Errorf("servers differ in how they compare %s with a column of type %s: write the number without an exponent", l.text, col.SQLType())
	}
	if !isNumber || err != nil || math.IsInf(want, 0) || math.IsNaN(want) {
		return nil, fmt.Errorf("expected a number, found %q", l.text)
	}
	return func(s *Scratch, v decoder.Cell) (int, error) {
		switch col.Type {
		case schema.TypeFloat:
			return cmp.Compare(float64(v.Float32()), want), nil
		case schema.TypeDouble:
			return cmp.Compare(v.Float64(), want), nil
		}
		if err := s.number(col, v); err != nil {
			return 0, err
		}
		have, err := strconv.ParseFloat(string(s.a), 64)
		return cmp.Compare(have, want), err
	}, nil
}

// compareIndex compares the number of an ENUM or SET.
func compareIndex(l literal) (comparer, error) {
	if l.kind == floatLiteral {
		return nil, fmt.Errorf("expected a whole number or a string, found %s", l.text)
	}
	want, err := parseDecimal(l)
	if err != nil {
		return nil, err
	}
	return func(s *Scratch, v decoder.Cell) (int, error) {
		s.a = strconv.AppendUint(s.a[:0], v.Uint64(), 10)
		return compareDecimals(splitDecimal(s.a), want), nil
	}, nil
}

// compareBytes compares binary strings. BINARY(n) ends in zero bytes, which the log leaves out.
func compareBytes(col *schema.Column, l literal) comparer {
	want := []byte(l.text)
	return func(s *Scratch, v decoder.Cell) (int, error) {
		var err error
		s.a, err = v.AppendBytes(s.a[:0])
		for col.Type == schema.TypeBinary && len(s.a) < col.Length {
			s.a = append(s.a, 0)
		}
		return bytes.Compare(s.a, want), err
	}
}

// isIdentity reports whether values are UUIDs or addresses, which are the same or not.
func isIdentity(t schema.Type) bool {
	return t == schema.TypeUUID || t == schema.TypeInet4 || t == schema.TypeInet6
}

// compareIdentity compares a UUID or an address with one that is written as text.
func compareIdentity(col *schema.Column, l literal) (comparer, error) {
	bad := fmt.Errorf("expected a string with a value of type %s, found %q", col.SQLType(), l.text)
	var want []byte
	if l.kind != stringLiteral {
		return nil, bad
	}
	if col.Type == schema.TypeUUID {
		var err error
		if want, err = hex.DecodeString(strings.ReplaceAll(l.text, "-", "")); err != nil || len(want) != 16 {
			return nil, bad
		}
	} else {
		address, err := netip.ParseAddr(l.text)
		if err != nil || address.Zone() != "" || col.Type == schema.TypeInet4 && !address.Is4() {
			return nil, bad
		}
		if want = address.AsSlice(); col.Type == schema.TypeInet6 {
			all := address.As16()
			want = all[:]
		}
	}
	return func(_ *Scratch, v decoder.Cell) (int, error) {
		var record [16]byte // a row drops zero bytes at the end
		copy(record[:], v.Raw())
		if col.Type == schema.TypeUUID {
			record = uuidOf(record)
		}
		return bytes.Compare(record[:len(want)], want), nil
	}, nil
}

// uuidOf is a UUID as it is written: MariaDB stores versions 1 to 5 with their parts in the opposite order. The top bit of the
// variant then stands in byte 6 and the version in byte 8 (MariaDB source: UUID::rec_need_swap).
func uuidOf(record [16]byte) [16]byte {
	if record[6]&-record[8]&0x80 == 0 {
		return record
	}
	var uuid [16]byte
	copy(uuid[0:4], record[12:16])
	copy(uuid[4:6], record[10:12])
	copy(uuid[6:8], record[8:10])
	copy(uuid[8:10], record[6:8])
	copy(uuid[10:16], record[0:6])
	return uuid
}
