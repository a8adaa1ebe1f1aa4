package export

import (
	"slices"

	"binmend/decoder"
	"binmend/decoder/statement"
	"binmend/decoder/walk"
)

// ledger follows the events of a log for its manifest: how far the log goes, and which transactions do not begin and end in it.
type ledger struct {
	walk     *walk.Walk
	from     decoder.Position
	end      int64
	last     decoder.EventType
	prepared []Prepared
	ended    []Ended
}

// Unfinished is a transaction at the end of a log that the log does not end: it is still being written, or never was whole.
type Unfinished struct {
	Start int64  `json:"start_position"`
	GTID  string `json:"gtid,omitempty"`
}

// Prepared is an XA transaction that the log prepares and does not end. Its rows are in the files; an XA ROLLBACK in a later log
// takes them back.
type Prepared struct {
	XID   string `json:"xid"`
	Start int64  `json:"start_position"`
	End   int64  `json:"end_position"`
	GTID  string `json:"gtid,omitempty"`
}

// Ended is an XA COMMIT or XA ROLLBACK of a transaction that an earlier log prepared.
type Ended struct {
	XID        string `json:"xid"`
	Position   int64  `json:"position"`
	RolledBack bool   `json:"rolled_back"`
}

// addEvent is a function for changes.Options.Watch.
func (l *ledger) addEvent(e *decoder.Event, w *walk.Walk) error {
	if l.walk == nil {
		l.walk, l.from = w, e.Pos
	}
	if e.Inner == 0 {
		l.end = e.Pos.Offset + int64(e.Length)
	}
	l.last = e.Type
	switch e.Type {
	case decoder.EventXAPrepare:
		return l.prepare(e)
	case decoder.EventQuery, decoder.EventMariaQueryCompressed:
		return l.endPrepared(e)
	}
	return nil
}

func (l *ledger) prepare(e *decoder.Event) error {
	x, err := e.XAPrepare()
	if err != nil || x.OnePhase {
		return err
	}
	t := l.walk.Transaction()
	l.prepared = append(l.prepared, Prepared{XID: x.XID(), Start: t.Start.Offset, End: t.End.Offset, GTID: t.GTID.String()})
	return nil
}

func (l *ledger) endPrepared(e *decoder.Event) error {
	q, st, err := statement.Of(e)
	if err != nil || !st.EndsPrepared() {
		return err
	}
	xid := statement.XID(q.SQL)
	if i := slices.IndexFunc(l.prepared, func(p Prepared) bool { return p.XID == xid }); i >= 0 {
		l.prepared = slices.Delete(l.prepared, i, i+1)
		return nil
	}
	l.ended = append(l.ended, Ended{XID: xid, Position: l.walk.Transaction().Start.Offset, RolledBack: st.Verb == statement.XARollback})
	return nil
}

// unfinished is the transaction that the log leaves open; nil: none, also where the range ends before the first event of one.
func (l *ledger) unfinished() *Unfinished {
	if l.walk == nil || !l.walk.Open() {
		return nil
	}
	t := l.walk.Transaction()
	if t.Start.Offset >= l.end {
		return nil
	}
	return &Unfinished{Start: t.Start.Offset, GTID: t.GTID.String()}
}

// isClosed reports whether the server has ended the log, so that nothing more comes.
func (l *ledger) isClosed() bool {
	return l.last == decoder.EventRotate || l.last == decoder.EventStop
}
