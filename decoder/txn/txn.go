// Package txn groups a log's events into transactions. In go events in log order; out comes the place of each in its
// transaction. A transaction is what a replica applies or fails as a whole: from its GTID or BEGIN to its commit, or a single
// statement such as DDL. The package keeps no events.
package txn

import (
	"binmend/decoder"
	"binmend/decoder/gtid"
)

// Ending says how a transaction ends.
type Ending uint8

const (
	Open       Ending = iota // its end has not been seen
	Committed                // XID, COMMIT or XA COMMIT ONE PHASE
	RolledBack               // ROLLBACK: logged because something in it could not be undone
	Prepared                 // XA PREPARE; the XA COMMIT is a later event of its own
	Statement                // a single statement: DDL, or a change without BEGIN
)

func (e Ending) String() string {
	return [...]string{"open", "committed", "rolled back", "prepared", "statement"}[e]
}

// Transaction is what is known about one transaction.
type Transaction struct {
	Number   int              // from 1, in order of reading
	Start    decoder.Position // of its first event
	End      decoder.Position // after its last event so far
	GTID     gtid.GTID        // zero when it has none
	Commit   int64            // when the server that wrote it first committed it, in microseconds since 1970; 0 where the log does not say
	Time     uint32           // timestamp of its first event, seconds since 1970
	ServerID uint32           // of the server that wrote it first
	Ending   Ending

	// Coordinates in the source's own log. The file is empty when no relay log read so far names it.
	SourceFile  string
	SourceStart uint32 // modulo 4 GiB; 0 when unknown
	SourceEnd   uint32 // the same
}

// Step is the place of an event in its transaction.
type Step uint8

const (
	Outside Step = iota // not part of any transaction
	First               // the transaction's first event
	Inside
	Last  // its last event
	Whole // first and last
)

// Begins reports whether a transaction begins with the event.
func (s Step) Begins() bool { return s == First || s == Whole }

// Ends reports whether a transaction ends with the event.
func (s Step) Ends() bool { return s == Last || s == Whole }

// Tracker follows a log. The zero value begins outside any transaction.
type Tracker struct {
	cur   Transaction
	state state
	names sourceName
}

type state uint8

const (
	outside    state = iota
	unknown          // reading began in the middle of a log
	announced        // a GTID was read, the content not yet
	opened           // a GTID event that is also the BEGIN was read (MariaDB)
	begun            // after BEGIN
	standalone       // inside a change without BEGIN
)

// NewLostTracker returns a tracker that can begin at any event of a log. It calls every event Outside until one shows where a
// transaction begins or ends.
func NewLostTracker() *Tracker { return &Tracker{state: unknown} }

// Lose makes the tracker a lost one, as after a gap in a log. It forgets the current transaction.
func (t *Tracker) Lose() { t.state = unknown }

// Lost reports whether no event has yet shown where a transaction begins or ends.
func (t *Tracker) Lost() bool { return t.state == unknown }

// Open reports whether the event last added left a transaction open.
func (t *Tracker) Open() bool { return t.state > unknown }

// Current is the transaction of the event last added.
func (t *Tracker) Current() Transaction { return t.cur }

// Number is the number of the transaction of the event last added.
func (t *Tracker) Number() int { return t.cur.Number }

// GTID is the GTID of the last event's transaction; zero when it has none.
func (t *Tracker) GTID() gtid.GTID { return t.cur.GTID }

// SourceFile is the name of the source's log that the last event comes from, "" when it is unknown.
func (t *Tracker) SourceFile() string { return t.names.source }

// AddEvent adds the next event and returns its place. The events inside a Transaction_payload must be added too; AddClosed is
// for a payload that is not opened.
func (t *Tracker) AddEvent(e *decoder.Event) (Step, error) {
	if err := t.names.follow(e); err != nil {
		return Outside, err
	}
	if t.insideBegin() && (e.Type == decoder.EventTableMap || e.IsRows()) {
		t.extend(e)
		return Inside, nil
	}
	role, err := roleOf(e)
	if err != nil {
		return Outside, err
	}
	step := t.move(e, role)
	if step != Outside {
		t.extend(e)
	}
	if e.IsGtid() {
		g, err := e.Gtid()
		if err != nil {
			return step, err
		}
		t.cur.GTID, t.cur.Commit = g.ID, g.OriginalCommit
	}
	return step, nil
}

// AddClosed adds a Transaction_payload event whose content is skipped. It always ends its transaction.
func (t *Tracker) AddClosed(e *decoder.Event) Step {
	step := t.move(e, endCommit)
	t.extend(e)
	return step
}

// move returns the event's step.
func (t *Tracker) move(e *decoder.Event, r role) Step {
	if t.state == unknown && !r.begins() {
		if r.ends() {
			t.state = outside
		}
		return Outside
	}
	switch r {
	case nothing:
		return Outside
	case announce:
		t.state = outside
		return t.enter(e, announced)
	case announceOpened:
		t.state = outside
		return t.enter(e, opened)
	case envelope:
		return t.enter(e, announced)
	case begin:
		if t.state == begun || t.state == standalone {
			t.state = outside // the transaction before it was cut off
		}
		return t.enter(e, begun)
	case beginOrPart:
		return t.enter(e, begun)
	case endCommit:
		return t.finish(e, Committed)
	case endRollback:
		return t.finish(e, RolledBack)
	case endPrepare:
		return t.finish(e, Prepared)
	}
	return t.change(e, r)
}

// insideBegin reports whether the next change is part of the current transaction, whatever it is.
func (t *Tracker) insideBegin() bool { return t.state == opened || t.state == begun }

// change returns the step for part of a change or for a statement.
func (t *Tracker) change(e *decoder.Event, r role) Step {
	switch {
	case t.insideBegin():
		return Inside
	case r == part:
		return t.enter(e, standalone)
	default:
		return t.finish(e, Statement)
	}
}

func (t *Tracker) start(e *decoder.Event) {
	t.cur = Transaction{Number: t.cur.Number + 1, Start: e.Pos, Time: e.Timestamp, ServerID: e.ServerID,
		SourceFile: t.names.source}
	if e.Inner == 0 && e.EndLogPos >= e.Length {
		t.cur.SourceStart = e.EndLogPos - e.Length
	}
}

// enter continues the current transaction, or begins one.
func (t *Tracker) enter(e *decoder.Event, s state) Step {
	old := t.state
	t.state = s
	if old > unknown {
		return Inside
	}
	t.start(e)
	return First
}

func (t *Tracker) finish(e *decoder.Event, how Ending) Step {
	step := Last
	if t.state <= unknown {
		t.start(e)
		step = Whole
	}
	t.state = outside
	t.cur.Ending = how
	return step
}

// extend moves the transaction's end after the event.
func (t *Tracker) extend(e *decoder.Event) {
	t.cur.End = decoder.Position{File: e.Pos.File, Offset: e.End()}
	if e.Inner == 0 && e.EndLogPos != 0 {
		t.cur.SourceEnd = e.EndLogPos
	}
}
