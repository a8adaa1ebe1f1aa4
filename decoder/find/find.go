// Package find finds transactions in logs. In go log files in order and what is known about the transaction: a position
// inside it, its GTID, a time, a text in its statements, or where one of its events ends in the source's log. Out comes the
// whole transaction, from its first event to its last, even if it is split over files. It reads as little as it can: a
// position leads straight to the transaction; for a GTID or a time, the first events of the logs show which log can hold it.
// It also says whose log it is (Origin). It decodes no rows.
package find

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/gtid"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
)

// The reasons why a transaction is not found.
var (
	ErrNotFound   = walk.ErrNotFound // the logs do not hold what was asked for
	ErrOtherRelay = ErrNotFound.Kind("not in these relay logs")
	ErrNoGTIDs    = ErrNotFound.Kind("logs without GTIDs")
	ErrEarlier    = ErrNotFound.Kind("logged before the first log")
	ErrLater      = ErrNotFound.Kind("logged after the last log")
	ErrOtherLog   = ErrNotFound.Kind("in a log that is not given")

	ErrUnfinished = decoder.ErrTruncated.Kind("an unfinished transaction") // the logs end inside it
)

// At returns the transaction that holds the event at pos or, when pos is between transactions, the next one. Its end is zero
// when the logs end first.
func At(l walk.Logs, pos decoder.Position) (txn.Transaction, error) {
	w, err := l.From(pos)
	if err != nil {
		return txn.Transaction{}, err
	}
	defer w.Close()
	return firstEndingAfter(w, l, pos)
}

// BySourceEnd returns the first transaction at or after from with an event that ends at the given end_log_pos of the
// source's log; sourceFile "" stands for any file.
func BySourceEnd(l walk.Logs, sourceFile string, end uint32, from decoder.Position) (txn.Transaction, error) {
	t, err := firstFrom(l, from, func(t txn.Transaction) bool { return HoldsSourceEnd(t, sourceFile, end) })
	if errors.Is(err, ErrNotFound) {
		err = &fault.Error{Reason: ErrOtherRelay, What: fmt.Sprintf("no transaction that holds end_log_pos %d of %s in these logs", end, sourceFile)}
	}
	return t, err
}

// HoldsSourceEnd reports whether an event of the transaction can end at the given end_log_pos of the source's log. Positions
// wrap at 4 GiB, so only differences count.
func HoldsSourceEnd(t txn.Transaction, sourceFile string, end uint32) bool {
	return fromSource(t, sourceFile) && end-t.SourceStart-1 < t.SourceEnd-t.SourceStart
}

// BeginsAtSource reports whether the transaction begins at the given position of the source's log.
func BeginsAtSource(t txn.Transaction, sourceFile string, start uint32) bool {
	return fromSource(t, sourceFile) && t.SourceStart == start
}

// After returns the first transaction that a MariaDB position does not include.
func After(l walk.Logs, position gtid.List) (txn.Transaction, error) {
	t, err := firstFrom(l, decoder.Position{}, func(t txn.Transaction) bool { return IsAfter(t, position) })
	if errors.Is(err, ErrNotFound) {
		err = &fault.Error{Reason: ErrOtherRelay, What: fmt.Sprintf("no transaction after %s in these logs", position)}
	}
	return t, err
}

// IsAfter reports whether a transaction's GTID is after the one of its domain in a MariaDB position. It is false for a domain
// that the position does not have.
func IsAfter(t txn.Transaction, position gtid.List) bool {
	for _, last := range position {
		if t.GTID.Flavor == gtid.MariaDB && last.Domain == t.GTID.Domain {
			return t.GTID.Seq > last.Seq
		}
	}
	return false
}

// BySourceStart returns the first transaction at or after from that begins at the given position of the source's log;
// sourceFile "" stands for any file.
func BySourceStart(l walk.Logs, sourceFile string, start uint32, from decoder.Position) (txn.Transaction, error) {
	t, err := firstFrom(l, from, func(t txn.Transaction) bool { return BeginsAtSource(t, sourceFile, start) })
	if errors.Is(err, ErrNotFound) {
		err = &fault.Error{Reason: ErrOtherRelay, What: fmt.Sprintf("no transaction that begins at position %d of %s in these logs", start, sourceFile)}
	}
	return t, err
}

// fromSource reports whether the transaction can come from the named file of the source.
func fromSource(t txn.Transaction, sourceFile string) bool {
	return sourceFile == "" || t.SourceFile == "" || decoder.LogName(t.SourceFile) == decoder.LogName(sourceFile)
}

// firstFrom returns the first complete wanted transaction at or after from.
func firstFrom(l walk.Logs, from decoder.Position, wanted func(txn.Transaction) bool) (txn.Transaction, error) {
	w, err := l.From(from)
	if err != nil {
		return txn.Transaction{}, err
	}
	defer w.Close()
	return firstOf(w, wanted)
}

func firstOf(w *walk.Walk, wanted func(txn.Transaction) bool) (txn.Transaction, error) {
	w.KeepClosed()
	for {
		_, step, err := w.Next()
		if err == io.EOF {
			return unfinished(w, wanted)
		}
		if err != nil {
			return txn.Transaction{}, err
		}
		if step.Ends() && wanted(w.Transaction()) {
			return w.Transaction(), nil
		}
	}
}

// unfinished returns the transaction that the end of the logs cuts off, if it is the wanted one.
func unfinished(w *walk.Walk, wanted func(txn.Transaction) bool) (txn.Transaction, error) {
	if t := w.Transaction(); w.Open() && wanted(t) {
		return t, cutOff(&t)
	}
	return txn.Transaction{}, &fault.Error{Reason: ErrNotFound, What: "no such transaction in these logs"}
}

// cutOff is the error of a transaction whose end is missing.
func cutOff(t *txn.Transaction) error {
	return &fault.Error{Reason: ErrUnfinished, Pos: t.Start,
		What:  fmt.Sprintf("the transaction that begins here is not complete: the logs end at %s", t.End),
		Facts: fault.Facts{Name: filepath.Base(t.End.File)}}
}

// firstEndingAfter reads up to the end of the first transaction that ends after pos.
func firstEndingAfter(w *walk.Walk, l walk.Logs, pos decoder.Position) (txn.Transaction, error) {
	at := l.Index(pos.File)
	w.KeepClosed()
	for {
		_, step, err := w.Next()
		if err == io.EOF {
			return unfinished(w, func(txn.Transaction) bool { return true })
		}
		if err != nil {
			return txn.Transaction{}, err
		}
		if !step.Ends() {
			continue
		}
		t := w.Transaction()
		if i := l.Index(t.End.File); i > at || i == at && t.End.Offset > pos.Offset {
			return t, nil
		}
	}
}
