package find

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/gtid"
	"binmend/decoder/logfile"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
)

// ByGTID returns the transaction with the given GTID at or after from; the zero Position is the beginning.
//
// In a series of numbered logs, the Previous_gtids or Gtid_list of O(log n) of them show which one holds the transaction, and
// only that one is read. Events before the transaction are skipped by the lengths in their headers: only GTID events and the
// file's prologue have their checksums verified. The transaction itself is verified whole. If this does not lead to the
// transaction, the log is read and verified whole: damage is reported, and "not in this log" is never said about unverified
// bytes.
func ByGTID(l walk.Logs, id gtid.GTID, from decoder.Position) (txn.Transaction, error) {
	if from.File != "" {
		return readFor(l, id, reach{from: from, last: len(l.Names) - 1})
	}
	var failed error = &fault.Error{Reason: walk.ErrNoLog, What: "no log given"}
	for i, series := range l.Series() {
		t, err := byGTID(series, id)
		if err == nil {
			return t, nil
		}
		if i == 0 || errors.Is(failed, ErrNotFound) {
			failed = err
		}
	}
	return txn.Transaction{}, failed
}

// byGTID looks in one series.
func byGTID(l walk.Logs, id gtid.GTID) (txn.Transaction, error) {
	place, told := placeOf(l, id)
	if !told {
		return readFor(l, id, reach{last: len(l.Names) - 1})
	}
	for _, i := range [...]int{place, place + 1, place - 1} { // the neighbours too: GTIDs may be out of order
		if i < 0 || i >= len(l.Names) {
			continue
		}
		if t, err := jumpToGTID(l, id, only(l, i)); err == nil {
			return withSource(l, t), nil
		}
	}
	if place < 0 {
		return txn.Transaction{}, &fault.Error{Reason: ErrEarlier, What: fmt.Sprintf("no transaction with GTID %s in these logs: it was logged before %s, the first of them",
			id, filepath.Base(l.Names[0]))}
	}
	t, err := readThrough(l, id, only(l, place))
	return withSource(l, t), err
}

// withSource completes a transaction that was read from the beginning of its file. A relay log need not name the source's log
// when it goes on with that of the relay log before it.
func withSource(l walk.Logs, t txn.Transaction) txn.Transaction {
	for i := l.Index(t.Start.File) - 1; i >= 0 && t.SourceFile == ""; i-- {
		t.SourceFile = sourceAtEnd(l, i)
	}
	return t
}

// SourceOf is the name of the source's log that a transaction comes from, "" when the logs do not say. If a relay log was not
// read from its beginning, the name stands before the transaction, or in the logs before.
func SourceOf(l walk.Logs, t txn.Transaction) string {
	if t.SourceFile != "" {
		return t.SourceFile
	}
	if i := l.Index(t.Start.File); i >= 0 {
		t.SourceFile = sourceBefore(l, i, t.Start.Offset)
	}
	return withSource(l, t).SourceFile
}

// sourceAtEnd is the source's log at the end of a relay log, "" when the relay log does not say.
func sourceAtEnd(l walk.Logs, i int) string { return sourceBefore(l, i, math.MaxInt64) }

// sourceBefore is the source's log at an offset of a relay log.
func sourceBefore(l walk.Logs, i int, offset int64) string {
	src := l.Opener.OpenFiles(l.Names[i])
	defer src.Close()
	src.Only(logfile.IsPrologue)
	var tracker txn.Tracker
	for e, err := range decoder.NewReader(src).All() {
		if err != nil {
			return ""
		}
		if e.Pos.Offset >= offset {
			break
		}
		if _, err := tracker.AddEvent(e); err != nil {
			return ""
		}
	}
	return tracker.SourceFile()
}

// reach is where the wanted transaction may begin: at or after from, and in no log after last.
type reach struct {
	from decoder.Position
	last int
}

// only is the reach of one log.
func only(l walk.Logs, i int) reach { return reach{decoder.Position{File: l.Names[i]}, i} }

func walkIn(l walk.Logs, r reach) (*walk.Walk, error) {
	w, err := l.From(r.from)
	if err == nil && r.last+1 < len(l.Names) {
		w.StopBefore(decoder.Position{File: l.Names[r.last+1]})
	}
	return w, err
}

// readFor jumps to a transaction or, if that fails, reads everything within reach.
func readFor(l walk.Logs, id gtid.GTID, r reach) (txn.Transaction, error) {
	if t, err := jumpToGTID(l, id, r); err == nil {
		return t, nil
	}
	return readThrough(l, id, r)
}

// readThrough reads and verifies everything within reach up to a transaction.
func readThrough(l walk.Logs, id gtid.GTID, r reach) (txn.Transaction, error) {
	w, err := walkIn(l, r)
	if err != nil {
		return txn.Transaction{}, err
	}
	defer w.Close()
	var seen holdings
	t, err := firstOf(w, func(t txn.Transaction) bool {
		seen.addGTID(t.GTID)
		return t.GTID == id
	})
	if errors.Is(err, ErrNotFound) {
		err = notFoundGTID(l, id, r, seen)
	}
	return t, err
}

// jumpToGTID reads only GTID events up to the wanted one, and then its transaction.
func jumpToGTID(l walk.Logs, id gtid.GTID, r reach) (txn.Transaction, error) {
	w, err := walkIn(l, r)
	if err != nil {
		return txn.Transaction{}, err
	}
	defer w.Close()
	w.KeepClosed()
	w.Only(announces)
	for {
		e, step, err := w.Next()
		if err != nil {
			return txn.Transaction{}, err
		}
		mine := w.GTID() == id
		switch {
		case mine && step.Ends():
			return w.Transaction(), nil
		case mine && e.IsGtid():
			w.Only(nil)
		case w.Past() && !mine:
			return txn.Transaction{}, ErrNotFound
		case e.IsGtid():
			w.Only(announces)
		}
	}
}

// announces reports whether an event of the type says which transaction follows, or how to read what follows.
func announces(t decoder.EventType) bool {
	switch t {
	case decoder.EventGtid, decoder.EventGtidTagged, decoder.EventAnonymousGtid, decoder.EventMariaGtid:
		return true
	}
	return logfile.IsPrologue(t)
}

// holdings are the GTIDs that logs hold.
type holdings struct {
	count       int
	first, last gtid.GTID
}

func (h *holdings) addGTID(id gtid.GTID) {
	if id.IsZero() {
		return
	}
	if h.count++; h.count == 1 {
		h.first = id
	}
	h.last = id
}

func notFoundGTID(l walk.Logs, id gtid.GTID, r reach, seen holdings) error {
	e := &fault.Error{Reason: ErrOtherLog, What: fmt.Sprintf("no transaction with GTID %s in these logs", id)}
	if seen.count == 0 && (r.from.File == "" || len(l.Names) == 1) {
		e.Reason, e.What = ErrNoGTIDs, e.What+", which have no GTIDs at all"
		return e
	}
	holders := "they hold"
	if len(l.Names) > 1 && r.last == l.Index(r.from.File) {
		holders = filepath.Base(r.from.File) + ", where it would be, holds"
	}
	e.What += fmt.Sprintf("; %s %d", holders, seen.count)
	if seen.count > 0 {
		e.What += fmt.Sprintf(", from %s to %s", seen.first, seen.last)
	}
	return e
}
