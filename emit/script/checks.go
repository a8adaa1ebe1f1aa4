package script

// violations names the CHECKs of the replica that forbid rows which the source had, each with the statement that turns it off.
func (c *composer) violations() {
	for i := range c.repair.Violations {
		v := &c.repair.Violations[i]
		what := "a row that the transaction writes (%s), so the applier stops again, with error 3819"
		if v.Put {
			what = "a row that the source had (%s), so its statement fails with error 3819, and nothing is changed"
		}
		c.risk("%s: CHECK %s of the replica forbids "+what+". The source does not have it, or does not enforce it. Before this script, with sql_log_bin=0:", v.Table.FullName(), v.Name, c.place(v.Origin))
		sql := append(c.dialect.AppendTable([]byte("ALTER TABLE "), v.Table), " ALTER CHECK "...)
		c.line("  " + string(append(c.dialect.AppendIdent(sql, v.Name), " NOT ENFORCED;"...)))
	}
}
