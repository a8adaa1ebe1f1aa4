package app

import (
	"bufio"
	"io"
	"os"

	"github.com/mattn/go-isatty"
)

// Streams are what a run reads and writes. SQL and other results go to Out, everything else to Err.
type Streams struct {
	In            io.Reader
	Out, Err      io.Writer
	OutIsTerminal bool
	Getenv        func(string) string
}

// System are the process's own streams.
func System() Streams {
	return Streams{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		OutIsTerminal: isatty.IsTerminal(os.Stdout.Fd()) || isatty.IsCygwinTerminal(os.Stdout.Fd()),
		Getenv:        os.Getenv,
	}
}

// output buffers Out. Its first write error stays: a reader that went away is noticed at the end at the latest.
type output struct {
	*bufio.Writer
}

func newOutput(w io.Writer) *output { return &output{bufio.NewWriterSize(w, 64<<10)} }

// useColor decides by --color, and with "auto" by the terminal and the environment (no-color.org, TERM).
func (s *Streams) useColor(when string) bool {
	switch when {
	case "always":
		return true
	case "never":
		return false
	}
	return s.OutIsTerminal && s.Getenv("NO_COLOR") == "" && s.Getenv("TERM") != "dumb"
}
