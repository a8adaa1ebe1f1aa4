package app

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// TestInterrupt: Ctrl-C ends a command that hangs in a read. What it has done is there, and a comment says why it ends.
func TestInterrupt(t *testing.T) {
	log, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed", "relay.000002"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		args string
		read int // bytes that come before the input hangs
		last string
	}{
		{"events -", 0, ""},
		{"events -", 1700, "# interrupted: the last whole transaction ends at (standard input):1587"},
		{"events --transactions -", 1700, "# interrupted: the last whole transaction ends at (standard input):1587"},
		{"events -", 200, "# interrupted: no transaction was read whole"},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		hangs := readerFunc(func([]byte) (int, error) { cancel(); select {} })
		var out, messages bytes.Buffer
		s := Streams{In: io.MultiReader(bytes.NewReader(log[:tc.read]), hangs), Out: &out, Err: &messages}
		if code := run(ctx, strings.Fields(tc.args), s); code != exitInterrupted {
			t.Errorf("%s: exit code %d, want %d", tc.args, code, exitInterrupted)
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if last := lines[len(lines)-1]; last != tc.last || messages.String() != "binmend: events: interrupted\n" {
			t.Errorf("%s of %d bytes: output ends %q, want %q; messages %q", tc.args, tc.read, last, tc.last, &messages)
		}
	}
}

// TestInterruptedCheck: after Ctrl-C, check reports what it has checked.
func TestInterruptedCheck(t *testing.T) {
	log, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed", "relay.000002"))
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "relay.000002")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		w, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return
		}
		defer w.Close()
		w.Write(log[:1587])
		for range 100 { // more than a pipe holds: the first of it is read when the last is written
			w.Write(log[1587:3701])
		}
		cancel()
		w.Write(log[1587:1600])
	}()
	var out, messages bytes.Buffer
	code := run(ctx, []string{"check", name}, Streams{Out: &out, Err: &messages})
	if code != exitInterrupted || !regexp.MustCompile(`interrupted: \d+ events and \d\d+ whole transactions, up to \d+, have been looked at`).MatchString(out.String()) {
		t.Errorf("exit code %d, output %q, messages %q", code, &out, &messages)
	}
}

// TestBrokenPipe: when the reader of the output has gone, as in `binmend events … | head`, there is nobody to tell, but
// the exit code says that the output is not whole.
func TestBrokenPipe(t *testing.T) {
	var messages bytes.Buffer
	s := Streams{In: strings.NewReader(""), Out: writerFunc(func([]byte) (int, error) { return 0, syscall.EPIPE }), Err: &messages}
	if code := run(t.Context(), []string{"help"}, s); code != exitFailed {
		t.Errorf("exit code %d, want %d", code, exitFailed)
	}
	if messages.Len() > 0 {
		t.Errorf("messages %q, want none", &messages)
	}
}

// TestFullDisk: any other error of the output is told.
func TestFullDisk(t *testing.T) {
	var messages bytes.Buffer
	s := Streams{In: strings.NewReader(""), Out: writerFunc(func([]byte) (int, error) { return 0, syscall.ENOSPC }), Err: &messages}
	if code := run(t.Context(), []string{"help"}, s); code != exitFailed || !strings.Contains(messages.String(), "no space left") {
		t.Errorf("exit code %d, messages %q", code, &messages)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
