package progress

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMeter: how much was read shows on a terminal only, and goes away before anything else is written there.
func TestMeter(t *testing.T) {
	name := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(name, make([]byte, 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	var terminal bytes.Buffer
	m := NewMeter(&terminal)
	m.Expect([]string{name})
	read := func(n int64) { m.Show(name, n) }
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
	if _, err := io.WriteString(Before{&terminal, m.Hide}, "message"); err != nil {
		t.Fatal(err)
	}
	if before, _, _ := strings.Cut(terminal.String(), "message"); strings.Trim(before, " \r") != "" || before == "" {
		t.Errorf("before a message the terminal gets %q, want it cleared", before)
	}
	terminal.Reset()
	m.ExpectRows(2000)
	m.since = time.Now().Add(-time.Minute)
	m.ShowRows(500)
	if shown := terminal.String(); !strings.Contains(shown, "judging  25%") || strings.Contains(shown, "B/s") {
		t.Errorf("of rows it shows %q", shown)
	}
	m.End()
	terminal.Reset()
	read(900)
	if terminal.Len() > 0 {
		t.Errorf("after its end it shows %q", &terminal)
	}
}
