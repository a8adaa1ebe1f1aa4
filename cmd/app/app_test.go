package app

import (
	"bytes"
	"context"
	"strings"
	"syscall"
	"testing"
)

// TestInterrupt: Ctrl-C ends a command that hangs in a read.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var out, messages bytes.Buffer
	s := Streams{In: readerFunc(func([]byte) (int, error) { cancel(); select {} }), Out: &out, Err: &messages}
	if code := run(ctx, []string{"events", "-"}, s); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	if out.Len() > 0 || messages.String() != "binmend: events: interrupted\n" {
		t.Errorf("output %q, messages %q", &out, &messages)
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

// TestHelpFitsTerminal: no line of a help text is wider than a terminal at a data centre's console.
func TestHelpFitsTerminal(t *testing.T) {
	const columns = 100
	for _, command := range []string{"fix", "events", "schema", "watch", "version", "help"} {
		var out bytes.Buffer
		if code := run(t.Context(), []string{"help", command}, Streams{Out: &out, Err: &out}); code != exitDone {
			t.Errorf("help %s: exit code %d", command, code)
		}
		for line := range strings.Lines(out.String()) {
			if len(line) > columns+1 {
				t.Errorf("help %s has a line of %d characters: %s", command, len(line), line)
			}
		}
	}
}
