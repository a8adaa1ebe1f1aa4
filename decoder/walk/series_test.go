package walk

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binmend/decoder/logfile"
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

// TestCheck: a log that is missing is named, also where the opener has a folder for the names.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	writeLog(t, filepath.Join(dir, "relay.000001"), "1")
	r := Range{Logs: Logs{Opener: logfile.Opener{Dir: dir}, Names: []string{"relay.000001"}}}
	if err := r.Check(); err != nil {
		t.Error(err)
	}
	r.Names = append(r.Names, "relay.000002")
	if err := r.Check(); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "relay.000002") {
		t.Errorf("of a missing log: %v", err)
	}
}
