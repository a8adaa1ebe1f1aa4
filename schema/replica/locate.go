package replica

import (
	"errors"

	"binmend/decoder"
	"binmend/decoder/find"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
)

// Locate finds the failing transaction in the replica's relay logs, or in the source's binary logs. Logs older than the
// failure need not be among them, unless the transaction begins there.
func (f *Failure) Locate(logs walk.Logs) (txn.Transaction, error) {
	from := decoder.Position{}
	if f.Relay.File != "" && logs.Has(f.Relay.File) {
		from = decoder.Position{File: f.Relay.File, Offset: int64(f.Relay.Pos)}
	}
	t, err := f.locateFrom(logs, from)
	if errors.Is(err, find.ErrNotFound) && from.File != "" {
		return f.locateFrom(logs, decoder.Position{})
	}
	return t, err
}

func (f *Failure) locateFrom(logs walk.Logs, from decoder.Position) (txn.Transaction, error) {
	switch {
	case !f.GTID.IsZero():
		return find.ByGTID(logs, f.GTID, from)
	case f.Event.Pos != 0:
		return find.BySourceEnd(logs, f.Event.File, uint32(f.Event.Pos), from)
	case len(f.Applied) > 0:
		// From the beginning: what Relay names may lie behind it.
		t, err := find.Behind(logs, f.Applied)
		if !errors.Is(err, find.ErrNotFound) {
			return t, err
		}
	}
	switch {
	case f.Exec.Pos != 0:
		return find.BySourceStart(logs, f.Exec.File, uint32(f.Exec.Pos), from)
	}
	return find.At(logs, from)
}

// Is says whether a transaction of the source's log is the failing one; of several that begin at or behind Exec, the first
// that is.
func (f *Failure) Is(t txn.Transaction) bool {
	switch {
	case !f.GTID.IsZero():
		return t.GTID == f.GTID
	case f.Event.Pos != 0:
		return find.HoldsSourceEnd(t, f.Event.File, uint32(f.Event.Pos))
	case len(f.Applied) > 0:
		return find.IsBehind(t, f.Applied)
	case f.Exec.Pos != 0:
		return find.BeginsAtSource(t, f.Exec.File, uint32(f.Exec.Pos))
	}
	return true
}
