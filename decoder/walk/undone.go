package walk

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"
	"sort"
	"strings"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/statement"
	"binmend/decoder/txn"
)

// Undone knows the events of a range whose changes were taken back: those of a transaction that ended in ROLLBACK or, after it
// was prepared, in XA ROLLBACK, and those between a SAVEPOINT and ROLLBACK TO it. Servers log them if something in the
// transaction can't be rolled back, such as creating a temporary table.
type Undone struct {
	files    map[string]int
	spans    []span          // ascending, without overlaps
	prepared map[string]span // by XID: transactions that may still be rolled back
}

// place is where an event stands in the logs.
type place struct {
	file   int
	offset int64
	inner  int
}

// span is a run of events, with its first and its last one.
type span struct{ first, last place }

// Undone reads the logs of a range from its beginning to their end, without the rows. It knows nothing about standard input, which
// can't be read twice. Damage ends the reading without an error: the walk that reads the rows meets it too. passing is called for each
// Query event of the logs on the way, from their beginning: who needs these as well reads the logs no second time.
func (r Range) Undone(passing func(*decoder.Event)) (*Undone, error) {
	u := &Undone{files: map[string]int{}, prepared: map[string]span{}}
	if r.HasStdin() {
		return u, nil
	}
	u.note(r)
	r.Stop, r.Skipped = 0, nil
	if takesBack, err := r.takesBack(passing); err != nil || !takesBack {
		return u, err
	}
	return u, u.Add(r)
}

func (u *Undone) note(r Range) {
	for _, name := range r.Names {
		if _, known := u.files[name]; !known {
			u.files[name] = len(u.files)
		}
	}
}

// Add reads on, where more of the logs has come. What was known of the events before is forgotten: an XA ROLLBACK may still take
// their changes back.
func (u *Undone) Add(r Range) error {
	u.spans = nil
	u.note(r)
	w, err := r.Frames()
	if err != nil {
		return err
	}
	defer w.Close()
	s := undoneScan{Undone: u}
	for {
		e, step, err := w.Next()
		var damage *fault.Error
		switch {
		case err == io.EOF, errors.As(err, &damage):
			u.merge()
			return nil
		case err != nil:
			return err
		}
		if err := s.addEvent(w, e, step); err != nil {
			return err
		}
	}
}

// takesBack reports whether a statement of the logs may take changes back: almost no log has such a statement, and to look for it is
// much faster than to follow transactions.
func (r Range) takesBack(passing func(*decoder.Event)) (may bool, err error) {
	_, err = r.Queries(func(e *decoder.Event) (more bool, err error) {
		passing(e)
		q, err := e.Query()
		may = may || err != nil || MentionsRollback(q.SQL) // the walk over transactions reports what is wrong
		return true, nil
	})
	return may, err
}

// MentionsRollback reports whether a statement contains ROLLBACK, in any case, even within another word: only such a statement takes
// changes back.
func MentionsRollback(sql []byte) bool {
	const word = "rollback"
	for at := 0; at+len(word) <= len(sql); at++ {
		if sql[at]|0x20 == word[0] && bytes.EqualFold(sql[at:at+len(word)], []byte(word)) {
			return true
		}
	}
	return false
}

// merge sorts the spans and joins those that overlap.
func (u *Undone) merge() {
	slices.SortFunc(u.spans, func(a, b span) int { return a.first.compare(b.first) })
	merged := u.spans[:0]
	for _, s := range u.spans {
		if n := len(merged); n > 0 && s.first.compare(merged[n-1].last) <= 0 {
			if s.last.compare(merged[n-1].last) > 0 {
				merged[n-1].last = s.last
			}
			continue
		}
		merged = append(merged, s)
	}
	u.spans = merged
}

// Knows reports whether the logs could be read.
func (u *Undone) Knows() bool { return len(u.files) > 0 }

// Has reports whether the changes of an event were taken back.
func (u *Undone) Has(e *decoder.Event) bool {
	if u == nil || len(u.spans) == 0 {
		return false
	}
	at := u.place(e)
	i := sort.Search(len(u.spans), func(i int) bool { return u.spans[i].last.compare(at) >= 0 })
	return i < len(u.spans) && u.spans[i].first.compare(at) <= 0
}

func (u *Undone) place(e *decoder.Event) place {
	return place{u.files[e.Pos.File], e.Pos.Offset, e.Inner}
}

func (p place) compare(other place) int {
	return cmp.Or(cmp.Compare(p.file, other.file), cmp.Compare(p.offset, other.offset), cmp.Compare(p.inner, other.inner))
}

// undoneScan looks for changes that are taken back.
type undoneScan struct {
	*Undone
	first      place // of the current transaction
	savepoints []savepoint
}

type savepoint struct {
	name string
	at   place
}

func (s *undoneScan) addEvent(w *Walk, e *decoder.Event, step txn.Step) error {
	at := s.place(e)
	if step.Begins() {
		s.first, s.savepoints = at, s.savepoints[:0]
	}
	switch e.Type {
	case decoder.EventXAPrepare:
		x, err := e.XAPrepare()
		if err != nil {
			return err
		}
		if !x.OnePhase {
			s.prepared[x.XID()] = span{s.first, at}
		}
	case decoder.EventQuery, decoder.EventMariaQueryCompressed:
		q, st, err := statement.Of(e)
		if err != nil {
			return err
		}
		s.statement(q, st.Verb, e.Format.Server, at)
	}
	if step == txn.Last && w.Transaction().Ending == txn.RolledBack {
		s.spans = append(s.spans, span{s.first, at})
	}
	return nil
}

func (s *undoneScan) statement(q *decoder.Query, verb statement.Verb, writer decoder.Version, at place) {
	name := func() string { return string(statement.SavepointName(q.SQL, statement.ContextOf(q, writer))) }
	switch verb {
	case statement.Savepoint:
		s.savepoints = append(s.savepoints, savepoint{name(), at})
	case statement.RollbackTo:
		name := name()
		for i := len(s.savepoints) - 1; i >= 0; i-- {
			if strings.EqualFold(s.savepoints[i].name, name) {
				s.spans = append(s.spans, span{s.savepoints[i].at, at})
				s.savepoints = s.savepoints[:i+1]
				return
			}
		}
	case statement.XACommit, statement.XARollback:
		xid := statement.XID(q.SQL)
		if taken, ok := s.prepared[xid]; ok && verb == statement.XARollback {
			s.spans = append(s.spans, taken)
		}
		delete(s.prepared, xid)
	}
}
