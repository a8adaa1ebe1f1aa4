package changes

import (
	"errors"
	"io"
	"slices"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/filter"
	"binmend/decoder/gtid"
	"binmend/decoder/statement"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
)

// Outcome is what becomes of an XA transaction after it was prepared.
type Outcome struct {
	Ending txn.Ending // Committed or RolledBack; Open: nothing in the range ends it, or that is not known
	Next   bool       // what ends it is the next transaction of the log
	GTID   gtid.GTID  // of what ends it
}

// place identifies a transaction of the log. Very many may be prepared, so no more than this is kept of each.
type place struct {
	number int
	start  decoder.Position
}

func placeOf(t *txn.Transaction) place { return place{t.Number, t.Start} }

// prepared is an XA transaction that was prepared and not ended yet.
type prepared struct {
	place
	given   bool // something of it was given
	outcome Outcome
}

func (p place) endsIn(verb statement.Verb, t txn.Transaction) Outcome {
	o := Outcome{Ending: txn.Committed, Next: t.Number == p.number+1, GTID: t.GTID}
	if verb == statement.XARollback {
		o.Ending = txn.RolledBack
	}
	return o
}

// outcomes are those of the XA transactions of a range, by where they begin.
type outcomes map[decoder.Position]Outcome

// maxOutcomes bounds their memory. Outcomes beyond it count as not known.
const maxOutcomes = 1 << 18

// readOutcomes reads what frames the transactions of a range, and not their rows. Standard input can't be read twice: nothing is
// known of it. Damage ends the reading without an error: the walk that reads the rows meets it as well.
func readOutcomes(lr walk.Range, f *filter.Filter) (outcomes, error) {
	known := outcomes{}
	if len(lr.Names) == 0 || lr.HasStdin() {
		return known, nil
	}
	lr.Skipped = nil
	w, err := lr.Frames()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	run, open := f.NewRun(), map[string]place{}
	for len(known)+len(open) < maxOutcomes {
		e, step, err := w.Next()
		var damage *fault.Error
		if err == io.EOF || errors.As(err, &damage) {
			return known, nil
		}
		if err != nil {
			return nil, err
		}
		t := w.Transaction()
		verdict, err := run.AddEvent(e, step, t)
		if err != nil || verdict == filter.Stop {
			return known, err
		}
		if verdict == filter.Drop {
			continue
		}
		if err := known.addOutcome(e, t, open); err != nil {
			return nil, err
		}
	}
	return known, nil
}

func (known outcomes) addOutcome(e *decoder.Event, t txn.Transaction, open map[string]place) error {
	switch e.Type {
	case decoder.EventXAPrepare:
		x, err := e.XAPrepare()
		if err == nil && !x.OnePhase {
			open[x.XID()] = placeOf(&t)
		}
		return err
	case decoder.EventQuery, decoder.EventMariaQueryCompressed:
		q, st, err := statement.Of(e)
		if err != nil {
			return err
		}
		if !st.EndsPrepared() {
			return nil
		}
		xid := statement.XID(q.SQL)
		if p, ok := open[xid]; ok {
			known[p.start] = p.endsIn(st.Verb, t)
			delete(open, xid)
		}
	}
	return nil
}

// startXA keeps the beginning of an XA transaction until one of its changes is given.
func (s *Stream) startXA(e *decoder.Event) error {
	copied := e.Clone()
	s.current.XA, s.xaStart = true, &copied
	if s.outcomes == nil {
		var err error
		if s.outcomes, err = readOutcomes(s.lookAhead, s.Filter); err != nil {
			return err
		}
	}
	s.current.Outcome = s.outcomes[s.current.Start]
	return nil
}

// maxPrepared bounds the memory of the XA transactions that are prepared at the same time.
const maxPrepared = 1 << 16

// prepare notes that an XA transaction is prepared.
func (s *Stream) prepare(e *decoder.Event) error {
	x, err := e.XAPrepare()
	if err != nil || x.OnePhase {
		return err
	}
	if s.prepared == nil || len(s.prepared) >= maxPrepared {
		s.prepared = map[string]*prepared{}
	}
	s.prepared[x.XID()] = &prepared{placeOf(&s.current.Transaction), s.begun, s.current.Outcome}
	if s.begun && s.current.Outcome.Ending == txn.Open {
		s.pending = append(s.pending, s.current.Start)
	}
	return nil
}

// endPrepared takes XA COMMIT or XA ROLLBACK. It is given only if something of its transaction was.
func (s *Stream) endPrepared(c *Chunk, e *decoder.Event, q *decoder.Query, verb statement.Verb) {
	xid := statement.XID(q.SQL)
	p := s.prepared[xid]
	delete(s.prepared, xid)
	switch {
	case p == nil:
		s.keepStatement(c, e)
	case p.given:
		s.pending = slices.DeleteFunc(s.pending, func(at decoder.Position) bool { return at == p.start })
		s.current.Ends, s.current.Outcome = p.endsIn(verb, s.current.Transaction), p.outcome
		s.begin(c)
		s.addItem(c, KindStatement, e)
	}
}

// keepFrame appends what ends an XA transaction of which something was given.
func (s *Stream) keepFrame(c *Chunk, e *decoder.Event) {
	if s.begun {
		s.addItem(c, KindStatement, e)
	}
}
