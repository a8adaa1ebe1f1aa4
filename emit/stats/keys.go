package stats

import (
	"context"
	"slices"

	"binmend/decoder"
	"binmend/schema"
	"binmend/schema/dump"
	"binmend/schema/track"
)

// keys tells whether tables have a key, by the schema files, the DDL of the log and its row metadata.
type keys struct {
	tracker *track.Tracker
}

// follow takes a DDL statement. One that is not understood makes its table unknown.
func (k *keys) follow(e *decoder.Event, q *decoder.Query) {
	collations, _ := q.Collations()
	_ = k.tracker.Apply(e.Pos, dump.Statement{
		Server: e.Format.Server, Database: string(q.Database), SQL: string(q.SQL), Collations: collations,
	})
}

// of is the key of a table as it is at its rows.
func (k *keys) of(m *decoder.TableMap) Key {
	t, err := k.tracker.Table(context.Background(), schema.Ref{Database: m.Database, Table: m.Table, Map: m})
	switch {
	case err == nil:
		return keyOf(t)
	case len(m.PrimaryKey) > 0:
		return KeyPrimary
	case m.FullNames:
		return KeyNone // servers write the first unique key without NULLs where there is no primary key
	}
	return KeyUnknown
}

func keyOf(t *schema.Table) Key {
	if t.Primary() != nil {
		return KeyPrimary
	}
	if slices.ContainsFunc(t.Keys, func(k schema.Key) bool { return findsRow(t, &k) }) {
		return KeyUnique
	}
	if t.KeysUnknown {
		return KeyUnknown
	}
	return KeyNone
}

// findsRow says whether a unique key leads to one row: it has no part that may be NULL or is an expression.
func findsRow(t *schema.Table, k *schema.Key) bool {
	return !slices.ContainsFunc(k.Parts, func(p schema.KeyPart) bool {
		return p.Column < 0 || p.Column >= len(t.Columns) || t.Columns[p.Column].Nullable
	})
}
