// Package probe asks a replica which parts of a plan it really needs: which key values that must be absent a row has, and which
// rows that must exist are missing or differ. In go a plan and a server that answers questions about its rows; out comes the part
// of the plan that changes something there, with the rows that it removes. It does not decide what a transaction needs (package
// plan does), and changes nothing on a server.
//
// A statement is left out only if it would change nothing: a DELETE that finds no row, or only rows that must exist exactly as they
// are; a REPLACE of a row that exists exactly as given. What can't be asked reliably stays, and is marked. A probed plan leaves a
// server with the same rows as the plan itself, as long as nobody writes there in between.
//
// Memory is bounded by the plan and by the rows that the plan removes or overwrites. For a row that is as it must be, only a digest
// is kept.
package probe

import (
	"context"
	"crypto/sha256"
	"slices"

	"binmend/emit/plan"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// Server answers questions about its rows.
type Server interface {
	// Rows calls found once for each row that has the key value of a question, with the number of the first question that it answers.
	// same: the row equals the question's row in all columns that the question has and does not leave open. The row is valid until
	// found returns. Questions that can't be asked are listed in unasked.
	Rows(ctx context.Context, questions []Question, found func(question int, row *sqltext.Stored, same bool) error) (unasked []int, err error)
	// Counts returns how many rows are equal to each of the given ones. A row that can't be asked about counts as none.
	Counts(ctx context.Context, rows []schema.Row) ([]int, error)
}

// Question asks for the rows that have the same key value as a given row. The questions of one call are about one table and key.
type Question struct {
	plan.Absence
	Open   []int           // ordinals of columns whose values don't matter
	Stored *sqltext.Stored // instead of Row: a row read from a server, whose key value is asked for
}

// Seen is what a server has if an entry of the plan changes something.
type Seen struct {
	Rows    []sqltext.Stored // rows that the entry removes or overwrites
	Unasked []*schema.Key    // keys that the server could not be asked about: there may be more rows
	Found   []Found          // parallel to Rows, after TellStrays
	There   bool             // the row of a Presence exists, but another statement of the plan may remove it
}

// Result is what remains of a plan.
type Result struct {
	Plan *plan.Plan
	// Absences and Presences are parallel to those of Plan.
	Absences, Presences []Seen
	Restored            []Restored      // by TellStrays and FindOrphans: changes before the plan
	Orphans             []Orphan        // by FindOrphans: rows removed with their parents
	Unparented          []*schema.Table // by FindOrphans: rows of other tables may lose their parents in these tables
	Planned             int             // entries of the whole plan
	Met                 int             // rows that can't be rebuilt from the log, but exist

	whole               *plan.Plan
	absences, presences []entry // parallel to those of whole
	excused             map[int]int

	wanted map[rowID]int  // rows that exist exactly as a Presence requires
	lost   map[rowID]bool // rows that must stay because the log can't rebuild them
	// named holds the rows whose counterpart on the source the plan already determines: a row that it puts, or none.
	named map[namedRow]bool
	// restored are the rows of the source already considered.
	restored map[rowID]bool
}

// namedRow is a row and a key that identifies it.
type namedRow struct {
	row rowID
	key *schema.Key
}

// InTheWay are the rows that have the key value of an Absence of the whole plan, by the Absence's number.
func (r *Result) InTheWay(absence int) []sqltext.Stored { return r.absences[absence].Rows }

// Excused is the row of the whole plan's Presences that has the key value of one of its Absences, and is exactly as it must be before
// the transaction: no statement is about it. ok is false if there is none.
func (r *Result) Excused(absence int) (row schema.Row, ok bool) {
	presence, ok := r.excused[absence]
	if !ok {
		return row, false
	}
	return r.whole.Presences[presence].Row, true
}

// Run asks the server about each entry of the plan.
func Run(ctx context.Context, server Server, whole *plan.Plan) (*Result, error) {
	p := prober{
		server: server, whole: whole,
		absences:  make([]entry, len(whole.Absences)),
		presences: make([]entry, len(whole.Presences)),
		wanted:    map[rowID]int{},
		named:     map[namedRow]bool{},
		met:       map[int]bool{},
		lost:      map[rowID]bool{},
		excused:   map[int]int{},
	}
	for _, step := range []func(context.Context) error{p.askPresences, p.countPresences, p.askAbsences, p.askDisplaced, p.askRefusals} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	p.keepWritten()
	return p.result(), nil
}

// keepWritten keeps all statements on tables that triggers of others write: the rows that are there now are not those that will be.
func (p *prober) keepWritten() {
	written := p.whole.WrittenByTriggers()
	for i := range p.absences {
		p.absences[i].needed = p.absences[i].needed || written[p.whole.Absences[i].Row.Table.FoldedName()]
	}
	for i := range p.presences {
		if !p.presences[i].needed && written[p.whole.Presences[i].Row.Table.FoldedName()] {
			p.keep(i)
		}
	}
}

// rowID identifies a row across all tables.
type rowID = [sha256.Size]byte

// entry says whether an Absence or Presence is needed, and why.
type entry struct {
	needed bool
	Seen
}

func (e *entry) addRow(row *sqltext.Stored) {
	e.needed = true
	e.Rows = append(e.Rows, row.Clone())
}

type prober struct {
	server              Server
	whole               *plan.Plan
	absences, presences []entry
	// wanted are the rows that exist exactly as a Presence requires, with its number.
	wanted map[rowID]int
	met    map[int]bool   // Refusals whose row exists
	lost   map[rowID]bool // the rows that Refusals are about
	named  map[namedRow]bool
	// excused are the Absences whose value a row of the Presences has that is as it must be, with the Presence's number.
	excused map[int]int
}

// askPresences asks for each row that must exist, by the key that identifies it.
func (p *prober) askPresences(ctx context.Context) error {
	var all groups
	for i := range p.whole.Presences {
		if x := &p.whole.Presences[i]; x.Key != nil {
			p.presences[i].needed = true
			all.addMember(x.Row.Table, x.Key, i)
		}
	}
	for _, g := range all.list {
		unasked, err := g.ask(ctx, p.server, p.presenceQuestion(g.key), func(i int, row *sqltext.Stored, same bool) {
			if !same {
				p.presences[i].addRow(row)
				p.named[namedRow{row.ID(), g.key}] = true
				return
			}
			p.presences[i].needed = false
			p.wanted[row.ID()] = i
		})
		if err != nil {
			return err
		}
		keepUnasked(p.presences, unasked, g.key)
	}
	return nil
}

// presenceQuestion makes the question for the row that a Presence puts, by a key.
func (p *prober) presenceQuestion(key *schema.Key) func(i int) Question {
	return func(i int) Question {
		x := &p.whole.Presences[i]
		return Question{Absence: plan.Absence{Row: x.Row, Key: key}, Open: x.Fill}
	}
}

// keepUnasked keeps the entries that can't be asked about by a key.
func keepUnasked(entries []entry, unasked []int, key *schema.Key) {
	for _, i := range unasked {
		entries[i].needed = true
		entries[i].Unasked = append(entries[i].Unasked, key)
	}
}

// countPresences counts the rows that only all their columns together identify.
func (p *prober) countPresences(ctx context.Context) error {
	var all groups
	for i := range p.whole.Presences {
		if x := &p.whole.Presences[i]; x.Key == nil {
			all.addMember(x.Row.Table, nil, i)
		}
	}
	for _, g := range all.list {
		rows := make([]schema.Row, len(g.numbers))
		for n, i := range g.numbers {
			rows[n] = p.whole.Presences[i].Row
		}
		counts, err := p.server.Counts(ctx, rows)
		if err != nil {
			return err
		}
		for n, i := range g.numbers {
			p.presences[i].needed = counts[n] < p.whole.Presences[i].Count
		}
	}
	return nil
}

// askAbsences asks which rows have key values that no row may have.
func (p *prober) askAbsences(ctx context.Context) error {
	var all groups
	for i := range p.whole.Absences {
		all.addMember(p.whole.Absences[i].Row.Table, p.whole.Absences[i].Key, i)
	}
	question := func(i int) Question { return Question{Absence: p.whole.Absences[i]} }
	for _, g := range all.list {
		found := absenceGroup{prober: p, oneRow: namesOneRow(g.key)}
		unasked, err := g.ask(ctx, p.server, question, func(i int, row *sqltext.Stored, _ bool) { found.inTheWay(i, row) })
		if err != nil {
			return err
		}
		keepUnasked(p.absences, unasked, g.key)
		found.settle()
	}
	p.keepDeleted()
	return nil
}

// absenceGroup collects the rows that have values of one key.
type absenceGroup struct {
	*prober
	oneRow  bool // at most one row has each value of the key
	deletes bool // one of the Absences is needed
	excused []excused
}

// excused is a row that has the key value of an Absence but is exactly as a Presence requires.
type excused struct {
	absence, presence int
	row               sqltext.Stored
}

// inTheWay adds a row that has the key value of an Absence. A row that is exactly as a Presence requires is not in the way: the
// source had it too.
func (g *absenceGroup) inTheWay(i int, row *sqltext.Stored) {
	wanted, isWanted := g.wanted[row.ID()]
	isExcused := isWanted && len(g.whole.Presences[wanted].Fill) == 0
	switch {
	case isExcused && g.oneRow:
		g.prober.excused[i] = wanted
	case isExcused:
		g.excused = append(g.excused, excused{i, wanted, row.Clone()})
	default:
		g.remove(i, row)
		if isWanted {
			g.keep(wanted)
		}
	}
}

func (g *absenceGroup) remove(i int, row *sqltext.Stored) {
	g.absences[i].addRow(row)
	g.named[namedRow{row.ID(), g.whole.Absences[i].Key}] = true
	g.deletes = true
}

// settle ends the group. If several rows may have a value, the DELETE that one of them needs may remove the others too.
func (g *absenceGroup) settle() {
	if !g.deletes {
		return
	}
	for i := range g.excused {
		x := &g.excused[i]
		g.remove(x.absence, &x.row)
		g.keep(x.presence)
	}
}

// keep keeps a Presence whose row exists, because another statement may remove it.
func (p *prober) keep(presence int) {
	p.presences[presence].needed, p.presences[presence].There = true, true
}

// namesOneRow reports whether a table has at most one row for each value of the key.
func namesOneRow(key *schema.Key) bool {
	return !key.WithoutOverlaps && !slices.ContainsFunc(key.Parts, func(part schema.KeyPart) bool { return part.MultiValued })
}

// keepDeleted keeps the existing rows that a DELETE may remove: any row of a table if a key could not be asked about, and rows that
// only all their columns identify, because those are only counted.
func (p *prober) keepDeleted() {
	deletes, unasked := map[*schema.Table]bool{}, map[*schema.Table]bool{}
	for i := range p.absences {
		t := p.whole.Absences[i].Row.Table
		deletes[t] = deletes[t] || p.absences[i].needed
		unasked[t] = unasked[t] || len(p.absences[i].Unasked) > 0
	}
	for i := range p.presences {
		x, e := &p.whole.Presences[i], &p.presences[i]
		if !e.needed && (unasked[x.Row.Table] || x.Key == nil && deletes[x.Row.Table]) {
			p.keep(i)
		}
	}
}

// askRefusals asks for the rows that the log can't rebuild: a row that exists needs nothing.
func (p *prober) askRefusals(ctx context.Context) error {
	var all groups
	for i := range p.whole.Refusals {
		if x := &p.whole.Refusals[i]; x.Key != nil {
			all.addMember(x.Row.Table, x.Key, i)
		}
	}
	question := func(i int) Question {
		x := &p.whole.Refusals[i]
		return Question{Absence: plan.Absence{Row: x.Row, Key: x.Key}}
	}
	for _, g := range all.list {
		_, err := g.ask(ctx, p.server, question, func(i int, row *sqltext.Stored, same bool) { // one that can't be asked about stays refused
			p.met[i] = same
			p.lost[row.ID()] = true
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// result is the plan with the entries that are needed.
func (p *prober) result() *Result {
	left := *p.whole
	left.Refusals = nil
	r := &Result{Plan: &left, Planned: len(p.whole.Absences) + len(p.whole.Presences),
		whole: p.whole, absences: p.absences, presences: p.presences, wanted: p.wanted, lost: p.lost, named: p.named, excused: p.excused}
	for i := range p.whole.Refusals {
		if p.met[i] {
			r.Met++
		} else {
			left.Refusals = append(left.Refusals, p.whole.Refusals[i])
		}
	}
	r.choose()
	return r
}

// choose selects the needed entries.
func (r *Result) choose() {
	r.Plan.Absences, r.Absences, r.Plan.Presences, r.Presences = nil, nil, nil, nil
	for i := range r.absences {
		if e := &r.absences[i]; e.needed {
			r.Plan.Absences, r.Absences = append(r.Plan.Absences, r.whole.Absences[i]), append(r.Absences, e.Seen)
		}
	}
	for i := range r.presences {
		if e := &r.presences[i]; e.needed {
			r.Plan.Presences, r.Presences = append(r.Plan.Presences, r.whole.Presences[i]), append(r.Presences, e.Seen)
		}
	}
}
