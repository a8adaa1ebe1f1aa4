// Package digits writes unsigned numbers in decimal with leading zeros, for dates, times and decimals. In go a number and a
// width; the digits are appended. It knows no sign and no point.
package digits

// pairs holds the numbers from 00 to 99.
const pairs = "00010203040506070809" +
	"10111213141516171819" +
	"20212223242526272829" +
	"30313233343536373839" +
	"40414243444546474849" +
	"50515253545556575859" +
	"60616263646566676869" +
	"70717273747576777879" +
	"80818283848586878889" +
	"90919293949596979899"

const maxDigits = 20 // of a uint64

// Append appends v with at least width digits, 20 of them at most.
func Append(dst []byte, v uint64, width int) []byte {
	if width == 2 && v < 100 {
		return append(dst, pairs[2*v], pairs[2*v+1])
	}
	var text [maxDigits]byte
	i := len(text)
	for ; v >= 10; v /= 100 {
		i -= 2
		text[i], text[i+1] = pairs[v%100*2], pairs[v%100*2+1]
	}
	if v > 0 {
		i--
		text[i] = '0' + byte(v)
	}
	for i > maxDigits-min(width, maxDigits) {
		i--
		text[i] = '0'
	}
	return append(dst, text[i:]...)
}
