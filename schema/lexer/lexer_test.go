package lexer

import (
	"testing"

	"binmend/decoder/statement"
)

// Tokens are spelled as the default sql_mode reads them, whatever the mode of the statement. Comments are gone, but for what a
// server executes of them.
func TestRead(t *testing.T) {
	const ansiQuotes = 1 << 2
	for _, c := range []struct {
		name string
		sql  string
		mode uint64
		want string
	}{
		{name: "blanks and comments", sql: "DROP  TABLE\n`a` /* gone */ , b -- to the end", want: "DROP TABLE `a` , b"},
		{name: "what is executed", sql: "CREATE TABLE t (a INT /*!50606 STORAGE DISK */)", want: "CREATE TABLE t (a INT STORAGE DISK )"},
		{name: "double quotes", sql: `ADD "a""b" INT`, want: `ADD "a""b" INT`},
		{name: "names in them", sql: "ADD \"a\"\"b`c\" INT", mode: ansiQuotes, want: "ADD `a\"b``c` INT"},
		{name: "escapes", sql: `DEFAULT 'a\'b'`, want: `DEFAULT 'a\'b'`},
		{name: "backslashes as they are", sql: `DEFAULT 'a\'`, mode: statement.NoBackslashEscapes, want: `DEFAULT 'a\\'`},
	} {
		t.Run(c.name, func(t *testing.T) {
			tokens, err := Read(c.sql, statement.Context{SQLMode: c.mode})
			if got := Text(tokens); err != nil || got != c.want {
				t.Errorf("%s\ngot  %s, error %v\nwant %s", c.sql, got, err, c.want)
			}
		})
	}
	if tokens, err := Read("DEFAULT 'no end", statement.Context{}); err == nil {
		t.Errorf("a string without an end: got %q and no error", Text(tokens))
	}
}

// A cursor passes what it is told to, or nothing.
func TestCursor(t *testing.T) {
	tokens, err := Read("ALTER ONLINE IGNORE TABLE `shop`.t ADD (a INT, b DECIMAL(5,2)), DROP c", statement.Context{})
	if err != nil {
		t.Fatal(err)
	}
	c := &Cursor{Tokens: tokens}
	if c.Accept("ALTER", "TABLE") || !c.Accept("ALTER") {
		t.Error("Accept: expected ALTER alone, and not before ALTER TABLE was refused")
	}
	c.SkipAny("IGNORE", "ONLINE", "OFFLINE")
	if !c.AcceptAny("VIEW", "TABLE") {
		t.Errorf("AcceptAny: expected TABLE, found %s", c.Found())
	}
	if database, table, err := c.TableName(); database != "shop" || table != "t" || err != nil {
		t.Errorf("TableName: got %q, %q, error %v", database, table, err)
	}
	var clauses []string
	for _, clause := range Split(tokens[c.At:]) {
		clauses = append(clauses, Text(clause))
	}
	if len(clauses) != 2 || clauses[0] != "ADD (a INT, b DECIMAL(5,2))" || clauses[1] != "DROP c" {
		t.Errorf("Split: got %q", clauses)
	}
	c.Accept("ADD")
	if inner, err := c.Parens(); err != nil || Text(inner) != "a INT, b DECIMAL(5,2)" {
		t.Errorf("Parens: got %q, error %v", Text(inner), err)
	}
	if rest := Text(From(tokens, tokens[c.At].Start)); rest != ", DROP c" {
		t.Errorf("From: got %q", rest)
	}
}
