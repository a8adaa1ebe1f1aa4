package walk

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"binmend/decoder"
	"binmend/decoder/txn"
)

// TestAtEveryOffset: every offset of a log leads to the transaction that holds it, whether it is looked for backwards from
// the offset or by reading the file from its beginning.
func TestAtEveryOffset(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "corpus", "broken-replicas", "my97-gtidon-mts-mixed-multi", "relay-bin.0*"))
	if err != nil || len(names) == 0 {
		t.Skip("no corpus of real logs beside the project")
	}
	logs, last := Logs{Names: names}, len(names)-1
	info, err := os.Stat(names[last])
	if err != nil {
		t.Fatal(err)
	}
	for offset := int64(4); offset < info.Size(); offset++ {
		got, err := logs.syncPoint(last, offset)
		want, err2 := logs.syncForwards(last, offset)
		if err2 != nil {
			if !errors.Is(err, ErrNotFound) {
				t.Errorf("offset %d: error %v, want %v", offset, err, err2)
			}
			continue
		}
		if err != nil || after(t, logs, got, offset) != after(t, logs, want, offset) {
			t.Errorf("offset %d:\n got  %+v, %v\n want %+v", offset, got, err, want)
		}
	}
}

// after is the first transaction that ends after an offset of the last log, read from a place where a transaction begins.
func after(t *testing.T, logs Logs, from decoder.Position, offset int64) txn.Transaction {
	t.Helper()
	w := logs.walk(from)
	defer w.Close()
	w.KeepClosed()
	for {
		_, step, err := w.Next()
		if err != nil {
			t.Fatalf("from %s: %v", from, err)
		}
		found := w.Transaction()
		if step.Ends() && found.End.File == logs.Names[len(logs.Names)-1] && found.End.Offset > offset {
			found.Number = 0 // counts what was read
			return found
		}
	}
}
