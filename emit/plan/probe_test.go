package plan_test

import (
	"context"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"binmend/decoder"
	"binmend/emit/plan"
	"binmend/emit/probe"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// TestProbedPlanLetsTransactionsApply asks a model replica about a plan: what is left of it lets the transactions apply,
// leaves the same rows as the whole plan, and has no entry that changes nothing.
func TestProbedPlanLetsTransactionsApply(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScenario(t)
		whole := s.planner(t).Plan()
		if len(whole.UnknownKeys) > 0 {
			return
		}
		replica := s.drawReplica(t)
		for _, r := range whole.Refusals {
			replica.replace(s.original(t, r))
		}
		t.Logf("replica %v", replica.rows)
		answers := &answering{database: replica, deaf: rapid.IntRange(0, 3).Draw(t, "deaf") == 0}
		result, err := probe.Run(context.Background(), answers, whole)
		if err != nil {
			t.Fatal(err)
		}
		byWhole := &database{replica.table, slices.Clone(replica.rows)}
		byWhole.repair(whole)
		if !answers.deaf {
			checkNeeded(t, replica, result)
		}
		checkRemoved(t, replica, result)
		replica.repair(result.Plan)
		t.Logf("repaired %v", replica.rows)
		if !hasFill(whole) && !sameRows(byWhole, replica) {
			t.Fatalf("the whole plan leaves %v", byWhole.rows)
		}
		s.run(t, replica)
		s.checkTouched(t, replica)
	})
}

// answering is a model replica that can be asked. A deaf one can't be asked by keys with expressions.
type answering struct {
	*database
	deaf bool
}

func (a *answering) Rows(_ context.Context, questions []probe.Question, found func(int, *sqltext.Stored, bool) error) (unasked []int, err error) {
	if key := questions[0].Key; a.deaf && slices.ContainsFunc(key.Parts, func(p schema.KeyPart) bool { return p.Column < 0 }) {
		for n := range questions {
			unasked = append(unasked, n)
		}
		return unasked, nil
	}
	for _, r := range a.rows {
		n := slices.IndexFunc(questions, func(q probe.Question) bool { return a.answers(r, &q.Absence) })
		if n < 0 {
			continue
		}
		if err := found(n, a.stored(r), a.same(r, &questions[n])); err != nil {
			return nil, err
		}
	}
	return unasked, nil
}

// answers says whether a row has the key value and is not spared.
func (db *database) answers(r row, a *plan.Absence) bool {
	return collide(db.table, a.Key, fill(a.Row.Cells, nil), r) && !slices.ContainsFunc(a.Spare, func(s plan.KeyedRow) bool {
		if s.Key == nil {
			return agrees(s.Row.Cells, r)
		}
		return collide(db.table, s.Key, fill(s.Row.Cells, nil), r)
	})
}

func (a *answering) same(r row, q *probe.Question) bool {
	cells := slices.Clone(q.Row.Cells)
	for _, open := range q.Open {
		cells[open] = decoder.Cell{}
	}
	return agrees(cells, r)
}

func (a *answering) stored(r row) *sqltext.Stored {
	s := &sqltext.Stored{Table: a.table}
	for _, v := range r {
		s.Literals = append(s.Literals, []byte(v.String()))
	}
	return s
}

func (a *answering) Counts(_ context.Context, rows []plan.Row) ([]int, error) {
	counts := make([]int, len(rows))
	for i, wanted := range rows {
		for _, r := range a.rows {
			if agrees(wanted.Cells, r) {
				counts[i]++
			}
		}
	}
	return counts, nil
}

// checkNeeded checks that every DELETE has a row, and that no REPLACE puts one that is there and stays.
func checkNeeded(t *rapid.T, replica *database, r *probe.Result) {
	for i := range r.Plan.Absences {
		if len(r.Absences[i].Rows) == 0 {
			t.Fatalf("absence %v of key %s is left, and no row has it", fill(r.Plan.Absences[i].Row.Cells, nil), r.Plan.Absences[i].Key.Name)
		}
	}
	afterwards := &database{replica.table, slices.Clone(replica.rows)}
	afterwards.repair(&plan.Plan{Absences: r.Plan.Absences})
	for _, p := range r.Plan.Presences {
		if p.Key == nil || len(p.Fill) > 0 {
			continue
		}
		if have := fill(p.Row.Cells, fillers(replica.table)); afterwards.count(have) > 0 && isComplete(p.Row.Cells) {
			t.Fatalf("presence %v is left, and the row is there", have)
		}
	}
}

func isComplete(cells []decoder.Cell) bool {
	return !slices.ContainsFunc(cells, func(c decoder.Cell) bool { return c.State() == decoder.Absent })
}

// checkRemoved checks that the result tells every row that the plan removes or overwrites, if the replica could be asked
// by every key.
func checkRemoved(t *rapid.T, replica *database, r *probe.Result) {
	told := map[string]bool{}
	for _, s := range slices.Concat(r.Absences, r.Presences) {
		if len(s.Unasked) > 0 {
			return
		}
		for i := range s.Rows {
			told[textOf(&s.Rows[i])] = true
		}
	}
	after := &database{replica.table, slices.Clone(replica.rows)}
	after.repair(r.Plan)
	all := &answering{database: replica}
	for _, have := range replica.rows {
		if after.count(have) < replica.count(have) && !told[textOf(all.stored(have))] {
			t.Fatalf("row %v is removed, and the result does not tell it", have)
		}
	}
}

func textOf(s *sqltext.Stored) (text string) {
	for _, l := range s.Literals {
		text += string(l) + ","
	}
	return text
}

func hasFill(p *plan.Plan) bool {
	return slices.ContainsFunc(p.Presences, func(p plan.Presence) bool { return len(p.Fill) > 0 })
}

func sameRows(a, b *database) bool {
	for _, db := range []*database{a, b} {
		for _, r := range db.rows {
			if a.count(r) != b.count(r) {
				return false
			}
		}
	}
	return true
}
