package export

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestWidened: the kind that two definitions of a column share is the same in either order, holds itself, and what it is converted to.
func TestWidened(t *testing.T) {
	i := func(bits int) kind { return kind{family: familyInt, bits: bits} }
	u := func(bits int) kind { return kind{family: familyUint, bits: bits} }
	d := func(precision, scale int) kind {
		return kind{family: familyDecimal, precision: precision, scale: scale}
	}
	of := func(f family) kind { return kind{family: f} }
	for _, tc := range []struct{ a, b, want kind }{
		{i(8), i(64), i(64)}, {u(8), u(32), u(32)}, {u(8), i(8), i(16)}, {u(32), i(8), i(64)}, {u(16), i(64), i(64)}, {u(64), i(8), d(20, 0)},
		{u(64), i(64), d(20, 0)}, {i(32), d(5, 2), d(12, 2)}, {d(10, 2), d(8, 6), d(14, 6)}, {d(38, 0), d(5, 5), of(familyText)},
		{of(familyFloat), of(familyDouble), of(familyDouble)}, {i(32), of(familyFloat), of(familyDouble)}, {i(64), of(familyDouble), of(familyText)},
		{of(familyDate), of(familyDatetime), of(familyDatetime)}, {of(familyDatetime), of(familyTimestamp), of(familyText)},
		{of(familyText), i(8), of(familyText)}, {of(familyText), of(familyBytes), of(familyBytes)}, {i(8), of(familyBytes), of(familyBytes)},
		{of(familyVector), of(familyVector), of(familyVector)}, {of(familyVector), of(familyBytes), of(familyBytes)},
	} {
		if got := tc.a.widened(tc.b); got != tc.want {
			t.Errorf("%v and %v: %v, want %v", tc.a, tc.b, got, tc.want)
		}
		if got := tc.b.widened(tc.a); got != tc.want {
			t.Errorf("%v and %v: %v, want %v", tc.b, tc.a, got, tc.want)
		}
		if got := tc.want.widened(tc.a); got != tc.want {
			t.Errorf("%v is not held by %v: %v", tc.a, tc.want, got)
		}
	}
}

// TestConvert: an exact number keeps its text in every kind that holds it, up to zeros after the point.
func TestConvert(t *testing.T) {
	kinds := []kind{{family: familyInt, bits: 8}, {family: familyInt, bits: 32}, {family: familyInt, bits: 64}, {family: familyUint, bits: 16},
		{family: familyUint, bits: 64}, decimalKind(7, 2), decimalKind(10, 8), decimalKind(20, 10), {family: familyText}, {family: familyBytes}}
	rapid.Check(t, func(t *rapid.T) {
		from := kinds[rapid.IntRange(0, 7).Draw(t, "from")]
		to := from.widened(rapid.SampledFrom(kinds).Draw(t, "to"))
		n := rapid.Int64Range(0, math.MaxInt8).Draw(t, "number")
		if from.family != familyUint && rapid.Bool().Draw(t, "negative") {
			n = -n
		}
		value := from.appendNumber(nil, wide{hi: uint64(n >> 63), lo: uint64(n)})
		want := string(from.appendText(nil, value))
		converted, rest := to.split(convert(nil, value, from, to))
		got := string(to.appendText(nil, converted))
		if len(rest) > 0 || trimmed(got) != trimmed(want) {
			t.Fatalf("%v as %v: %q, want %q", from, to, got, want)
		}
	})
}

// trimmed is a number without the zeros after its point.
func trimmed(text string) string {
	if !strings.Contains(text, ".") {
		return text
	}
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// TestConvertOthers: moments and floats.
func TestConvertOthers(t *testing.T) {
	date := binary.LittleEndian.AppendUint32(nil, 19782)
	float := binary.LittleEndian.AppendUint32(nil, math.Float32bits(0.1))
	vector := append(float[:4:4], float...)
	for _, tc := range []struct {
		value    []byte
		from, to kind
		want     string
	}{
		{date, kind{family: familyDate}, kind{family: familyDatetime, scale: 3}, "2024-02-29 00:00:00.000"},
		{date, kind{family: familyDate}, kind{family: familyText}, "2024-02-29"},
		{float, kind{family: familyFloat}, kind{family: familyDouble}, "0.10000000149011612"},
		{float, kind{family: familyFloat}, kind{family: familyText}, "0.1"},
		{vector, kind{family: familyVector}, kind{family: familyText}, "[0.1,0.1]"},
		{[]byte("é"), kind{family: familyText}, kind{family: familyBytes}, "é"},
	} {
		value, _ := tc.to.split(convert(nil, tc.value, tc.from, tc.to))
		if got := string(tc.to.appendText(nil, value)); got != tc.want {
			t.Errorf("%v as %v: %q, want %q", tc.from, tc.to, got, tc.want)
		}
	}
}
