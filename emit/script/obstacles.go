package script

import (
	"binmend/emit/plan"
)

// obstacles writes the rows that the log can't rebuild, and how to read them from the source.
func (c *composer) obstacles() {
	if len(c.plan.Refusals) == 0 {
		return
	}
	c.line("")
	c.heading("Rows that can't be rebuilt from the log")
	const partly = "The row image is not FULL: the log holds only some columns of these rows. "
	switch c.repair.Replica.Errno {
	case 1032:
		c.indented("  ", partly+"If one of them is missing on the replica, which is the likely cause of this error, put it back by hand with the "+
			"values of the source.")
	case 3648:
		c.indented("  ", partly+"One of them has another JSON document on the replica, which is the cause of this error: give it the values of the "+
			"source by hand.")
	default:
		c.indented("  ", partly+"That matters only if one of them is missing on the replica: then the applier stops with 1032, and the row has to "+
			"be put back by hand with the values of the source.")
	}
	for i := range c.plan.Refusals {
		c.refusal(&c.plan.Refusals[i])
	}
}

func (c *composer) refusal(r *plan.Refusal) {
	t := r.Row.Table
	c.risk("%s: the log does not hold %s of the row that %s needs.", t.FullName(), columnNames(t, r.Needs), c.place(r.Origin))
	switch {
	case r.Deleted:
		c.indented("  ", "The transaction deletes the row, and the source does not have it any more. Any values will do in these "+
			"columns, if no other row has them. What is known of the row:")
	default:
		c.indented("  ", "On the source, as of before the transaction (it may have changed since):")
	}
	if c.err != nil {
		return
	}
	sql, err := AppendSelect(nil, c.dialect, r)
	if err != nil {
		c.err = err
		return
	}
	c.line("  " + string(sql) + ";")
}
