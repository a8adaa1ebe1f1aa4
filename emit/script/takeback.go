package script

import (
	"slices"

	"binmend/decoder"
	"binmend/emit/plan"
	"binmend/emit/repair"
	"binmend/schema"
)

// takeBack takes back, last change first, what the failed transaction has left in tables without keys whose engine does not roll
// back. The applier writes all of it again.
func (c *composer) takeBack() {
	for i := range slices.Backward(c.repair.Written) {
		w := &c.repair.Written[i]
		c.reason(w.Table, w.Origin, "the failed transaction has written this, and the engine ("+w.Table.Engine+") keeps it; it is taken back")
		c.removeOne(w, w.After)
		c.putOne(w, w.Before)
	}
}

// writeAgain undoes takeBack.
func (c *composer) writeAgain() {
	for i := range c.repair.Written {
		w := &c.repair.Written[i]
		c.reason(w.Table, w.Origin, "the repair takes this change of the failed transaction back")
		c.removeOne(w, w.Before)
		c.putOne(w, w.After)
	}
}

func (c *composer) removeOne(w *repair.Written, cells []decoder.Cell) {
	if cells != nil {
		c.rendered(func(dst []byte) ([]byte, error) {
			return c.dialect.AppendDeleteOne(dst, schema.Row{Table: w.Table, Cells: cells})
		})
	}
}

func (c *composer) putOne(w *repair.Written, cells []decoder.Cell) {
	if cells == nil {
		return
	}
	c.rendered(func(dst []byte) ([]byte, error) {
		dst, err := appendPut(dst, c.dialect, &plan.Presence{Row: schema.Row{Table: w.Table, Cells: cells}}, " VALUES (")
		return append(dst, ')'), inTable(w.Table, err)
	})
}

// isTakenBack reports whether changes of a table are taken back.
func (c *composer) isTakenBack(t *schema.Table) bool {
	return slices.ContainsFunc(c.repair.Written, func(w repair.Written) bool { return w.Table.IsNamedLike(t) })
}
