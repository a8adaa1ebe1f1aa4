package logfile_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
)

// positions are where a log's events are that a reader of them gives, and how it ends.
func positions(next func() ([]byte, decoder.Position, error)) (at []int64, err error) {
	for {
		_, pos, err := next()
		if err != nil {
			return at, err
		}
		at = append(at, pos.Offset)
	}
}

// FuzzNextOf: skipping events gives those that reading all of them and choosing gives, whatever is between.
func FuzzNextOf(f *testing.F) {
	for _, line := range []string{"mysql-5.6", "mysql-9.7", "mariadb-10.11"} {
		log, err := os.ReadFile(filepath.Join("..", "..", "fixtures", line, "mixed", "relay.000002"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(log, byte(decoder.EventXid))
		f.Add(log[:len(log)-7], byte(decoder.EventRotate))
	}
	f.Fuzz(func(t *testing.T, log []byte, wanted byte) {
		log = append(bytes.Clone(logfile.Magic), log[min(len(log), len(logfile.Magic)):]...)
		name := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(name, log, 0o600); err != nil {
			t.Fatal(err)
		}
		isWanted := func(e decoder.EventType) bool { return byte(e) == wanted }
		all := open(t, name)
		var want []int64
		_, wantErr := positions(func() ([]byte, decoder.Position, error) {
			raw, pos, err := all.Next()
			if err == nil && isWanted(decoder.EventType(raw[4])) {
				want = append(want, pos.Offset)
			}
			return raw, pos, err
		})
		some := open(t, name)
		got, err := positions(func() ([]byte, decoder.Position, error) { return some.NextOf(isWanted) })
		if len(got) != len(want) || (err == io.EOF) != (wantErr == io.EOF) {
			t.Fatalf("got %d, %v; want %d, %v", got, err, want, wantErr)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("got %d, want %d", got, want)
			}
		}
	})
}

func open(t *testing.T, name string) *logfile.File {
	t.Helper()
	f, err := logfile.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
