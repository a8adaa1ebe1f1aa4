package track

import (
	"errors"
	"fmt"
	"slices"

	"binmend/decoder"
	"binmend/schema/dump"
)

// A definition that a file or a server has may be from after statements that are still to come. Then it may fit rows from before
// them and read them wrong: an ENUM gets a member in the middle, columns of one type change places. What decides is whether a
// statement leaves the definition as it is; the table as it was is found by taking the statements back.

// maxAhead bounds the statements to come that are weighed for one table.
const maxAhead = 64

// ahead is a statement to come on a table, and the table's name after it.
type ahead struct {
	foreseen
	after dump.Name
}

// upcoming lists the statements to come on the table that has the name now, up to where another table gets the name. end says why the
// list ends.
func (t *Tracker) upcoming(name dump.Name) (list []ahead, end ending) {
	at := -1 // in the order of the log
	for {
		later := t.later(name)
		i := slices.IndexFunc(later, func(f foreseen) bool { return f.number > at })
		if i < 0 {
			return list, ending{}
		}
		f := later[i]
		if f.change == nil || len(list) == maxAhead {
			return list, ending{tooMany: true}
		}
		at = f.number
		switch f.change.Kind {
		case dump.AlterTable, dump.Lost:
			list = append(list, ahead{f, name})
		case dump.RenameTable:
			if t.isSame(f.change.Other, name) && !t.isSame(f.change.Name, name) {
				return list, ending{gone: &f.Statement, number: f.number}
			}
			name = f.change.Other
			list = append(list, ahead{f, name})
		default:
			return list, ending{gone: &f.Statement, number: f.number}
		}
	}
}

// ending is why a list of statements to come ends.
type ending struct {
	tooMany bool
	gone    *Statement // the table was dropped, or another one has its name; nil when it is there at the end of the logs
	number  int        // of gone, in the order of the log
}

// replaced is the statement to come that puts another table under the name, if that table reads as the files' definition does: the files
// may then have the other table.
func (t *Tracker) replaced(name dump.Name) (by foreseen, ok bool) {
	def, err := t.ofFiles(name)
	if err != nil {
		return by, false
	}
	future, _ := t.upcoming(name)
	isOwn := func(f foreseen) bool {
		return slices.ContainsFunc(future, func(a ahead) bool { return a.number == f.number })
	}
	for _, f := range t.later(name) {
		if t.written.isBefore(f.Statement) {
			return by, false
		}
		if c := f.change; c == nil || isOwn(f) || c.Kind == dump.AlterTable || c.Kind == dump.DropTable || c.Kind == dump.RenameTable && !t.isSame(c.Other, name) {
			continue
		}
		if t.isUnknown(f, name) {
			return f, true
		}
		for _, seen := range t.scouted[name.Fold()] {
			if seen.number >= f.number && t.isSame(nameOf(seen.def), name) && seen.def.Reads(def) {
				return f, true
			}
		}
	}
	return by, false
}

// isUnknown reports whether a statement to come puts a table under the name that neither the logs nor the files define.
func (t *Tracker) isUnknown(f foreseen, name dump.Name) bool {
	isMoved := f.change.Kind == dump.RenameTable || f.change.Kind == dump.CreateTableLike && !f.change.Optional
	if t.ahead != nil && t.ahead.forgotten.bits != nil {
		return isMoved || f.change.Kind == dump.CreateTable
	}
	return isMoved && t.scoutedAll < maxScouted && !slices.ContainsFunc(t.scouted[name.Fold()], func(s scouted) bool { return s.number == f.number })
}

// isLikelyOther reports whether the files' definition, which reads as that of another table to come, is taken for that table's. A table
// that is dropped and made again is mostly made as it was; a table that takes another's name is mostly different.
func (t *Tracker) isLikelyOther(by foreseen) bool {
	return t.atEnd() || t.written.isAfter(by.Statement) || by.change.Kind == dump.RenameTable
}

// Replaced is the statement to come that makes a table again just as the files have it, if nothing tells whether the files mean that table
// or the one before it.
func (t *Tracker) Replaced(name dump.Name) (Statement, bool) {
	if l := t.lineage(name); t.files == nil || t.at != Detect || l.created && l.doubtful == nil || l.gone != nil {
		return Statement{}, false
	}
	by, ok := t.replaced(name)
	return by.Statement, ok && !t.isLikelyOther(by)
}

// scouted is a definition that the log itself will give a table later.
type scouted struct {
	number int              // of the statement that leads to it
	def    *dump.Definition // without its words
}

// maxScouted bounds the columns of the definitions to come that are kept.
const maxScouted = 1 << 16

// scout notes what a statement to come makes of its tables.
func (t *Tracker) scout(c *dump.Change, s Statement) {
	if t.files == nil || t.at == Start || t.scoutedAll >= maxScouted {
		return
	}
	if t.ahead == nil {
		t.ahead = New(t.files, Start)
	}
	t.ahead.last = s
	t.ahead.forgetNames()
	t.ahead.pack()
	t.ahead.apply(c, s)
	name := c.Name
	switch c.Kind {
	case dump.SetDatabase, dump.DropDatabase, dump.DropTable:
		return
	case dump.RenameTable:
		name = c.Other
	}
	for _, made := range t.ahead.lineage(name).candidates {
		t.scouted[name.Fold()] = append(t.scouted[name.Fold()], scouted{t.foreseeing, &dump.Definition{Table: made.def.Table}})
		t.scoutedAll += len(made.def.Table.Columns)
	}
}

// weigh lists the definitions that a table may have. To those that the statements so far allow it adds those that the statements to come
// lead back to, and it leaves out those that the statements to come refute.
func (t *Tracker) weigh(l *lineage, name dump.Name) []candidate {
	if t.files == nil || t.at == Start || l.created && l.doubtful == nil || l.gone != nil || t.isForgotten(name.Fold()) {
		return l.candidates
	}
	future, end := t.upcoming(name)
	if by, ok := t.replaced(name); ok && !l.created && t.isLikelyOther(by) {
		return []candidate{{unknown: fmt.Errorf("its definition is that of the table which the %s puts in its place", by), before: &by.Statement}}
	}
	if end.gone != nil && t.atEnd() {
		return l.candidates
	}
	if end.gone != nil && !l.created && t.written.isAfter(*end.gone) {
		return []candidate{{unknown: fmt.Errorf("its definition is from after the %s, and of another table than these rows", end.gone), before: end.gone}}
	}
	switch {
	case end.tooMany:
		return append(slices.Clip(l.candidates), candidate{unknown: fmt.Errorf("the logs change the table too often after these rows")})
	case len(future) == 0:
		return l.candidates
	}
	return t.agreeing(l, future, t.life(name, future, end))
}

// agreeing lists the definitions that agree with the statements to come in the table's life: of the candidates, and of those of the files
// taken back to before these statements. One that can as well be from after the next statement is taken from there.
func (t *Tracker) agreeing(l *lineage, future []ahead, life []span) (list []candidate) {
	left := make([]*dump.Definition, len(future)) // what the files have, where it can be from after the statement
	for i := range future {
		left[i] = t.leftBy(l.past, future, life, i)
	}
	for _, c := range l.candidates {
		superseded := t.written.isAfter(future[0].Statement) || left[0] != nil && !future[0].change.ExchangesNames() && c.def.Equal(left[0])
		if !superseded && t.survives(c.def, future, life) {
			list = append(list, c)
		}
	}
	for i, def := range left {
		superseded := def != nil && i+1 < len(left) && left[i+1] != nil && !future[i+1].change.ExchangesNames() && left[i+1].Equal(def)
		if def != nil && !superseded {
			list = append(list, t.takeBack(def, future[:i+1], life, l.past)...)
		}
	}
	return list
}

// refuted is the error for a table whose definitions fit the rows but not the statements to come.
func (t *Tracker) refuted(l *lineage, name dump.Name, m *decoder.TableMap) error {
	fits, mismatch := fitting(l.candidates, m)
	if len(fits) == 0 {
		return t.explain(name, l, mismatch)
	}
	s := t.later(name)[0].Statement
	return beforeError(name, fmt.Sprintf("the definition in %s can be neither from before nor from after the %s", fits[0].def.Table.Source, s), &s, nil)
}

// leftBy is the files' definition of the table if it can be from after the i-th statement to come and before the next one.
func (t *Tracker) leftBy(past []*dump.Change, future []ahead, life []span, i int) *dump.Definition {
	if t.atEnd() && i < len(future)-1 || t.written.isBefore(future[i].Statement) || i < len(future)-1 && t.written.isAfter(future[i+1].Statement) {
		return nil
	}
	def, err := t.ofFiles(future[i].after)
	if err != nil || t.atEnd() {
		return def
	}
	passed := slices.Clone(past)
	for _, f := range future[:i+1] {
		passed = append(passed, f.change)
	}
	if future[i].change.Kind == dump.Lost || !couldFollow(def, passed) || !t.survives(def, future[i+1:], life[i+1:]) {
		return nil
	}
	return def
}

// pass remembers an applied statement, to test later whether the files' definition could be from after it.
func (t *Tracker) pass(l *lineage, c *dump.Change) {
	if t.files == nil {
		return
	}
	if t.passing += c.Size(); t.passing > maxPast {
		l.past = nil
		return
	}
	l.past = append(slices.Clip(l.past), c)
	if len(l.past) > maxAhead {
		l.past = l.past[1:]
	}
}

// couldFollow reports whether a definition can be the result of the statements, as far back as they can be undone.
func couldFollow(def *dump.Definition, statements []*dump.Change) bool {
	for i := len(statements) - 1; i >= 0; i-- {
		c := statements[i]
		if c.Kind != dump.AlterTable && c.Kind != dump.RenameTable {
			return true
		}
		if !c.Leaves(def) {
			return false
		}
		before, err := c.Undo(def)
		if errors.Is(err, dump.ErrContradicted) {
			return false
		}
		if err != nil || len(before) != 1 || len(before[0].Overwritten) > 0 {
			return true
		}
		def = before[0]
	}
	return true
}

// survives reports whether statements can be applied to a definition, as far as they are understood, and lead to the rows between them.
func (t *Tracker) survives(def *dump.Definition, statements []ahead, life []span) bool {
	for i := range statements {
		if !t.hasShape(def, life[i]) {
			return false
		}
		var err error
		switch c := statements[i].change; c.Kind {
		case dump.AlterTable:
			if def, err = c.Alter(def, def.Table.Source); err != nil {
				return false
			}
		case dump.RenameTable:
			def = def.Rename(c.Other, def.Table.Source)
		default:
			return true
		}
	}
	return t.hasShape(def, life[len(statements)])
}

// takeBack lists the definitions that a table may have had before statements that have led to def, and after those of the past.
func (t *Tracker) takeBack(def *dump.Definition, statements []ahead, life []span, past []*dump.Change) []candidate {
	defs := []*dump.Definition{def}
	earlier := slices.Clone(past)
	for _, s := range statements {
		earlier = append(earlier, s.change)
	}
	for i := len(statements) - 1; i >= 0; i-- {
		s := &statements[i]
		earlier = earlier[:len(past)+i]
		var before []*dump.Definition
		for _, d := range defs {
			made, err := s.change.Undo(d)
			if errors.Is(err, dump.ErrContradicted) {
				continue
			}
			if err != nil {
				what := fmt.Errorf("the definition in %s is from after the %s, and what the table was before the %s is not known: %w",
					def.Table.Source, statements[len(statements)-1].Statement, s.Statement, err)
				return []candidate{{unknown: what, before: &s.Statement}}
			}
			for _, d := range made {
				if t.hasShape(d.Recall(earlier), life[i]) {
					before = append(before, d)
				}
			}
		}
		if defs = distinct(before); len(defs) > maxTakenBack {
			what := fmt.Errorf("the definition in %s is from after the %s, and before the %s the table may have been any of many",
				def.Table.Source, statements[len(statements)-1].Statement, s.Statement)
			return []candidate{{unknown: what, before: &s.Statement}}
		}
	}
	var list []candidate
	for _, d := range defs {
		if d = d.Recall(past); !d.CouldFollow(past) {
			continue
		}
		d = d.Rename(dump.Name{Database: d.Table.Database, Table: d.Table.Name}, origin(def)+sourceBefore+statements[0].String())
		list = append(list, candidate{def: d, before: &statements[0].Statement})
	}
	return list
}

// maxTakenBack bounds the definitions that one table may have had.
const maxTakenBack = 1024

// errUntold: neither the statement nor the log says a column's type.
var errUntold = errors.New("neither the statement nor the log says what the type was")
