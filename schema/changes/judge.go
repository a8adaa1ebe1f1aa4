package changes

import (
	"context"
	"io"

	"binmend/decoder"
	"binmend/decoder/cache"
	"binmend/decoder/filter"
	"binmend/schema"
	"binmend/schema/where"
)

// Judge decides which rows of row events a condition wants, for those who read events and not a Stream. The definitions
// have to follow the events.
type Judge struct {
	Where       *where.Condition
	Definitions *Definitions
	Account     *filter.Account

	tables  cache.Cache[*decoder.TableMap, *where.Matcher] // nil: the table lacks a column of the condition
	last    *decoder.TableMap                              // the table asked for last
	matcher *where.Matcher                                 // of last
	scratch where.Scratch
}

// Forget is for DDL: the tables may have changed.
func (j *Judge) Forget() {
	j.tables.Clear()
	j.last = nil
}

// Matcher returns the condition for the rows of a table, nil if the table lacks a column of it: no row is wanted. An error says that the
// table is not known, or that a value can't be compared with a column of it.
func (j *Judge) Matcher(ctx context.Context, e *decoder.Event, m *decoder.TableMap) (*where.Matcher, error) {
	if m == j.last {
		return j.matcher, nil
	}
	if matcher, ok := j.tables.Get(m); ok {
		j.last, j.matcher = m, matcher
		return matcher, nil
	}
	t, err := j.Definitions.Table(ctx, schema.Ref{Database: m.Database, Table: m.Table, Map: m})
	if err != nil {
		return nil, err
	}
	matcher, has, err := j.Where.For(t, e.Format.Server.Flavor)
	if err != nil {
		return nil, err
	}
	if !has {
		j.Account.LacksColumn(filter.Table{Database: m.Database, Name: m.Table})
		matcher = nil
	}
	j.tables.Put(m, matcher, m.Size()+t.Size())
	j.last, j.matcher = m, matcher
	return matcher, nil
}

// Count counts the rows of an event that the Matcher of its table wants, and reads all of them.
func (j *Judge) Count(matcher *where.Matcher, re *decoder.RowsEvent) (n int, err error) {
	if matcher == nil {
		return 0, nil
	}
	defer func() { j.Account.AddRows(uint64(re.Number()), uint64(n)) }()
	for {
		row, err := re.Next()
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		wanted, err := matcher.Match(&j.scratch, row)
		if err != nil {
			return n, err
		}
		if wanted {
			n++
		}
	}
}
