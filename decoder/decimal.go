package decoder

import (
	"fmt"
	"strconv"

	"binmend/decoder/internal/bin"
)

// digitBytes is the size of a group of that many decimal digits.
var digitBytes = [10]int{0, 1, 1, 2, 2, 3, 3, 4, 4, 4}

const digitsPerWord = 9

// decimalSize is the stored size of a DECIMAL (MySQL source: decimal_bin_size).
func decimalSize(precision, scale int) int {
	whole := precision - scale
	return whole/digitsPerWord*4 + digitBytes[whole%digitsPerWord] +
		scale/digitsPerWord*4 + digitBytes[scale%digitsPerWord]
}

// appendDecimal appends a DECIMAL with all its fraction digits (MySQL source: bin2decimal).
//
// The digits before the point are stored as a leading group of fewer than nine digits and groups of nine, those after
// it as groups of nine and a last smaller one; each group is a big-endian number of digitBytes. The first bit is
// inverted; all bits are, when the number is negative.
func appendDecimal(dst, data []byte, precision, scale int) ([]byte, error) {
	if len(data) != decimalSize(precision, scale) || len(data) == 0 {
		return dst, fmt.Errorf("expected %d bytes for DECIMAL(%d,%d), found %d", decimalSize(precision, scale), precision, scale, len(data))
	}
	var buf [64]byte
	b := buf[:copy(buf[:], data)]
	b[0] ^= 0x80
	if data[0]&0x80 == 0 {
		dst = append(dst, '-')
		for i := range b {
			b[i] = ^b[i]
		}
	}
	whole := precision - scale
	begin := len(dst)
	b = appendGroup(&dst, b, whole%digitsPerWord)
	for range whole / digitsPerWord {
		b = appendGroup(&dst, b, digitsPerWord)
	}
	dst = trimZeros(dst, begin)
	if scale > 0 {
		dst = append(dst, '.')
		for range scale / digitsPerWord {
			b = appendGroup(&dst, b, digitsPerWord)
		}
		appendGroup(&dst, b, scale%digitsPerWord)
	}
	return dst, nil
}

// appendGroup appends a group of digits and returns the bytes after it.
func appendGroup(dst *[]byte, b []byte, digits int) []byte {
	n := digitBytes[digits]
	if digits > 0 {
		*dst = appendPadded(*dst, bin.UintBE(b[:n]), digits)
	}
	return b[n:]
}

// trimZeros removes leading zeros of the number at begin, but for the last digit.
func trimZeros(dst []byte, begin int) []byte {
	digits := dst[begin:]
	for len(digits) > 1 && digits[0] == '0' {
		digits = digits[1:]
	}
	dst = append(dst[:begin], digits...)
	if len(dst) == begin {
		dst = strconv.AppendInt(dst, 0, 10)
	}
	return dst
}
