package find

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/gtid"
	"binmend/decoder/walk"
)

// corpus returns the folder with logs of real servers, or skips the test.
func corpus(t *testing.T) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "corpus")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no corpus of real logs beside the project")
	}
	return dir
}

func relayLogs(t *testing.T, name string) walk.Logs {
	t.Helper()
	logs, err := filepath.Glob(filepath.Join(corpus(t), "broken-replicas", name, "relay-bin.0*"))
	if err != nil || len(logs) == 0 {
		t.Fatalf("no relay logs of %s: %v", name, err)
	}
	return walk.Logs{Names: logs}
}

func gtidOf(t *testing.T, text string) gtid.GTID {
	t.Helper()
	g, err := gtid.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// A transaction that MariaDB and MySQL 5.6 split over several relay logs is found whole from any of them.
func TestTransactionOverSeveralFiles(t *testing.T) {
	for _, name := range []string{"m118-gtidon-mts-big-txn-relay-rotates", "my56-gtidoff-single-big-txn-relay-rotates",
		"my56-gtidon-mts-big-txn-relay-rotates", "m1011-gtidon-mts-big-txn-relay-rotates"} {
		t.Run(name, func(t *testing.T) {
			files := relayLogs(t, name)
			names := files.Names
			last := len(names) - 1
			want, err := At(files, decoder.Position{File: names[last]})
			if err != nil {
				t.Fatal(err)
			}
			if want.Start.File != names[last-3] || want.End.File != names[last] {
				t.Errorf("got %s to %s, want it to begin in %s and end in %s", want.Start, want.End, names[last-3], names[last])
			}
			for _, f := range names[last-2 : last] {
				got, err := At(files, decoder.Position{File: f})
				if err != nil || got.Start != want.Start || got.End != want.End {
					t.Errorf("from %s: got %s to %s, %v; want %s to %s", f, got.Start, got.End, err, want.Start, want.End)
				}
			}
			if _, err := At((walk.Logs{Names: names[last-1:]}), decoder.Position{File: names[last]}); !errors.Is(err, ErrNotFound) {
				t.Errorf("without the file that it begins in: error %v, want %v", err, ErrNotFound)
			}
			if _, err := At((walk.Logs{Names: names[:last]}), want.Start); !errors.Is(err, decoder.ErrTruncated) {
				t.Errorf("without the file that it ends in: error %v, want %v", err, decoder.ErrTruncated)
			}
		})
	}
}

func TestByGTID(t *testing.T) {
	files := relayLogs(t, "my97-gtidon-mts-mixed-multi")
	id := gtidOf(t, "135ed1fd-e555-11f1-955a-02fc00000001:145")
	got, err := ByGTID(files, id, decoder.Position{})
	if err != nil || got.GTID != id || got.SourceFile != "source-bin.000007" || got.SourceStart != 498 {
		t.Errorf("got %+v, %v", got, err)
	}
	id.Seq = 9999
	_, err = ByGTID(files, id, decoder.Position{})
	var missing *fault.Error
	if !errors.As(err, &missing) || missing.Reason != ErrOtherLog {
		t.Fatalf("error %v, want %v", err, ErrOtherLog)
	}
	t.Log(missing.What)
}
