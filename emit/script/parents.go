package script

import "binmend/decoder/words"

// Parent rows that the transaction needs besides its own rows.

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
			"On the replica this has to find %s%s:", tableName(n.Child), tableName(parent), n.By.Name, words.Count(len(n.Parents), "row"), others)
		sql := c.dialect.AppendTable([]byte("SELECT * FROM "), parent)
		for j := range n.Parents {
			word := " OR "
			if j == 0 {
				word = " WHERE "
			}
			if sql, c.err = c.dialect.AppendCondition(append(sql, word...), n.Parents[j], nil); c.err != nil {
				return
			}
		}
		c.line("  " + string(sql) + ";")
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
			"1452. Put it back as the source has it:", tableName(m.Parent.Row.Table), c.place(m.Origin), m.By.Name, tableName(m.Child))
		sql := append(c.dialect.AppendTable([]byte("SELECT * FROM "), m.Parent.Row.Table), " WHERE "...)
		sql, err := c.dialect.AppendCondition(sql, m.Parent, nil)
		if err != nil {
			c.err = err
			return
		}
		c.line("  " + string(sql) + ";")
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
			"none of these then. Look what it has, and delete them, or make them as they are there:", tableName(x.Rows.Row.Table), x.By.Name, tableName(x.Parent), c.place(x.Origin))
		sql := append(c.dialect.AppendTable([]byte("SELECT * FROM "), x.Rows.Row.Table), " WHERE "...)
		if sql, c.err = c.dialect.AppendCondition(sql, x.Rows, nil); c.err != nil {
			return
		}
		c.line("  " + string(sql) + ";")
	}
}
