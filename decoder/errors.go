package decoder

import (
	"errors"
	"fmt"

	"binmend/decoder/fault"
)

// The reasons of errors that a log gives, for errors.Is.
var (
	ErrNotALog     = fault.NewReason("not a binary log")
	ErrTruncated   = fault.NewReason("truncated")   // the file ends inside an event
	ErrCorrupt     = fault.NewReason("corrupt")     // bytes that no server writes
	ErrUnsupported = fault.NewReason("unsupported") // a format that this decoder does not read
	ErrTooLarge    = fault.NewReason("too large")   // inflates beyond the size limit
	ErrNoTableMap  = fault.NewReason("no table map")

	ErrChecksum    = ErrCorrupt.Kind("bad checksum")
	ErrNoBeginning = ErrCorrupt.Kind("no format description")
	ErrPrecision   = ErrCorrupt.Kind("fraction digits unknown")

	ErrEncrypted = ErrUnsupported.Kind("encrypted")
	ErrNoRows    = ErrUnsupported.Kind("from before row events")
	ErrUnknown   = ErrUnsupported.Kind("an event of an unknown type")
	ErrUndefined = ErrUnsupported.Kind("rows that only the table's definition explains")
)

// IsDamage reports whether bytes are missing or are not what a server wrote. Reading may go on after them.
func IsDamage(err error) bool { return errors.Is(err, ErrCorrupt) || errors.Is(err, ErrTruncated) }

// fail makes the error of an event whose body is not as it should be.
func (e *Event) fail(reason *fault.Reason, format string, args ...any) error {
	return &fault.Error{Reason: reason, Pos: e.Pos, Event: e.Type.String(), What: fmt.Sprintf(format, args...)}
}

func (e *Event) corrupt(err error) error {
	if err == nil {
		return nil
	}
	return e.fail(ErrCorrupt, "%v", err)
}
