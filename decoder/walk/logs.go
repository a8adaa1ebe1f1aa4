package walk

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"binmend/decoder"
	"binmend/decoder/logfile"
)

// ErrNotFound is the kind of error when the logs do not hold what was asked for.
var ErrNotFound = errors.New("not found")

// NotFoundError says what was looked for and what is there instead.
type NotFoundError struct {
	What   string
	Advice string
}

func (e *NotFoundError) Error() string { return e.What }

// Hint says what to do.
func (e *NotFoundError) Hint() string { return e.Advice }

// Unwrap makes errors.Is(err, ErrNotFound) true.
func (e *NotFoundError) Unwrap() error { return ErrNotFound }

var errNoLog error = &NotFoundError{What: "no log given", Advice: "name the relay log or binary log"}

const (
	Stdin    = "-"                // the name that stands for standard input among Logs.Names
	StdinLog = "(standard input)" // its name in positions
)

// Logs are the logs to read, and how to open them.
type Logs struct {
	Names  []string // oldest first
	Opener logfile.Opener
	Input  io.Reader // what Stdin stands for; nil where it is not among the names
}

// Index is the place of the named file, which is given by its path as in Names or by the name that the server gave it.
func (l Logs) Index(name string) int {
	if i := slices.Index(l.Names, name); i >= 0 {
		return i
	}
	return slices.IndexFunc(l.Names, func(f string) bool { return decoder.LogName(f) == decoder.LogName(name) })
}

// Has reports whether the named file is among the logs, by its path or by its last element.
func (l Logs) Has(name string) bool { return l.Index(name) >= 0 }

// HasStdin reports whether standard input is among the logs: nothing in it can be read twice.
func (l Logs) HasStdin() bool { return slices.Contains(l.Names, Stdin) }

// From opens the logs at the transaction that holds the event at a position, or the next one when the position stands
// between transactions. The zero Position is the beginning of the first log, which must not begin inside a transaction.
func (l Logs) From(from decoder.Position) (*Walk, error) {
	if len(l.Names) == 0 {
		return nil, errNoLog
	}
	if from.File == "" {
		from.File = l.Names[0]
	}
	i := l.Index(from.File)
	if i < 0 {
		return nil, &NotFoundError{What: fmt.Sprintf("%s is not among the logs given", filepath.Base(from.File)),
			Advice: "name it as well; SHOW REPLICA STATUS calls it Relay_Log_File"}
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
