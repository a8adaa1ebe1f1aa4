package track

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/schema/dump"
)

// What each statement of the log does to the tables.

// Apply takes the next statement of the log. One that is no DDL of a table or a database changes nothing. One that is not
// understood makes the table it names unknown from there on, or if it names none that is understood, all tables of its default
// database, which is an error. ErrReadWrong is one that comes too late: rows were given a definition from after the statement.
func (t *Tracker) Apply(pos decoder.Position, st dump.Statement) error {
	t.pack()
	var wrong error
	err := t.parser.Parse(st, func(c *dump.Change) {
		if wrong != nil {
			return
		}
		c.ConvertTo(t.encoding)
		s := Statement{pos, c.Verb, st.Ended}
		t.last = s
		t.forgetNames()
		if wrong = t.readWrong(c, s); wrong == nil {
			t.apply(c, s)
		}
	})
	if wrong != nil {
		return wrong
	}
	if err != nil {
		err = fmt.Errorf("the statement at %s:%d is not understood: %w", filepath.Base(pos.File), pos.Offset, err)
		t.loseDatabase(st.Database, Statement{pos, "statement", st.Ended}, err)
	}
	return err
}

// readWrong is an error if earlier rows were read with a definition that turns out to be from after this unforeseen statement: applying the
// statement does not change it.
func (t *Tracker) readWrong(c *dump.Change, s Statement) error {
	if t.at != Detect || c.Kind != dump.AlterTable || t.IsForeseen(c.Name) {
		return nil
	}
	used := t.lineage(c.Name).used
	if used == nil || c.ExchangesNames() || !c.Leaves(used) {
		return nil
	}
	before, err := c.Undo(used)
	if err == nil && len(before) == 1 && len(before[0].Overwritten) == 0 && before[0].Reads(used) {
		return nil
	}
	what := fmt.Sprintf("the definition in %s is from after the %s, which leaves it as it is, and rows before it were read with it", used.Table.Source, s)
	e := tableError(ErrReadWrong, c.Name, what, nil)
	e.Facts.First = s.String()
	return e
}

// lose makes a table unknown, except for what the files say about it.
func (t *Tracker) lose(l *lineage, c *dump.Change, s Statement, reason error) {
	l.become(lineage{changed: l.changed.with(s), reason: reason, lost: &s})
	t.addFromFiles(l, c, s)
}

func (t *Tracker) apply(c *dump.Change, s Statement) {
	switch c.Kind {
	case dump.SetDatabase:
		t.setDatabase(c, s)
		return
	case dump.DropDatabase:
		t.dropDatabase(c.Name.Database, s)
		return
	}
	t.tellApart(c)
	if len(t.existing) < maxExisting && c.Kind != dump.DropTable { // IF EXISTS may name none
		t.existing[strings.ToLower(c.Name.Database)] = true
	}
	l := t.lineage(c.Name)
	t.see(c.Name)
	defer t.see(c.Name, c.Other)
	defer t.count(c.Name, l, s)
	t.passed(c.Name, s)
	switch c.Kind {
	case dump.CreateTable, dump.CreateTableLike:
		t.create(l, c, s)
	case dump.AlterTable:
		t.alter(l, c, s)
	case dump.RenameTable:
		t.rename(l, c, s)
	case dump.DropTable:
		l.become(lineage{gone: &s, changed: l.changed.with(s)})
	case dump.Lost:
		t.lose(l, c, s, fmt.Errorf("the %s is not understood: %w", s, c.Err))
	}
}

// see tells Seen what tables are now.
func (t *Tracker) see(names ...dump.Name) {
	if t.Seen == nil {
		return
	}
	for _, name := range names {
		if name.Table == "" {
			continue
		}
		if def, err := t.definition(name); err == nil {
			t.Seen(def.Table)
		}
	}
}

// create makes a table. With IF NOT EXISTS the files' definition comes first, and the statement's counts only if that does not fit the rows.
func (t *Tracker) create(l *lineage, c *dump.Change, s Statement) {
	altered := l.changed.n > 0 && l.gone == nil // so it exists, even if it is not known how it looks
	if c.Optional && (l.created || altered && len(l.candidates) == 0) {
		return
	}
	var made []candidate
	var reason error
	switch {
	case c.Kind == dump.CreateTable:
		def, err := c.Create(t.encoding(c.Name.Database), s.String())
		if err != nil {
			reason = fmt.Errorf("the %s is not understood: %w", s, err)
		} else {
			made = []candidate{{def: def}}
		}
	default:
		model := t.lineage(c.Other)
		for _, m := range t.weigh(model, c.Other) {
			if m.unknown != nil || m.def.IsOpen() {
				made = nil
				break
			}
			made = append(made, candidate{def: c.Copy(m.def, s.String()+" LIKE "+origin(m.def)), after: m.after, fallback: m.fallback})
		}
		if len(made) == 0 {
			t.spread(c.Other, c.Name, s)
			reason = fmt.Errorf("the %s copies %s, which is not known", s, c.Other)
		}
	}
	if c.Optional && len(l.candidates) > 0 {
		for _, m := range made {
			m.fallback = true
			l.candidates = append(l.candidates, m)
		}
		l.changed = l.changed.with(s)
		return
	}
	doubtful := c.Optional && !c.Certain && l.gone == nil && !t.hasAll && !t.created[strings.ToLower(c.Name.Database)]
	l.become(lineage{candidates: made, changed: l.changed.with(s), created: len(made) > 0, reason: reason, named: c.Name})
	if doubtful {
		l.doubtful = &s
	}
	if by := t.assumed[strings.ToLower(c.Name.Database)]; by != nil && c.Kind == dump.CreateTable && c.TakesEncoding() {
		l.assumed = by
	}
	if len(made) == 0 {
		t.addFromFiles(l, c, s)
	}
}

// alter changes each definition that the table may have. A definition to which the statement can't be applied is dropped: it is not the table's.
func (t *Tracker) alter(l *lineage, c *dump.Change, s Statement) {
	var changed []candidate
	for _, old := range l.candidates {
		def, err := c.Alter(old.def, sourceAfter(old.def, s, l.changed.n))
		if err != nil {
			l.reason = fmt.Errorf("the %s does not apply to the definition in %s: %w", s, old.def.Table.Source, err)
			continue
		}
		changed = append(changed, candidate{def: def, after: old.after, fallback: old.fallback})
	}
	l.candidates = changed
	l.changed = l.changed.with(s)
	l.named = c.Name
	t.pass(l, c)
	t.addFromFiles(l, c, s)
}

// sourceAfter says where a definition is from after one more statement.
func sourceAfter(def *dump.Definition, s Statement, before int) string {
	from, _, changed := strings.Cut(def.Table.Source, sourceChanged)
	if before > 0 && changed {
		return from + sourceChanged + "up to " + s.String()
	}
	return from + sourceChanged + "by " + s.String()
}

const (
	sourceChanged = ", changed "
	sourceBefore  = ", before the "
)

// origin is the first place that a definition is from.
func origin(def *dump.Definition) string {
	from, _, _ := strings.Cut(def.Table.Source, sourceChanged)
	from, _, _ = strings.Cut(from, " LIKE ")
	from, _, _ = strings.Cut(from, sourceBefore)
	return from
}

// addFromFiles adds the files' definition as a candidate: it may be from after the statement.
func (t *Tracker) addFromFiles(l *lineage, c *dump.Change, s Statement) {
	name := c.Name
	if c.Kind == dump.RenameTable {
		name = c.Other
	}
	if t.files == nil || t.at == Start || t.atEnd() && t.IsForeseen(name) {
		return
	}
	if t.isForgotten(name.Fold()) && !t.isCertain(l) {
		l.gone = nil // the statement shows that it is there
		return
	}
	def, err := t.ofFiles(name)
	if err != nil || t.at == Later && t.isCertain(l) {
		return
	}
	if t.at == Detect {
		switch {
		case t.written.isBefore(s), t.isCertain(l) && !t.written.isUnknown():
			return
		case t.written.isAfter(s) && !t.isCertain(l):
			l.candidates = nil // they were made of definitions from before it
		case !couldFollow(def, l.past):
			return
		}
	}
	isSame := func(other candidate) bool { return other.def.Equal(def) }
	if len(l.candidates) >= maxCandidates || slices.ContainsFunc(l.candidates, isSame) {
		return
	}
	l.candidates = append(l.candidates, candidate{def: def, after: &s, ofFiles: true})
}

// rename moves a table to another name.
func (t *Tracker) rename(l *lineage, c *dump.Change, s Statement) {
	moved := lineage{changed: l.changed.with(s), created: l.created, doubtful: l.doubtful, reason: l.reason, past: l.past, named: c.Other}
	t.pass(&moved, c)
	for _, old := range l.candidates {
		def := old.def.Rename(c.Other, sourceAfter(old.def, s, l.changed.n))
		moved.candidates = append(moved.candidates, candidate{def: def, after: old.after, fallback: old.fallback})
	}
	if !t.isCertain(l) {
		t.spread(c.Name, c.Other, s)
	}
	l.become(lineage{gone: &s, changed: l.changed.with(s)})
	to := t.lineage(c.Other)
	t.passed(c.Other, s)
	to.become(moved)
	t.addFromFiles(to, c, s)
	t.count(c.Other, to, s)
}
