package words_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"binmend/decoder/words"
)

func TestWords(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{words.Count(0, "row"), "0 rows"},
		{words.Count(1, "row"), "1 row"},
		{words.Count(2000, "row"), "2000 rows"},
		{words.Clock(0), "1970-01-01 00:00:00"},
		{words.Clock(1<<32 - 1), "2106-02-07 06:28:15"},
		{words.Quote("a`b"), "`a``b`"},
		{words.Table("shop", "orders"), "`shop`.`orders`"},
		{words.Table("", "orders"), "`orders`"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// TestClock: it writes what the standard library does, in all years.
func TestClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seconds := rapid.Int64Range(-1<<38, 1<<38).Draw(t, "seconds")
		if got, want := words.Clock(seconds), time.Unix(seconds, 0).UTC().Format(time.DateTime); got != want {
			t.Errorf("%d: got %s, want %s", seconds, got, want)
		}
	})
}
