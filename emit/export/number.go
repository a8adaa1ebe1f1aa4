package export

import (
	"encoding/binary"
	"math/bits"
)

// wide is an unsigned number of 128 bits, enough for 38 digits.
type wide struct{ hi, lo uint64 }

func (w wide) times10plus(digit byte) wide {
	hi, lo := bits.Mul64(w.lo, 10)
	hi += w.hi * 10
	lo, carry := bits.Add64(lo, uint64(digit), 0)
	return wide{hi + carry, lo}
}

func (w wide) negated() wide {
	lo, carry := bits.Add64(^w.lo, 1, 0)
	return wide{^w.hi + carry, lo}
}

// appendSigned appends the number's lowest n bytes, the highest first.
func (w wide) appendSigned(dst []byte, n int) []byte {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], w.hi)
	binary.BigEndian.PutUint64(b[8:], w.lo)
	return append(dst, b[16-n:]...)
}

// powersOfTen are 10^0 to 10^38.
var powersOfTen = func() (list [maxDecimal + 1]wide) {
	list[0] = wide{lo: 1}
	for i := 1; i < len(list); i++ {
		list[i] = list[i-1].times10plus(0)
	}
	return list
}()

// parseDecimal reads a decimal number, ignoring its point. It expects the decoder's output, which has all digits of the scale.
func parseDecimal(text []byte) wide {
	var w wide
	small := len(text) <= 18
	for _, c := range text {
		switch {
		case c < '0' || c > '9':
		case small:
			w.lo = 10*w.lo + uint64(c-'0')
		default:
			w = w.times10plus(c - '0')
		}
	}
	if len(text) > 0 && text[0] == '-' {
		return w.negated()
	}
	return w
}

// wideOf is the number whose two's complement is given, the highest byte first.
func wideOf(signed []byte) (w wide) {
	if signed[0]&0x80 != 0 {
		w = wide{hi: ^uint64(0), lo: ^uint64(0)}
	}
	for _, c := range signed {
		w.hi, w.lo = w.hi<<8|w.lo>>56, w.lo<<8|uint64(c)
	}
	return w
}

// appendDecimal appends the number's digits, so many of them after the point.
func (w wide) appendDecimal(dst []byte, scale int) []byte {
	if int64(w.hi) < 0 {
		dst, w = append(dst, '-'), w.negated()
	}
	var digits []byte
	for w != (wide{}) || len(digits) <= scale {
		hi, rest := bits.Div64(0, w.hi, 10)
		lo, digit := bits.Div64(rest, w.lo, 10)
		w = wide{hi, lo}
		digits = append(digits, byte('0'+digit))
	}
	for i := len(digits) - 1; i >= 0; i-- {
		if dst = append(dst, digits[i]); i == scale && i > 0 {
			dst = append(dst, '.')
		}
	}
	return dst
}
