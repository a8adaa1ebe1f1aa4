package compare

import (
	"context"
	"strings"

	"binmend/emit/compare/span"
	"binmend/schema/dump"
	"binmend/schema/live"
)

const ownSchemas = "('mysql', 'sys', 'information_schema', 'performance_schema')"

// askEffects asks for triggers, views, programs and foreign keys on the replica, through which changes reach other rows.
func askEffects(ctx context.Context, server *live.Server) (f span.Effects, err error) {
	f.Programs = map[string]bool{}
	for _, query := range []string{
		"SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA NOT IN " + ownSchemas,
		"SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA NOT IN " + ownSchemas,
		"SELECT EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA NOT IN " + ownSchemas,
	} {
		err := server.Select(ctx, query, func(values [][]byte) error {
			f.Programs[strings.ToLower(string(values[0]))] = true
			return nil
		})
		if err != nil {
			return f, err
		}
	}
	const keys = "SELECT r.CONSTRAINT_SCHEMA, r.TABLE_NAME, r.UNIQUE_CONSTRAINT_SCHEMA, r.REFERENCED_TABLE_NAME, r.DELETE_RULE, r.UPDATE_RULE, " +
		"k.REFERENCED_COLUMN_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS r JOIN information_schema.KEY_COLUMN_USAGE k " +
		"ON k.CONSTRAINT_SCHEMA = r.CONSTRAINT_SCHEMA AND k.CONSTRAINT_NAME = r.CONSTRAINT_NAME AND k.TABLE_NAME = r.TABLE_NAME"
	err = server.Select(ctx, keys, func(values [][]byte) error {
		text := func(i int) string { return string(values[i]) }
		f.References = append(f.References, span.Reference{
			Child: dump.Name{Database: text(0), Table: text(1)}, Parent: dump.Name{Database: text(2), Table: text(3)},
			OnDelete: changesChild(text(4)), OnUpdate: changesChild(text(5)), Columns: []string{text(6)}})
		return nil
	})
	return f, err
}

// changesChild reports whether a foreign key's rule changes rows of the child.
func changesChild(rule string) bool {
	return rule == "CASCADE" || rule == "SET NULL" || rule == "SET DEFAULT"
}
