package changes

import (
	"context"
	"fmt"

	"binmend/decoder"
	"binmend/schema"
)

// Changes that foreign keys made of others: which of them the log has, and which it lacks.

// followCascades reports whether the current statement's row events up to this one have changes that foreign keys made: these alone
// have foreign_key_checks off among others that have them on (MySQL source: Table_FK, sql/sql_foreign_key_constraint.cc).
func (s *Stream) followCascades(e *decoder.Event, m *decoder.TableMap, t *table) bool {
	if !e.Format.Server.LogsCascades() {
		return false
	}
	s.cascades = s.cascades || e.RowsFlags()&decoder.RowsNoForeignKeyChecks != 0
	if kind, _ := e.RowsKind(); s.maps == 1 && !s.cascades && kind != decoder.Insert && !t.alone && len(s.alone) < maxSeen {
		t.alone = true
		s.alone[m.Database+"."+m.Table] = true
	}
	return s.cascades
}

// cascadesBeside says which foreign keys change rows of other tables when those of a table change.
func cascadesBeside(t *schema.Table, referredBy []schema.Reference) (list []string) {
	for i := range referredBy {
		r := &referredBy[i]
		if action := r.Cascades(); action != "" {
			list = append(list, fmt.Sprintf("%s.%s refers to %s.%s with %s: MySQL before 9.6 or with innodb_native_foreign_keys, and MariaDB, don't log what that "+
				"changed, and it is not among these changes", r.Database, r.Table, t.Database, t.Name, action))
		}
	}
	return list
}

// remarkUnlogged remembers what the log lacks of a change.
func (s *Stream) remarkUnlogged(ctx context.Context, e *decoder.Event, t *table) {
	if kind, ok := e.RowsKind(); !ok || kind == decoder.Insert || t.table == nil || t.lacks {
		return
	}
	if !t.isAsked {
		t.isAsked, t.unlogged = true, cascadesBeside(t.table, s.Definitions.referredBy(ctx, t.table))
	}
	if len(t.unlogged) == 0 || e.Format.Server.LogsCascades() && !s.ChangedAlone(t.table) || e.RowsFlags()&decoder.RowsNoForeignKeyChecks != 0 {
		return
	}
	for _, text := range t.unlogged {
		remember(&s.unlogged, text)
	}
}

// Unlogged says which changes the logs lack because foreign keys made them.
func (s *Stream) Unlogged() []string { return s.unlogged }

// endStatement forgets a statement after its last row event.
func (s *Stream) endStatement(e *decoder.Event) {
	if e.EndsStatement() {
		s.cascades, s.maps = false, 0
	}
}

// ChangedAlone reports whether a statement changed or deleted rows of a table without a table map of another one. Servers that log what
// foreign keys make of that map the tables of these as well.
func (s *Stream) ChangedAlone(t *schema.Table) bool { return s.alone[t.FullName()] }
