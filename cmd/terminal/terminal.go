// Package terminal has what a run reads and writes: the process's streams, output that is buffered, and what the terminal can do
// (width, color, asking for a password). It knows no command and formats no output.
package terminal

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"
)

// Streams are what a run reads and writes. SQL and other results go to Out, everything else to Err.
type Streams struct {
	In            io.Reader
	Out, Err      io.Writer
	OutIsTerminal bool
	ErrIsTerminal bool
	OutWidth      int // of the terminal, in cells; 0 when Out is not a terminal or its width is unknown
	Getenv        func(string) string
	AskPassword   func(prompt string) (string, error) // from the terminal, whatever the streams are
	OptionFiles   []string                            // of the machine, read before the user's; they need not exist
}

// System are the process's own streams.
func System() Streams {
	widenPipe(os.Stdout)
	return Streams{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		OutIsTerminal: isTerminal(os.Stdout),
		ErrIsTerminal: isTerminal(os.Stderr),
		OutWidth:      widthOf(os.Stdout),
		Getenv:        os.Getenv,
		AskPassword:   askPassword,
		OptionFiles:   []string{"/etc/my.cnf", "/etc/mysql/my.cnf"},
	}
}

func isTerminal(f *os.File) bool { return isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()) }

// Interruptible wraps a reader that may hang, so that reading ends with the context.
func Interruptible(ctx context.Context, r io.Reader) io.Reader { return interruptible{ctx, r} }

// interruptible reads from a stream that may hang, until the context ends.
type interruptible struct {
	ctx context.Context // io.Reader has no other place for it
	r   io.Reader
}

func (i interruptible) Read(b []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	go func() {
		n, err := i.r.Read(b)
		done <- result{n, err}
	}()
	select {
	case read := <-done:
		return read.n, read.err
	case <-i.ctx.Done():
		return 0, i.ctx.Err()
	}
}

// widthOf is the width of a terminal in cells; 0 when the file is not one.
func widthOf(f *os.File) int {
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// askPassword reads a line from the terminal without showing it. The terminal is in raw mode meanwhile, so that Ctrl-C arrives
// as a character and the mode can be restored.
func askPassword(prompt string) (string, error) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return "", fmt.Errorf("no terminal to ask for a password on; ~/.my.cnf, a login path or MYSQL_PWD may hold it: %w", err)
	}
	defer tty.Close()
	state, err := term.MakeRaw(int(tty.Fd()))
	if err != nil {
		return "", err
	}
	defer term.Restore(int(tty.Fd()), state)
	password, err := term.NewTerminal(tty, "").ReadPassword(prompt)
	if err == io.EOF {
		fmt.Fprint(tty, "\r\n")
		err = context.Canceled
	}
	return password, err
}

// UseColor decides by --color, and with "auto" by the terminal and the environment (no-color.org, TERM).
func (s *Streams) UseColor(when string) bool {
	switch when {
	case "always":
		return true
	case "never":
		return false
	}
	return s.OutIsTerminal && s.Getenv("NO_COLOR") == "" && s.Getenv("TERM") != "dumb"
}
