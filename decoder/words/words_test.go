package words_test

import (
	"testing"

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
