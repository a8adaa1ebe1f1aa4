package walk

import (
	"io"
	"path/filepath"
	"slices"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/logfile"
)

// The reasons why the logs can't be read from the requested place.
var (
	ErrNotFound     = fault.NewReason("not found") // the logs do not hold what was asked for
	ErrNoLog        = ErrNotFound.Kind("no log given")
	ErrNotGiven     = ErrNotFound.Kind("not among the logs given")
	ErrAfterEnd     = ErrNotFound.Kind("after the end of the file")
	ErrInside       = ErrNotFound.Kind("inside an event")
	ErrBeginsInside = ErrNotFound.Kind("the log begins inside a transaction")
)

var errNoLog = &fault.Error{Reason: ErrNoLog, What: "no log given"}

const (
	Stdin    = "-"                // the name that stands for standard input among Logs.Names
	StdinLog = "(standard input)" // its name in positions
)

// Logs are the logs to read, and how to open them.
type Logs struct {
	Names  []string // oldest first
	Opener logfile.Opener
	Input  io.Reader // what Stdin stands for; nil if it is not among the names
}

// Index is the index of the named file, given as the path in Names or as the server's name for it.
func (l Logs) Index(name string) int {
	if i := slices.Index(l.Names, name); i >= 0 {
		return i
	}
	return slices.IndexFunc(l.Names, func(f string) bool { return decoder.LogName(f) == decoder.LogName(name) })
}

// Has reports whether the named file is among the logs, by its path or by its last element.
func (l Logs) Has(name string) bool { return l.Index(name) >= 0 }

// HasStdin reports whether standard input, which can't be read twice, is among the logs.
func (l Logs) HasStdin() bool { return slices.Contains(l.Names, Stdin) }

// From opens the logs at the transaction that holds the event at a position or, if the position is between transactions, at the
// next one. The zero Position is the beginning of the first log, which must not begin inside a transaction.
func (l Logs) From(from decoder.Position) (*Walk, error) {
	if len(l.Names) == 0 {
		return nil, errNoLog
	}
	if from.File == "" {
		from.File = l.Names[0]
	}
	i := l.Index(from.File)
	if i < 0 {
		return nil, &fault.Error{Reason: ErrNotGiven, What: filepath.Base(from.File) + " is not among the logs given"}
	}
	start, err := l.syncPoint(i, from.Offset)
	if err != nil {
		return nil, err
	}
	return l.walk(start), nil
}

// walk reads from an event where a transaction begins, or the prologue.
func (l Logs) walk(start decoder.Position) *Walk {
	w := newWalk(l.Opener.OpenFilesAt(start.Offset, l.Names[l.Index(start.File):]...))
	w.from, w.begun = start, false
	return w
}
