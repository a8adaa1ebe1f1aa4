package advice

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"binmend/schema"
)

const quoted = "`((?:[^`]|``)+)`"

var (
	foreignKey = regexp.MustCompile(quoted + `\.` + quoted + `, CONSTRAINT ` + quoted + ` FOREIGN KEY \((.*?)\) REFERENCES (?:` + quoted + `\.)?` + quoted + ` \((.*?)\)`)
	quotedPart = regexp.MustCompile(quoted)
)

// relation is a foreign key as in a message.
type relation struct {
	name                string
	child, parent       Name
	columns, referenced []string
}

func readForeignKey(said string) (r relation, ok bool) {
	m := foreignKey.FindStringSubmatch(said)
	if m == nil {
		return r, false
	}
	for i := range m {
		m[i] = strings.ReplaceAll(m[i], "``", "`")
	}
	r = relation{name: m[3], child: Name{m[1], m[2]}, parent: Name{m[5], m[6]}, columns: namesIn(m[4]), referenced: namesIn(m[7])}
	if r.parent.Database == "" {
		r.parent.Database = r.child.Database
	}
	return r, len(r.columns) > 0 && len(r.columns) == len(r.referenced)
}

func namesIn(list string) (names []string) {
	for _, m := range quotedPart.FindAllStringSubmatch(list, -1) {
		names = append(names, m[1])
	}
	return names
}

// missingParent is for a row whose parent row is missing on the replica.
func (in *Input) missingParent() *Advice {
	r, ok := readForeignKey(in.said())
	if !ok {
		return nil
	}
	a := &Advice{
		Meaning: fmt.Sprintf("A row of %s refers by %s (%s) to a row of %s that the replica does not have.", r.child, r.name, strings.Join(r.columns, ", "), r.parent),
		Safe: fmt.Sprintf("Put the row of the parent table %s back as the source has it, with binary logging off, and start again. Skipping would lose "+
			"the whole transaction.", r.parent),
	}
	values := in.Rows.values(r.columns, afterImage)
	if len(values) == 0 {
		a.Steps = []Step{{On: Both, Text: "The parent rows:", SQL: []string{"SELECT * FROM " + in.table(r.parent)}}}
		if in.Statement != nil {
			a.Steps = nil
		}
		return a
	}
	where := in.oneOf(r.referenced, values)
	a.Steps = []Step{
		{On: Replica, Text: "What the replica has of what the rows refer to; the others are missing:", SQL: []string{"SELECT " + in.idents(r.referenced) + " FROM " + in.table(r.parent) + " WHERE " + where}},
		{On: Source, Text: "The rows as the source has them (they may have changed since):", SQL: []string{"SELECT * FROM " + in.table(r.parent) + " WHERE " + where}},
	}
	if parent := in.Table(r.parent.Database, r.parent.Table); parent != nil && isEnough(parent, r.referenced) {
		var rows []string
		for _, v := range values {
			rows = append(rows, "("+strings.Join(v, ", ")+")")
		}
		a.Steps = append(a.Steps, Step{On: Replica, Changes: true, Text: "What is missing, by its key; give other columns the source's values:",
			SQL: []string{"INSERT IGNORE INTO " + in.table(r.parent) + " (" + in.idents(r.referenced) + ") VALUES " + strings.Join(rows, ", ")}})
	}
	return a
}

// isEnough reports whether a row can be inserted with some of its columns alone.
func isEnough(t *schema.Table, columns []string) bool {
	for i := range t.Columns {
		c := &t.Columns[i]
		given := slices.ContainsFunc(columns, func(name string) bool { return same(name, c.Name) })
		hasValue := c.Nullable || c.AutoIncrement || c.Default.Kind != schema.NoDefault && c.Default.Kind != schema.DefaultUnknown
		if !given && c.Assignable() && !hasValue {
			return false
		}
	}
	return true
}

// referringRows is for a row that other rows refer to by a foreign key.
func (in *Input) referringRows() *Advice {
	r, ok := readForeignKey(in.said())
	if !ok {
		return nil
	}
	a := &Advice{
		Meaning: fmt.Sprintf("A row of %s is to be removed or changed that rows of %s refer to by %s (%s).", r.parent, r.child, r.name, strings.Join(r.columns, ", ")),
		Safe: fmt.Sprintf("The rows of %s that refer to it are not on the source. Compare them, remove what the source does not have, with binary logging "+
			"off, and start again. Skipping would lose the whole transaction.", r.child),
	}
	values := in.Rows.values(r.referenced, beforeImage)
	if len(values) == 0 {
		return a
	}
	where := in.oneOf(r.columns, values)
	a.Steps = []Step{
		{On: Both, Text: "The rows that refer to it; what does the source have?", SQL: []string{"SELECT * FROM " + in.table(r.child) + " WHERE " + where}},
		{On: Replica, Changes: true, Text: "If the source has none of them:", SQL: []string{"DELETE FROM " + in.table(r.child) + " WHERE " + where}},
	}
	return a
}
