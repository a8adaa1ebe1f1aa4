package jsonb

import (
	"encoding/binary"
	"fmt"
)

// FieldType is the MySQL type of an opaque value (MySQL source: field_types.h). The server makes opaque values of any
// type; those named here it prints in a way of their own.
type FieldType uint8

const (
	TypeTimestamp  FieldType = 7
	TypeDate       FieldType = 10
	TypeTime       FieldType = 11
	TypeDatetime   FieldType = 12
	TypeNewDecimal FieldType = 246
	TypeVarString  FieldType = 253
)

// IsTemporal says whether an opaque value of the type is a date or time, which AppendTemporal reads.
func (t FieldType) IsTemporal() bool {
	return t == TypeDate || t == TypeTime || t == TypeDatetime || t == TypeTimestamp
}

func checkOpaque(field FieldType, payload []byte) error {
	var text [maxOpaqueText]byte
	var err error
	switch {
	case field == TypeNewDecimal:
		_, err = AppendDecimal(text[:0], payload)
	case field.IsTemporal():
		_, err = AppendTemporal(text[:0], field, payload)
	}
	return err
}

// maxOpaqueText is more than the text of any decimal or temporal.
const maxOpaqueText = maxPrecision + len("-0.")

// maxPrecision is the most digits that the server keeps while it computes: nine words of nine digits (MySQL source:
// my_decimal.h, DECIMAL_BUFF_LENGTH). A DECIMAL column has at most 65.
const maxPrecision = 81

const digitsPerWord = 9

// digitBytes is the size of a group of that many decimal digits.
var digitBytes = [digitsPerWord + 1]int{0, 1, 1, 2, 2, 3, 3, 4, 4, 4}

// DecimalType returns the precision and scale of the payload of an opaque decimal.
func DecimalType(payload []byte) (precision, scale int, err error) {
	if len(payload) < 2 {
		return 0, 0, fmt.Errorf("expected a decimal's precision and scale, found %d bytes", len(payload))
	}
	precision, scale = int(payload[0]), int(payload[1])
	if precision < 1 || precision > maxPrecision || scale > precision {
		return 0, 0, fmt.Errorf("a decimal of %d digits, %d of them after the point", precision, scale)
	}
	return precision, scale, nil
}

// AppendDecimal appends the digits of the payload of an opaque decimal, all its fraction digits included. It does not
// fail for a payload out of a parsed document.
//
//	1     precision
//	1     scale
//	n     the digits before the point: first those beyond a multiple of 9, then groups of 9
//	n     the digits after the point: groups of 9, then the rest
//
// Each group is a big-endian integer of digitBytes. The first bit is inverted; for a negative number all bits are (MySQL
// source: Json_decimal::get_binary, decimal2bin).
func AppendDecimal(dst, payload []byte) ([]byte, error) {
	precision, scale, err := DecimalType(payload)
	if err != nil {
		return dst, err
	}
	whole := precision - scale
	r := groupReader{data: payload[2:]}
	if size := groupsSize(whole) + groupsSize(scale); len(r.data) != size {
		return dst, fmt.Errorf("expected %d bytes for the digits of a decimal(%d,%d), found %d",
			size, precision, scale, len(r.data))
	}
	r.first = 0x80
	if r.data[0]&0x80 == 0 {
		r.first, r.rest = 0x7f, 0xff
		dst = append(dst, '-')
	}

	begin := len(dst)
	dst = r.appendGroup(dst, whole%digitsPerWord)
	for range whole / digitsPerWord {
		dst = r.appendGroup(dst, digitsPerWord)
	}
	dst = trimLeadingZeros(dst, begin)
	if scale > 0 {
		dst = append(dst, '.')
	}
	for range scale / digitsPerWord {
		dst = r.appendGroup(dst, digitsPerWord)
	}
	return r.appendGroup(dst, scale%digitsPerWord), r.err
}

// groupsSize is the size of a number of digits on one side of the point.
func groupsSize(digits int) int { return digits/digitsPerWord*4 + digitBytes[digits%digitsPerWord] }

// groupReader reads the groups of a decimal's digits one after the other.
type groupReader struct {
	data        []byte
	first, rest byte // what to invert in the first byte, and in the others
	err         error
}

func (r *groupReader) appendGroup(dst []byte, digits int) []byte {
	value, limit := uint64(0), uint64(1)
	for range digitBytes[digits] {
		value = value<<8 | uint64(r.data[0]^r.first)
		r.data, r.first = r.data[1:], r.rest
	}
	for range digits {
		limit *= 10
	}
	if value >= limit {
		r.err = fmt.Errorf("a group of %d digits of a decimal that holds %d", digits, value)
		return dst
	}
	return appendPadded(dst, value, digits)
}

// appendPadded appends a number with leading zeros; it must fit in the digits.
func appendPadded(dst []byte, value uint64, digits int) []byte {
	for range digits {
		dst = append(dst, '0')
	}
	for i := len(dst) - 1; value > 0; i-- {
		dst[i] = '0' + byte(value%10)
		value /= 10
	}
	return dst
}

// trimLeadingZeros makes the digits at begin a number: no leading zeros, at least one digit.
func trimLeadingZeros(dst []byte, begin int) []byte {
	digits := dst[begin:]
	for len(digits) > 0 && digits[0] == '0' {
		digits = digits[1:]
	}
	if len(digits) == 0 {
		return append(dst[:begin], '0')
	}
	return append(dst[:begin], digits...)
}

// AppendTemporal appends the text of the payload of an opaque date or time as MySQL prints it, without quotes and, but
// for a date, with six fraction digits. It does not fail for a payload out of a parsed document.
//
// The payload is a little-endian integer (MySQL source: my_time.cc, TIME_to_longlong_packed; Json_datetime::to_packed).
// Its magnitude has, from the top:
//
//	date, datetime, timestamp     time
//	bits                          bits
//	 ..  year * 13 + month
//	  5  day
//	  5  hour                      ..  hour
//	  6  minute                     6  minute
//	  6  second                     6  second
//	 24  microseconds              24  microseconds
func AppendTemporal(dst []byte, field FieldType, payload []byte) ([]byte, error) {
	if !field.IsTemporal() {
		return dst, fmt.Errorf("field type %d is no date or time", field)
	}
	if len(payload) != 8 {
		return dst, fmt.Errorf("expected a date or time of 8 bytes, found %d", len(payload))
	}
	packed := int64(binary.LittleEndian.Uint64(payload))
	magnitude := uint64(max(packed, -packed))
	if field == TypeTime {
		if packed < 0 {
			dst = append(dst, '-')
		}
		return appendTime(dst, magnitude, maxTimeHour)
	}
	if packed < 0 {
		return dst, fmt.Errorf("a negative date %d", packed)
	}
	date := magnitude >> 41
	year, month, day := date>>5/13, date>>5%13, date&31
	if year > 9999 {
		return dst, fmt.Errorf("a date in the year %d", year)
	}
	dst = appendPadded(dst, year, 4)
	dst = append(dst, '-')
	dst = appendPadded(dst, month, 2)
	dst = append(dst, '-')
	dst = appendPadded(dst, day, 2)
	if field == TypeDate {
		return dst, nil
	}
	dst = append(dst, ' ')
	return appendTime(dst, magnitude&(1<<41-1), maxClockHour)
}

const (
	maxClockHour = 23
	maxTimeHour  = 838
)

// appendTime appends hours, minutes, seconds and microseconds.
func appendTime(dst []byte, packed, maxHour uint64) ([]byte, error) {
	hour, minute, second, micros := packed>>36, packed>>30&63, packed>>24&63, packed&(1<<24-1)
	if hour > maxHour || minute > 59 || second > 59 || micros > 999999 {
		return dst, fmt.Errorf("a time of %d hours, %d minutes, %d seconds and %d microseconds", hour, minute, second, micros)
	}
	dst = appendPadded(dst, hour, max(2, digitsOf(hour)))
	dst = append(dst, ':')
	dst = appendPadded(dst, minute, 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, second, 2)
	dst = append(dst, '.')
	return appendPadded(dst, micros, 6), nil
}

func digitsOf(n uint64) int {
	digits := 1
	for ; n > 9; n /= 10 {
		digits++
	}
	return digits
}
