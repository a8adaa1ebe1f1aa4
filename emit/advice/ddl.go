package advice

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"binmend/decoder/statement"
	"binmend/schema/lexer"
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
		return in.otherObjects(x, x.parts(), "IF", "NOT", "EXISTS")
	case x.Kind == statement.Account && x.Verb == statement.Alter && x.parts() > 1:
		return &Advice{
			Meaning: "The " + x.Statement.String() + " is of several accounts, and the replica does not have all of them: " + in.said(),
			Safe: "Create the account that is missing as on the source (SHOW CREATE USER, SHOW GRANTS), with binary logging off, and start again. " +
				"Skipping would lose what the statement changes of the other accounts.",
		}
	case x.Kind == statement.Account && x.Verb == statement.Drop:
		return in.otherObjects(x, x.parts(), "IF", "EXISTS")
	case x.Verb == statement.Rename && x.parts() > 1:
		return in.byHand(x)
	}
	return nil
}

const thenSkip = " Run the rest on the replica, with binary logging off; then nothing of the transaction is left, and it can be skipped."

// otherClauses is for an ALTER TABLE of several clauses.
func (in *Input) otherClauses(x *text) *Advice {
	c := x.cursor()
	for !c.Done() && !c.Accept("TABLE") {
		c.Next()
	}
	c.Accept("IF", "EXISTS")
	table, ok := tableName(c, in.Statement.Database)
	if !ok {
		return nil
	}
	if !c.Accept("NOWAIT") && c.Accept("WAIT") {
		c.Next()
	}
	if in.Errno == 1507 || in.Errno == 1517 {
		return in.otherPartitions(x, c)
	}
	clauses, name := lexer.Split(rest(c)), in.doneName()
	kept, done := in.clausesWithout(clauses, name)
	switch {
	case len(kept) == 0, len(clauses) == 1 && done == 0:
		return nil
	case done == 0:
		return in.byHand(x)
	}
	sql, ok := in.printClauses(x.tokens[:len(x.tokens)-len(rest(c))], kept)
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

// clausesWithout are the clauses without what is done already, and how many parts that was.
func (in *Input) clausesWithout(clauses [][]lexer.Token, name string) (kept [][]lexer.Token, done int) {
	for _, clause := range clauses {
		left, n := without(clause, in.Errno, name)
		if done += n; len(left) > 0 {
			kept = append(kept, left)
		}
	}
	return kept, done
}

// printClauses writes a statement with some of its clauses; ok is as of print.
func (in *Input) printClauses(head []lexer.Token, clauses [][]lexer.Token) (sql string, ok bool) {
	sql, ok = in.print(head)
	for i, clause := range clauses {
		if i > 0 {
			sql += ","
		}
		part, isPrinted := in.print(clause)
		sql, ok = sql+" "+part, ok && isPrinted
	}
	return sql, ok
}

// otherPartitions is for an ALTER TABLE that adds or drops partitions. The message may not say which of them is done.
func (in *Input) otherPartitions(x *text, c *lexer.Cursor) *Advice {
	for !c.Done() && !c.Peek().IsSymbol('(') && !c.Sees("DROP", "PARTITION") {
		c.Next()
	}
	partitions, err := c.Parens()
	if err != nil {
		partitions = rest(c)
	}
	if len(lexer.Split(partitions)) < 2 {
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
func without(clause []lexer.Token, errno int, name string) (left []lexer.Token, done int) {
	c := &lexer.Cursor{Tokens: clause}
	isDone := false
	switch {
	case errno == 1060 && c.Accept("ADD"):
		c.Accept("COLUMN")
		if c.Peek().IsSymbol('(') {
			return withoutColumn(c, name)
		}
		c.Accept("IF", "NOT", "EXISTS")
		column, ok := identifier(c)
		isDone = ok && !addsKey(clause) && same(column, name)
	case errno == 1826 && c.Accept("ADD", "CONSTRAINT"):
		constraint, ok := identifier(c)
		isDone = ok && same(constraint, name)
	case errno == 1068 && c.Accept("ADD"):
		key, ok := addedKey(c)
		isDone = ok && key.name == "PRIMARY"
	case errno == 1061 && c.Accept("ADD"):
		key, ok := addedKey(c)
		isDone = ok && same(key.name, name)
	case errno == 1091 && c.Accept("DROP"):
		isDone = drops(c, name)
	}
	if isDone {
		return nil, 1
	}
	return clause, 0
}

// drops reports whether what follows DROP is of that name.
func drops(c *lexer.Cursor, name string) bool {
	if c.Accept("PRIMARY", "KEY") {
		return same(name, "PRIMARY")
	}
	if !c.Accept("FOREIGN", "KEY") {
		c.SkipAny("COLUMN", "INDEX", "KEY", "CONSTRAINT", "CHECK")
	}
	c.Accept("IF", "EXISTS")
	dropped, ok := identifier(c)
	return ok && same(dropped, name)
}

// addsKey reports whether an ADD is of a key or a constraint, not of a column.
func addsKey(clause []lexer.Token) bool {
	return slices.ContainsFunc([]string{"INDEX", "KEY", "UNIQUE", "PRIMARY", "FULLTEXT", "SPATIAL", "CONSTRAINT", "FOREIGN", "CHECK", "PARTITION"}, clause[1].Is)
}

// withoutColumn is ADD (a …, b …) without one of its columns. The opening parenthesis comes next.
func withoutColumn(c *lexer.Cursor, name string) (left []lexer.Token, done int) {
	begin := c.At + 1
	list, err := c.Parens()
	if err != nil {
		return c.Tokens, 0
	}
	var kept []lexer.Token
	at := 0 // of the element in list
	for _, element := range lexer.Split(list) {
		if column, ok := identifier(&lexer.Cursor{Tokens: element}); ok && same(column, name) {
			done++
		} else {
			if len(kept) > 0 {
				kept = append(kept, list[at-1]) // the comma
			}
			kept = append(kept, element...)
		}
		at += len(element) + 1
	}
	if len(kept) == 0 {
		return nil, done
	}
	return slices.Concat(c.Tokens[:begin], kept, c.Tokens[c.At-1:]), done
}

// otherObjects is for a statement of several objects: with IF EXISTS or IF NOT EXISTS it does what is left.
func (in *Input) otherObjects(x *text, n int, condition ...string) *Advice {
	if n < 2 {
		return nil
	}
	at := len(x.tokens) - len(x.body())
	for at < len(x.tokens) && !slices.ContainsFunc([]string{"TABLE", "TABLES", "VIEW", "USER", "ROLE"}, x.tokens[at].Is) {
		at++
	}
	isKnown := x.Kind != statement.Account || in.Dialect.MySQLSince(5, 7, 8) || in.Dialect.MariaDB()
	if at == len(x.tokens) || !isKnown || x.tokens[min(at+1, len(x.tokens)-1)].Is("IF") {
		return in.byHand(x)
	}
	head, ok := in.print(x.tokens[:at+1])
	tail, isPrinted := in.print(x.tokens[at+1:])
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
	if sql, ok := in.print(x.tokens); ok && !strings.Contains(sql, "IDENTIFIED") {
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
