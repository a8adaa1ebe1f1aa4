package script

import (
	"fmt"

	"binmend/decoder"
	"binmend/decoder/words"
	"binmend/emit/probe"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// restored writes the statements that put rows of the source in place of drifted ones. They come before the plan, which works
// whatever rows exist.
func (c *composer) restored() {
	if c.repair.Probed == nil {
		return
	}
	for i := range c.repair.Probed.Restored {
		c.restoredRow(&c.repair.Probed.Restored[i])
	}
}

func (c *composer) restoredRow(r *probe.Restored) {
	why := "a row is in the way that the source has too, with "
	if r.Orphan {
		why = "a row loses its parent row here, and the source has it otherwise, with "
	}
	c.reason(r.Row.Table, r.Origin, why+keyText(&r.Row, r.Key))
	for i := range r.Rows {
		if i == maxShown {
			c.line(fmt.Sprintf("  and %s more", words.Count(len(r.Rows)-i, "row")))
			break
		}
		c.text("the replica has " + rowText(&r.Rows[i]))
		c.fateOf(&r.Seen, i)
	}
	switch r.From.Fate {
	case probe.FateChanged:
		c.text("the source had it so at the time: " + later(r.From.Touch) + " changes it")
	case probe.FateThere:
		c.text("the source has it so, and has not changed it since")
	default:
		c.text("the source has it so now. Not all that the source has logged is at hand, so it may have been changed since the " +
			"transaction. The statements below let the transaction apply in any case. Compare the row afterwards")
	}
	c.lenient(r.Row.NeedsLenientMode(), func() {
		c.rendered(func(dst []byte) ([]byte, error) { return c.dialect.AppendReplaceStored(dst, &r.Row) })
	})
}

// later names an event of the logs.
func later(pos decoder.Position) string {
	if pos.File == "" {
		return "a later event"
	}
	return "event " + pos.String()
}

// keyText is a row's value of a key.
func keyText(row *sqltext.Stored, key *schema.Key) string {
	text := ""
	for i := range key.Parts {
		if i > 0 {
			text += ", "
		}
		column := key.Parts[i].Column
		text += row.Table.Columns[column].Name + " = " + brief(row.Literals[column])
	}
	return text
}

// fate says what is known about a removed row on the source.
func (c *composer) fate(row *sqltext.Stored, f probe.Found) {
	if f.Fate == probe.FateSettled || f.Key == nil {
		return
	}
	name := "a row with " + keyText(row, f.Key)
	switch f.Fate {
	case probe.FateUnknown:
		c.text("CHECK: if the source has " + name + ", only its other value has drifted here, and this statement loses it. On the source:")
		c.lookUp(row, f.Key)
	case probe.FateUnclear:
		c.text("CHECK: " + later(f.Touch) + " may concern " + name + ", and the log does not show what the source had before. On the source:")
		c.lookUp(row, f.Key)
	case probe.FateMade:
		c.text("the source did not have " + name + " at the time: " + later(f.Touch) + " makes it")
	case probe.FateAbsent:
		c.text("the source does not have " + name)
	case probe.FateAbsentNow:
		c.text("the source does not have " + name + " now; whether it had one at the time is not known, because not all that the " +
			"source has logged is at hand")
	case probe.FateInTheWay:
		c.text("CHECK: the source has " + name + " now, which is in the way of a row that has to be there: it is not put back. On the source:")
		c.lookUp(row, f.Key)
	default:
		c.text("it lives on the source, and is put back")
	}
}

// lookUp writes the SELECT of a row, to run on the source.
func (c *composer) lookUp(row *sqltext.Stored, key *schema.Key) {
	sql := c.dialect.AppendTable([]byte("SELECT * FROM "), row.Table)
	sql, err := c.dialect.ForReading().AppendStoredCondition(append(sql, " WHERE "...), row, key)
	if err != nil {
		c.err = err
		return
	}
	c.line("  " + string(sql) + ";")
}

// orphans writes the statements about rows that lose their parents.
func (c *composer) orphans() {
	if c.repair.Probed == nil {
		return
	}
	for i := range c.repair.Probed.Orphans {
		c.orphan(&c.repair.Probed.Orphans[i])
	}
}

func (c *composer) orphan(o *probe.Orphan) {
	c.reason(o.Row.Table, o.Origin, "its parent row goes ("+foreignKey(&o.By)+")")
	c.text("the replica has " + rowText(&o.Row))
	if o.Fate == probe.FateUnknown {
		c.text("CHECK: this does what the foreign key does when the parent is deleted. If the source has this row, under this parent or another one, " +
			"it differs here. On the source:")
		c.lookUp(&o.Row, o.Key)
	} else {
		c.fate(&o.Row, o.Found)
	}
	c.rendered(func(dst []byte) ([]byte, error) {
		if !o.Cut {
			return c.dialect.AppendDeleteStored(dst, &o.Row, o.Key)
		}
		return c.dialect.AppendSetNull(dst, &o.Row, o.Key, o.By.Columns)
	})
}

// isSure reports whether the counterpart on the source is known for every row that a DELETE removes.
func (c *composer) isSure(t *schema.Table) bool {
	for i := range c.plan.Absences {
		seen := &c.repair.Probed.Absences[i]
		if c.plan.Absences[i].Row.Table != t {
			continue
		}
		if len(seen.Unasked) > 0 || len(seen.Found) < len(seen.Rows) {
			return false
		}
		for _, f := range seen.Found {
			switch f.Fate {
			case probe.FateUnknown, probe.FateUnclear, probe.FateAbsentNow, probe.FateThereNow, probe.FateInTheWay:
				return false
			}
		}
	}
	return true
}

// removeRestored deletes the restored rows that replaced no other row.
func (u *undo) removeRestored() {
	for i := range u.repair.Probed.Restored {
		r := &u.repair.Probed.Restored[i]
		if r.Replaces() {
			continue
		}
		u.reason(r.Row.Table, r.Origin, "the repair adds this row of the source")
		u.rendered(func(dst []byte) ([]byte, error) { return u.dialect.AppendDeleteStored(dst, &r.Row, r.Key) })
	}
}
