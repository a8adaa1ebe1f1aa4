package repair

import (
	"context"
	"slices"

	"binmend/emit/probe"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/replica"
)

// sourceRows asks the source about rows of the replica's tables. On the source, a table may be in a database of another name
// (Replicate_Rewrite_DB) and have other columns: columns are matched by position, as the applier does.
type sourceRows struct {
	probe.Server
	filters  *replica.Filters
	tables   schema.Resolver // of the source
	differ   []*schema.Table // the replica's tables that differ from the source's according to the log
	mappings map[*schema.Table]*mapping
}

// mapping matches a table of the source with one of the replica.
type mapping struct {
	table   *schema.Table
	columns []int // by column of the replica's: the source's, or -1
}

// Rows translates the questions, which must be about stored rows, and the answers. It does not ask about a table whose form on the
// source makes values incomparable.
func (s *sourceRows) Rows(ctx context.Context, questions []probe.Question, found func(int, *sqltext.Stored, bool) error) (unasked []int, err error) {
	if len(questions) == 0 {
		return nil, nil
	}
	t, key := questions[0].Row.Table, questions[0].Key
	m, err := s.mapping(ctx, t)
	if err != nil {
		return nil, err
	}
	var there *schema.Key
	if m != nil {
		there = m.key(key)
	}
	if there == nil {
		for n := range questions {
			unasked = append(unasked, n)
		}
		return unasked, nil
	}
	translated := make([]probe.Question, len(questions))
	for n := range questions {
		translated[n].Row.Table, translated[n].Key, translated[n].Stored = m.table, there, m.toSource(questions[n].Stored)
	}
	return s.Server.Rows(ctx, translated, func(n int, row *sqltext.Stored, same bool) error {
		return found(n, m.toReplica(t, row), same)
	})
}

// mapping finds the source's table; nil if there is none, or it can't be compared.
func (s *sourceRows) mapping(ctx context.Context, t *schema.Table) (*mapping, error) {
	if m, ok := s.mappings[t]; ok {
		return m, nil
	}
	database := s.filters.Original(t.Database)
	source, err := s.tables.Table(ctx, schema.Ref{Database: database, Table: t.Name})
	var m *mapping
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err == nil:
		m = mappingOf(t, source)
	case database == t.Database && !slices.Contains(s.differ, t):
		m = mappingOf(t, t) // only the definition can't be read
	}
	s.mappings[t] = m
	return m, nil
}

// mappingOf matches the columns; nil if values mean different things in the two tables.
func mappingOf(t, source *schema.Table) *mapping {
	m := &mapping{table: source, columns: make([]int, len(t.Columns))}
	next := 0
	for i := range t.Columns {
		m.columns[i] = -1
		if t.Columns[i].Local {
			continue
		}
		if next == len(source.Columns) || !isComparable(&t.Columns[i], &source.Columns[next]) {
			return nil
		}
		m.columns[i] = next
		next++
	}
	return m
}

// isComparable reports whether a value has the same literal in two columns.
func isComparable(a, b *schema.Column) bool {
	switch {
	case a.Type.IsInteger() && b.Type.IsInteger(), a.Type.IsText() && b.Type.IsText(), a.Type.IsBytes() && b.Type.IsBytes() && a.Type != schema.TypeBinary:
		return a.Generated == b.Generated
	}
	return a.Type == b.Type && a.Length == b.Length && a.Decimals == b.Decimals && a.Generated == b.Generated && slices.Equal(a.Members, b.Members)
}

// key is a key in terms of the source's columns; nil if it has a part that only the replica has.
func (m *mapping) key(key *schema.Key) *schema.Key {
	there := &schema.Key{Name: key.Name, Primary: key.Primary}
	for _, part := range key.Parts {
		if part.Column < 0 || m.columns[part.Column] < 0 {
			return nil
		}
		part.Column = m.columns[part.Column]
		there.Parts = append(there.Parts, part)
	}
	return there
}

func (m *mapping) toSource(row *sqltext.Stored) *sqltext.Stored {
	there := &sqltext.Stored{Table: m.table, Literals: make([][]byte, len(m.table.Columns))}
	for i, c := range m.columns {
		if c >= 0 {
			there.Literals[c] = row.Literals[i]
		}
	}
	return there
}

func (m *mapping) toReplica(t *schema.Table, row *sqltext.Stored) *sqltext.Stored {
	here := &sqltext.Stored{Table: t, Literals: make([][]byte, len(t.Columns))}
	for i, c := range m.columns {
		if c >= 0 {
			here.Literals[i] = row.Literals[c]
		}
	}
	return here
}
