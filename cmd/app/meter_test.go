package app

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestNoTerminal: where standard error is no terminal, nothing is measured.
func TestNoTerminal(t *testing.T) {
	log := filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed", "relay.000002")
	var out, messages bytes.Buffer
	if code := run(t.Context(), []string{"check", log}, Streams{Out: &out, Err: &messages, Getenv: os.Getenv}); code != exitDone || messages.Len() > 0 {
		t.Errorf("exit code %d, messages %q", code, &messages)
	}
}
