package decoder

import (
	"binmend/decoder/internal/bin"
	"binmend/decoder/internal/digits"
)

func isOldTemporal(t ColumnType) bool {
	return t == TypeTime || t == TypeDatetime || t == TypeTimestamp
}

// The sizes of high-resolution values by fraction digits (MariaDB source: field.cc, time_hires_bytes and its
// neighbours).
var (
	hiresTimeBytes     = [...]int{3, 4, 4, 5, 5, 5, 6}
	hiresDatetimeBytes = [...]int{8, 6, 6, 7, 7, 7, 8}
	hiresFractionBytes = [...]int{0, 1, 1, 2, 2, 3, 3}
	powersOfTen        = [...]uint64{1, 10, 100, 1_000, 10_000, 100_000, 1_000_000}
)

// hiresTimeZero is added to a TIME, in seconds, so that it is never negative: one second more than 838:59:59.
const hiresTimeZero = 838*3600 + 59*60 + 59 + 1

// appendHiresTime appends a TIME with fraction digits: its seconds and fraction as one big-endian number.
func appendHiresTime(dst, data []byte, fsp int) []byte {
	scale := int64(powersOfTen[fsp])
	v := int64(bin.UintBE(data)) - hiresTimeZero*scale
	if v < 0 {
		dst, v = append(dst, '-'), -v
	}
	seconds, fraction := uint64(v/scale), uint64(v%scale)
	dst = appendHMS(dst, seconds/3600, seconds/60%60, seconds%60)
	return digits.Append(append(dst, '.'), fraction, fsp)
}

// appendHiresDatetime appends a DATETIME with fraction digits: a big-endian number of mixed radix, from the lowest:
// fraction, 60 seconds, 60 minutes, 24 hours, 32 days, 13 months, years.
func appendHiresDatetime(dst, data []byte, fsp int) []byte {
	v := bin.UintBE(data)
	digit := func(radix uint64) uint64 {
		d := v % radix
		v /= radix
		return d
	}
	fraction := digit(powersOfTen[fsp])
	second, minute, hour := digit(60), digit(60), digit(24)
	day, month := digit(32), digit(13)
	dst = append(appendYMD(dst, v, month, day), ' ')
	dst = appendHMS(dst, hour, minute, second)
	return digits.Append(append(dst, '.'), fraction, fsp)
}

// appendHiresTimestamp appends a TIMESTAMP with fraction digits: 4 bytes of seconds and the fraction, both big-endian.
func appendHiresTimestamp(dst, data []byte, fsp int) []byte {
	seconds, fraction := bin.UintBE(data[:4]), bin.UintBE(data[4:])
	dst = appendSeconds(dst, int64(seconds), seconds == 0 && fraction == 0)
	return digits.Append(append(dst, '.'), fraction, fsp)
}
