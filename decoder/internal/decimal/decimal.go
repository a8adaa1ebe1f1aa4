// Package decimal reads the stored form of MySQL's DECIMAL, which columns and binary JSON share: bytes, precision and scale
// in, decimal digits out. It does no arithmetic.
//
// Digits are stored in groups of nine, counted from the point: before the point the leftover group comes first, after it last.
// Each group is a big-endian number of as many bytes as its digits need. In a negative number all bits are inverted; then, in any
// number, the very first bit (MySQL source: decimal2bin, bin2decimal).
package decimal

import (
	"fmt"

	"binmend/decoder/internal/digits"
)

// MaxPrecision is the most digits that a server keeps while it computes: nine groups of nine (MySQL source:
// DECIMAL_BUFF_LENGTH). A column has at most 65.
const MaxPrecision = 81

const groupDigits = 9

// groupBytes is the size of a group in bytes, by its number of digits.
var groupBytes = [groupDigits + 1]int{0, 1, 1, 2, 2, 3, 3, 4, 4, 4}

// limits are the powers of ten: the number of a group is below the one for its number of digits.
var limits = [groupDigits + 1]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}

// Size is the number of bytes of a DECIMAL(precision,scale).
func Size(precision, scale int) int { return sideSize(precision-scale) + sideSize(scale) }

// sideSize is the size of the digits on one side of the point.
func sideSize(digits int) int { return digits/groupDigits*4 + groupBytes[digits%groupDigits] }

// Check refuses a precision and scale that no server has.
func Check(precision, scale int) error {
	if precision < 1 || precision > MaxPrecision || scale < 0 || scale > precision {
		return fmt.Errorf("a decimal of %d digits, %d of them after the point", precision, scale)
	}
	return nil
}

// Append appends the number's digits: at least one before the point, and all of those after it. After an error the result is
// of no use.
func Append(dst, data []byte, precision, scale int) ([]byte, error) {
	if err := Check(precision, scale); err != nil {
		return dst, err
	}
	if size := Size(precision, scale); len(data) != size {
		return dst, fmt.Errorf("expected %d bytes for the digits of a decimal(%d,%d), found %d", size, precision, scale, len(data))
	}
	r := reader{data: data, first: 0x80}
	if data[0]&0x80 == 0 {
		r.first, r.rest = 0x7f, 0xff
		dst = append(dst, '-')
	}
	begin, whole := len(dst), precision-scale
	dst = r.group(dst, whole%groupDigits)
	for range whole / groupDigits {
		dst = r.group(dst, groupDigits)
	}
	dst = trimLeadingZeros(dst, begin)
	if scale > 0 {
		dst = append(dst, '.')
	}
	for range scale / groupDigits {
		dst = r.group(dst, groupDigits)
	}
	return r.group(dst, scale%groupDigits), r.err
}

// reader reads the groups one after the other.
type reader struct {
	data        []byte
	first, rest byte // the bits to invert in the first byte and in the others
	err         error
}

func (r *reader) group(dst []byte, n int) []byte {
	value := uint64(0)
	for range groupBytes[n] {
		value = value<<8 | uint64(r.data[0]^r.first)
		r.data, r.first = r.data[1:], r.rest
	}
	if value >= limits[n] {
		r.err = fmt.Errorf("a group of %d digits of a decimal that holds %d", n, value)
	}
	if n == 0 {
		return dst
	}
	return digits.Append(dst, value, n)
}

// trimLeadingZeros makes the digits at begin a number: no leading zeros, at least one digit.
func trimLeadingZeros(dst []byte, begin int) []byte {
	zeros := 0
	for zeros < len(dst)-begin && dst[begin+zeros] == '0' {
		zeros++
	}
	switch zeros {
	case 0:
		if begin == len(dst) {
			return append(dst, '0')
		}
		return dst
	case len(dst) - begin:
		return dst[:begin+1]
	}
	return append(dst[:begin], dst[begin+zeros:]...)
}
