package plan_test

import (
	"context"
	"slices"
	"strconv"
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
		n := slices.IndexFunc(questions, func(q probe.Question) bool {
			if q.Stored != nil {
				return collide(a.table, q.Key, unquoted(q.Stored), r)
			}
			return a.answers(r, &q.Absence)
		})
		if n < 0 {
			continue
		}
		if err := found(n, a.stored(r), a.same(r, &questions[n])); err != nil {
			return nil, err
		}
	}
	return unasked, nil
}

// answers reports whether a row has the key value and is not spared.
func (db *database) answers(r row, a *plan.Absence) bool {
	return collide(db.table, a.Key, fill(a.Row.Cells, nil), r) && !slices.ContainsFunc(a.Spare, func(s schema.KeyedRow) bool {
		if s.Key == nil {
			return agrees(s.Row.Cells, r)
		}
		return collide(db.table, s.Key, fill(s.Row.Cells, nil), r)
	})
}

// unquoted is the row that stored was given.
func unquoted(s *sqltext.Stored) row {
	r := make(row, len(s.Literals))
	for c, l := range s.Literals {
		if r[c].null = string(l) == "NULL"; !r[c].null {
			r[c].bytes, _ = strconv.Unquote(string(l))
		}
	}
	return r
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

func (a *answering) Counts(_ context.Context, rows []schema.Row) ([]int, error) {
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

// TestStraysLetTransactionsApply lets a model source tell where rows in the way live. Whatever it has by now, the
// transactions apply; where it is known that nothing has changed since, no row is lost that the source had and that no
// transaction touches.
func TestStraysLetTransactionsApply(t *testing.T) {
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
		answers := &answering{database: replica}
		result, err := probe.Run(context.Background(), answers, whole)
		if err != nil {
			t.Fatal(err)
		}
		covered := rapid.Bool().Draw(t, "covered")
		source := &database{table: s.table, rows: s.after()}
		if !covered {
			source = s.drawReplica(t)
		}
		t.Logf("replica %v, source now %v", replica.rows, source.rows)
		before := &database{s.table, slices.Clone(replica.rows)}
		err = result.TellStrays(context.Background(), probe.Witnesses{Replica: answers, Later: changesAsLogged{s},
			Source: &probe.Source{Server: &answering{database: source}, IsCovered: func(context.Context) (bool, error) { return covered, nil }}})
		if err != nil {
			t.Fatal(err)
		}
		for i := range result.Restored {
			t.Logf("restored %q", result.Restored[i].Row.Literals)
			replica.replace(answers.row(t, source, s, &result.Restored[i].Row))
		}
		replica.repair(result.Plan)
		t.Logf("repaired %v", replica.rows)
		s.run(t, replica)
		s.checkTouched(t, replica)
		if covered {
			s.checkKept(t, before, replica)
		}
	})
}

// after are the rows of the source after the transactions.
func (s *scenario) after() []row {
	db := &database{s.table, slices.Clone(s.before)}
	for _, c := range s.changes {
		if i := slices.IndexFunc(db.rows, func(r row) bool { return c.before != nil && slices.Equal(r, c.before) }); i >= 0 {
			db.rows = slices.Delete(db.rows, i, i+1)
		}
		if c.after != nil {
			db.rows = append(db.rows, c.after)
		}
	}
	return db.rows
}

// row is the row of the source that was restored.
func (a *answering) row(t *rapid.T, source *database, s *scenario, restored *sqltext.Stored) row {
	for _, r := range slices.Concat(source.rows, s.before) {
		if textOf(a.stored(r)) == textOf(restored) {
			return r
		}
	}
	t.Fatalf("restored %q, which the source does not have", restored.Literals)
	return nil
}

// changesAsLogged are the changes of a scenario, all of them planned.
type changesAsLogged struct{ *scenario }

func (s changesAsLogged) FirstTouches(_ context.Context, rows []probe.Stray) ([]probe.Touch, error) {
	touches := make([]probe.Touch, len(rows))
	for i := range rows {
		for _, c := range s.changes {
			if touches[i].Kind != probe.Untouched {
				break
			}
			switch {
			case c.before != nil && s.hasKey(c.before, &rows[i]):
				touches[i] = probe.Touch{Kind: probe.Changed, Planned: true}
			case c.after != nil && s.hasKey(c.after, &rows[i]):
				touches[i] = probe.Touch{Kind: probe.Made, Planned: true}
			}
		}
	}
	return touches, nil
}

func (s *scenario) hasKey(r row, stray *probe.Stray) bool {
	for _, part := range stray.Key.Parts {
		if r[part.Column].String() != string(stray.Row.Literals[part.Column]) {
			return false
		}
	}
	return true
}

// checkKept checks that a row of the source that no transaction touches, and of which the replica had one with the same
// primary key, is not lost.
func (s *scenario) checkKept(t *rapid.T, before, after *database) {
	key := &schema.Key{}
	if len(s.table.Keys) > 0 {
		key = &s.table.Keys[0]
	}
	if !key.Primary {
		return
	}
	for _, r := range s.before {
		touched := slices.ContainsFunc(s.changes, func(c change) bool {
			return c.before != nil && slices.Equal(c.before, r)
		})
		has := func(db *database) bool {
			return slices.ContainsFunc(db.rows, func(have row) bool {
				a, _ := keyParts(s.table, key, have)
				b, _ := keyParts(s.table, key, r)
				return slices.Equal(a, b)
			})
		}
		if !touched && has(before) && !has(after) {
			t.Fatalf("row %v of the source is lost", r)
		}
	}
}
