package app

import (
	"bufio"
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

// output buffers Out. Its first write error stays: a reader that went away is noticed at the end at the latest.
type output struct {
	*bufio.Writer
}

func newOutput(w io.Writer) *output { return &output{bufio.NewWriterSize(w, 64<<10)} }

// session is one run of the program.
type session struct {
	Streams
	ctx   context.Context // a run is what it belongs to: it ends with Ctrl-C, whatever the command does
	out   *output
	meter *progress.Meter

	temporary *tempdir.Folders

	app     *cli.App
	command *cli.Command // nil when the arguments name none
	files   []string     // the arguments that are no flags
	gaps    int          // stretches of logs that --force passed over

	endsByItself *atomic.Bool // the command ends in order when ctx does: it is waited for
}

// sqlOut is where SQL goes: on a terminal, where nobody runs it, with what a terminal would obey shown.
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

// announce prints a line at once.
func (r *session) announce(line string) {
	fmt.Fprintln(r.out, line)
	r.out.Flush() // its error stays, and is reported in the end
}

// note says on standard error what a reader of the output has to know.
func (r *session) note(text string) { fmt.Fprintln(r.Err, "note: "+printable(text)) }

// noteOn is a note that begins with the command's name.
func (r *session) noteOn(text string) {
	fmt.Fprintf(r.Err, "binmend: %s: note: %s\n", r.command.Name, printable(text))
}

// printable makes a text safe for a terminal: names and values in it come from logs and files.
func printable(s string) string { return display.Printable(s) }

// count is "1 row" or "2 rows".
func count(n int, what string) string { return words.Count(n, what) }
