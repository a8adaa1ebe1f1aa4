package span

import (
	"bytes"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/schema/dump"
)

// MySQL 9.6 and later hand on in the server what foreign keys ask for, and log it: a transaction that deletes rows of a parent maps
// the child as well. With innodb_native_foreign_keys they do not.
type cascades struct {
	start  decoder.Position // of the current transaction
	mapped map[string]bool  // tables, by "database.table" in lower case
	hidden map[string]bool  // parents whose rows a transaction deletes that does not map their children
}

func lowerName(database, table string) string { return strings.ToLower(database + "." + table) }

func (l *timeline) watchMap(m *decoder.TableMap, start decoder.Position) {
	if l.cascades.start != start {
		l.cascades.start = start
		clear(l.cascades.mapped)
	}
	l.cascades.mapped[lowerName(m.Database, m.Table)] = true
}

func (l *timeline) watchCascades(e *decoder.Event) error {
	if kind, _ := e.RowsKind(); kind != decoder.Delete || !e.Format.Server.LogsCascades() {
		return nil
	}
	m, err := e.RowsTable()
	if err != nil {
		return err
	}
	for _, r := range l.options.Effects.References {
		if r.OnDelete && strings.EqualFold(r.Parent.Table, m.Table) && !l.cascades.mapped[lowerName(m.Database, r.Child.Table)] {
			l.cascades.hidden[lowerName(m.Database, m.Table)], l.later = true, true
		}
	}
	return nil
}

// hasCascades reports whether the log has what foreign keys make of a parent's changes.
func (l *timeline) hasCascades(f *decoder.Format, m *decoder.TableMap) bool {
	return f != nil && f.Server.LogsCascades() && (!l.isAhead || !l.cascades.hidden[lowerName(m.Database, m.Table)])
}

// mayCascade is a flag of a change, not of records: foreign keys refer to the table, and its session checked them.
const mayCascade = 0x80

// changesReferred reports whether an UPDATE changes what a foreign key refers to.
func (x *change) changesReferred(before, after []decoder.Cell) bool {
	for i := range x.referred {
		if r := &x.referred[i]; r.OnUpdate && slices.ContainsFunc(r.Columns, func(name string) bool {
			c := x.table.Table.Column(name)
			return c < 0 || after[c].State() != decoder.Absent &&
				(after[c].State() != before[c].State() || !bytes.Equal(after[c].Raw(), before[c].Raw()))
		}) {
			return true
		}
	}
	return false
}

// cascade makes barriers for the tables whose rows the replica's foreign keys change along with a row of this one: those changes are not in
// the log. If they are other tables, once for an event is enough, as the rest of the event is about this one.
func (x *change) cascade(isDelete bool) {
	l := x.span.line
	l.mu.Lock()
	defer l.mu.Unlock()
	reached := map[*Table]bool{}
	x.cascadeFrom(x.table, isDelete, reached)
	if !reached[x.table] {
		x.flags &^= mayCascade
	}
}

// cascadeFrom makes the barriers for a parent's rows, and for those of the tables that these reach. The timeline is locked.
func (x *change) cascadeFrom(parent *Table, isDelete bool, reached map[*Table]bool) {
	s := x.span
	for _, r := range s.referencesTo(parent) {
		if isDelete && !r.OnDelete || !isDelete && !r.OnUpdate {
			continue
		}
		for _, child := range s.line.tables {
			if child.gone || reached[child] || !s.isNamed(r.Child, child) {
				continue
			}
			reached[child] = true
			x.barriers = appendBarrier(x.barriers, child, x.at,
				"foreign keys hand changes of "+parent.Name.Database+"."+parent.Name.Table+" on to it, which are not in the log")
			x.cascadeFrom(child, isDelete, reached)
			x.cascadeFrom(child, !isDelete, reached)
		}
	}
}

// referencesTo are the foreign keys that hand changes of a table's rows on. The timeline is locked.
func (s *Span) referencesTo(t *Table) (list []Reference) {
	for _, r := range s.options.Effects.References {
		if (r.OnDelete || r.OnUpdate) && s.isNamed(r.Parent, t) {
			list = append(list, r)
		}
	}
	return list
}

// isNamed reports whether the replica's table has a name.
func (s *Span) isNamed(name dump.Name, t *Table) bool {
	return strings.EqualFold(name.Database, s.options.Filters.Renamed(t.Name.Database)) && strings.EqualFold(name.Table, t.Name.Table)
}
