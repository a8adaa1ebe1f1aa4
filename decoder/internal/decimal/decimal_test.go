package decimal

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"binmend/fixtures/octets"
)

func TestAppend(t *testing.T) {
	for _, tc := range []struct {
		name             string
		precision, scale int
		hex              string // blanks ignored
		want             string
	}{
		{"one digit", 1, 0, "89", "9"},
		{"zero", 5, 0, "800000", "0"},
		{"negative", 1, 0, "76", "-9"},
		{"a fraction only", 1, 1, "85", "0.5"},
		{"a small fraction", 3, 3, "8007", "0.007"},
		{"trailing zeros are digits", 3, 2, "89 00", "9.00"},
		{"leading zeros are not", 11, 2, "80000009 00", "9.00"},
		{"groups on both sides", 14, 4, "81 0dfb38d2 04d2", "1234567890.1234"},
		{"negative, all bits inverted", 14, 4, "7e f204c72d fb2d", "-1234567890.1234"},
		{"two groups before the point", 10, 0, "81 00000002", "1000000002"},
		{"two groups behind it", 10, 10, "80000001 02", "0.0000000012"},
	} {
		got, err := Append([]byte("before "), octets.Unhex(t, tc.hex), tc.precision, tc.scale)
		if err != nil || string(got) != "before "+tc.want {
			t.Errorf("%s: got %s, %v; want before %s", tc.name, got, err, tc.want)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	for _, tc := range []struct {
		name             string
		precision, scale int
		hex, message     string
	}{
		{"no digits", 0, 0, "", "a decimal of 0 digits"},
		{"too many digits", 82, 0, "80", "a decimal of 82 digits"},
		{"a negative scale", 1, -1, "80", "-1 of them after the point"},
		{"more after the point than there are", 1, 2, "80", "2 of them after the point"},
		{"bytes missing", 4, 0, "80", "expected 2 bytes for the digits of a decimal(4,0), found 1"},
		{"bytes left over", 1, 0, "8000", "expected 1 bytes"},
		{"a group that is too large", 1, 0, "8a", "a group of 1 digits of a decimal that holds 10"},
		{"a full group that is too large", 9, 0, "bb9aca00", "a group of 9 digits"},
	} {
		_, err := Append(nil, octets.Unhex(t, tc.hex), tc.precision, tc.scale)
		if err == nil || !strings.Contains(err.Error(), tc.message) {
			t.Errorf("%s: error %v, want one that says %q", tc.name, err, tc.message)
		}
	}
}

// Any number of any precision and scale comes back as it was stored.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		precision := rapid.IntRange(1, MaxPrecision).Draw(t, "precision")
		scale := rapid.IntRange(0, precision).Draw(t, "scale")
		digits := rapid.StringMatching(`[0-9]{81}`).Draw(t, "digits")[:precision]
		negative := rapid.Bool().Draw(t, "negative")
		stored := store(digits[:precision-scale], digits[precision-scale:], negative)

		want := new(big.Int)
		want.SetString("0"+digits[:precision-scale], 10)
		text := want.String()
		if scale > 0 {
			text += "." + digits[precision-scale:]
		}
		if negative {
			text = "-" + text
		}
		got, err := Append(nil, stored, precision, scale)
		if err != nil || string(got) != text {
			t.Fatalf("%x as decimal(%d,%d): got %s, %v; want %s", stored, precision, scale, got, err, text)
		}
	})
}

// store makes the stored form.
func store(whole, fraction string, negative bool) (b []byte) {
	group := func(digits string) {
		n, _ := new(big.Int).SetString("0"+digits, 10)
		b = append(b, n.FillBytes(make([]byte, groupBytes[len(digits)]))...)
	}
	group(whole[:len(whole)%groupDigits])
	for rest := whole[len(whole)%groupDigits:]; rest != ""; rest = rest[groupDigits:] {
		group(rest[:groupDigits])
	}
	for ; len(fraction) >= groupDigits; fraction = fraction[groupDigits:] {
		group(fraction[:groupDigits])
	}
	group(fraction)
	if negative {
		for i := range b {
			b[i] = ^b[i]
		}
	}
	b[0] ^= 0x80
	return b
}

// FuzzAppend: whatever the bytes, the answer is a number of the asked precision or an error.
func FuzzAppend(f *testing.F) {
	f.Add([]byte{0x81, 0x0d, 0xfb, 0x38, 0xd2, 0x04, 0xd2}, 14, 4)
	f.Add([]byte{}, 0, 0)
	f.Fuzz(func(t *testing.T, data []byte, precision, scale int) {
		got, err := Append(nil, data, precision, scale)
		if err != nil {
			return
		}
		if _, ok := new(big.Rat).SetString(string(got)); !ok || len(got) > precision+len("-0.") {
			t.Errorf("%x as decimal(%d,%d) gave %s", data, precision, scale, got)
		}
	})
}
