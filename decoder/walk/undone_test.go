package walk

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder"
)

// TestUndone: rows that were taken back are known, whichever way that was. A log is written here as its statements, with "+" for
// a row event that stays and "-" for one that is taken back; "prepare" is an XA_prepare event.
func TestUndone(t *testing.T) {
	for _, tc := range []struct{ name, log string }{
		{"committed", "BEGIN; +; +; COMMIT"},
		{"rolled back", "BEGIN; -; -; ROLLBACK; BEGIN; +; COMMIT"},
		{"back to a savepoint", "BEGIN; +; SAVEPOINT `a`; -; SAVEPOINT `b c`; -; ROLLBACK TO `a`; +; COMMIT"},
		{"back to the second of two savepoints", "BEGIN; SAVEPOINT a; +; SAVEPOINT b; -; ROLLBACK TO SAVEPOINT B; +; COMMIT"},
		{"savepoints whose names end alike", "BEGIN; SAVEPOINT `a b`; -; SAVEPOINT `c b`; -; SAVEPOINT `d``b`; -; ROLLBACK TO `a b`; +; COMMIT"},
		{"back to the same savepoint twice", "BEGIN; SAVEPOINT a; -; ROLLBACK TO a; -; ROLLBACK TO a; +; COMMIT"},
		{"a savepoint in what is rolled back", "BEGIN; -; SAVEPOINT a; -; ROLLBACK TO a; -; ROLLBACK"},
		{"a savepoint of another transaction", "BEGIN; SAVEPOINT a; +; COMMIT; BEGIN; +; ROLLBACK TO a; COMMIT"},
		{"XA rolled back later", "XA START X'61',X'',1; -; XA END X'61',X'',1; prepare; BEGIN; +; COMMIT; XA ROLLBACK X'61',X'',1"},
		{"XA committed", "XA START X'61',X'',1; +; XA END X'61',X'',1; prepare; XA COMMIT X'61',X'',1"},
		{"XA of another name", "XA START X'61',X'',1; +; XA END X'61',X'',1; prepare; XA ROLLBACK X'62',X'',1"},
		{"an XA name that is used again", "XA START X'61',X'',1; -; XA END X'61',X'',1; prepare; XA ROLLBACK X'61',X'',1; " +
			"XA START X'61',X'',1; +; XA END X'61',X'',1; prepare; XA COMMIT X'61',X'',1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "relay.000001")
			writeLog(t, name, "1!")
			log, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			want := ""
			for step := range strings.SplitSeq(tc.log, "; ") {
				switch step {
				case "+", "-":
					want += step
					log = appendEvent(log, decoder.EventWriteRows, 0, make([]byte, 16))
				case "prepare":
					log = appendEvent(log, decoder.EventXAPrepare, 0, []byte{0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 'a'})
				default:
					log = appendEvent(log, decoder.EventQuery, 0, append(make([]byte, 14), step...))
				}
			}
			if err := os.WriteFile(name, log, 0o600); err != nil {
				t.Fatal(err)
			}
			if got := undoneOf(t, name); got != want {
				t.Errorf("%s\nfound %s, want %s", tc.log, got, want)
			}
		})
	}
}

// undoneOf is "-" for each row event of a log that was taken back, and "+" for the others.
func undoneOf(t *testing.T, name string) (got string) {
	t.Helper()
	r := Range{Logs: Logs{Names: []string{name}}}
	undone, err := r.Undone(func(*decoder.Event) {})
	if err != nil {
		t.Fatal(err)
	}
	w, err := r.Events()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for e, err := range w.All(t.Context()) {
		switch {
		case err != nil:
			t.Fatal(err)
		case !e.IsRows():
		case undone.Has(e):
			got += "-"
		default:
			got += "+"
		}
	}
	return got
}
