package app

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"binmend/decoder/logfile"
)

// TestMeter: how much was read shows on a terminal only, and goes away before anything else is written there.
func TestMeter(t *testing.T) {
	name := filepath.Join(t.TempDir(), "log")
	save(t, name, make([]byte, 1000))
	var terminal bytes.Buffer
	m := &meter{out: &terminal}
	s := &session{ctx: t.Context(), meter: m}
	o := s.watched(logfile.Opener{}, []string{name})
	read := func(n int64) {
		t.Helper()
		if err := o.Reading(name, n); err != nil {
			t.Fatal(err)
		}
	}
	read(100)
	if terminal.Len() > 0 {
		t.Errorf("a command that has only begun shows %q", &terminal)
	}
	m.since = time.Now().Add(-time.Minute)
	read(500)
	if shown := terminal.String(); !strings.Contains(shown, "reading  50%") || !strings.Contains(shown, "B/s") {
		t.Errorf("shows %q", shown)
	}
	terminal.Reset()
	if _, err := io.WriteString(behind{&terminal, m.hide}, "message"); err != nil {
		t.Fatal(err)
	}
	if before, _, _ := strings.Cut(terminal.String(), "message"); strings.Trim(before, " \r") != "" || before == "" {
		t.Errorf("before a message the terminal gets %q, want it cleared", before)
	}
	m.end()
	terminal.Reset()
	read(900)
	if terminal.Len() > 0 {
		t.Errorf("behind its end it shows %q", &terminal)
	}
}

// TestNoTerminal: where standard error is no terminal, nothing is measured.
func TestNoTerminal(t *testing.T) {
	log := filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed", "relay.000002")
	var out, messages bytes.Buffer
	if code := run(t.Context(), []string{"check", log}, Streams{Out: &out, Err: &messages, Getenv: os.Getenv}); code != exitDone || messages.Len() > 0 {
		t.Errorf("exit code %d, messages %q", code, &messages)
	}
}
