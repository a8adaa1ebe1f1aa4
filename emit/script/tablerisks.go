package script

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/decoder/words"
	"binmend/emit/display"
	"binmend/emit/plan"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// hiddenOf names a table with invisible characters in a name.
func hiddenOf(t *schema.Table) string {
	if hidden := display.Hidden(t.Names()...); len(hidden) > 0 {
		return fmt.Sprintf("%s (%s)", t.FullName(), strings.Join(hidden, ", "))
	}
	return ""
}

// tableRisks writes a line for each kind of risk, with the tables that have it.
func (c *composer) tableRisks() {
	c.tableRisk(hiddenOf, "names hold characters that can't be seen; a terminal shows them as code points, a pipe gets them as they are.", nil)
	c.tableRisk(triggersOf, "triggers fire on the rows that these statements change, though not when the applier changes rows. The source does not "+
		"have what they write."+c.whatIsRemoved(), c.triggerChecks)
	c.tableRisk(c.foreignKeysOf, "these statements neither check foreign keys nor cascade (foreign_key_checks=0). They can leave orphans, "+
		"rows without their parent row.", c.orphanChecks)
	for _, kind := range []struct {
		tables func(*schema.Table) string // the table as the line names it; "" without the risk
		text   string
	}{
		{c.keptOf, "the failed transaction wrote rows here that the engine keeps, and that no key identifies. They are taken back; if the " +
			"applier was started again since it failed, they are there once more for each start. A second run takes others away."},
		{c.engineOf, "the engine does not roll back: what was done before a failure stays."},
		{named(isInMemory), "a restart of the server empties the table. If that is why rows are missing, all of its rows are: load it again from the source."},
		{named(func(t *schema.Table) bool { return t.SystemVersioned }), "these statements add rows to the table's history that the source does not have."},
		{named(func(t *schema.Table) bool { return t.KeysUnknown }), "there may be unique keys that are not known here. Then a row of the " +
			"replica may still be in the way (1062), and a REPLACE removes every row that shares a unique value with its own."},
		{named(c.sharesDefinition), "tables of several databases, and one definition that names none: one of them may have other keys, and then a row may be removed that " +
			"is in nobody's way. Give the definition of each."},
		{named(c.deletesByOther), "a DELETE by a unique key other than the primary key may remove a row that lives on the source under " +
			"another value of that key. Compare the table afterwards."},
		{c.inexactOf, "JSON documents hold values of types that no SQL of the server puts into one (MySQL 5.7 does so with columns). They come back " +
			"with the nearest type: a DATETIME for a TIMESTAMP, a number for a YEAR, else a VARBINARY of the same bytes."},
		{named(c.scans), "a DELETE by a prefix or an expression may read the whole table and lock its rows."},
	} {
		c.tableRisk(kind.tables, kind.text, nil)
	}
	for _, difference := range c.repair.Facts.Collations {
		c.risk("%s: values that are equal by one may be two by the other, and a row of the replica that has only such a value may stay beside the "+
			"source's. Compare the table afterwards.", difference)
	}
	for _, t := range c.plan.Tables {
		for _, note := range t.Notes {
			if deletes, replaces := c.count(t); deletes+replaces > 0 {
				c.risk("%s: %s", t.FullName(), note)
			}
		}
	}
}

// maxChecks bounds the SELECTs under one line.
const maxChecks = 6

// tableRisk writes the line of one kind, and the SELECTs that show it.
func (c *composer) tableRisk(nameOf func(*schema.Table) string, text string, checksOf func(*schema.Table) []string) {
	var tables, checks []string
	for _, t := range c.plan.Tables {
		deletes, replaces := c.count(t)
		name := nameOf(t)
		if deletes+replaces == 0 || name == "" {
			continue
		}
		tables = append(tables, name)
		if checksOf != nil {
			checks = append(checks, checksOf(t)...)
		}
	}
	if len(tables) == 0 {
		return
	}
	c.risk("%s: %s", strings.Join(tables, ", "), text)
	slices.Sort(checks)
	checks = slices.Compact(checks)
	for _, check := range checks[:min(len(checks), maxChecks)] {
		c.line("  " + check)
	}
	if more := len(checks) - maxChecks; more > 0 {
		c.line("  and " + words.Count(more, "more SELECT"))
	}
}

// named gives the tables that have a risk their names.
func named(has func(*schema.Table) bool) func(*schema.Table) string {
	return func(t *schema.Table) string {
		if !has(t) {
			return ""
		}
		return t.FullName()
	}
}

// triggersOf names the table, its triggers and what they write.
func triggersOf(t *schema.Table) string {
	if len(t.Triggers) == 0 {
		return ""
	}
	var list []string
	for _, trigger := range t.Triggers {
		text := trigger.String()
		if len(trigger.Writes) > 0 {
			text += ", which writes " + strings.Join(trigger.Writes, ", ")
		}
		list = append(list, text)
	}
	return t.FullName() + " (" + strings.Join(list, "; ") + ")"
}

// triggerChecks are SELECTs that show what triggers have written.
func (c *composer) triggerChecks(t *schema.Table) (checks []string) {
	for _, trigger := range t.Triggers {
		for _, name := range trigger.Writes {
			database, table, qualified := strings.Cut(name, ".")
			if !qualified {
				database, table = t.Database, name
			}
			if !strings.HasPrefix(database, "procedure ") {
				checks = append(checks, string(c.dialect.AppendTable([]byte("SELECT * FROM "), &schema.Table{Database: database, Name: table}))+";")
			}
		}
	}
	return checks
}

// foreignKeysOf names the table and its foreign keys, if the statements may leave a row without its parent.
func (c *composer) foreignKeysOf(t *schema.Table) string {
	var keys []string
	if _, replaces := c.count(t); replaces > 0 {
		for i := range t.ForeignKeys {
			keys = append(keys, foreignKey(&t.ForeignKeys[i]))
		}
	}
	if c.mayUnparent(t) {
		for i := range t.ReferredBy {
			r := &t.ReferredBy[i]
			keys = append(keys, fmt.Sprintf("%s.%s refers to it by %s", r.Database, r.Table, r.Name))
		}
	}
	if len(keys) == 0 {
		return ""
	}
	return t.FullName() + " (" + strings.Join(keys, "; ") + ")"
}

// mayUnparent reports whether rows of other tables may lose their parents in t. After a probe, those rows are known.
func (c *composer) mayUnparent(t *schema.Table) bool {
	return c.repair.Probed == nil || slices.ContainsFunc(c.repair.Probed.Unparented, t.IsNamedLike)
}

// orphanChecks are SELECTs that find rows without their parent row: of the tables that refer to t, and of t itself.
func (c *composer) orphanChecks(t *schema.Table) (checks []string) {
	for i := range t.ReferredBy {
		if !c.mayUnparent(t) {
			break
		}
		r := &t.ReferredBy[i]
		checks = append(checks, c.orphanSelect(&schema.Table{Database: r.Database, Name: r.Table}, t, &r.ForeignKey))
	}
	for i := range t.ForeignKeys {
		f := &t.ForeignKeys[i]
		database, name, qualified := strings.Cut(f.ReferencedTable, ".")
		if !qualified {
			database, name = t.Database, f.ReferencedTable
		}
		checks = append(checks, c.orphanSelect(t, &schema.Table{Database: database, Name: name}, f))
	}
	return checks
}

func (c *composer) orphanSelect(child, parent *schema.Table, f *schema.ForeignKey) string {
	sql := c.dialect.AppendTable([]byte("SELECT c.* FROM "), child)
	sql = append(c.dialect.AppendTable(append(sql, " AS c LEFT JOIN "...), parent), " AS p ON "...)
	var hasValue []byte
	for i := range min(len(f.Columns), len(f.ReferencedColumns)) {
		if i > 0 {
			sql = append(sql, " AND "...)
		}
		sql = c.dialect.AppendIdent(append(sql, "p."...), f.ReferencedColumns[i])
		sql = c.dialect.AppendIdent(append(sql, " = c."...), f.Columns[i])
		hasValue = append(c.dialect.AppendIdent(append(hasValue, " AND c."...), f.Columns[i]), " IS NOT NULL"...)
	}
	if len(f.ReferencedColumns) > 0 {
		sql = append(c.dialect.AppendIdent(append(sql, " WHERE p."...), f.ReferencedColumns[0]), " IS NULL"...)
	}
	return string(append(sql, hasValue...)) + ";"
}

// keptOf names a table whose changes are taken back, and its engine.
func (c *composer) keptOf(t *schema.Table) string {
	if !c.isTakenBack(t) {
		return ""
	}
	return t.FullName() + " (" + t.Engine + ")"
}

// engineOf names the table and its engine, if that does not roll back.
func (c *composer) engineOf(t *schema.Table) string {
	if t.RollsBack() || c.isTakenBack(t) {
		return ""
	}
	return t.FullName() + " (" + t.Engine + ")"
}

// inexactOf names the table and the columns whose documents have a value that no literal stores exactly.
func (c *composer) inexactOf(t *schema.Table) string {
	exact := c.dialect.Exact()
	var columns []string
	for i := range t.Columns {
		if t.Columns[i].Type != schema.TypeJSON {
			continue
		}
		if slices.ContainsFunc(c.plan.Presences, func(p plan.Presence) bool {
			if p.Row.Table != t || p.Row.Cells[i].State() != decoder.Value {
				return false
			}
			_, err := exact.AppendLiteral(nil, &t.Columns[i], p.Row.Cells[i])
			return errors.Is(err, sqltext.ErrNoLiteral)
		}) {
			columns = append(columns, display.Printable(t.Columns[i].Name))
		}
	}
	if columns == nil {
		return ""
	}
	return t.FullName() + " (" + strings.Join(columns, ", ") + ")"
}

func isInMemory(t *schema.Table) bool {
	return strings.EqualFold(t.Engine, "MEMORY") || strings.EqualFold(t.Engine, "HEAP")
}

// deletesByOther reports whether a row of t that may exist on the source is deleted by a key other than the primary key.
func (c *composer) deletesByOther(t *schema.Table) bool {
	if c.repair.Probed != nil && c.isSure(t) {
		return false
	}
	return c.anyAbsence(t, func(a *plan.Absence) bool { return !a.Key.Primary && len(t.Keys) > 1 })
}

// sharesDefinition reports whether t and a table of another database have the same definition of a dump that names none.
func (c *composer) sharesDefinition(t *schema.Table) bool {
	return t.AnyDatabase && slices.ContainsFunc(c.plan.Tables, func(o *schema.Table) bool {
		return o.AnyDatabase && o.Source == t.Source && o.Database != t.Database
	})
}

// scans reports whether a row of t is deleted by a condition that an index may not serve.
func (c *composer) scans(t *schema.Table) bool {
	return c.anyAbsence(t, func(a *plan.Absence) bool {
		for i := range a.Key.Parts {
			if a.Key.Parts[i].Column < 0 || a.Key.Parts[i].Prefix > 0 {
				return true
			}
		}
		return false
	})
}

func (c *composer) anyAbsence(t *schema.Table, holds func(*plan.Absence) bool) bool {
	for i := range c.plan.Absences {
		if a := &c.plan.Absences[i]; a.Row.Table == t && holds(a) {
			return true
		}
	}
	return false
}

func foreignKey(k *schema.ForeignKey) string {
	s := fmt.Sprintf("%s (%s) to %s (%s)", k.Name, strings.Join(k.Columns, ", "), k.ReferencedTable,
		strings.Join(k.ReferencedColumns, ", "))
	if k.OnDelete != "" {
		s += " ON DELETE " + k.OnDelete
	}
	if k.OnUpdate != "" {
		s += " ON UPDATE " + k.OnUpdate
	}
	return s
}
