package changes

import (
	"context"
	"fmt"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/schema"
	"binmend/schema/where"
)

// The tables of a stream's rows, found once for each table map.

// table is what is known of a table map.
type table struct {
	table    *schema.Table // nil: there is no definition, and Options.Undefined takes it
	missing  error         // why there is none
	where    *where.Matcher
	special  *special
	lacks    bool // a column of the condition
	triggers bool // the table has triggers, or may have
	alone    bool // see ChangedAlone
	size     int  // bytes of both

	isAsked  bool     // unlogged is known: it is asked for when a row is changed or deleted
	unlogged []string // what foreign keys of other tables make of its changes, and the log does not have
}

// table finds the table of a table map, once.
func (s *Stream) table(ctx context.Context, m *decoder.TableMap, pos decoder.Position) (*table, error) {
	if t, ok := s.tables.Get(m); ok {
		return t, nil
	}
	found, err := s.find(ctx, m, pos)
	if err != nil {
		return &table{}, err
	}
	t := &found
	t.size = m.Size()
	if t.table != nil {
		t.size += t.table.Size()
	}
	s.tables.Put(m, t, t.size)
	if !t.lacks && t.table != nil && len(s.seen) < maxSeen {
		s.see(t.table, s.Definitions.referredBy(ctx, t.table))
	}
	return t, nil
}

// maxSeen bounds the tables that are kept for Tables.
const maxSeen = 1024

// see keeps what Tables says of a table, once.
func (s *Stream) see(t *schema.Table, referredBy []schema.Reference) {
	facts := &schema.Table{Database: t.Database, Name: t.Name, Triggers: t.Triggers, ReferredBy: referredBy}
	if t.IsSequence() {
		facts.Columns = t.Columns
	}
	key := fmt.Sprintf("%q %q %q %d %q", t.Database, t.Name, t.Triggers, len(facts.Columns), facts.ReferredBy)
	if !s.known[key] {
		s.known[key] = true
		s.seen = append(s.seen, facts)
	}
}

// Tables lists the tables whose rows have been given so far, the first of them: their names, their triggers, the
// foreign keys that refer to them, and the columns of sequences. A table may be there several times, as it was at different times.
func (s *Stream) Tables() []*schema.Table { return s.seen }

// find finds the table of a table map and makes sure that it fits.
func (s *Stream) find(ctx context.Context, m *decoder.TableMap, pos decoder.Position) (table, error) {
	found, err := s.Definitions.table(ctx, schema.Ref{Database: m.Database, Table: m.Table, Map: m, Pos: pos})
	if err == nil {
		err = schema.Verify(found, m)
	}
	if err == nil && found.Doubt != nil && s.Undefined == GiveAll {
		err = found.Doubt.Reason
	}
	if err != nil {
		err = fmt.Errorf("%s at offset %d: %w", pos.File, pos.Offset, err)
		if s.Where == nil && ctx.Err() == nil && s.Undefined.takes(err) {
			return table{triggers: true, missing: err}, nil
		}
		return table{}, err
	}
	found = asLogged(found, m)
	t := table{table: found, triggers: s.Definitions.mayFire(found, m), special: specialOf(found)}
	if s.Where != nil {
		matcher, has, err := s.Where.For(found, s.current.Format.Server.Flavor)
		if err != nil {
			return t, err
		}
		t.where, t.lacks = matcher, !has
		if t.lacks {
			s.run.Account.LacksColumn(filter.Table{Database: m.Database, Name: m.Table})
		}
	}
	return t, nil
}

// asLogged is a table under the names that its rows have in the log: with lower_case_table_names=1 a statement spells them otherwise.
func asLogged(t *schema.Table, m *decoder.TableMap) *schema.Table {
	if t.Database == m.Database && t.Name == m.Table {
		return t
	}
	named := *t
	named.Database, named.Name = m.Database, m.Table
	return &named
}
