package jsonb

import (
	"encoding/binary"
	"fmt"

	"binmend/decoder/internal/decimal"
	"binmend/decoder/internal/digits"
)

// FieldType is the MySQL type of an opaque value (MySQL source: field_types.h). The server makes opaque values of any type;
// the types named here have a text form of their own.
type FieldType uint8

const (
	TypeTimestamp  FieldType = 7
	TypeDate       FieldType = 10
	TypeTime       FieldType = 11
	TypeDatetime   FieldType = 12
	TypeNewDecimal FieldType = 246
	TypeVarString  FieldType = 253
)

// IsTemporal reports whether an opaque value of the type is a date or time, which AppendTemporal reads.
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
const maxOpaqueText = decimal.MaxPrecision + len("-0.")

// DecimalType returns the precision and scale of the payload of an opaque decimal.
func DecimalType(payload []byte) (precision, scale int, err error) {
	if len(payload) < 2 {
		return 0, 0, fmt.Errorf("expected a decimal's precision and scale, found %d bytes", len(payload))
	}
	precision, scale = int(payload[0]), int(payload[1])
	if err := decimal.Check(precision, scale); err != nil {
		return 0, 0, err
	}
	return precision, scale, nil
}

// AppendDecimal appends the digits of an opaque decimal's payload, with all its fraction digits. It does not fail for a
// payload from a parsed document.
//
//	1     precision
//	1     scale
//	n     the digits, as a DECIMAL column stores them (MySQL source: Json_decimal::get_binary)
func AppendDecimal(dst, payload []byte) ([]byte, error) {
	precision, scale, err := DecimalType(payload)
	if err != nil {
		return dst, err
	}
	return decimal.Append(dst, payload[2:], precision, scale)
}

// AppendTemporal appends the text of an opaque date or time as MySQL prints it, without quotes and, except for a date, with six
// fraction digits. It does not fail for a payload from a parsed document.
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
	dst = digits.Append(dst, year, 4)
	dst = append(dst, '-')
	dst = digits.Append(dst, month, 2)
	dst = append(dst, '-')
	dst = digits.Append(dst, day, 2)
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
	dst = digits.Append(dst, hour, 2)
	dst = append(dst, ':')
	dst = digits.Append(dst, minute, 2)
	dst = append(dst, ':')
	dst = digits.Append(dst, second, 2)
	dst = append(dst, '.')
	return digits.Append(dst, micros, 6), nil
}
