package app

import (
	"fmt"
	"io"
	"os"

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
