package probe

import (
	"context"

	"binmend/emit/sqltext"
	"binmend/schema"
)

// restore puts the source's rows, each once.
func (t *teller) restore(ctx context.Context) error {
	var puts []put
	for i := range t.strays {
		s := &t.strays[i]
		switch {
		case t.planned[i]:
			*s.found = Found{}
		case s.found.Fate == FateSettled && t.Source == nil:
			s.found.Fate = FateUnknown
		}
		s.found.Key = s.Key
		if row := t.rows[i]; row != nil && !t.result.restored[row.ID()] {
			t.result.restored[row.ID()] = true
			puts = append(puts, put{Restored: Restored{Row: *row, Key: s.Key, From: *s.found, Origin: s.origin}, found: s.found})
		}
	}
	if err := t.makeRoom(ctx, puts); err != nil {
		return err
	}
	for i := range puts {
		if puts[i].inTheWay {
			puts[i].found.Fate = FateInTheWay
			continue
		}
		t.settle(&puts[i])
		t.result.Restored = append(t.result.Restored, puts[i].Restored)
	}
	return nil
}

// settle notes which rows a row to be put simply replaces.
func (t *teller) settle(p *put) {
	for i := range p.Rows {
		if row := &p.Rows[i]; p.takesPlaceOf(row) {
			for k := range row.Table.Keys {
				t.result.named[namedRow{row.ID(), &row.Table.Keys[k]}] = true
			}
		}
	}
}

// put is a row that may be put.
type put struct {
	Restored
	found    *Found
	inTheWay bool           // of a row that has to stay
	known    map[rowID]bool // of Rows
}

// makeRoom finds the replica's rows that share a unique value with the rows to be put.
func (t *teller) makeRoom(ctx context.Context, puts []put) error {
	var all groups
	for i := range puts {
		table := puts[i].Row.Table
		for k := range table.Keys {
			if key := &table.Keys[k]; puts[i].Row.IsNamedBy(key) {
				all.addMember(table, key, i)
			}
		}
		puts[i].known = map[rowID]bool{}
	}
	for _, g := range all.list {
		question := func(i int) Question { return storedQuestion(&puts[i].Row, g.key) }
		_, err := g.ask(ctx, t.Replica, question, func(i int, have *sqltext.Stored, _ bool) { t.takeRoom(&puts[i], have) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *teller) takeRoom(p *put, have *sqltext.Stored) {
	id := have.ID()
	if _, wanted := t.result.wanted[id]; wanted || t.result.lost[id] {
		p.inTheWay = true
	}
	if !p.known[id] {
		p.known[id] = true
		p.Rows = append(p.Rows, have.Clone())
	}
}

// dropSettled leaves out the Absences that no longer need a DELETE: each row in their way is replaced by one exactly as it was on the
// source, which was not in the way. In tables with restored rows that may have changed since, it goes back to the whole plan, because
// such a row may have any of the plan's values.
func (r *Result) dropSettled() {
	gone, uncertain := map[rowID]bool{}, map[*schema.Table]bool{}
	for i := range r.Restored {
		if !r.Restored[i].Exact() {
			uncertain[r.Restored[i].Row.Table] = true
			continue
		}
		for n := range r.Restored[i].Rows {
			gone[r.Restored[i].Rows[n].ID()] = true
		}
	}
	for i := range r.absences {
		e := &r.absences[i]
		e.needed = uncertain[r.whole.Absences[i].Row.Table] || e.needed && !allGone(&e.Seen, gone)
	}
	for i := range r.presences {
		if e := &r.presences[i]; !e.needed && uncertain[r.whole.Presences[i].Row.Table] {
			e.needed, e.There = true, true
		}
	}
	r.choose()
}

func allGone(s *Seen, gone map[rowID]bool) bool {
	for i := range s.Rows {
		if !gone[s.Rows[i].ID()] {
			return false
		}
	}
	return len(s.Rows) > 0 && len(s.Unasked) == 0
}
