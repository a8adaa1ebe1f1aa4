package decoder

import (
	"encoding/binary"
	"math"
	"strconv"
	"time"

	"binmend/decoder/internal/bin"
	"binmend/decoder/internal/decimal"
	"binmend/decoder/internal/digits"
	"binmend/decoder/jsonb"
)

// Uint64 is the unsigned number stored in an integer, BIT, ENUM, SET or YEAR cell; BIT is big-endian, the others are
// little-endian. A YEAR is as stored: years since 1900, 0 for the year 0000.
func (c Cell) Uint64() uint64 {
	if c.state != Value || len(c.data) > 8 {
		return 0
	}
	if c.col.Type == TypeBit {
		return bin.UintBE(c.data)
	}
	return bin.Uint(c.data)
}

// Int64 is the signed number stored in an integer cell.
func (c Cell) Int64() int64 {
	if c.state != Value || len(c.data) == 0 || len(c.data) > 8 {
		return 0
	}
	shift := 64 - 8*len(c.data)
	return int64(bin.Uint(c.data)<<shift) >> shift
}

// Float32 is the number in a FLOAT cell.
func (c Cell) Float32() float32 {
	if c.state != Value || len(c.data) != 4 {
		return 0
	}
	return math.Float32frombits(binary.LittleEndian.Uint32(c.data))
}

// Float64 is the number in a DOUBLE cell.
func (c Cell) Float64() float64 {
	if c.state != Value || len(c.data) != 8 {
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(c.data))
}

// AppendBytes appends the content of a string or blob cell. MariaDB's COMPRESSED columns are inflated. A BINARY(n) value is as
// logged: without its trailing 0x00 bytes.
func (c Cell) AppendBytes(dst []byte) ([]byte, error) {
	if c.state == Value && (c.col.Type == TypeVarcharCompressed || c.col.Type == TypeBlobCompressed) {
		return appendInflatedColumn(dst, c.data, c.col.maxInflated)
	}
	return append(dst, c.data...), nil
}

// Inflated is the cell without compression: a copy for a COMPRESSED column, else the cell itself.
func (c Cell) Inflated() (Cell, error) {
	if c.state != Value || c.col.Type != TypeVarcharCompressed && c.col.Type != TypeBlobCompressed {
		return c, nil
	}
	data, err := c.AppendBytes(nil)
	col := *c.col
	col.Type = TypeBlob
	return Cell{state: Value, data: data, col: &col}, err
}

// ContentLength is how many bytes AppendBytes appends. For compressed values it is the length that they claim.
func (c Cell) ContentLength() int {
	if c.state == Value && (c.col.Type == TypeVarcharCompressed || c.col.Type == TypeBlobCompressed) {
		return inflatedColumnLength(c.data)
	}
	return len(c.data)
}

// AppendText appends the value as text: numbers in decimal, temporal values as SQL writes them (TIMESTAMP in UTC), BIT as binary
// digits, ENUM and SET as their number, JSON as MySQL prints it, strings as their bytes. An integer is unsigned if the table map
// says so. NULL and absent cells append nothing.
func (c Cell) AppendText(dst []byte) ([]byte, error) {
	if c.state != Value {
		return dst, nil
	}
	switch c.col.Type {
	case TypeTiny, TypeShort, TypeInt24, TypeLong, TypeLonglong:
		if c.col.Sign == Unsigned {
			return strconv.AppendUint(dst, c.Uint64(), 10), nil
		}
		return strconv.AppendInt(dst, c.Int64(), 10), nil
	case TypeEnum, TypeSet:
		return strconv.AppendUint(dst, c.Uint64(), 10), nil
	case TypeFloat:
		return strconv.AppendFloat(dst, float64(c.Float32()), 'g', -1, 32), nil
	case TypeDouble:
		return strconv.AppendFloat(dst, c.Float64(), 'g', -1, 64), nil
	case TypeNewDecimal:
		return decimal.Append(dst, c.data, c.col.Precision, c.col.Scale)
	case TypeYear:
		if c.Uint64() == 0 {
			return append(dst, "0000"...), nil
		}
		return strconv.AppendUint(dst, 1900+c.Uint64(), 10), nil
	case TypeBit:
		return appendBits(dst, c.Uint64(), c.col.Length), nil
	case TypeDate, TypeNewDate:
		return appendDate(dst, bin.Uint(c.data)), nil
	case TypeTime:
		if c.col.Scale > 0 {
			return appendHiresTime(dst, c.data, c.col.Scale), nil
		}
		return appendOldTime(dst, c.Int64()), nil
	case TypeDatetime:
		if c.col.Scale > 0 {
			return appendHiresDatetime(dst, c.data, c.col.Scale), nil
		}
		return appendOldDatetime(dst, bin.Uint(c.data)), nil
	case TypeTimestamp:
		if c.col.Scale > 0 {
			return appendHiresTimestamp(dst, c.data, c.col.Scale), nil
		}
		return appendTimestamp(dst, int64(bin.Uint(c.data)), 0, 0), nil
	case TypeTime2:
		return appendTime2(dst, c.data, c.col.Scale), nil
	case TypeDatetime2:
		return appendDatetime2(dst, c.data, c.col.Scale), nil
	case TypeTimestamp2:
		return appendTimestamp(dst, int64(bin.UintBE(c.data[:4])), bin.UintBE(c.data[4:]), c.col.Scale), nil
	case TypeJSON:
		return jsonb.AppendText(dst, c.data)
	}
	return c.AppendBytes(dst)
}

// appendBits appends the lowest n bits of v, the highest first.
func appendBits(dst []byte, v uint64, n int) []byte {
	for i := n - 1; i >= 0; i-- {
		dst = append(dst, '0'+byte(v>>i&1))
	}
	return dst
}

func appendYMD(dst []byte, year, month, day uint64) []byte {
	dst = append(digits.Append(dst, year, 4), '-')
	dst = append(digits.Append(dst, month, 2), '-')
	return digits.Append(dst, day, 2)
}

func appendHMS(dst []byte, hour, minute, second uint64) []byte {
	dst = append(digits.Append(dst, hour, 2), ':')
	dst = append(digits.Append(dst, minute, 2), ':')
	return digits.Append(dst, second, 2)
}

// appendFraction appends the fraction of a second. It is stored in (fsp+1)/2 bytes as a number of 2, 4 or 6 digits.
func appendFraction(dst []byte, stored uint64, fsp int) []byte {
	if fsp == 0 {
		return dst
	}
	if fsp%2 == 1 {
		stored /= 10
	}
	return digits.Append(append(dst, '.'), stored, fsp)
}

// appendDate appends a DATE: 3 bytes, little-endian.
//
//	bits   field
//	0-4    day
//	5-8    month
//	9-23   year
func appendDate(dst []byte, v uint64) []byte { return appendYMD(dst, v>>9, v>>5&15, v&31) }

// appendOldTime appends a TIME of before 5.6: the decimal number HHMMSS with its sign.
func appendOldTime(dst []byte, v int64) []byte {
	if v < 0 {
		dst, v = append(dst, '-'), -v
	}
	u := uint64(v)
	return appendHMS(dst, u/10000, u/100%100, u%100)
}

// appendOldDatetime appends a DATETIME of before 5.6: the decimal number YYYYMMDDHHMMSS.
func appendOldDatetime(dst []byte, v uint64) []byte {
	date, clock := v/1000000, v%1000000
	dst = append(appendYMD(dst, date/10000, date/100%100, date%100), ' ')
	return appendHMS(dst, clock/10000, clock/100%100, clock%100)
}

// appendTimestamp appends a TIMESTAMP of whole and fractional seconds.
func appendTimestamp(dst []byte, seconds int64, fraction uint64, fsp int) []byte {
	return appendFraction(appendSeconds(dst, seconds, seconds == 0 && fraction == 0), fraction, fsp)
}

// appendSeconds appends the seconds of a TIMESTAMP, counted from 1970 UTC. The zero date is stored as 0 seconds without a
// fraction. MariaDB also has times within the first second; in MySQL they begin with the next.
func appendSeconds(dst []byte, seconds int64, zero bool) []byte {
	if zero {
		return append(dst, "0000-00-00 00:00:00"...)
	}
	t := time.Unix(seconds, 0).UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	dst = append(appendYMD(dst, uint64(year), uint64(month), uint64(day)), ' ')
	return appendHMS(dst, uint64(hour), uint64(minute), uint64(second))
}

// appendDatetime2 appends a DATETIME: 5 bytes, big-endian, and the fraction.
//
//	bits    field
//	0-5     second
//	6-11    minute
//	12-16   hour
//	17-21   day
//	22-38   year*13 + month
//	39      sign, always 1
func appendDatetime2(dst, data []byte, fsp int) []byte {
	v := bin.UintBE(data[:5])
	months := v >> 22 & (1<<17 - 1)
	dst = append(appendYMD(dst, months/13, months%13, v>>17&31), ' ')
	dst = appendHMS(dst, v>>12&31, v>>6&63, v&63)
	return appendFraction(dst, bin.UintBE(data[5:]), fsp)
}

// appendTime2 appends a TIME: 3 bytes and the fraction as one big-endian number, offset so that it is never negative.
//
//	bits, above the fraction's   field
//	0-5                          second
//	6-11                         minute
//	12-21                        hour
//	22                           unused
//	23                           1 for values of zero and more
func appendTime2(dst, data []byte, fsp int) []byte {
	fractionBits := 8 * (len(data) - 3)
	v := int64(bin.UintBE(data)) - int64(1)<<(23+fractionBits)
	if v < 0 {
		dst, v = append(dst, '-'), -v
	}
	u := uint64(v)
	seconds := u >> fractionBits
	dst = appendHMS(dst, seconds>>12&1023, seconds>>6&63, seconds&63)
	return appendFraction(dst, u&(1<<fractionBits-1), fsp)
}
