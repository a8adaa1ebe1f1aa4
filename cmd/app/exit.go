package app

import (
	"context"
	"errors"

	"binmend/cmd/manual"
)

// The exit codes. Scripts rely on them: their meaning never changes.
const (
	exitDone        = 0
	exitFindings    = 1
	exitFailed      = 2
	exitUsage       = 64
	exitInterrupted = 130
)

// exitCodes is the one table of them.
var exitCodes = []manual.ExitCode{
	{Code: exitDone, Meaning: "done"},
	{Code: exitFindings, Meaning: "done, with findings: a refusal, damage, nothing to repair"},
	{Code: exitFailed, Meaning: "failed: what was printed is incomplete"},
	{Code: exitUsage, Meaning: "the command line is wrong"},
	{Code: exitInterrupted, Meaning: "interrupted, by Ctrl-C, SIGTERM or SIGHUP"},
}

// exitCode classifies what a command returned.
func exitCode(err error) int {
	var usage *usageError
	var found finding
	var exact exitWith
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &exact):
		return int(exact)
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

// exitWith ends a command with the exit code of another convention, such as Nagios's. Nothing more is printed.
type exitWith int

func (e exitWith) Error() string { return "" }

// usageError: the command line is wrong.
type usageError struct {
	text string
	hint string // may be empty
}

func (e *usageError) Error() string { return e.text }
func (e *usageError) Hint() string  { return e.hint }

// notFromStdin is the error when a command that reads its logs more than once is given standard input.
func notFromStdin(what string) error {
	return &usageError{text: what + ", so not from standard input", hint: "save it to a file first"}
}

// finding marks an error that is an answer: the command worked, and this is what it found.
type finding struct{ error }

func (f finding) Unwrap() error { return f.error }

// errReported ends a command whose output already has its findings.
var errReported = finding{errors.New("")}
