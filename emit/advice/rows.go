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

// conversion reads the message. MySQL counts columns from 0, and from 1 where it says so.
var conversion = regexp.MustCompile(`Column ([0-9]+) (\(counting the first column as number 1\) )?of table '([^'.]+)\.([^']+)' cannot be converted from type '(.*?)' to type '(.*?)'`)

// unconvertible is for a column whose type the replica can't convert to its own.
func (in *Input) unconvertible() *Advice {
	m := conversion.FindStringSubmatch(in.Text)
	if m == nil {
		return nil
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return nil
	}
	if m[2] == "" {
		n++
	}
	t := Name{m[3], m[4]}
	column := fmt.Sprintf("column %d", n)
	if def := in.Table(t.Database, t.Table); def != nil && n > 0 && n <= len(def.Columns) {
		column += " (" + def.Columns[n-1].Name + ")"
	}
	a := &Advice{
		Meaning: fmt.Sprintf("The source writes %s of %s as %s; the replica has it as %s and does not convert that.", column, t, m[5], m[6]),
		Safe: "Values go by position, not by name. Where the two servers have another name there, the replica's columns stand in another order, or " +
			"it has one more before this one: move that (ALTER TABLE … MODIFY … AFTER), as any conversion would put values under the wrong columns. " +
			"Where the name is the same, change the column to the source's definition (ALTER TABLE … MODIFY as SHOW CREATE TABLE on the source has it). " +
			"Both with binary logging off; then start again. Skipping would lose the rows.",
		Steps: []Step{{On: Both, Text: "The column on each server:", SQL: []string{
			"SELECT COLUMN_NAME, COLUMN_TYPE, CHARACTER_SET_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = " + in.text(t.Database) +
				" AND TABLE_NAME = " + in.text(t.Table) + " AND ORDINAL_POSITION = " + strconv.Itoa(n)}}},
	}
	switch setting := in.variable() + "_type_conversions"; compareTypes(m[5], m[6]) {
	case wider:
		a.Safe += " Or let the replica convert: its type holds every value of the source's."
		a.Steps = append(a.Steps, Step{On: Replica, Text: "To convert, where the name is the same:", SQL: []string{"SET GLOBAL " + setting + "='ALL_NON_LOSSY'"}})
	case unknownFit:
		a.Safe += " " + setting + "=ALL_NON_LOSSY lets the replica convert where its type holds every value of the source's; where it is narrower, " +
			"only ALL_LOSSY does, which cuts what does not fit."
	case narrower:
		a.Safe += " The replica's type is narrower: with " + setting + "=ALL_LOSSY it would cut what does not fit (ALL_NON_LOSSY does not " +
			"allow this), and its rows would differ from the source's."
	}
	return a
}

// fit is how a type of the replica holds the values of the source's.
type fit uint8

const (
	unknownFit fit = iota
	wider
	narrower
)

// ordered are types of which each holds the values of those before it.
var ordered = [][]string{{"tinyint", "smallint", "mediumint", "int", "bigint"}, {"float", "double"}}

var (
	typeName   = regexp.MustCompile(`^[a-z]+`)
	decimalOf  = regexp.MustCompile(`^decimal\(([0-9]+),([0-9]+)\)`)
	bitsOf     = regexp.MustCompile(`^bit\(([0-9]+)\)`)
	bytesOf    = regexp.MustCompile(`^(?:var)?(?:char|binary)\(([0-9]+)\(bytes\)`)
	withLength = []*regexp.Regexp{decimalOf, bitsOf, bytesOf}
)

// compareTypes compares two types as a message spells them. MySQL 5.6 and MariaDB count the source's text in bytes and the
// replica's in characters: these are not compared.
func compareTypes(source, replica string) fit {
	for _, family := range ordered {
		from, to := slices.Index(family, typeName.FindString(source)), slices.Index(family, typeName.FindString(replica))
		if from >= 0 && to >= 0 && from != to {
			return fitOf(to > from)
		}
	}
	for _, form := range withLength {
		s, r := numbersIn(form, source), numbersIn(form, replica)
		if s == nil || r == nil {
			continue
		}
		if form == decimalOf { // digits before the point and after it
			s[0], r[0] = s[0]-s[1], r[0]-r[1]
		}
		return fitOf(r[0] >= s[0] && r[len(r)-1] >= s[len(s)-1])
	}
	return unknownFit
}

func fitOf(holdsAll bool) fit {
	if holdsAll {
		return wider
	}
	return narrower
}

// numbersIn are the numbers that a form finds in a text; nil where it does not fit.
func numbersIn(form *regexp.Regexp, text string) (numbers []int) {
	found := form.FindStringSubmatch(text)
	for i := 1; i < len(found); i++ {
		n, err := strconv.Atoi(found[i])
		if err != nil {
			return nil
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// variable is the prefix of the names of replication variables.
func (in *Input) variable() string {
	if in.Dialect.MySQLSince(8, 0, 26) {
		return "replica"
	}
	return "slave"
}
