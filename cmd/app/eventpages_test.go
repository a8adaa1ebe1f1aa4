package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pagesOfEvents is a log with many events, and some statements that are too large to be copied.
func pagesOfEvents(t *testing.T) []byte {
	random := rand.New(rand.NewPCG(3, 4))
	b := newLogBuilder(t, "mysql-9.7")
	for i := range 9000 {
		statement := fmt.Sprintf("UPDATE t SET a = %d", i)
		if random.IntN(1500) == 0 {
			statement += " /* " + strings.Repeat("long ", 60_000) + "*/"
		}
		b.transaction(event(queryEvent, true, query(statement)))
	}
	return b.Bytes()
}

// Events of a file are printed by another goroutine than the one that reads them, those of standard input by the same: both print the
// same, also up to damage.
func TestEventsInPages(t *testing.T) {
	whole := pagesOfEvents(t)
	damaged := bytes.Clone(whole)
	damaged[len(damaged)/2] ^= 1
	for _, log := range [][]byte{whole, damaged, damaged[:len(damaged)/3]} {
		name := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(name, log, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, flags := range [][]string{nil, {"--json"}, {"--force"}} {
			list := func(log string, in io.Reader) (string, int) {
				var out bytes.Buffer
				code := run(context.Background(), append(append([]string{"events"}, flags...), log), Streams{In: in, Out: &out, Err: io.Discard, Getenv: os.Getenv})
				return out.String(), code
			}
			want, wantCode := list("-", bytes.NewReader(log))
			got, code := list(name, nil)
			if got = strings.ReplaceAll(got, name, "(standard input)"); got != want || code != wantCode {
				t.Errorf("%v: exit code %d and %d bytes, want %d and the %d bytes of standard input", flags, code, len(got), wantCode, len(want))
			}
		}
	}
}

// After an error of the output nothing more is written, and the listing fails.
func TestEventsToFullDisk(t *testing.T) {
	name := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(name, pagesOfEvents(t), 0o600); err != nil {
		t.Fatal(err)
	}
	full, left, after := errors.New("no space left"), 300<<10, 0
	out := writerFunc(func(b []byte) (int, error) {
		if left -= len(b); left < 0 {
			after++
			return 0, full
		}
		return len(b), nil
	})
	var messages bytes.Buffer
	code := run(context.Background(), []string{"events", name}, Streams{Out: out, Err: &messages, Getenv: os.Getenv})
	if code != 2 || after != 1 || !strings.Contains(messages.String(), full.Error()) {
		t.Errorf("exit code %d, %d writes after the error, %q", code, after, &messages)
	}
}
