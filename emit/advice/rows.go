package advice

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"binmend/schema"
)

// maxValues bounds the values that are listed; a message is about one of them.
const maxValues = 20

// image returns one of the images of the rows.
type image func(*Rows) [][]string

func afterImage(r *Rows) [][]string  { return r.After }
func beforeImage(r *Rows) [][]string { return r.Before }

// values are the first distinct values of some columns, without those that are NULL or partly unknown.
func (r *Rows) values(columns []string, of image) (all [][]string) {
	if r == nil || r.Table == nil {
		return nil
	}
	var ordinals []int
	for _, name := range columns {
		i := slices.IndexFunc(r.Table.Columns, func(c schema.Column) bool { return same(c.Name, name) })
		if i < 0 {
			return nil
		}
		ordinals = append(ordinals, i)
	}
	for _, row := range of(r) {
		var v []string
		for _, i := range ordinals {
			if row[i] != "" && row[i] != "NULL" {
				v = append(v, row[i])
			}
		}
		isNew := !slices.ContainsFunc(all, func(other []string) bool { return slices.Equal(other, v) })
		if len(v) == len(ordinals) && isNew && len(all) < maxValues {
			all = append(all, v)
		}
	}
	return all
}

// oneOf is the condition that some columns have one of the values.
func (in *Input) oneOf(columns []string, values [][]string) string {
	var list []string
	for _, v := range values {
		if len(v) == 1 {
			list = append(list, v[0])
		} else {
			list = append(list, "("+strings.Join(v, ", ")+")")
		}
	}
	names := in.idents(columns)
	if len(columns) > 1 {
		names = "(" + names + ")"
	}
	return names + " IN (" + strings.Join(list, ", ") + ")"
}

// failing is the table that the error is about: from the failing event or the statement.
func (in *Input) failing() (n Name, ok bool) {
	if in.Rows != nil && in.Rows.Table != nil {
		return Name{in.Rows.Table.Database, in.Rows.Table.Name}, true
	}
	if n.Database, n.Table, ok = strings.Cut(in.Message.Table, "."); ok {
		return n, true
	}
	if in.Statement == nil {
		return n, false
	}
	return in.read().target(in.Statement.Database)
}

var noPartition = regexp.MustCompile(`no partition for value ([^,;']+)`)

// missingPartition is for a row that fits no partition.
func (in *Input) missingPartition() *Advice {
	t, ok := in.failing()
	if !ok {
		return nil
	}
	value, of := "", "a row of the transaction"
	if m := noPartition.FindStringSubmatch(in.said()); m != nil {
		value, of = m[1], "the value "+m[1]
	}
	a := &Advice{
		Meaning: fmt.Sprintf("The replica's table %s has no partition for %s.", t, of),
		Safe: "Compare the partitions on both servers and add the missing one to the replica's table as the source has it, with binary logging off; " +
			"then start again. Skipping would lose the rows.",
		Steps: []Step{{On: Both, Text: "The partitions:", SQL: []string{"SHOW CREATE TABLE " + in.table(t)}}},
	}
	if number.MatchString(value) {
		n := in.ident("p" + strings.NewReplacer("-", "m", ".", "_").Replace(value))
		a.Steps = append(a.Steps,
			Step{On: Replica, Changes: true, Text: "With PARTITION BY RANGE, unless the source has another bound (over the last one, REORGANIZE PARTITION):",
				SQL: []string{"ALTER TABLE " + in.table(t) + " ADD PARTITION (PARTITION " + n + " VALUES LESS THAN (" + next(value) + "))"}},
			Step{On: Replica, Changes: true, Text: "With PARTITION BY LIST, instead:",
				SQL: []string{"ALTER TABLE " + in.table(t) + " ADD PARTITION (PARTITION " + n + " VALUES IN (" + value + "))"}})
	}
	return a
}

// next is the least bound above a value.
func next(value string) string {
	if n, err := strconv.ParseInt(value, 10, 63); err == nil {
		return strconv.FormatInt(n+1, 10)
	}
	return "MAXVALUE"
}

var (
	checkMySQL   = regexp.MustCompile(`[Cc]heck constraint '([^']+)'`)
	checkMariaDB = regexp.MustCompile("CONSTRAINT " + quoted + " failed for " + quoted + `\.` + quoted)
)

// violatedConstraint is for a row that a CHECK of the replica refuses.
func (in *Input) violatedConstraint() *Advice {
	t, ok := in.failing()
	name := ""
	if m := checkMySQL.FindStringSubmatch(in.said()); m != nil {
		name = m[1]
	} else if m := checkMariaDB.FindStringSubmatch(in.said()); m != nil {
		name, t, ok = m[1], Name{m[2], m[3]}, true
	}
	if !ok || name == "" {
		return nil
	}
	remove := "CONSTRAINT "
	if !in.Dialect.MariaDB() && !in.Dialect.MySQLSince(8, 0, 19) {
		remove = "CHECK "
	}
	a := &Advice{
		Meaning: fmt.Sprintf("A row of the transaction violates the constraint %s of the replica's table %s.", name, t),
		Safe: "Compare the definitions: the source does not have the constraint, or does not enforce it. Drop it on the replica, with binary " +
			"logging off, and start again. Skipping would lose the rows.",
		Steps: []Step{{On: Both, Text: "The definitions:", SQL: []string{"SHOW CREATE TABLE " + in.table(t)}},
			{On: Replica, Changes: true, Text: "If the source does not have it:", SQL: []string{"ALTER TABLE " + in.table(t) + " DROP " + remove + in.ident(name)}}},
	}
	if rows := in.Rows.shown(); len(rows) > 0 {
		a.Meaning += " The event's rows: " + strings.Join(rows, "; ") + "."
	}
	return a
}

// maxShown bounds how many rows are shown in full.
const maxShown = 3

func (r *Rows) shown() (rows []string) {
	if r == nil || r.Table == nil {
		return nil
	}
	for i, row := range r.After {
		if i == maxShown {
			return append(rows, "…")
		}
		var values []string
		for ordinal, value := range row {
			if value != "" {
				values = append(values, r.Table.Columns[ordinal].Name+" = "+value)
			}
		}
		rows = append(rows, strings.Join(values, ", "))
	}
	return rows
}

var (
	noTable    = regexp.MustCompile(`'([^'.]+)\.([^']+)'`)
	noDatabase = regexp.MustCompile(`'([^']+)'`)
)

// missingTable is for a table or a database that the replica does not have.
func (in *Input) missingTable() *Advice {
	const load = "Load it from the source as of this position: a dump of its present state holds later changes too, which then fail; filter its " +
		"later rows, or stop the source's writes. Do not create it empty if it had rows. If it is not wanted on the replica, filter it there."
	if in.Errno == 1049 {
		m := noDatabase.FindStringSubmatch(in.said())
		if m == nil {
			return nil
		}
		return &Advice{Meaning: fmt.Sprintf("The replica does not have the database %s.", m[1]), Safe: load, Steps: []Step{
			{On: Source, Text: "What there is to load:", SQL: []string{"SHOW CREATE DATABASE " + in.ident(m[1]), "SHOW TABLES FROM " + in.ident(m[1])}}}}
	}
	m := noTable.FindStringSubmatch(in.said())
	if m == nil {
		return nil
	}
	t := Name{m[1], m[2]}
	return &Advice{
		Meaning: fmt.Sprintf("The replica does not have the table %s.", t),
		Safe:    load,
		Steps: []Step{
			{On: Replica, Text: "Is it there under another name?", SQL: []string{"SHOW TABLES FROM " + in.ident(t.Database)}},
			{On: Source, Text: "What there is to load:", SQL: []string{"SHOW CREATE TABLE " + in.table(t), "SELECT COUNT(*) FROM " + in.table(t)}},
		},
	}
}
