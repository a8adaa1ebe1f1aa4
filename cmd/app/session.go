package app

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/urfave/cli/v2"

	"binmend/cmd/terminal"
	"binmend/decoder/words"
	"binmend/emit/display"
	"binmend/emit/progress"
	"binmend/emit/tempdir"
)

// Streams are what a run reads and writes. SQL and other results go to Out, everything else to Err.
type Streams = terminal.Streams

// session is one run of the program.
type session struct {
	Streams
	ctx   context.Context // of the whole run: it ends on Ctrl-C
	out   *terminal.Output
	meter *progress.Meter

	temporary *tempdir.Folders

	args    []string // as they were given
	app     *cli.App
	command *cli.Command // nil when the arguments name none
	files   []string     // the arguments that are not flags
	gaps    int          // stretches of logs that --force skipped

	atEnd        []func() error // close what the run has opened
	endsByItself *atomic.Bool   // the command ends cleanly by itself when ctx does: wait for it
}

// sqlOut is where SQL goes. On a terminal, where nobody runs it, control characters are shown instead of obeyed.
func (r *session) sqlOut() io.Writer {
	if r.OutIsTerminal {
		return display.Terminal(r.out)
	}
	return r.out
}

// jsonOut is where JSON goes, see sqlOut.
func (r *session) jsonOut() io.Writer {
	if r.OutIsTerminal {
		return display.JSONTerminal(r.out)
	}
	return r.out
}

// lines shows each line at once. Each Write is one.
type lines struct{ r *session }

func (l *lines) Write(line []byte) (int, error) {
	n, err := l.r.jsonOut().Write(line)
	if err == nil {
		err = l.r.out.Flush()
	}
	return n, err
}

// announce prints a line at once.
func (r *session) announce(line string) {
	fmt.Fprintln(r.out, line)
	r.out.Flush() // its error stays, and is reported in the end
}

// note prints notes on standard error.
func (r *session) note(texts ...string) {
	for _, text := range texts {
		fmt.Fprintln(r.Err, "note: "+printable(text))
	}
}

// noteOn is a note that begins with the command's name.
func (r *session) noteOn(text string) {
	fmt.Fprintf(r.Err, "binmend: %s: note: %s\n", r.command.Name, printable(text))
}

// printable makes a text safe for a terminal: names and values in it come from logs and files.
func printable(s string) string { return display.Printable(s) }

// count is "1 row" or "2 rows".
func count(n int, what string) string { return words.Count(n, what) }
