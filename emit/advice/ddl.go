package advice

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"binmend/decoder/statement"
)

// doneInPart is for DDL that failed because part of it is done already: the rest of the statement has to be run before the
// transaction can be skipped. It returns nil if there is no rest.
func (in *Input) doneInPart() *Advice {
	if in.Statement == nil {
		return nil
	}
	x := in.read()
	switch {
	case x.Verb == statement.Create && x.Object == statement.TableObject:
		return in.filledTable(x)
	case x.Verb == statement.Alter && x.Object == statement.TableObject:
		return in.otherClauses(x)
	case x.Verb == statement.Drop && (x.Object == statement.TableObject || x.Object == statement.ViewObject):
		return in.otherObjects(x, len(slices.Collect(x.Objects(x.sql, in.Statement.Context))), "IF", "EXISTS")
	case x.Kind == statement.Account && x.Verb == statement.Create:
		return in.otherObjects(x, len(x.from(x.begin).list()), "IF", "NOT", "EXISTS")
	case x.Kind == statement.Account && x.Verb == statement.Alter && len(x.from(x.begin).list()) > 1:
		return &Advice{
			Meaning: "The " + x.Statement.String() + " is of several accounts, and the replica does not have all of them: " + in.said(),
			Safe: "Create the account that is missing as on the source (SHOW CREATE USER, SHOW GRANTS), with binary logging off, and start again. " +
				"Skipping would lose what the statement changes of the other accounts.",
		}
	case x.Kind == statement.Account && x.Verb == statement.Drop:
		return in.otherObjects(x, len(x.from(x.begin).list()), "IF", "EXISTS")
	case x.Verb == statement.Rename && len(x.from(x.begin).list()) > 1:
		return in.byHand(x)
	}
	return nil
}

const thenSkip = " Run the rest on the replica, with binary logging off; then nothing of the transaction is left, and it can be skipped."

// otherClauses is for an ALTER TABLE of several clauses.
func (in *Input) otherClauses(x *text) *Advice {
	c := x.from(x.begin)
	for c.at < c.end && !c.accept("TABLE") {
		c.at++
	}
	c.accept("IF", "EXISTS")
	table, ok := c.table(in.Statement.Database)
	if !ok {
		return nil
	}
	if !c.accept("NOWAIT") && c.accept("WAIT") {
		c.at++
	}
	head := c.at
	if in.Errno == 1507 || in.Errno == 1517 {
		return in.otherPartitions(x, c)
	}
	clauses := c.list()
	var kept [][]statement.Token
	done := 0
	name := in.doneName()
	for _, clause := range clauses {
		rest, n := clause.without(in.Errno, name)
		if done += n; len(rest) > 0 {
			kept = append(kept, rest)
		}
	}
	switch {
	case len(clauses) == 1 && (done == 0 || len(kept) == 0):
		return nil
	case done == 0:
		return in.byHand(x)
	case len(kept) == 0:
		return nil
	}
	sql, ok := x.print(in, x.tokens[:head])
	for i, clause := range kept {
		if i > 0 {
			sql += ","
		}
		part, isPrinted := x.print(in, clause)
		sql, ok = sql+" "+part, ok && isPrinted
	}
	if !ok {
		return in.byHand(x)
	}
	return &Advice{
		Meaning: fmt.Sprintf("The ALTER TABLE has several parts, and that of %s is done on the replica already; the others are not.", name),
		Safe:    "Compare SHOW CREATE TABLE on both servers: what is done already must be as on the source." + thenSkip,
		Steps: []Step{{On: Both, Text: "The definitions:", SQL: []string{"SHOW CREATE TABLE " + in.table(table)}},
			in.inItsDatabase(Step{On: Replica, Changes: true, Text: "The rest of the statement. Where another part turns out to be done, leave that out too:", SQL: []string{sql}})},
		ThenSkip: true,
	}
}

// otherPartitions is for an ALTER TABLE that adds or drops partitions. The message may not say which of them is done.
func (in *Input) otherPartitions(x *text, c *cursor) *Advice {
	for c.at < c.end && !c.seesOperator("(") && !c.sees("DROP", "PARTITION") {
		c.at++
	}
	if c.seesOperator("(") {
		c.at++
	}
	if len(c.list()) < 2 {
		return nil
	}
	return in.byHand(x)
}

// doneName finds the name of what is done already in a message.
func (in *Input) doneName() string {
	if in.Errno == 1068 {
		return "PRIMARY"
	}
	if m := quotedName.FindStringSubmatch(in.said()); m != nil {
		return m[1]
	}
	return ""
}

// quotedName finds the name in "Duplicate column name 'a'" and "Can't DROP 'a'", in MariaDB's "Can't DROP COLUMN `a`", and in
// their translations.
var quotedName = regexp.MustCompile("(?:^|[ («»])[`'«»\"]([^`'«»\"]+)[`'«»\"]")

// inItsDatabase makes the statements of a step run in the default database of the logged statement.
func (in *Input) inItsDatabase(s Step) Step {
	if in.Statement.Database == "" {
		return s
	}
	use, err := in.Dialect.AppendUse(nil, in.Statement.Database)
	if err != nil {
		s.Text = "Connect with the statement's default database, which USE can't name. " + s.Text
		return s
	}
	s.SQL = append([]string{string(use)}, s.SQL...)
	return s
}

// without is a clause of ALTER TABLE without what is done already, and how many parts that was.
func (c *cursor) without(errno int, name string) (rest []statement.Token, done int) {
	whole := c.rest()
	switch {
	case errno == 1060 && c.accept("ADD"):
		c.accept("COLUMN")
		if !c.acceptOperator("(") {
			c.accept("IF", "NOT", "EXISTS")
			if column, ok := c.identifier(); ok && !c.isKey(whole) && same(column, name) {
				return nil, 1
			}
			return whole, 0
		}
		return c.withoutColumn(whole, name)
	case errno == 1826 && c.accept("ADD", "CONSTRAINT"):
		constraint, ok := c.identifier()
		return drop(whole, ok && same(constraint, name))
	case errno == 1068 && c.accept("ADD"):
		key, ok := c.addedKey()
		return drop(whole, ok && key.name == "PRIMARY")
	case errno == 1061 && c.accept("ADD"):
		if key, ok := c.addedKey(); ok && same(key.name, name) {
			return nil, 1
		}
	case errno == 1091 && c.accept("DROP"):
		if c.accept("PRIMARY", "KEY") {
			return drop(whole, same(name, "PRIMARY"))
		}
		if !c.accept("FOREIGN", "KEY") {
			c.acceptAny("COLUMN", "INDEX", "KEY", "CONSTRAINT", "CHECK")
		}
		c.accept("IF", "EXISTS")
		dropped, ok := c.identifier()
		return drop(whole, ok && same(dropped, name))
	}
	return whole, 0
}

func drop(clause []statement.Token, isDone bool) ([]statement.Token, int) {
	if isDone {
		return nil, 1
	}
	return clause, 0
}

// isKey reports whether an ADD is of a key or a constraint, not of a column.
func (c *cursor) isKey(clause []statement.Token) bool {
	t := clause[1]
	return slices.ContainsFunc([]string{"INDEX", "KEY", "UNIQUE", "PRIMARY", "FULLTEXT", "SPATIAL", "CONSTRAINT", "FOREIGN", "CHECK", "PARTITION"},
		func(word string) bool { return c.Is(t, word) })
}

// withoutColumn is ADD (a …, b …) without one of its columns. The cursor is after the opening parenthesis.
func (c *cursor) withoutColumn(clause []statement.Token, name string) (rest []statement.Token, done int) {
	rest = slices.Clone(clause[:len(clause)-len(c.rest())])
	first := true
	var comma statement.Token
	for _, element := range c.list() {
		tokens := element.rest()
		if column, ok := element.identifier(); ok && same(column, name) {
			done++
		} else {
			if !first {
				rest = append(rest, comma)
			}
			rest, first = append(rest, tokens...), false
		}
		if element.end < c.end && c.IsOperator(c.tokens[element.end], ",") {
			comma = c.tokens[element.end]
		}
	}
	if first {
		return nil, done
	}
	return append(rest, c.rest()...), done
}

// otherObjects is for a statement of several objects: with IF EXISTS or IF NOT EXISTS it does what is left.
func (in *Input) otherObjects(x *text, n int, condition ...string) *Advice {
	if n < 2 {
		return nil
	}
	at := x.begin
	for at < len(x.tokens) && !slices.ContainsFunc([]string{"TABLE", "TABLES", "VIEW", "USER", "ROLE"}, func(word string) bool { return x.Is(x.tokens[at], word) }) {
		at++
	}
	isKnown := x.Kind != statement.Account || in.Dialect.MySQLSince(5, 7, 8) || in.Dialect.MariaDB()
	if at == len(x.tokens) || !isKnown || x.Is(x.tokens[min(at+1, len(x.tokens)-1)], "IF") {
		return in.byHand(x)
	}
	head, ok := x.print(in, x.tokens[:at+1])
	tail, isPrinted := x.print(in, x.tokens[at+1:])
	if !ok || !isPrinted {
		return in.byHand(x)
	}
	return &Advice{
		Meaning: fmt.Sprintf("The %s is of %d objects, and for some of them it is done on the replica already.", x.Statement, n),
		Safe: "Find out who changed the replica, as more may differ." + thenSkip + " " + strings.Join(condition, " ") +
			" passes over what is done already.",
		Steps: []Step{in.inItsDatabase(Step{On: Replica, Changes: true, Text: "The rest of the statement:",
			SQL: []string{head + " " + strings.Join(condition, " ") + " " + tail}})},
		ThenSkip: true,
	}
}

// byHand is for a statement whose rest can't be written here.
func (in *Input) byHand(x *text) *Advice {
	a := &Advice{
		Meaning: fmt.Sprintf("The %s does several things, and one of them is done on the replica already.", x.Statement),
		Safe: "Compare what it names on both servers. Do on the replica what is not done, with binary logging off; then nothing of the " +
			"transaction is left, and it can be skipped. Skipped before, the rest is lost.",
		ThenSkip: true,
	}
	if sql, ok := x.print(in, x.tokens); ok && !strings.Contains(sql, "IDENTIFIED") {
		a.Safe += " The statement: " + sql
	}
	return a
}

// filledTable is for a CREATE TABLE of a table that exists already, in a transaction that also fills it.
func (in *Input) filledTable(x *text) *Advice {
	objects := slices.Collect(x.Objects(x.sql, in.Statement.Context))
	if len(objects) == 0 {
		return nil
	}
	t := Name{objects[0].Database, objects[0].Name}
	if t.Database == "" {
		t.Database = in.Statement.Database
	}
	isFilled := slices.ContainsFunc(in.Writes, func(n Name) bool { return same(n.Database, t.Database) && same(n.Table, t.Table) })
	if !x.FromSelect && !x.OpensTransaction && !isFilled {
		return nil
	}
	aside := t
	aside.Table = shortened(t.Table, "_replica")
	return &Advice{
		Meaning: fmt.Sprintf("The transaction creates %s and fills it with rows; the replica has a table or view of that name already.", t),
		Safe: "Skipping would lose the rows. Move the replica's table aside, with binary logging off, and start again: the transaction creates " +
			"and fills its own. Drop the other one when nobody needs its rows.",
		Steps: []Step{{On: Replica, Text: "What is there:", SQL: []string{"SHOW CREATE TABLE " + in.table(t)}},
			{On: Replica, Changes: true, Text: "Out of the way:", SQL: []string{"RENAME TABLE " + in.table(t) + " TO " + in.table(aside)}}},
	}
}

// shortened is a name with a suffix, cut to the 64 characters that servers allow.
func shortened(name, ending string) string {
	runes := []rune(name)
	return string(runes[:min(len(runes), 64-len(ending))]) + ending
}
