// Package find finds transactions in logs. In go log files in order and what is known of the transaction: a position
// inside it, its GTID, a time, a text in its statements, or where one of its events ends in the source's log. Out comes the
// whole transaction, from its first event to its last, also when it is split over files. It reads as little as it can: a
// position leads straight to the transaction, a GTID or a time to the one log that can hold it, by what logs say at their
// beginning. It also tells whose log it is (Origin). It decodes no rows.
package find

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/decoder/logfile"
	"binmend/decoder/txn"
)

// ErrNotFound is the kind of error when the logs do not hold what was asked for.
var ErrNotFound = errors.New("not found")

// NotFoundError says what was looked for and what is there instead.
type NotFoundError struct {
	What   string
	Advice string
}

func (e *NotFoundError) Error() string { return e.What }

// Hint says what to do.
func (e *NotFoundError) Hint() string { return e.Advice }

// Unwrap makes errors.Is(err, ErrNotFound) true.
func (e *NotFoundError) Unwrap() error { return ErrNotFound }

// Logs are the logs to look in, and how to open them.
type Logs struct {
	Names  []string // oldest first
	Opener logfile.Opener
}

// Index is the place of the named file, which is given by its path as in Names or by the name that the server gave it.
func (l Logs) Index(name string) int {
	if i := slices.Index(l.Names, name); i >= 0 {
		return i
	}
	return slices.IndexFunc(l.Names, func(f string) bool { return decoder.LogName(f) == decoder.LogName(name) })
}

// Has says whether the named file is among the logs, by its path or by its last element.
func (l Logs) Has(name string) bool { return l.Index(name) >= 0 }

// At returns the transaction that holds the event at pos; when pos stands between transactions, the next one. Its end
// is zero when the logs end first.
func (l Logs) At(pos decoder.Position) (txn.Transaction, error) {
	w, err := l.WalkFrom(pos)
	if err != nil {
		return txn.Transaction{}, err
	}
	defer w.Close()
	return w.firstEndingAfter(l, pos)
}

// BySourceEnd returns the first transaction at or behind from with an event that ends at the given end_log_pos of the
// source's log; sourceFile "" stands for any file.
func (l Logs) BySourceEnd(sourceFile string, end uint32, from decoder.Position) (txn.Transaction, error) {
	t, err := l.first(from, func(t txn.Transaction) bool { return HoldsSourceEnd(t, sourceFile, end) })
	if errors.Is(err, ErrNotFound) {
		err = &NotFoundError{What: fmt.Sprintf("no transaction that holds end_log_pos %d of %s in these logs", end, sourceFile),
			Advice: "give the relay log that Relay_Log_File names and those after it"}
	}
	return t, err
}

// HoldsSourceEnd says whether an event of the transaction can end at the given end_log_pos of the source's log. Positions
// wrap at 4 GiB, so only differences count.
func HoldsSourceEnd(t txn.Transaction, sourceFile string, end uint32) bool {
	return fromSource(t, sourceFile) && end-t.SourceStart-1 < t.SourceEnd-t.SourceStart
}

// BeginsAtSource says whether the transaction begins at the given position of the source's log.
func BeginsAtSource(t txn.Transaction, sourceFile string, start uint32) bool {
	return fromSource(t, sourceFile) && t.SourceStart == start
}

// Behind returns the first transaction that a MariaDB position does not include.
func (l Logs) Behind(position gtid.List) (txn.Transaction, error) {
	t, err := l.first(decoder.Position{}, func(t txn.Transaction) bool { return IsBehind(t, position) })
	if errors.Is(err, ErrNotFound) {
		err = &NotFoundError{What: fmt.Sprintf("no transaction behind %s in these logs", position),
			Advice: "give the relay log that Relay_Log_File names and those after it"}
	}
	return t, err
}

// IsBehind says whether a transaction's GTID is behind that of its domain in a MariaDB position. Of a domain that is not in
// it nothing is known.
func IsBehind(t txn.Transaction, position gtid.List) bool {
	for _, last := range position {
		if t.GTID.Flavour == gtid.MariaDB && last.Domain == t.GTID.Domain {
			return t.GTID.Seq > last.Seq
		}
	}
	return false
}

// BySourceStart returns the first transaction at or behind from that begins at the given position of the source's log;
// sourceFile "" stands for any file.
func (l Logs) BySourceStart(sourceFile string, start uint32, from decoder.Position) (txn.Transaction, error) {
	t, err := l.first(from, func(t txn.Transaction) bool { return BeginsAtSource(t, sourceFile, start) })
	if errors.Is(err, ErrNotFound) {
		err = &NotFoundError{What: fmt.Sprintf("no transaction that begins at position %d of %s in these logs", start, sourceFile),
			Advice: "give the relay log that Relay_Log_File names and those after it"}
	}
	return t, err
}

// fromSource says whether the transaction can come from the named file of the source.
func fromSource(t txn.Transaction, sourceFile string) bool {
	return sourceFile == "" || t.SourceFile == "" || decoder.LogName(t.SourceFile) == decoder.LogName(sourceFile)
}

// first returns the first complete transaction at or behind from that is wanted.
func (l Logs) first(from decoder.Position, wanted func(txn.Transaction) bool) (txn.Transaction, error) {
	w, err := l.WalkFrom(from)
	if err != nil {
		return txn.Transaction{}, err
	}
	defer w.Close()
	return w.first(wanted)
}

func (w *Walk) first(wanted func(txn.Transaction) bool) (txn.Transaction, error) {
	w.closed = true
	for {
		_, step, err := w.Next()
		if err == io.EOF {
			return w.unfinished(wanted)
		}
		if err != nil {
			return txn.Transaction{}, err
		}
		if step.Ends() && wanted(w.Transaction()) {
			return w.Transaction(), nil
		}
	}
}

// unfinished returns the transaction that the end of the logs cuts off, when it is the one that is wanted.
func (w *Walk) unfinished(wanted func(txn.Transaction) bool) (txn.Transaction, error) {
	if t := w.Transaction(); w.tracker.Open() && wanted(t) {
		return t, cutOff(&t)
	}
	return txn.Transaction{}, &NotFoundError{What: "no such transaction in these logs"}
}

// cutOff is the error of a transaction whose end is missing.
func cutOff(t *txn.Transaction) error {
	return &decoder.Error{Kind: decoder.ErrTruncated, Pos: t.Start,
		What:   fmt.Sprintf("the transaction that begins here is not complete: the logs end at %s", t.End),
		Advice: "give the log after " + filepath.Base(t.End.File) + " as well; when there is none, the source has not sent the rest yet"}
}

// Walk reads events from the beginning of a transaction on and follows the transactions.
type Walk struct {
	src     *logfile.Files
	reader  *decoder.Reader
	tracker txn.Tracker
	start   decoder.Position
	begun   bool
	closed  bool   // Transaction_payload events are not opened
	limit   string // the log in which no transaction may begin any more; "" for none
	past    bool   // limit is reached
}

// WalkFrom opens the logs at the transaction that holds the event at from, or the next one when from stands between
// transactions. The zero Position is the beginning of the first log.
func (l Logs) WalkFrom(from decoder.Position) (*Walk, error) {
	if len(l.Names) == 0 {
		return nil, &NotFoundError{What: "no log given", Advice: "name the relay log or binary log"}
	}
	if from.File == "" {
		from.File = l.Names[0]
	}
	i := l.Index(from.File)
	if i < 0 {
		return nil, &NotFoundError{What: fmt.Sprintf("%s is not among the logs given", filepath.Base(from.File)),
			Advice: "name it as well; SHOW REPLICA STATUS calls it Relay_Log_File"}
	}
	start, err := l.syncPoint(i, from.Offset)
	if err != nil {
		return nil, err
	}
	return l.walk(start), nil
}

// walk reads from an event where a transaction begins, or the prologue.
func (l Logs) walk(start decoder.Position) *Walk {
	names := l.Names[l.Index(start.File):]
	src := l.Opener.OpenFilesAt(start.Offset, names...)
	return &Walk{src: src, reader: decoder.NewReader(src), start: start}
}

// Next returns the next event and where it stands in its transaction; io.EOF ends. The event lives until the next call.
func (w *Walk) Next() (*decoder.Event, txn.Step, error) {
	for {
		e, err := w.reader.Next()
		if err != nil {
			return nil, txn.Outside, err
		}
		if w.past = w.past || w.limit != "" && e.Pos.File == w.limit; w.past && !w.tracker.Open() {
			return nil, txn.Outside, io.EOF
		}
		step, err := w.add(e)
		if err != nil {
			return nil, txn.Outside, err
		}
		if w.begun = w.begun || e.Pos.File != w.start.File || e.Pos.Offset >= w.start.Offset; w.begun {
			return e, step, nil
		}
	}
}

func (w *Walk) add(e *decoder.Event) (txn.Step, error) {
	if w.closed && e.Type == decoder.EventTransactionPayload {
		w.reader.SkipPayload()
		return w.tracker.AddClosed(e), nil
	}
	return w.tracker.Add(e)
}

// Transaction is the transaction of the event last returned.
func (w *Walk) Transaction() txn.Transaction { return w.tracker.Current() }

// SetCompleter makes the walk ask for what old table maps leave out. It has to come before the first Next.
func (w *Walk) SetCompleter(c decoder.Completer) { w.reader.SetCompleter(c) }

// Resync goes on behind damage that Next met, see decoder.Reader.
func (w *Walk) Resync(damage decoder.Position) (offset int64, err error) {
	w.tracker.Lose()
	return w.reader.Resync(damage)
}

// Close closes the log at hand.
func (w *Walk) Close() error { return w.src.Close() }

// firstEndingAfter reads up to the end of the first transaction that ends behind pos.
func (w *Walk) firstEndingAfter(l Logs, pos decoder.Position) (txn.Transaction, error) {
	at := l.Index(pos.File)
	w.closed = true
	for {
		_, step, err := w.Next()
		if err == io.EOF {
			return w.unfinished(func(txn.Transaction) bool { return true })
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
