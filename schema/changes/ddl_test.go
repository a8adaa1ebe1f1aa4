package changes_test

import (
	"path/filepath"
	"reflect"
	"testing"

	"binmend/decoder/logfile"
	"binmend/decoder/walk"
	"binmend/schema/changes"
	"binmend/schema/dump"
)

// The logs are read twice: once for what has to be known before the rows, which statements of them take back and what definitions will
// become, and once for the rows. A dump that names GTIDs, as this one does, takes a third time: which transactions of the logs are among them.
func TestLogsAreReadTwice(t *testing.T) {
	files, err := dump.LoadFiles(filepath.Join(folder, "schema.sql"))
	if err != nil {
		t.Fatal(err)
	}
	opened := 0
	logs := walk.Logs{Names: []string{filepath.Join(folder, "relay.000002")}, Opener: logfile.Opener{Opened: func(string) { opened++ }}}
	s, err := changes.OpenLasting(t.Context(), walk.Range{Logs: logs}, changes.Options{Definitions: &changes.Definitions{Files: files, Logs: logs}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := list(t, s, 2); got != everything {
		t.Errorf("found\n%s\nwant\n%s", got, everything)
	}
	if opened != 3 {
		t.Errorf("the log was opened %d times, want 3", opened)
	}
}

// TestDDLIsKept: logs are read once for statements that are kept, and each time for more than that; they are the same.
func TestDDLIsKept(t *testing.T) {
	for most, want := range map[int]int{0: 3, 1 << 20: 1} {
		opened := 0
		logs := walk.Logs{Names: []string{filepath.Join(folder, "relay.000002")}, Opener: logfile.Opener{Opened: func(string) { opened++ }}}
		ddl := changes.NewDDL(logs, most)
		var lists [3][]changes.Statement
		for i := range lists {
			if err := ddl.Each(t.Context(), func(st changes.Statement) { lists[i] = append(lists[i], st) }); err != nil {
				t.Fatal(err)
			}
		}
		if opened != want {
			t.Errorf("at most %d bytes: the log was opened %d times, want %d", most, opened, want)
		}
		if len(lists[0]) == 0 || !reflect.DeepEqual(lists[0], lists[1]) || !reflect.DeepEqual(lists[0], lists[2]) {
			t.Errorf("at most %d bytes: found %v", most, lists)
		}
	}
}
