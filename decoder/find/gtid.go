package find

import (
	"errors"
	"fmt"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/decoder/logfile"
	"binmend/decoder/txn"
)

// ByGTID returns the transaction with the given GTID at or behind from; the zero Position is the beginning.
//
// The events before it are passed over by the lengths in their headers, and of them only GTID events and what stands in a
// file's prologue have their checksums verified. Those of the transaction itself are all verified. Where this way does not
// lead to the transaction, the logs are read whole: damage before it is then told, and that it is not there is never said of
// bytes that were not verified.
func (l Logs) ByGTID(id gtid.GTID, from decoder.Position) (txn.Transaction, error) {
	if t, err := l.jumpToGTID(id, from); err == nil {
		return t, nil
	}
	seen := 0
	var first, last gtid.GTID
	t, err := l.first(from, func(t txn.Transaction) bool {
		if t.GTID != (gtid.GTID{}) {
			if seen++; seen == 1 {
				first = t.GTID
			}
			last = t.GTID
		}
		return t.GTID == id
	})
	if errors.Is(err, ErrNotFound) {
		err = notFoundGTID(id, seen, first, last)
	}
	return t, err
}

// jumpToGTID reads GTID events only, up to the one that is wanted, and then its transaction.
func (l Logs) jumpToGTID(id gtid.GTID, from decoder.Position) (txn.Transaction, error) {
	w, err := l.WalkFrom(from)
	if err != nil {
		return txn.Transaction{}, err
	}
	defer w.Close()
	w.closed = true
	w.src.Only(announces)
	for {
		e, step, err := w.Next()
		if err != nil {
			return txn.Transaction{}, err
		}
		mine := w.tracker.GTID() == id
		switch {
		case mine && step.Ends():
			return w.Transaction(), nil
		case mine && e.IsGtid():
			w.src.Only(nil)
		case e.IsGtid():
			w.src.Only(announces)
		}
	}
}

// announces says whether an event of the type tells which transaction follows, or how to read what follows.
func announces(t decoder.EventType) bool {
	switch t {
	case decoder.EventGtid, decoder.EventGtidTagged, decoder.EventAnonymousGtid, decoder.EventMariaGtid:
		return true
	}
	return logfile.IsPrologue(t)
}

func notFoundGTID(id gtid.GTID, seen int, first, last gtid.GTID) error {
	e := &NotFoundError{What: fmt.Sprintf("no transaction with GTID %s in these logs, which have no GTIDs at all", id),
		Hint: "give the transaction by --start-position"}
	if seen > 0 {
		e.What = fmt.Sprintf("no transaction with GTID %s in these logs; they hold %d, from %s to %s", id, seen, first, last)
		e.Hint = "give the log that holds it; SHOW BINARY LOGS and each log's Previous_gtids tell which"
	}
	return e
}
