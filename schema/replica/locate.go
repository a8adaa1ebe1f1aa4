package replica

import (
	"errors"
	"fmt"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/find"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
)

// Locate finds the failing transaction in the replica's relay logs, or in the source's binary logs. Logs older than the
// failure need not be among them, unless the transaction begins there. The reason is ErrNoPlace when the failure does not
// say which of the logs' transactions it is. Where the logs tell the name of the source's log, the failure has it afterwards.
func (f *Failure) Locate(logs walk.Logs) (txn.Transaction, error) {
	from := decoder.Position{}
	if f.Relay.File != "" && f.Relay.Pos != 0 && logs.Has(f.Relay.File) {
		from = decoder.Position{File: f.Relay.File, Offset: int64(f.Relay.Pos)}
	}
	t, err := f.locateFrom(logs, from)
	if errors.Is(err, find.ErrNotFound) && from.File != "" {
		from = decoder.Position{}
		t, err = f.locateFrom(logs, from)
	}
	if err != nil {
		return t, err
	}
	if err := f.checkOnly(logs, t, from); err != nil {
		return t, err
	}
	return t, f.takeSourceFile(logs, t)
}

func (f *Failure) locateFrom(logs walk.Logs, from decoder.Position) (txn.Transaction, error) {
	switch {
	case !f.GTID.IsZero():
		t, err := find.ByGTID(logs, f.GTID, from)
		if errors.Is(err, find.ErrNotFound) && f.Event.Pos != 0 {
			if assigned, ok := f.locateAnonymous(logs, from); ok {
				return assigned, nil
			}
		}
		return t, err
	case f.Event.Pos != 0:
		return find.BySourceEnd(logs, f.Event.File, uint32(f.Event.Pos), from)
	case len(f.Applied) > 0:
		// From the beginning: what Relay names may lie after it.
		t, err := find.After(logs, f.Applied)
		if !errors.Is(err, find.ErrNotFound) {
			return t, err
		}
	}
	switch {
	case f.Exec.Pos != 0:
		return find.BySourceStart(logs, f.Exec.File, uint32(f.Exec.Pos), from)
	case from.File == "":
		return txn.Transaction{}, noPlace(f.Relay)
	}
	return find.At(logs, from)
}

// locateAnonymous finds by its end a transaction without a GTID in the log, to which the replica has given one
// (ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS).
func (f *Failure) locateAnonymous(logs walk.Logs, from decoder.Position) (t txn.Transaction, ok bool) {
	t, err := find.BySourceEnd(logs, f.Event.File, uint32(f.Event.Pos), from)
	if err != nil || !t.GTID.IsZero() {
		return t, false
	}
	t.GTID = f.GTID
	return t, true
}

// checkOnly makes sure that a position which names no log of the source, and that nothing else bounds, fits one transaction
// only.
func (f *Failure) checkOnly(logs walk.Logs, t txn.Transaction, from decoder.Position) error {
	if !f.GTID.IsZero() || f.Event.Pos == 0 || f.Event.File != "" || from.File != "" || t.End.File == "" {
		return nil
	}
	_, err := find.BySourceEnd(logs, "", uint32(f.Event.Pos), t.End)
	switch {
	case err == nil:
		return &fault.Error{Reason: ErrNoPlace,
			What: fmt.Sprintf("which transaction? several have end_log_pos %d, and the status does not name the source's log", f.Event.Pos)}
	case errors.Is(err, find.ErrNotFound):
		return nil
	}
	return err
}

// takeSourceFile corrects the name of the source's log from the logs: in a paste it may be redacted or broken.
func (f *Failure) takeSourceFile(logs walk.Logs, t txn.Transaction) error {
	name := find.SourceOf(logs, t)
	if name == "" {
		if f.Event.File == "" && f.Event.Pos != 0 {
			f.Event.File = f.Exec.File
		}
		return nil
	}
	if f.Event.Pos != 0 && f.GTID.IsZero() && f.Event.File != "" && decoder.LogName(f.Event.File) != decoder.LogName(name) {
		return &fault.Error{Reason: find.ErrOtherRelay,
			What: "the transaction at this position is of the source's log " + quote(name) + ", the message names " + quote(f.Event.File)}
	}
	if f.Event.Pos != 0 && f.Event.File == "" {
		f.Event.File = name
	}
	return nil
}

// noPlace is the error of a status that does not say which transaction has failed; relay is the log that it names.
func noPlace(relay Place) error {
	if relay.File != "" {
		return &fault.Error{Reason: ErrRelayNotGiven,
			What: "which transaction? the status names only " + quote(relay.File) + ", which is not among the logs"}
	}
	return &fault.Error{Reason: ErrNoPlace, What: "which transaction? the status names no GTID, no end_log_pos and no position of a log"}
}

// Is reports whether a transaction of the source's log is the failing one; of several that begin at or after Exec, the first
// that is.
func (f *Failure) Is(t txn.Transaction) bool {
	switch {
	case !f.GTID.IsZero():
		return t.GTID == f.GTID
	case f.Event.Pos != 0:
		return find.HoldsSourceEnd(t, f.Event.File, uint32(f.Event.Pos))
	case len(f.Applied) > 0:
		return find.IsAfter(t, f.Applied)
	case f.Exec.Pos != 0:
		return find.BeginsAtSource(t, f.Exec.File, uint32(f.Exec.Pos))
	}
	return false
}
