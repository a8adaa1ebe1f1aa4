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

	"binmend/decoder"
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

// groupKey is what the questions of one call have in common.
type groupKey struct {
	table *schema.Table
	key   *schema.Key
}

// groups are the numbers of entries by table and key, in order of first appearance.
type groups struct {
	order []groupKey
	by    map[groupKey][]int
}

func (g *groups) addMember(k groupKey, i int) {
	if g.by == nil {
		g.by = map[groupKey][]int{}
	}
	if g.by[k] == nil {
		g.order = append(g.order, k)
	}
	g.by[k] = append(g.by[k], i)
}

// askPresences asks for each row that must exist, by the key that identifies it.
func (p *prober) askPresences(ctx context.Context) error {
	var all groups
	for i := range p.whole.Presences {
		if x := &p.whole.Presences[i]; x.Key != nil {
			p.presences[i].needed = true
			all.addMember(groupKey{x.Row.Table, x.Key}, i)
		}
	}
	for _, k := range all.order {
		numbers := all.by[k]
		err := p.ask(ctx, k, numbers, p.presences, func(i int) Question { return presenceQuestion(&p.whole.Presences[i], k.key) },
			func(i int, row *sqltext.Stored, same bool) error {
				if !same {
					p.presences[i].addRow(row)
					p.named[namedRow{row.ID(), k.key}] = true
					return nil
				}
				p.presences[i].needed = false
				p.wanted[row.ID()] = i
				return nil
			})
		if err != nil {
			return err
		}
	}
	return nil
}

func presenceQuestion(x *plan.Presence, key *schema.Key) Question {
	return Question{Absence: plan.Absence{Row: x.Row, Key: key}, Open: x.Fill}
}

// ask asks about some entries. Those that can't be asked about count as needed.
func (p *prober) ask(ctx context.Context, k groupKey, numbers []int, entries []entry, question func(i int) Question,
	found func(i int, row *sqltext.Stored, same bool) error) error {
	questions := make([]Question, len(numbers))
	for n, i := range numbers {
		questions[n] = question(i)
	}
	unasked, err := p.server.Rows(ctx, questions, func(n int, row *sqltext.Stored, same bool) error {
		return found(numbers[n], row, same)
	})
	for _, n := range unasked {
		e := &entries[numbers[n]]
		e.needed = true
		e.Unasked = append(e.Unasked, k.key)
	}
	return err
}

// countPresences counts the rows that only all their columns together identify.
func (p *prober) countPresences(ctx context.Context) error {
	var all groups
	for i := range p.whole.Presences {
		if x := &p.whole.Presences[i]; x.Key == nil {
			all.addMember(groupKey{table: x.Row.Table}, i)
		}
	}
	for _, k := range all.order {
		rows := make([]schema.Row, len(all.by[k]))
		for n, i := range all.by[k] {
			rows[n] = p.whole.Presences[i].Row
		}
		counts, err := p.server.Counts(ctx, rows)
		if err != nil {
			return err
		}
		for n, i := range all.by[k] {
			p.presences[i].needed = counts[n] < p.whole.Presences[i].Count
		}
	}
	return nil
}

// askAbsences asks which rows have key values that no row may have.
func (p *prober) askAbsences(ctx context.Context) error {
	var all groups
	for i := range p.whole.Absences {
		all.addMember(groupKey{p.whole.Absences[i].Row.Table, p.whole.Absences[i].Key}, i)
	}
	for _, k := range all.order {
		g := absenceGroup{prober: p, oneRow: namesOneRow(k.key)}
		err := p.ask(ctx, k, all.by[k], p.absences, func(i int) Question { return Question{Absence: p.whole.Absences[i]} },
			func(i int, row *sqltext.Stored, _ bool) error {
				g.inTheWay(i, row)
				return nil
			})
		if err != nil {
			return err
		}
		g.settle()
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

// askDisplaced asks which other rows a REPLACE removes: rows that share a value of another unique key with its row.
func (p *prober) askDisplaced(ctx context.Context) error {
	var all groups
	for i := range p.whole.Presences {
		x := &p.whole.Presences[i]
		for k := range x.Row.Table.Keys {
			key := &x.Row.Table.Keys[k]
			switch {
			case !p.presences[i].needed || key == x.Key:
			case isWhole(x.Row, key):
				all.addMember(groupKey{x.Row.Table, key}, i)
			case isUnknown(x, key):
				p.presences[i].Unasked = append(p.presences[i].Unasked, key)
			}
		}
	}
	for _, k := range all.order {
		err := p.ask(ctx, k, all.by[k], p.presences, func(i int) Question { return presenceQuestion(&p.whole.Presences[i], k.key) },
			func(i int, row *sqltext.Stored, _ bool) error {
				p.displaced(i, row)
				return nil
			})
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *prober) displaced(i int, row *sqltext.Stored) {
	id := row.ID()
	if wanted, ok := p.wanted[id]; ok && wanted != i {
		p.keep(wanted)
	}
	for r := range p.presences[i].Rows {
		if p.presences[i].Rows[r].ID() == id {
			return
		}
	}
	p.presences[i].addRow(row)
}

// isWhole reports whether the row has a value of the key that another row may have too.
func isWhole(row schema.Row, key *schema.Key) bool {
	return everyColumn(key, func(column int, mayBeNull bool) bool {
		state := row.Cells[column].State()
		return state == decoder.Value || state == decoder.Null && mayBeNull
	})
}

// isUnknown reports whether the row may have an unknown value of the key. A column to be filled gets NULL if a key needs it.
func isUnknown(x *plan.Presence, key *schema.Key) bool {
	return everyColumn(key, func(column int, mayBeNull bool) bool {
		return mayBeNull || x.Row.Cells[column].State() != decoder.Null && !slices.Contains(x.Fill, column)
	})
}

// everyColumn reports whether holds is true for every column that the key reads; an expression may turn NULL into a value.
func everyColumn(key *schema.Key, holds func(column int, mayBeNull bool) bool) bool {
	for i := range key.Parts {
		part := &key.Parts[i]
		if part.Column >= 0 && !holds(part.Column, false) {
			return false
		}
		for _, column := range part.Columns {
			if !holds(column, true) {
				return false
			}
		}
	}
	return true
}

// askRefusals asks for the rows that the log can't rebuild: a row that exists needs nothing.
func (p *prober) askRefusals(ctx context.Context) error {
	var all groups
	for i := range p.whole.Refusals {
		if x := &p.whole.Refusals[i]; x.Key != nil {
			all.addMember(groupKey{x.Row.Table, x.Key}, i)
		}
	}
	for _, k := range all.order {
		entries := make([]entry, len(p.whole.Refusals))
		err := p.ask(ctx, k, all.by[k], entries,
			func(i int) Question {
				return Question{Absence: plan.Absence{Row: p.whole.Refusals[i].Row, Key: k.key}}
			},
			func(i int, row *sqltext.Stored, same bool) error {
				p.met[i] = same
				p.lost[row.ID()] = true
				return nil
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
