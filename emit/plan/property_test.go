package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"binmend/decoder"
	"binmend/emit/plan"
	"binmend/schema"
)

// scenario is a source before and after some transactions, and what it logged of them.
type scenario struct {
	table   *schema.Table
	mode    imageMode
	before  []row       // on the source
	first   map[int]row // the rows of before, by id
	changes []change
}

// TestPlanLetsTransactionsApply is the promise of the package. Whatever state a replica is in, the transactions apply
// once the plan is carried out, the rows that they touch end as on the source, and no other row is lost that stood in
// nobody's way.
func TestPlanLetsTransactionsApply(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScenario(t)
		pl := s.planner(t).Plan()
		s.checkLeast(t, pl)
		if len(pl.UnknownKeys) > 0 {
			if s.mode == full {
				t.Fatalf("unknown keys in a %v image: %+v", s.mode, pl.UnknownKeys)
			}
			return
		}
		replica := s.drawReplica(t)
		for _, r := range pl.Refusals {
			if s.mode != minimal && s.mode != noblob {
				t.Fatalf("refusal of a row in a %v image: %v", s.mode, fill(r.Row.Cells, nil))
			}
			replica.replace(s.original(t, r))
		}
		untouched := s.bystanders(replica)
		t.Logf("replica %v", replica.rows)
		replica.repair(pl)
		t.Logf("repaired %v", replica.rows)
		s.run(t, replica)
		s.checkTouched(t, replica)
		for _, r := range untouched {
			if !slices.ContainsFunc(replica.rows, func(have row) bool { return slices.Equal(r, have) }) {
				t.Fatalf("row %v was in nobody's way and is lost", r)
			}
		}
	})
}

// TestAbsencesAreEnoughWhenNoRowIsMissing covers the half of the plan for error 1062.
func TestAbsencesAreEnoughWhenNoRowIsMissing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScenario(t)
		pl := s.planner(t).Absences()
		if len(pl.UnknownKeys) > 0 {
			return
		}
		replica := s.drawReplica(t)
		for _, r := range s.before {
			replica.replace(r)
		}
		t.Logf("replica %v", replica.rows)
		replica.repair(pl)
		t.Logf("repaired %v", replica.rows)
		s.run(t, replica)
		s.checkTouched(t, replica)
	})
}

// TestPresencesAreEnoughWhenNoKeyIsTaken covers the half of the plan for error 1032.
func TestPresencesAreEnoughWhenNoKeyIsTaken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScenario(t)
		pl := s.planner(t).Presences()
		replica := &database{table: s.table}
		for _, r := range s.before {
			if rapid.Bool().Draw(t, "kept") {
				replica.rows = append(replica.rows, r)
			}
		}
		for _, r := range pl.Refusals {
			replica.replace(s.original(t, r))
		}
		t.Logf("replica %v", replica.rows)
		replica.repair(pl)
		t.Logf("repaired %v", replica.rows)
		s.run(t, replica)
		s.checkTouched(t, replica)
	})
}

// planner feeds the scenario's changes to a new planner, from memory that is overwritten after each call.
func (s *scenario) planner(t *rapid.T) *plan.Planner {
	p := plan.NewPlanner()
	for i, c := range s.changes {
		before, after := s.mode.images(s.table, c)
		o := plan.Origin{Row: i + 1}
		var err error
		switch {
		case before == nil:
			err = p.Insert(s.table, after, o)
		case after == nil:
			err = p.Delete(s.table, before, o)
		default:
			err = p.Update(s.table, before, after, o)
		}
		if err != nil {
			if (s.mode == minimal || s.mode == noblob) && strings.Contains(err.Error(), "the log does not show whether") {
				t.Skip("the planner refuses a row that the log does not identify")
			}
			t.Fatal(err)
		}
		spoil(before)
		spoil(after)
	}
	return p
}

func spoil(cells []decoder.Cell) {
	for i, c := range cells {
		for j := range c.Raw() {
			c.Raw()[j] = '!'
		}
		cells[i] = decoder.Cell{}
	}
}

func (s *scenario) run(t *rapid.T, replica *database) {
	for i, c := range s.changes {
		before, after := s.mode.images(s.table, c)
		if err := replica.apply(before, after); err != nil {
			t.Fatalf("change %d: %v", i+1, err)
		}
	}
}

// original is the row of the source that a refusal asks for: what a person has to find.
func (s *scenario) original(t *rapid.T, r plan.Refusal) row {
	for _, c := range s.changes {
		if first, ok := s.first[c.id]; ok && agrees(r.Row.Cells, first) {
			return first
		}
	}
	t.Fatalf("refused row %v was not on the source", fill(r.Row.Cells, nil))
	return nil
}

// bystanders are the replica's rows that are equal to no touched row and collide with none at any time.
func (s *scenario) bystanders(replica *database) []row {
	return slices.DeleteFunc(slices.Clone(replica.rows), func(r row) bool {
		for _, c := range s.changes {
			for _, touched := range []row{c.before, c.after} {
				if touched != nil && (collideAny(s.table, touched, r) || slices.Equal(touched, r)) {
					return true
				}
			}
		}
		return false
	})
}

// checkTouched checks that the rows that the transactions changed or inserted are as on the source. Equal rows of a
// table without keys are as good as each other.
func (s *scenario) checkTouched(t *rapid.T, replica *database) {
	want := &database{table: s.table}
	for _, c := range s.changes {
		if i := slices.IndexFunc(want.rows, func(r row) bool { return slices.Equal(r, c.before) }); i >= 0 {
			want.rows = slices.Delete(want.rows, i, i+1)
		}
		if c.after != nil {
			want.rows = append(want.rows, c.after)
		}
	}
	for _, r := range want.rows {
		if replica.count(r) < want.count(r) {
			t.Fatalf("row %v of the source is not on the replica: %v", r, replica.rows)
		}
	}
}

// checkLeast checks that the plan asks for nothing that was not so on the source.
func (s *scenario) checkLeast(t *rapid.T, pl *plan.Plan) {
	if len(pl.Contradictions) > 0 {
		t.Fatalf("contradictions: %+v", pl.Contradictions)
	}
	source := &database{s.table, s.before}
	seen := map[string]bool{}
	for _, a := range pl.Absences {
		gone := fill(a.Row.Cells, nil)
		parts, ok := keyParts(s.table, a.Key, gone)
		if !ok {
			if slices.ContainsFunc(a.Key.Parts, func(p schema.KeyPart) bool { return p.Column < 0 }) {
				continue // the planner does not know what an expression is
			}
			t.Fatalf("absence of a NULL in key %s: %v", a.Key.Name, gone)
		}
		if !isExact(s.table, a.Key) || s.mode == minimal {
			continue
		}
		if id := fmt.Sprint(a.Key.Name, parts); seen[id] {
			t.Fatalf("absence of %s twice", id)
		} else {
			seen[id] = true
		}
		for _, r := range source.rows {
			if collide(s.table, a.Key, gone, r) {
				t.Fatalf("absence of key %s of %v, which the source had in %v", a.Key.Name, gone, r)
			}
		}
	}
	for _, p := range pl.Presences {
		n := 0
		for _, r := range source.rows {
			if agrees(p.Row.Cells, r) {
				n++
			}
		}
		if n < max(p.Count, 1) {
			t.Fatalf("presence of row %v (%d times), which the source had %d times", fill(p.Row.Cells, nil), p.Count, n)
		}
	}
}

func isExact(t *schema.Table, k *schema.Key) bool {
	return !slices.ContainsFunc(k.Parts, func(p schema.KeyPart) bool {
		return p.Column < 0 || t.Columns[p.Column].Type != schema.TypeTinyInt
	})
}
