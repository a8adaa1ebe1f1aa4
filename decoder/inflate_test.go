package decoder

import "testing"

// TestCheckInflated: the usual bound, and one that was given, which may be lower.
func TestCheckInflated(t *testing.T) {
	for _, c := range []struct {
		size       uint64
		compressed int
		set        uint64
		passes     bool
	}{
		{48 << 20, 10, 0, true}, {48<<20 + 1, 10, 0, false}, {64 << 20, 4 << 20, 0, true},
		{1000, 10, 1000, true}, {1001, 10, 1000, false}, {1001, 900, 1000, false},
		{200 << 20, 10, 200 << 20, true}, {200<<20 + 1, 10, 200 << 20, false},
	} {
		if err := checkInflated(c.size, c.compressed, c.set); (err == nil) != c.passes {
			t.Errorf("%d bytes out of %d, with a bound of %d: %v", c.size, c.compressed, c.set, err)
		}
	}
}
