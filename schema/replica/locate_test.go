package replica

import (
	"os"
	"path/filepath"
	"testing"

	"binmend/decoder/gtid"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
)

// TestLocateBrokenReplicas finds the failing transaction of every broken replica in its relay logs, and the same one in
// the source's binary logs.
func TestLocateBrokenReplicas(t *testing.T) {
	dirs, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "corpus", "broken-replicas", "*"))
	if len(dirs) == 0 {
		t.Skip("no corpus of broken replicas beside the project")
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			f := failureOf(t, dir)
			relay, err := f.Locate(logsOf(t, dir, "relay-bin.0*"))
			if err != nil {
				t.Fatalf("relay logs: %v", err)
			}
			source, err := f.Locate(logsOf(t, dir, "source-bin.0*"))
			if err != nil {
				t.Fatalf("source logs: %v", err)
			}
			if relay.GTID != source.GTID || relay.SourceStart != source.SourceStart || relay.SourceEnd != source.SourceEnd {
				t.Errorf("relay logs:  %+v\nsource logs: %+v", relay, source)
			}
			if uint32(f.Exec.Pos) != relay.SourceStart {
				t.Errorf("the status says that the source's log is done up to %d, the transaction found begins at %d", f.Exec.Pos, relay.SourceStart)
			}
			if f.Anonymous && f.Event.Pos != 0 {
				checkAssigned(t, dir, *f, relay)
			}
		})
	}
}

// checkAssigned: the transaction is found by its end where the replica gave it a GTID that is not in the logs.
func checkAssigned(t *testing.T, dir string, f Failure, want txn.Transaction) {
	t.Helper()
	var err error
	if f.GTID, err = gtid.Parse("aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa:4"); err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"relay-bin.0*", "source-bin.0*"} {
		got, err := f.Locate(logsOf(t, dir, pattern))
		if err != nil || got.GTID != f.GTID || got.SourceStart != want.SourceStart {
			t.Errorf("%s: with an assigned GTID: %+v, %v", pattern, got, err)
		}
	}
}

func logsOf(t *testing.T, dir, pattern string) walk.Logs {
	t.Helper()
	logs, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(logs) == 0 {
		t.Fatalf("no %s in %s", pattern, dir)
	}
	return walk.Logs{Names: logs}
}

func failureOf(t *testing.T, dir string) *Failure {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "show-replica-status.txt"))
	if err != nil {
		t.Fatal(err)
	}
	workers, _ := os.ReadFile(filepath.Join(dir, "ps.replication_applier_status_by_worker.txt"))
	return mustFail(t, string(text)+string(workers))
}
