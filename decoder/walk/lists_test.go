package walk

import (
	"slices"
	"testing"

	"binmend/decoder/gtid"
)

func listOf(t *testing.T, text string) (list []lastNumber) {
	t.Helper()
	parsed, err := gtid.ParseList(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range parsed {
		list = append(list, lastOf(g))
	}
	slices.SortFunc(list, compareServers)
	return list
}

// TestLists: which of two logs of MariaDB is the later one, by what they say came before them.
func TestLists(t *testing.T) {
	for _, test := range []struct {
		a, b  string
		order int // of a to b
		back  bool
	}{
		{"0-1-5", "0-1-7", -1, false},
		{"0-1-7", "0-1-5", 1, true},
		{"0-1-7", "0-1-7", 0, false},
		{"", "0-1-7", -1, false},
		{"0-1-7", "", 1, false},
		{"0-1-10,0-2-11", "0-1-10,0-2-15", -1, false}, // another server writes the domain since
		{"0-1-10,0-2-15", "0-1-10,0-2-11", 1, true},
		{"0-1-10,0-2-15", "0-1-10,0-2-15", 0, false},
		{"0-1-10", "0-1-10,0-2-11", -1, false},
		{"0-1-10,5-1-3", "0-1-10,5-1-4", -1, false},
		{"1-1-10,5-1-3", "0-1-10,5-1-4", -1, false}, // the domain that both have
		{"1-1-10", "2-1-3", 0, false},
	} {
		a, b := listOf(t, test.a), listOf(t, test.b)
		if got := compareLists(a, b); got != test.order {
			t.Errorf("%q to %q: got %d, want %d", test.a, test.b, got, test.order)
		}
		if got := compareLists(b, a); got != -test.order {
			t.Errorf("%q to %q: got %d, want %d", test.b, test.a, got, -test.order)
		}
		if got := goesBack(a, b); got != test.back {
			t.Errorf("%q to %q goes back: %t", test.a, test.b, got)
		}
	}
}

// TestMissingOf: what is in neither of two lists' logs.
func TestMissingOf(t *testing.T) {
	for _, test := range []struct{ earlier, logged, later, want string }{
		{"0-1-5", "0-1-6,0-1-7", "0-1-7", ""},
		{"0-1-5", "0-1-6", "0-1-7", "0-1-7"},
		{"", "0-1-6", "0-1-6,3-1-1", "3-1-1"},
		{"0-1-5,3-1-1", "0-2-6", "0-1-5,0-2-6,3-1-1", ""},
		{"0-1-5", "", "0-1-5", ""},
	} {
		logged, err := gtid.ParseList(test.logged)
		if err != nil {
			t.Fatal(err)
		}
		each := func(yield func(gtid.GTID)) error {
			for _, g := range logged {
				yield(g)
			}
			return nil
		}
		id, missing, err := missingOf(listOf(t, test.earlier), listOf(t, test.later), each)
		if got := map[bool]string{true: id.String()}[missing]; got != test.want || err != nil {
			t.Errorf("%+v: got %q, %v", test, got, err)
		}
	}
}
