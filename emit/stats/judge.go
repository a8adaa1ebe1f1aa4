package stats

import (
	"context"
	"io"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/schema"
	"binmend/schema/where"
)

// judge decides which rows of a table count.
type judge struct {
	matcher *where.Matcher
	lacks   bool // the table lacks a column of the condition: no row counts
	scratch *where.Scratch
}

// judgeOf makes the condition ready for a table. It needs the table's definition: without it, it is an error.
func (c *Collector) judgeOf(m *decoder.TableMap) (*judge, error) {
	if c.options.Where == nil {
		return nil, nil
	}
	t, err := c.options.Definitions.Table(context.Background(), schema.Ref{Database: m.Database, Table: m.Table, Map: m})
	if err != nil {
		return nil, err
	}
	matcher, has, err := c.options.Where.For(t)
	if err == nil && !has {
		c.options.Account.LacksColumn(filter.Table{Database: m.Database, Name: m.Table})
	}
	return &judge{matcher: matcher, lacks: !has, scratch: &c.scratch}, err
}

// countWanted counts the rows of an event that the judge wants; a nil judge wants all.
func (c *Collector) countWanted(j *judge, re *decoder.RowsEvent) (n int, err error) {
	switch {
	case j == nil:
		return re.Count()
	case j.lacks:
		return 0, nil
	}
	n, err = j.count(re)
	c.options.Account.AddRows(uint64(re.Number()), uint64(n))
	return n, err
}

func (j *judge) count(re *decoder.RowsEvent) (n int, err error) {
	for {
		row, err := re.Next()
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		wanted, err := j.matcher.Match(j.scratch, row)
		if err != nil {
			return n, err
		}
		if wanted {
			n++
		}
	}
}
