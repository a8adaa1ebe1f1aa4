package app

import (
	"context"
	"errors"
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

// notFromStdin is the error of a command that reads its logs more than once.
func notFromStdin(what string) error {
	return &usageError{text: what + ", so not from standard input", hint: "save it to a file first"}
}

// finding marks an error that is an answer: the command did what it was asked and this is what it found.
type finding struct{ error }

func (f finding) Unwrap() error { return f.error }

// errReported ends a command whose findings are in its output already.
var errReported = finding{errors.New("")}
