package app

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"binmend/decoder/words"
	"binmend/emit/display"
	"binmend/schema/rowmeta"
)

// The exit codes. Scripts rely on them: they never change their meaning.
const (
	exitDone        = 0   // done
	exitFindings    = 1   // done, with findings: a refusal, damage, nothing to repair
	exitFailed      = 2   // failed; what was printed is incomplete
	exitUsage       = 64  // the command line is wrong
	exitInterrupted = 130 // Ctrl-C
)

// exitCode classifies what a command returned.
func exitCode(err error) int {
	var usage *usageError
	var found finding
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &found):
		return exitFindings
	default:
		return exitFailed
	}
}

// usageError: the command line is wrong.
type usageError struct {
	text string
	hint string // may be empty
}

func (e *usageError) Error() string { return e.text }
func (e *usageError) Hint() string  { return e.hint }

// finding marks an error that is an answer: the command did what it was asked and this is what it found.
type finding struct{ error }

func (f finding) Unwrap() error { return f.error }

// errReported ends a command whose findings are in its output already.
var errReported = finding{errors.New("")}

// complain prints an error as one line, its hint as a second one and, when the command line was wrong, how it is right.
func (r *session) complain(err error) {
	switch {
	case err == nil, err == error(errReported), errors.Is(err, syscall.EPIPE):
		return
	case errors.Is(err, context.Canceled):
		err = errors.New("interrupted")
	}
	where := "binmend: "
	if r.command != nil {
		where += r.command.Name + ": "
	}
	fmt.Fprintln(r.Err, where+printable(err.Error()))
	if hint := hintOf(err); hint != "" {
		fmt.Fprintln(r.Err, "hint: "+printable(hint))
	}
	var usage *usageError
	if errors.As(err, &usage) {
		r.explainUsage()
	}
}

// hintOf is what an error advises to do.
func hintOf(err error) string {
	var hinted interface{ Hint() string }
	switch {
	case errors.As(err, &hinted):
		return hinted.Hint()
	case errors.Is(err, rowmeta.ErrNoNames):
		return schemaHint
	}
	return adviceOn(err)
}

// printable makes a text safe for a terminal: names and values in it come from logs and files.
func printable(s string) string { return display.Printable(s) }

// count is "1 row" or "2 rows".
func count(n int, what string) string { return words.Count(n, what) }

// clock is a time in seconds since 1970, as listings have it.
func clock(seconds uint32) string { return words.Clock(int64(seconds)) }
