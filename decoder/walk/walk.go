// Package walk is the one way through a range of one or many logs. In go logs, and where to begin and to stop; out comes each
// event with its place in its transaction, up to the end of the range. A walk begins where a transaction begins (Logs.From),
// goes on after damage if asked to (Range.Skipped), and says what transaction an event belongs to (Walk.Transaction). Logs.Order
// puts logs into the order in which their server wrote them and names those that are missing. The package reads no rows and
// prints nothing.
package walk

import (
	"context"
	"errors"
	"io"
	"iter"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/gtid"
	"binmend/decoder/logfile"
	"binmend/decoder/txn"
)

// Walk reads events and follows the transactions that they belong to.
type Walk struct {
	src     source
	reader  *decoder.Reader
	tracker txn.Tracker
	step    txn.Step

	from    decoder.Position // events before it in its file are read only to know how to read what follows
	begun   bool             // from is reached
	exact   bool             // the range may end within a transaction
	skips   bool             // no transaction of the range has begun yet: for standard input, which can't be read backwards
	stop    decoder.Position // transactions that begin here or later are not in the range; no file: the end of the logs
	past    bool             // stop is reached
	closed  bool             // Transaction_payload events are not opened
	skipped func(Skip)       // called when the walk goes on after damage; nil: damage is an error
	edges   *edges           // of standard input; nil for files
}

// source is what a walk reads from.
type source interface {
	decoder.Source
	io.Closer
}

// Skip is a stretch of a log that a forced walk has skipped.
type Skip struct {
	Damage *fault.Error
	Next   int64 // offset at which reading goes on, or the end of the file
	Last   bool  // nothing more in the file can be read
}

// Next returns the next event of the range and its place in its transaction, io.EOF at the end. The event is valid until the next
// call.
func (w *Walk) Next() (*decoder.Event, txn.Step, error) {
	for {
		e, err := w.read()
		if w.edges != nil {
			err = w.checkEdges(e, err)
		}
		if err != nil {
			return nil, txn.Outside, err
		}
		w.past = w.past || w.isStop(e.Pos)
		if w.past && (w.exact || w.step.Begins() || w.step == txn.Outside && !w.tracker.Open()) {
			return nil, txn.Outside, io.EOF
		}
		if w.begun || w.begins(e) {
			return e, w.step, nil
		}
	}
}

// begins reports whether the range begins with the event, or has begun before it.
func (w *Walk) begins(e *decoder.Event) bool {
	w.begun = e.Pos.File != w.from.File || e.Pos.Offset >= w.from.Offset
	if w.skips && w.begun {
		w.begun = w.step.Begins()
	}
	return w.begun
}

func (w *Walk) isStop(pos decoder.Position) bool {
	return w.stop.File != "" && pos.File == w.stop.File && pos.Offset >= w.stop.Offset
}

// read reads one event; after damage, a forced walk reads the first event that follows. Damage after the end of the range does not
// matter.
func (w *Walk) read() (*decoder.Event, error) {
	for {
		e, err := w.reader.Next()
		if err == nil {
			w.step, err = w.track(e)
		}
		if err == nil || err == io.EOF {
			return e, err
		}
		var damage *fault.Error
		if !errors.As(err, &damage) {
			return nil, err
		}
		if w.isStop(damage.Pos) && (w.exact || !w.tracker.Open()) {
			return nil, io.EOF
		}
		if w.skipped == nil || !decoder.IsDamage(damage) {
			return nil, err
		}
		if failed := w.skip(damage); failed != nil {
			return nil, failed
		}
	}
}

// skip goes on after damage. Its error ends the walk; it is the damage itself if nothing proves what follows.
func (w *Walk) skip(damage *fault.Error) error {
	next, err := w.Resync(damage.Pos)
	switch {
	case errors.Is(err, decoder.ErrNoProof):
		return damage
	case err != nil && err != io.EOF:
		return err
	}
	w.skipped(Skip{Damage: damage, Next: next, Last: err == io.EOF})
	return nil
}

func (w *Walk) track(e *decoder.Event) (txn.Step, error) {
	if w.closed && e.Type == decoder.EventTransactionPayload {
		w.reader.SkipPayload()
		return w.tracker.AddClosed(e), nil
	}
	return w.tracker.AddEvent(e)
}

// All iterates over the events that Next returns, until the context ends: its error is then the last value. Step is the place of
// the current event.
func (w *Walk) All(ctx context.Context) iter.Seq2[*decoder.Event, error] {
	const asks = 64 // events between two looks at the context, which would take as long as a small event
	return func(yield func(*decoder.Event, error) bool) {
		for n := 0; ; n++ {
			e, _, err := w.Next()
			if err == nil && n%asks == 0 {
				err = ctx.Err()
			}
			if err == io.EOF || !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// Step is the place of the last event in its transaction.
func (w *Walk) Step() txn.Step { return w.step }

// Transaction is the transaction of the last event.
func (w *Walk) Transaction() txn.Transaction { return w.tracker.Current() }

// Number is the number of the transaction of the last event.
func (w *Walk) Number() int { return w.tracker.Number() }

// GTID is the GTID of the last event's transaction; zero when it has none.
func (w *Walk) GTID() gtid.GTID { return w.tracker.GTID() }

// Open reports whether a transaction is open after the last event.
func (w *Walk) Open() bool { return w.tracker.Open() }

// StopBefore ends the walk before the first transaction that begins at or after a position, or in a later log.
func (w *Walk) StopBefore(pos decoder.Position) { w.stop = pos }

// Past reports whether the walk has reached the end set by StopBefore or the range.
func (w *Walk) Past() bool { return w.past }

// KeepClosed makes the walk skip the contents of compressed transactions. Call it before the first Next.
func (w *Walk) KeepClosed() { w.closed = true }

// Only makes the walk skip events of unwanted types, unverified; nil makes it return all again.
func (w *Walk) Only(wanted func(decoder.EventType) bool) {
	if files, ok := w.src.(*logfile.Files); ok {
		files.Only(wanted)
	}
}

// Waits reports whether all that has come of the logs is read, so that Next waits for more.
func (w *Walk) Waits() bool {
	files, ok := w.src.(*logfile.Files)
	return ok && files.Waits()
}

// SetCompleter makes the walk ask for what old table maps leave out. Call it before the first Next.
func (w *Walk) SetCompleter(c decoder.Completer) { w.reader.SetCompleter(c) }

// Resync goes on after damage that Next met, see decoder.Reader.
func (w *Walk) Resync(damage decoder.Position) (offset int64, err error) {
	w.tracker.Lose()
	return w.reader.Resync(damage)
}

// Lose forgets the current transaction: what follows belongs to none until an event shows where one begins or ends.
func (w *Walk) Lose() { w.tracker.Lose() }

// Abandon ends the current transaction, whose end is missing.
func (w *Walk) Abandon() { w.tracker = txn.Tracker{} }

// Close closes the current log.
func (w *Walk) Close() error { return w.src.Close() }
