package stats

import (
	"context"
	"slices"

	"binmend/decoder"
	"binmend/schema"
	"binmend/schema/changes"
)

// keys knows which tables have a key, from their definitions or from the log's row metadata.
type keys struct {
	definitions *changes.Definitions
}

// of is the key of a table as it is at its rows.
func (k *keys) of(m *decoder.TableMap) Key {
	t, err := k.definitions.Table(context.Background(), schema.Ref{Database: m.Database, Table: m.Table, Map: m})
	switch {
	case err == nil && !t.KeysUnknown:
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
	return KeyNone
}

// findsRow reports whether a unique key leads to one row: it has no part that may be NULL or is an expression.
func findsRow(t *schema.Table, k *schema.Key) bool {
	return !slices.ContainsFunc(k.Parts, func(p schema.KeyPart) bool {
		return p.Column < 0 || p.Column >= len(t.Columns) || t.Columns[p.Column].Nullable
	})
}
