package export

import (
	"encoding/binary"
	"math"
	"strconv"
	"time"
)

// convert appends a value of one kind as a value of a kind that holds it: kinds that widened gave.
func convert(dst, value []byte, from, to kind) []byte {
	switch to.family {
	case familyText, familyBytes:
		begin := len(dst)
		dst = from.appendText(append(dst, 0, 0, 0, 0), value)
		binary.LittleEndian.PutUint32(dst[begin:], uint32(len(dst)-begin-4))
		return dst
	case familyDouble:
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(from.float(value)))
	case familyDecimal:
		n := from.number(value)
		for range to.scale - from.pointAt() {
			n = n.times10plus(0)
		}
		return to.appendNumber(dst, n)
	case familyDatetime:
		if from.family == familyDate {
			days := int64(int32(binary.LittleEndian.Uint32(value)))
			return binary.LittleEndian.AppendUint64(dst, uint64(days*secondsPerDay*microseconds))
		}
		return append(dst, value...)
	case familyInt, familyUint:
		return to.appendNumber(dst, from.number(value))
	}
	return append(dst, value...)
}

// convertAll appends the values of data.
func convertAll(dst, data []byte, from, to kind) []byte {
	for len(data) > 0 {
		var value []byte
		value, data = from.split(data)
		dst = convert(dst, value, from, to)
	}
	return dst
}

// split takes the first value of data, without its length.
func (k kind) split(data []byte) (value, rest []byte) {
	if n := k.size(); n > 0 {
		return data[:n], data[n:]
	}
	n := binary.LittleEndian.Uint32(data)
	return data[4 : 4+n], data[4+n:]
}

// pointAt is how many digits an exact number has after the point.
func (k kind) pointAt() int {
	if k.family == familyDecimal {
		return k.scale
	}
	return 0
}

// number is an exact number without its point.
func (k kind) number(value []byte) wide {
	var n int64
	switch {
	case len(value) == 4 && k.family == familyUint:
		n = int64(binary.LittleEndian.Uint32(value))
	case len(value) == 4:
		n = int64(int32(binary.LittleEndian.Uint32(value)))
	case k.family == familyUint:
		return wide{lo: binary.LittleEndian.Uint64(value)}
	case k.family == familyDecimal && k.precision > 18:
		return wideOf(value)
	default:
		n = int64(binary.LittleEndian.Uint64(value))
	}
	return wide{hi: uint64(n >> 63), lo: uint64(n)}
}

// appendNumber appends an exact number as PLAIN has it.
func (k kind) appendNumber(dst []byte, n wide) []byte {
	switch size := k.size(); {
	case k.family == familyDecimal && k.precision > 18:
		return n.appendSigned(dst, size)
	case size == 4:
		return binary.LittleEndian.AppendUint32(dst, uint32(n.lo))
	}
	return binary.LittleEndian.AppendUint64(dst, n.lo)
}

func (k kind) float(value []byte) float64 {
	switch k.family {
	case familyFloat:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(value)))
	case familyDouble:
		return math.Float64frombits(binary.LittleEndian.Uint64(value))
	}
	return float64(int64(k.number(value).lo))
}

// appendText appends the text that NDJSON has for a value, without quotes.
func (k kind) appendText(dst, value []byte) []byte {
	switch k.family {
	case familyInt, familyUint, familyDecimal:
		return k.number(value).appendDecimal(dst, k.pointAt())
	case familyFloat:
		return strconv.AppendFloat(dst, k.float(value), 'g', -1, 32)
	case familyDouble:
		return strconv.AppendFloat(dst, k.float(value), 'g', -1, 64)
	case familyDate:
		days := int64(int32(binary.LittleEndian.Uint32(value)))
		return time.Unix(days*secondsPerDay, 0).UTC().AppendFormat(dst, time.DateOnly)
	case familyDatetime, familyTimestamp:
		layout := time.DateTime
		if k.scale > 0 {
			layout += "." + "000000"[:k.scale]
		}
		return time.UnixMicro(int64(binary.LittleEndian.Uint64(value))).UTC().AppendFormat(dst, layout)
	case familyVector:
		dst = append(dst, '[')
		for i := range len(value) / 4 {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = strconv.AppendFloat(dst, float64(vectorElement(value, i)), 'g', -1, 32)
		}
		return append(dst, ']')
	}
	return append(dst, value...)
}
