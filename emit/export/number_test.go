package export

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestParseDecimal: the bytes are the two's complement of the number without its point.
func TestParseDecimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?[0-9]{1,28}\.[0-9]{10}`).Draw(t, "text")
		want, _ := new(big.Int).SetString(strings.Replace(text, ".", "", 1), 10)
		got := parseDecimal([]byte(text)).appendSigned(nil, 16)
		n := new(big.Int).SetBytes(got)
		if got[0]&0x80 != 0 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), 128))
		}
		if n.Cmp(want) != 0 {
			t.Fatalf("%s became %s", text, n)
		}
	})
}

// TestParseMoment: every moment that a calendar has is read, and no other.
func TestParseMoment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMicro(rapid.Int64Range(-62135596800000000, 253402300799999999).Draw(t, "microseconds")).UTC()
		got, ok := parseMoment([]byte(at.Format("2006-01-02 15:04:05.000000")))
		if !ok || got != at.UnixMicro() {
			t.Fatalf("%s became %d, not %d", at, got, at.UnixMicro())
		}
	})
	for _, text := range []string{"0000-00-00 00:00:00", "2024-00-15 01:02:03", "2024-02-30 00:00:00", "2023-02-29 00:00:00", "0000-01-01 00:00:00", ""} {
		if n, ok := parseMoment([]byte(text)); ok {
			t.Errorf("%q became %d", text, n)
		}
	}
	if n, ok := parseDay([]byte("1969-12-31")); !ok || n != -1 {
		t.Errorf("1969-12-31 became day %d, %v", n, ok)
	}
}

// TestEscape: no name leaves its folder or looks like another partition.
func TestEscape(t *testing.T) {
	for name, want := range map[string]string{
		"orders": "orders", "a=b": "a%3Db", "../etc": "..%2Fetc", "..": "%2E%2E", "naïve": "naïve", "50%": "50%25", "a\nb": "a%0Ab", "x*": "x%2A",
		"": noName, noName: "%5F_HIVE_DEFAULT_PARTITION__", "a%2Fb": "a%252Fb",
	} {
		if got := escape(name); got != want {
			t.Errorf("%q became %s, not %s", name, got, want)
		}
	}
}
