package pull

import (
	"errors"
	"syscall"

	"binmend/decoder/fault"
	"binmend/decoder/remote"
)

// The reasons why the folder and the source do not fit together, or the folder can't be used.
var (
	ErrTaken        = fault.NewReason("another process pulls into the folder")
	ErrOtherLog     = fault.NewReason("the folder has another log of this name")
	ErrCompressed   = fault.NewReason("the last log is compressed")
	ErrOtherStem    = fault.NewReason("the folder has another source's logs")
	ErrNothing      = fault.NewReason("the source has nothing after these GTIDs")
	ErrInside       = fault.NewReason("the position is inside an event")
	ErrAfterEnd     = fault.NewReason("the position is after the end of the log")
	ErrFormat       = fault.NewReason("a format description larger than any server writes")
	ErrBadChecksum  = fault.NewReason("the source's log is damaged")
	ErrOtherHistory = fault.NewReason("the source's log is not the folder's")
	ErrDiskFull     = fault.NewReason("the disk is full")
)

// passes reports whether an error may go away: the source is unreachable, or the disk is full.
func passes(err error) bool {
	if errors.Is(err, remote.ErrSource) {
		return !errors.Is(err, remote.ErrRefused) && !errors.Is(err, remote.ErrBroken)
	}
	return isFull(err)
}

func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

// explainWrite gives the error of a write its reason.
func explainWrite(err error) error {
	if err == nil || !isFull(err) || errors.Is(err, ErrDiskFull) {
		return err
	}
	return &fault.Error{Reason: ErrDiskFull, What: "the folder's disk is full", Err: err}
}
