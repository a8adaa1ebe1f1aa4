package export

import (
	"slices"
	"strings"
	"testing"

	"binmend/decoder/filter"
)

// TestShareOf: all records of a statement together have no more of it than is bounded, in whole characters.
func TestShareOf(t *testing.T) {
	long := []byte(strings.Repeat("é", maxStatements/4))
	for _, tc := range []struct {
		name string
		sql  []byte
		n    int
		want int // bytes
	}{
		{"short, for many", []byte("DROP TABLE a, b"), 1_000_000, 15},
		{"long, for few", long, 2, len(long)},
		{"long, for some", long, 1000, maxStatements/1000/2*2 + len(" …")},
		{"long, for very many", long, 1_000_000, leastShare + len(" …")},
	} {
		got := shareOf(tc.sql, tc.n)
		if len(got) != tc.want || strings.ToValidUTF8(got, "?") != got {
			t.Errorf("%s: %d bytes, want %d", tc.name, len(got), tc.want)
		}
	}
}

// TestWanted: a table that a statement names twice has one record, where it is named first.
func TestWanted(t *testing.T) {
	rs := records{filter: &filter.Filter{}}
	table := func(name string) filter.Table { return filter.Table{Database: "d", Name: name} }
	got := rs.wanted([]filter.Table{table("b"), table("t"), table("a"), table("b"), table("t"), {Database: "e", Name: "t"}})
	if want := []filter.Table{table("b"), table("t"), table("a"), {Database: "e", Name: "t"}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
