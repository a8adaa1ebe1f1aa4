package script

import (
	"binmend/decoder/words"
	"binmend/schema"
)

// Rows that foreign keys ask for, or that are in their way, besides those of the transaction.

// needed names those that the replica was not asked for, with the SELECT that finds them there.
func (c *composer) needed() {
	for i := range c.repair.Needs {
		n := &c.repair.Needs[i]
		parent := n.Parents[0].Row.Table
		others := ""
		if n.More > 0 {
			others = ", and so on for " + words.Count(n.More, "other")
		}
		c.risk("%s: rows of this transaction refer to rows of %s by %s. Where the replica lacks one, the applier stops again, with error 1452, until it is put back. "+
			"On the replica this has to find %s%s:", n.Child.FullName(), parent.FullName(), n.By.Name, words.Count(len(n.Parents), "row"), others)
		c.selectRows(n.Parents...)
	}
}

// freed names the values that no row of the replica may refer to, which was not asked, with the SELECT that finds the rows that do.
func (c *composer) freed() {
	for i := range c.repair.Frees {
		x := &c.repair.Frees[i]
		others := ""
		if x.More > 0 {
			others = ", and so on for " + words.Count(x.More, "other")
		}
		c.risk("%s: this transaction removes rows, or changes their key, to which rows of %s refer by %s. Where the replica still has one, besides those that the transaction "+
			"takes away itself, the applier stops again, with error 1451. On the replica this must find none%s:",
			x.Parent.FullName(), x.Rows[0].Row.Table.FullName(), x.By.Name, others)
		c.selectRowsBut(x.Rows, x.Except)
	}
}

// parentless names the parent rows that the replica lacks, each with the SELECT that finds it on the source.
func (c *composer) parentless() {
	if c.repair.Probed == nil {
		return
	}
	for i := range c.repair.Probed.Parentless {
		m := &c.repair.Probed.Parentless[i]
		c.risk("%s: the replica does not have the row that this transaction's row (%s) refers to by %s of %s, so the applier stops again, with error "+
			"1452. Put it back as the source has it:", m.Parent.Row.Table.FullName(), c.place(m.Origin), m.By.Name, m.Child.FullName())
		c.selectRows(m.Parent)
	}
}

// extraChildren names the rows of the replica that keep the transaction from removing their parents, each with the SELECT that finds them.
func (c *composer) extraChildren() {
	if c.repair.Probed == nil {
		return
	}
	for i := range c.repair.Probed.Children {
		x := &c.repair.Probed.Children[i]
		c.risk("%s: rows of the replica refer by %s to the row of %s that the transaction removes (%s), so the applier stops again, with error 1451. The source had "+
			"none of these then. Look what it has, and delete them, or make them as they are there:", x.Rows.Row.Table.FullName(), x.By.Name, x.Parent.FullName(), c.place(x.Origin))
		c.selectRows(x.Rows)
	}
}

// selectRows writes, as a comment, the SELECT that finds rows of one table.
func (c *composer) selectRows(rows ...schema.KeyedRow) { c.selectRowsBut(rows, nil) }

// selectRowsBut leaves some of the rows out.
func (c *composer) selectRowsBut(rows, except []schema.KeyedRow) {
	sql := append(c.dialect.AppendTable([]byte("SELECT * FROM "), rows[0].Row.Table), " WHERE "...)
	if len(except) == 0 {
		sql = c.appendAny(sql, rows)
	} else {
		sql = append(c.appendAny(append(sql, '('), rows), ") AND ("...)
		sql = append(c.appendAny(sql, except), ") IS NOT TRUE"...)
	}
	if c.err == nil {
		c.line("  " + string(sql) + ";")
	}
}

// appendAny is the condition of any of some rows.
func (c *composer) appendAny(sql []byte, rows []schema.KeyedRow) []byte {
	for i, row := range rows {
		if i > 0 {
			sql = append(sql, " OR "...)
		}
		var err error
		if sql, err = c.dialect.AppendCondition(sql, row, nil); err != nil {
			c.err = err
			return nil
		}
	}
	return sql
}
