package span

import (
	"strings"

	"binmend/decoder"
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
