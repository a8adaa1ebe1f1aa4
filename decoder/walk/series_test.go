package walk

import (
	"slices"
	"strings"
	"testing"
)

func TestSeries(t *testing.T) {
	for _, tc := range []struct{ names, want string }{
		{"a.000001 a.000002", "a.000001 a.000002"},
		{"a.000001 a.000003 b.000002", "a.000001 a.000003 | b.000002"},
		{"x/a.000001 y/a.000002", "x/a.000001 | y/a.000002"},
		{"a.000002 b.000001 a.000001", "a.000001 a.000002 | b.000001"},
		{"a.000009.gz a.000010", "a.000009.gz a.000010"},
		{"first second a.000001", "first second | a.000001"},
	} {
		var got []string
		for _, s := range (Logs{Names: strings.Fields(tc.names)}).Series() {
			got = append(got, strings.Join(s.Names, " "))
		}
		if want := strings.Split(tc.want, " | "); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", tc.names, got, want)
		}
	}
}
