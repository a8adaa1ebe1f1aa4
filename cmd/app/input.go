package app

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"binmend/decoder/logfile"
	"binmend/decoder/walk"
	"binmend/schema/dump"
)

// standardInput is the name that stands for it on the command line.
const standardInput = walk.Stdin

// The flags that several commands share, under mysqlbinlog's names.

func positionFlags() []cli.Flag {
	return []cli.Flag{
		&cli.Int64Flag{Name: "start-position", Aliases: []string{"j"}, Base: 10, DefaultText: "beginning",
			Usage: "begin at offset `N` of the first log"},
		&cli.Int64Flag{Name: "stop-position", Base: 10, DefaultText: "end",
			Usage: "stop before offset `N` of the last log"},
	}
}

func schemaFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "schema",
		Usage: "table definitions: `FILE` of mysqldump --no-data"}
}

func colorFlag() cli.Flag {
	return &cli.StringFlag{Name: "color", Value: "auto", DefaultText: "auto", Usage: "colour the comments `WHEN`: auto, always or never"}
}

// rangeOf is the range that the flags name in the logs of the command line.
func (r *session) rangeOf(c *cli.Context) (walk.Range, error) {
	lr := walk.Range{Logs: walk.Logs{Names: c.Args().Slice(), Input: interruptible{r.ctx, r.In}},
		Start: c.Int64("start-position"), Stop: c.Int64("stop-position")}
	if c.Bool("force") {
		lr.Skipped = r.skipped
	}
	switch {
	case len(lr.Names) == 0:
		return lr, &usageError{text: "no log given", hint: "name the relay logs or binary logs, oldest first"}
	case lr.Start < 0 || lr.Stop < 0:
		return lr, &usageError{text: "a position is never negative"}
	case len(lr.Names) == 1 && lr.Stop != 0 && lr.Stop <= lr.Start:
		return lr, &usageError{text: fmt.Sprintf("--stop-position=%d is not behind --start-position=%d", lr.Stop, lr.Start)}
	}
	opener, err := openerOf(c)
	if err != nil {
		return lr, err
	}
	if lr.Names, err = logfile.List(lr.Names...); err == nil {
		lr.Opener = r.watched(opener, lr.Names)
	}
	return lr, err
}

// orderedRange is rangeOf with the logs sorted as their server wrote them, and a note for each that is missing between them.
func (r *session) orderedRange(c *cli.Context) (walk.Range, error) {
	lr, err := r.rangeOf(c)
	if err != nil {
		return lr, err
	}
	order, err := r.order(&lr)
	for _, b := range order.Breaks {
		fmt.Fprintf(r.Err, "binmend: %s: note: %s\n", r.command.Name, printable(b.String()))
	}
	return lr, err
}

// sortedRange is rangeOf with the logs sorted as their server wrote them.
func (r *session) sortedRange(c *cli.Context) (walk.Range, error) {
	lr, err := r.rangeOf(c)
	if err == nil {
		_, err = r.order(&lr)
	}
	return lr, err
}

// wholeRange is orderedRange for what has to be whole: a missing log is an error.
func (r *session) wholeRange(c *cli.Context) (walk.Range, error) {
	lr, err := r.rangeOf(c)
	if err != nil {
		return lr, err
	}
	order, err := r.order(&lr)
	if err == nil && len(order.Breaks) > 0 {
		err = order.Breaks[0].Err()
	}
	return lr, err
}

// order sorts the logs of a range and says so.
func (r *session) order(lr *walk.Range) (walk.Order, error) {
	order := lr.Order()
	if !order.Sorted {
		return order, nil
	}
	names := order.Logs.Names
	first, last := printable(filepath.Base(names[0])), printable(filepath.Base(names[len(names)-1]))
	if lr.Start != 0 || lr.Stop != 0 {
		return order, &usageError{text: "the logs are not in the order in which their server wrote them: which one has the position?",
			hint: fmt.Sprintf("name them oldest first: the first is %s, the last %s", first, last)}
	}
	fmt.Fprintf(r.Err, "binmend: %s: note: the logs are read in the order in which their server wrote them, not as given: the first is %s, the last %s\n",
		r.command.Name, first, last)
	lr.Logs = order.Logs
	return order, nil
}

// checkColor refuses a --color that is none.
func checkColor(c *cli.Context) error {
	switch when := c.String("color"); when {
	case "auto", "always", "never":
		return nil
	default:
		return &usageError{text: fmt.Sprintf("--color: expected auto, always or never, found %q", when)}
	}
}

// loadSchema reads the --schema files.
func (r *session) loadSchema(c *cli.Context) (*dump.Schema, error) {
	var paths []string
	for _, p := range c.StringSlice("schema") {
		if p == standardInput {
			return nil, &usageError{text: "--schema reads files only, not standard input"}
		}
		paths = append(paths, p)
	}
	return dump.LoadFiles(paths...)
}

// maxStatus bounds what is read as a pasted status.
const maxStatus = 8 << 20

// readStatus reads the text of a status from a file or, for "-", from standard input.
func (r *session) readStatus(name string) (string, error) {
	in := r.In
	if name != standardInput {
		f, err := os.Open(name)
		if err != nil {
			return "", err
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxStatus))
	return string(text), err
}
