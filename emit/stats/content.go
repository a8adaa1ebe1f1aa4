package stats

import (
	"context"

	"binmend/decoder"
	"binmend/decoder/statement"
)

// countContent counts what an event holds; readable is false when it can't be read.
func (c *Collector) countContent(e *decoder.Event) (readable bool, err error) {
	switch e.Type {
	case decoder.EventTableMap:
		return c.countTableMap(e), nil
	case decoder.EventQuery, decoder.EventMariaQueryCompressed:
		return c.countQuery(e), nil
	case decoder.EventXid:
		return true, nil
	case decoder.EventExecuteLoadQuery:
		c.statements.count(verb{verb: statement.Load, kind: dml})
	case decoder.EventIncident:
		c.incidents++
	case decoder.EventPreviousGtids:
		return c.isReadable(e.CheckPreviousGtids()), nil
	case decoder.EventMariaGtidList:
		return c.isReadable(e.CheckGtidList()), nil
	}
	switch {
	case e.IsRows():
		return c.countRows(e)
	case e.IsGtid():
		g, err := e.Gtid()
		c.pending.addGtid(e, g)
		return c.isReadable(err), nil
	}
	return c.isReadable(e.CheckKnown()), nil
}

func (c *Collector) countTableMap(e *decoder.Event) bool {
	m, err := e.TableMap()
	if err != nil || m == nil {
		return false
	}
	if c.judge == nil {
		c.tables.of(m).mapBytes = uint64(e.Length)
	}
	return true
}

func (c *Collector) countRows(e *decoder.Event) (readable bool, err error) {
	c.totals.RowEvents++
	re, err := e.Rows()
	if err != nil {
		return c.isReadable(err), nil
	}
	t := c.tables.of(re.Map)
	n := 0
	if c.judge == nil {
		n, err = re.Count()
	} else {
		matcher, unknown := c.judge.Matcher(context.Background(), e, re.Map)
		if unknown != nil {
			return true, unknown
		}
		n, err = c.judge.Count(matcher, re)
	}
	if n == 0 && c.judge != nil {
		return c.isReadable(err), nil
	}
	rows := rowsOf(re.Kind, uint64(n))
	t.count(rows, uint64(e.Length))
	c.totals.Rows.addRows(rows)
	c.pending.touch(t.table, rows)
	if db := re.Map.Database; (db != c.database || db == "") && len(c.databases) < maxDomains {
		c.database, c.databases[db] = db, true
	}
	return c.isReadable(err), nil
}

// isReadable keeps the first error of an event's content.
func (c *Collector) isReadable(err error) bool {
	if err != nil && c.logs.FirstUnreadable == "" {
		c.logs.FirstUnreadable = err.Error()
	}
	return err == nil
}

func rowsOf(kind decoder.RowsKind, n uint64) (rows Rows) {
	switch kind {
	case decoder.Insert:
		rows.Inserts = n
	case decoder.Update:
		rows.Updates = n
	case decoder.Delete:
		rows.Deletes = n
	}
	return rows
}

func (c *Collector) countQuery(e *decoder.Event) bool {
	q, st, err := statement.Of(e)
	if err != nil {
		return c.isReadable(err)
	}
	if c.pending.thread == 0 {
		c.pending.thread = q.ThreadID
	}
	if st.Kind == statement.Control {
		return true
	}
	c.define(e, st)
	if c.options.Where != nil {
		return true
	}
	v := verbOf(st)
	c.statements.count(v)
	if v.kind == ddl {
		c.pending.ddl++
		c.statements.note(e, q, c.pending.gtid.ID)
	}
	return true
}
