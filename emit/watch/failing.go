package watch

import (
	"fmt"

	"binmend/schema/replica"
)

// failing identifies the error that stopped a channel's thread: a different value is a different error. It leaves out the message, in
// which a receiver counts its attempts.
type failing struct {
	thread replica.Thread
	errno  int
	place  string // the GTID of the failing transaction, or file:position of it or of its failing event on the source
}

// failingOf says what has stopped a channel. A receiver that retries, and an applier whose workers are still running, have not
// stopped.
func failingOf(s *replica.Status) (e failing, message string, stopped bool) {
	f, err := s.Failure()
	if err != nil {
		return e, "", false
	}
	running := s.SQLRunning
	if f.Thread == replica.Receiver {
		running = s.IORunning
	}
	e = failing{thread: f.Thread, errno: f.Number, place: placeOf(s, f)}
	return e, f.Message, running == "No"
}

// placeOf is the most exact name that the status has for where it failed. Its text is the server's.
func placeOf(s *replica.Status, f *replica.Failure) string {
	at := f.Exec
	switch {
	case !f.GTID.IsZero():
		return f.GTID.String()
	case f.Thread == replica.Receiver:
		at = s.Read
	case f.Event.File != "" && f.Event.Pos != 0:
		at = f.Event
	}
	return fmt.Sprintf("%s:%d", at.File, at.Pos)
}
