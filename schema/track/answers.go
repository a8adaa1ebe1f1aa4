package track

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"binmend/decoder"
	"binmend/decoder/words"
	"binmend/schema"
	"binmend/schema/dump"
)

// What a tracker answers at its point of the log: the tables, and what a reader has to know of their origin.

// LastChange is the statement that was last applied to a table, and whether the table's definition is the log's own.
func (t *Tracker) LastChange(name dump.Name) (s Statement, created, ok bool) {
	l := t.lineage(name)
	return l.changed.last, l.created, l.changed.n > 0
}

// LastTime is when the last statement of the logs on a table had ended; zero without one.
func (t *Tracker) LastTime(name dump.Name) time.Time {
	last := t.lineage(name).changed.last.ended
	if future, _ := t.upcoming(name); len(future) > 0 {
		last = future[len(future)-1].ended
	}
	return last
}

// Lost is the last statement on a table that was not understood, if the definition is the files'.
func (t *Tracker) Lost(name dump.Name) (Statement, bool) {
	if l := t.lineage(name); l.lost != nil {
		return *l.lost, true
	}
	return Statement{}, false
}

// WithForeignKeys lists the tables with foreign keys that statements have made or changed, by name. The tables may lack their columns.
func (t *Tracker) WithForeignKeys() (list []*schema.Table) {
	for _, l := range t.tables {
		for _, c := range l.candidates {
			if of := c.references(); len(of.ForeignKeys) > 0 {
				list = append(list, of)
			}
		}
	}
	slices.SortFunc(list, func(a, b *schema.Table) int {
		return cmp.Or(cmp.Compare(a.Database, b.Database), cmp.Compare(a.Name, b.Name))
	})
	return list
}

// Doubt is the CREATE TABLE IF NOT EXISTS that a table's definition is from, if the log does not show that the table did not exist
// before. MySQL logs the statement in both cases, MariaDB only when it has made the table.
func (t *Tracker) Doubt(name dump.Name) (Statement, bool) {
	if l := t.lineage(name); l.doubtful != nil && l.created {
		return Statement{Pos: l.doubtful.Pos, Verb: l.doubtful.Verb + " IF NOT EXISTS"}, true
	}
	return Statement{}, false
}

// Assumed is the CREATE DATABASE IF NOT EXISTS that a table's text columns have their character set from: servers log it even when the
// database exists, perhaps with another one.
func (t *Tracker) Assumed(name dump.Name) (Statement, bool) {
	if l := t.lineage(name); l.assumed != nil && l.created {
		return Statement{Pos: l.assumed.Pos, Verb: l.assumed.Verb + " IF NOT EXISTS"}, true
	}
	return Statement{}, false
}

// Table finds a table as it is at this point of the log. With a table map only a definition that fits it is returned.
func (t *Tracker) Table(_ context.Context, ref schema.Ref) (*schema.Table, error) {
	t.forgetNames()
	t.pack()
	return t.table(ref)
}

func (t *Tracker) table(ref schema.Ref) (*schema.Table, error) {
	found, err := t.tableOfRows(ref)
	if err == nil && found.Doubt != nil {
		return nil, found.Doubt.Reason
	}
	return found, err
}

// TableOfRows is Table for rows. The table may be in doubt, as many rows read the same in spite of it: ask its Sure about each row.
func (t *Tracker) TableOfRows(_ context.Context, ref schema.Ref) (*schema.Table, error) {
	t.forgetNames()
	t.pack()
	return t.tableOfRows(ref)
}

func (t *Tracker) tableOfRows(ref schema.Ref) (*schema.Table, error) {
	name := dump.Name{Database: ref.Database, Table: ref.Table}
	l := t.lineage(name)
	if ref.Map != nil {
		l = t.ofRows(name)
	}
	if def := t.ofEnd(l, name); def != nil && (ref.Map == nil || schema.Verify(def.Table, ref.Map) == nil) {
		return t.complete(def.Table, ref.Map), nil
	}
	weighed := t.weigh(l, name)
	fitting, mismatch := fitting(weighed, ref.Map)
	if len(weighed) == 0 && len(l.candidates) > 0 {
		if err := t.refuted(l, name, ref.Map); err != nil {
			return nil, err
		}
	}
	for _, c := range fitting {
		if c.unknown != nil {
			return nil, beforeError(name, c.unknown.Error(), c.before, nil)
		}
	}
	if len(fitting) == 0 {
		return nil, t.explain(name, l, mismatch)
	}
	best, others := fitting[0], alternatives(fitting)
	if ref.Map == nil {
		switch c := best; {
		case len(others) > 0:
			return nil, t.ambiguous(name, best, others[0])
		case c.def.IsOpen():
			return nil, beforeError(name, c.untold(slices.Concat(c.def.Overwritten, c.def.Recoded)[0]).Error(), c.before, nil)
		}
		return best.def.Table, nil
	}
	l.keep(ref.Map)
	if l.changed.n == 0 && best.before == nil && len(others) == 0 {
		l.used = best.def
	}
	return t.doubted(name, best, others, ref.Map), nil
}

// alternatives are the candidates that read rows otherwise than the first one.
func alternatives(fitting []candidate) (list []candidate) {
	for _, other := range fitting[1:] {
		if !other.fallback && (!other.def.Reads(fitting[0].def) || other.def.Table.Doubt != nil) {
			list = append(list, other)
		}
	}
	return list
}

// doubted is a candidate's table with what is unknown about it.
func (t *Tracker) doubted(name dump.Name, c candidate, others []candidate, m *decoder.TableMap) *schema.Table {
	table := t.complete(c.def.Table, m)
	if d := table.Doubt; d != nil {
		with := *table
		with.Doubt = &schema.Doubt{Reason: beforeError(name, d.Reason.Error(), c.before, nil), Values: d.Values}
		table = &with
	}
	if len(others) == 0 {
		return table
	}
	var list []*schema.Table
	for _, other := range others {
		list = append(list, t.complete(other.def.Table, m))
	}
	return table.WithOthers(list, t.ambiguous(name, c, others[0]))
}

// Definitions lists the tables that exist at this point of the log, by name, each with its definition, or an error if it is not known.
func (t *Tracker) Definitions(yield func(dump.Name, *dump.Definition, error)) {
	var names []dump.Name
	if files, ok := t.files.(*dump.Schema); ok {
		for _, of := range files.Tables() {
			names = append(names, dump.Name{Database: of.Database, Table: of.Name})
		}
	}
	for name, l := range t.tables {
		if l.changed.n > 0 {
			names = append(names, name)
		}
	}
	byName := func(a, b dump.Name) int {
		return cmp.Or(strings.Compare(a.Database, b.Database), strings.Compare(a.Table, b.Table))
	}
	if t.forgotten.n > 0 {
		yield(t.forgotten.lost, nil, fmt.Errorf("%s; nor is what they do to %s", t.whatIsForgotten(), words.Count(t.forgotten.n-1, "other table")))
	}
	slices.SortFunc(names, byName)
	for _, name := range slices.Compact(names) {
		if l := t.lineage(name); l.gone != nil || t.isForeseenOnly(name, l) {
			continue
		}
		def, err := t.definition(name)
		yield(name, def, err)
		t.pack()
	}
}

// isForeseenOnly reports whether a statement to come makes the table, so that the files' definition counts from there on.
func (t *Tracker) isForeseenOnly(name dump.Name, l *lineage) bool {
	later := t.later(name)
	if l.changed.n > 0 || len(later) == 0 || later[0].change == nil {
		return false
	}
	c := later[0].change
	isMade := c.Kind == dump.CreateTable || c.Kind == dump.CreateTableLike || c.Kind == dump.RenameTable && t.isSame(c.Other, name)
	return isMade && !c.Optional
}

// definition is a table as it is at this point of the log.
func (t *Tracker) definition(name dump.Name) (*dump.Definition, error) {
	found, err := t.table(schema.Ref{Database: name.Database, Table: name.Table})
	if err != nil {
		return nil, err
	}
	for _, c := range t.weigh(t.lineage(name), name) {
		if c.def != nil && c.def.Table == found {
			return c.def, nil
		}
	}
	return t.ofFiles(name) // of the end of the logs
}

// ofEnd is the files' definition if they were written after everything that the log does to the table.
func (t *Tracker) ofEnd(l *lineage, name dump.Name) *dump.Definition {
	if t.files == nil || !t.atEnd() || l.gone != nil || t.IsForeseen(name) || t.isForgotten(name.Fold()) && !t.isCertain(l) {
		return nil
	}
	def, err := t.ofFiles(name)
	isOther := func(c candidate) bool { return !c.def.Reads(def) }
	if err != nil || t.at == Later && t.isCertain(l) && slices.ContainsFunc(l.candidates, isOther) {
		return nil // it was changed after the logs
	}
	return def
}

func (t *Tracker) atEnd() bool { return t.at == End || t.at == Later }

// fitting lists the definitions that agree with the table map; mismatch is why one of the others does not.
func fitting(candidates []candidate, m *decoder.TableMap) (list []candidate, mismatch error) {
	for _, c := range candidates {
		if m != nil {
			fitted, err := c.fit(m)
			if err != nil {
				mismatch = err
				continue
			}
			c = fitted
		}
		list = append(list, c)
	}
	return list, mismatch
}
