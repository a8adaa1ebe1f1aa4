package decoder

import (
	"errors"
	"fmt"
	"strings"
)

// The kinds of errors that a log gives, for errors.Is.
var (
	ErrNotALog     = errors.New("not a binary log")
	ErrTruncated   = errors.New("truncated")    // the file ends inside an event
	ErrCorrupt     = errors.New("corrupt")      // bytes that no server writes
	ErrChecksum    = errors.New("bad checksum") // also ErrCorrupt
	ErrUnsupported = errors.New("unsupported")  // a format that this decoder does not read
	ErrEncrypted   = errors.New("encrypted")    // also ErrUnsupported
	ErrTooLarge    = errors.New("too large")    // compressed, and larger than is believed
	ErrNoTableMap  = errors.New("no table map")
)

// Error says what is wrong with a log and where.
type Error struct {
	Kind   error // one of the kinds above
	Pos    Position
	Type   EventType // of the event; EventUnknown when the trouble is not inside one
	What   string    // what was expected and what was found
	Advice string    // what to do; may be empty
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: offset %d: ", e.Pos.File, e.Pos.Offset)
	if e.Type != EventUnknown {
		fmt.Fprintf(&b, "%s event: ", e.Type)
	}
	b.WriteString(e.What)
	return b.String()
}

// Hint says what to do.
func (e *Error) Hint() string { return e.Advice }

func (e *Error) Unwrap() []error {
	switch e.Kind {
	case ErrChecksum:
		return []error{ErrChecksum, ErrCorrupt}
	case ErrEncrypted:
		return []error{ErrEncrypted, ErrUnsupported}
	}
	return []error{e.Kind}
}

// IsDamage says whether bytes are missing or not what a server wrote, so that reading may go on behind them.
func (e *Error) IsDamage() bool {
	return e.Kind == ErrCorrupt || e.Kind == ErrChecksum || e.Kind == ErrTruncated
}

// fail makes the error of an event whose body is not as it should be.
func (e *Event) fail(kind error, format string, args ...any) error {
	return &Error{Kind: kind, Pos: e.Pos, Type: e.Type, What: fmt.Sprintf(format, args...), Advice: e.hint(kind)}
}

// hint is what can be done about an error of a kind, where the kind alone tells.
func (e *Event) hint(kind error) string {
	switch kind {
	case ErrCorrupt, ErrChecksum:
		return fmt.Sprintf("the file is damaged here: copy it again, or read what is before with --stop-position=%d", e.Pos.Offset)
	case ErrUnsupported:
		return "read this file with the log reader of the server that wrote it"
	}
	return ""
}

func (e *Event) corrupt(err error) error {
	if err == nil {
		return nil
	}
	return e.fail(ErrCorrupt, "%v", err)
}
