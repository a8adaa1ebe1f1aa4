package app

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"binmend/decoder"
	"binmend/decoder/find"
	"binmend/decoder/logfile"
	"binmend/decoder/txn"
	"binmend/schema/dump"
)

// standardInput is the name that stands for it on the command line.
const standardInput = "-"

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

// logRange is a run of events: from an offset of the first log to an offset, not included, of the last one.
type logRange struct {
	logs        find.Logs
	start, stop int64 // 0 for the beginning and the end
	force       bool  // go on behind damage
}

// rangeOf is the range that the flags name in the logs of the command line.
func (r *session) rangeOf(c *cli.Context) (logRange, error) {
	lr := logRange{logs: find.Logs{Names: c.Args().Slice()}, start: c.Int64("start-position"), stop: c.Int64("stop-position"),
		force: c.Bool("force")}
	switch {
	case len(lr.logs.Names) == 0:
		return lr, &usageError{text: "no log given", hint: "name the relay logs or binary logs, oldest first"}
	case lr.start < 0 || lr.stop < 0:
		return lr, &usageError{text: "a position is never negative"}
	case len(lr.logs.Names) == 1 && lr.stop != 0 && lr.stop <= lr.start:
		return lr, &usageError{text: fmt.Sprintf("--stop-position=%d is not behind --start-position=%d", lr.stop, lr.start)}
	}
	opener, err := openerOf(c)
	if err != nil {
		return lr, err
	}
	if lr.logs.Names, err = logfile.List(lr.logs.Names...); err == nil {
		lr.logs.Opener = r.watched(opener, lr.logs.Names)
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

// first and last are the names of the first and the last log as positions have them.
func (r *logRange) first() string { return nameInPositions(r.logs.Names[0]) }
func (r *logRange) last() string  { return nameInPositions(r.logs.Names[len(r.logs.Names)-1]) }

// standardInputLog is the name of the log that standard input holds.
const standardInputLog = "(standard input)"

func nameInPositions(argument string) string {
	if argument == standardInput {
		return standardInputLog
	}
	return argument
}

// behind says whether an event begins at or behind the end of the range.
func (r *logRange) behind(pos decoder.Position) bool {
	return r.stop != 0 && pos.File == r.last() && pos.Offset >= r.stop
}

// endsBefore says whether err is of damage behind the end of the range, where nothing is read.
func (r *logRange) endsBefore(err error) bool {
	var log *decoder.Error
	return errors.As(err, &log) && r.behind(log.Pos)
}

// before says whether an event begins before the range.
func (r *logRange) before(pos decoder.Position) bool {
	return pos.File == r.first() && pos.Offset < r.start
}

// walker gives events with where each stands in its transaction.
type walker interface {
	Next() (*decoder.Event, txn.Step, error)
	Transaction() txn.Transaction
	SetCompleter(decoder.Completer)
	Resync(damage decoder.Position) (offset int64, err error)
	Close() error
}

// walk opens the range. With a start position the events may begin earlier: with the transaction that the first one is
// in. From a beginning a log is read as it is: a relay log may begin inside a transaction.
func (r *session) walk(lr logRange) (walker, error) {
	w, err := r.open(lr)
	if err == nil && lr.force {
		w = &forcedWalk{walker: w, session: r}
	}
	return w, err
}

func (r *session) open(lr logRange) (walker, error) {
	switch {
	case len(lr.logs.Names) == 1 && lr.logs.Names[0] == standardInput:
		src, err := lr.logs.Opener.NewReader(interruptible{r.ctx, r.In}, standardInputLog)
		if err != nil {
			return nil, err
		}
		return &stream{reader: decoder.NewReader(src), close: src.Close}, nil
	case lr.start == 0:
		src := lr.logs.Opener.OpenFiles(lr.logs.Names...)
		return &stream{reader: decoder.NewReader(src), close: src.Close}, nil
	}
	return lr.logs.WalkFrom(decoder.Position{File: lr.logs.Names[0], Offset: lr.start})
}

// stream walks logs from their beginning.
type stream struct {
	reader  *decoder.Reader
	tracker txn.Tracker
	close   func() error
}

func (s *stream) Next() (*decoder.Event, txn.Step, error) {
	e, err := s.reader.Next()
	if err != nil {
		return nil, txn.Outside, err
	}
	step, err := s.tracker.Add(e)
	return e, step, err
}

func (s *stream) SetCompleter(c decoder.Completer) { s.reader.SetCompleter(c) }

func (s *stream) Resync(damage decoder.Position) (offset int64, err error) {
	s.tracker.Lose()
	return s.reader.Resync(damage)
}

func (s *stream) Transaction() txn.Transaction { return s.tracker.Current() }
func (s *stream) Close() error                 { return s.close() }

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
