package arguments

import "testing"

func TestBytes(t *testing.T) {
	for _, c := range []struct {
		text string
		want uint64
		ok   bool
	}{
		{"500000", 500000, true},
		{"1K", 1 << 10, true},
		{"48m", 48 << 20, true},
		{"2G", 2 << 30, true},
		{"1t", 1 << 40, true},
		{"16777215T", 16777215 << 40, true},
		{"16777216T", 0, false}, // 2^64
		{"18446744073709551615", 1<<64 - 1, true},
		{"1.5G", 0, false},
		{"-1K", 0, false},
		{"0x10", 0, false},
		{"M", 0, false},
		{"1 G", 0, false},
		{"2GB", 0, false},
		{"", 0, false},
	} {
		got, err := Bytes(c.text)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("Bytes(%q) = %d, %v, want %d, %t", c.text, got, err, c.want, c.ok)
		}
	}
}
