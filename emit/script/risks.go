package script

import (
	"strings"

	"binmend/schema"
)

// risks writes the risks that a reviewer can't see in the statements.
func (c *composer) risks() {
	c.rewritten()
	if c.repair.Changes() > 0 {
		c.hostRisks()
		if c.before.risk != "" {
			c.risk("%s", c.before.risk)
		}
		c.tableRisks()
	}
	c.violations()
	c.needed()
	c.freed()
	c.parentless()
	c.extraChildren()
	c.contradictions()
	c.unknownKeys()
}

// contradictions names the unique keys that the source can't have.
func (c *composer) contradictions() {
	for i := range c.plan.Contradictions {
		x := &c.plan.Contradictions[i]
		if x.Defaults {
			c.risk("%s: only the replica has the columns of the unique key %s. Every row that the applier inserts (%s) gets their defaults, "+
				"so no two can be there. While the replica has the key, the transaction can't apply if a row has that value: drop it there.",
				x.Row.Table.FullName(), x.Key.Name, c.place(x.Origin))
			continue
		}
		c.risk("%s: two rows had the same value of key %s on the source at one time (%s; %s), so the source has no such "+
			"unique key. While the replica has it, the transaction can't apply: drop it there.",
			x.Row.Table.FullName(), x.Key.Name, c.place(x.Holder), c.place(x.Origin))
	}
}

// unknownKeys names the key values that no statement can free, each with the SELECT that finds the row in the way.
func (c *composer) unknownKeys() {
	for i := range c.plan.UnknownKeys {
		u := &c.plan.UnknownKeys[i]
		c.risk("%s: %s sets key %s, whose value the log does not hold (%s). If another row of the replica has it, the "+
			"transaction fails with 1062.", u.Row.Table.FullName(), c.place(u.Origin), u.Key.Name,
			columnNames(u.Row.Table, u.Needs))
		if u.Own.Key == nil {
			continue
		}
		if sql, err := c.dialect.AppendOthers(nil, schema.KeyedRow{Row: u.Row, Key: u.Key}, u.Own); err == nil {
			c.indented("  ", "On the replica, the row in its way, to be deleted or set to what the source has:")
			c.line("  " + string(sql) + ";")
		}
	}
}

// rewritten names the tables in which MySQL may not find a row that is there. Then no repair helps, as no row is missing.
func (c *composer) rewritten() {
	if c.dialect.MariaDB() || len(c.plan.Rewritten) == 0 {
		return
	}
	var tables []string
	for _, t := range c.plan.Rewritten {
		tables = append(tables, t.FullName())
	}
	cure := "Then skip the transaction, and apply its changes as binmend sql prints them."
	if !c.dialect.MySQLSince(8, 3, 0) {
		cure = "Then run SET GLOBAL slave_rows_search_algorithms='TABLE_SCAN,INDEX_SCAN'; start the applier, and set it back later."
	}
	c.risk("%s: an event updates a row more than once, and no unique key of NOT NULL columns identifies it. Where MySQL looks for "+
		"rows by hash (the default since 8.0.2), it may not find this one though it is there (bugs.mysql.com/106113), and stop again "+
		"with 1032. %s", strings.Join(tables, ", "), cure)
}

func columnNames(t *schema.Table, ordinals []int) string {
	names := make([]string, len(ordinals))
	for i, ordinal := range ordinals {
		names[i] = t.Columns[ordinal].Name
	}
	return strings.Join(names, ", ")
}
