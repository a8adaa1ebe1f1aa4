package pull

import (
	"errors"
	"syscall"

	"binmend/decoder/remote"
)

// Error: the folder and the source do not fit together, or the folder can't be used.
type Error struct {
	What   string
	Err    error // may be nil
	Advice string
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.What
	}
	return e.What + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *Error) Hint() string { return e.Advice }

// passes says whether an error may be gone after a while: the source is away, or the disk is full.
func passes(err error) bool {
	var source *remote.Error
	if errors.As(err, &source) {
		return !source.Lasts && !source.Broken
	}
	return isFull(err)
}

func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

// explainWrite adds what to do to the error of a write.
func explainWrite(err error) error {
	var explained *Error
	if err == nil || !isFull(err) || errors.As(err, &explained) {
		return err
	}
	return &Error{What: "the folder's disk is full", Err: err,
		Advice: "make room and run it again: it goes on where it stopped, and nothing that was acknowledged is lost"}
}
