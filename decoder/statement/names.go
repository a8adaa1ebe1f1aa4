package statement

import (
	"bytes"
	"iter"
	"slices"
)

// Name is a name with the database before it, both in the client's character set and without quotes.
type Name struct {
	Database string // "" when the statement does not say: its default one
	Name     string
}

// NamesAt is the offset of the names that Objects lists, 0 when there are none.
func (st Statement) NamesAt() int { return st.names }

// WithoutOpening is the text of a statement with OpensTransaction without the words that make it so, which only appliers run.
func (st Statement) WithoutOpening(text []byte) []byte {
	return slices.Concat(bytes.TrimRight(text[:st.opens[0]], " "), text[st.opens[1]:])
}

// Objects gives the objects of a DDL statement in order: the table of an ALTER TABLE or a CREATE INDEX and the name it is renamed
// to, all tables of a DROP TABLE, both names of each RENAME TABLE. A database is in Name. text and context must be those that
// were classified. Other statements have none. A statement may name very many: a list of them takes ten times its bytes.
func (st Statement) Objects(text []byte, context Context) iter.Seq[Name] {
	return func(yield func(Name) bool) {
		if st.names == 0 {
			return
		}
		c := classifier{Scanner: NewScanner(text, context)}
		for c.advance(); c.token.Start < st.names && c.token.Kind != End; c.advance() {
		}
		name, ok := c.name()
		if !ok || !yield(name) {
			return
		}
		switch st.Verb {
		case Drop, Rename:
			for c.toNextName() {
				if name, ok = c.name(); !ok || !yield(name) {
					return
				}
			}
		case Alter:
			if name, ok = c.renamed(); ok {
				yield(name)
			}
		}
	}
}

// NamesSeveral reports whether Objects gives more than one.
func (st Statement) NamesSeveral(text []byte, context Context) bool {
	n := 0
	for range st.Objects(text, context) {
		if n++; n > 1 {
			return true
		}
	}
	return false
}

// Partner is the other table whose rows an ALTER TABLE moves: that of EXCHANGE PARTITION, and of MariaDB's CONVERT TABLE and CONVERT
// PARTITION; the zero Name of other statements. text and context must be those that were classified.
func (st Statement) Partner(text []byte, context Context) Name {
	if st.Verb != Alter || st.Object != TableObject || !st.ChangesRows {
		return Name{}
	}
	c := classifier{Scanner: NewScanner(text, context)}
	for c.advance(); c.token.Start < st.names && c.token.Kind != End; c.advance() {
	}
	c.name()
	for depth := 0; c.token.Kind != End; c.advance() {
		if depth += c.depth(); depth == 0 && c.accept("TABLE") {
			n, _ := c.name()
			return n
		}
	}
	return Name{}
}

// Target is the table that an INSERT or REPLACE writes to, whatever tables it reads; the zero Name of other statements, and when it
// can't be read. text and context must be those that were classified.
func (st Statement) Target(text []byte, context Context) Name {
	c := classifier{Scanner: NewScanner(text, context)}
	c.advance()
	if !c.accept("INSERT") && !c.accept("REPLACE") {
		return Name{}
	}
	for c.accept("LOW_PRIORITY") || c.accept("DELAYED") || c.accept("HIGH_PRIORITY") || c.accept("IGNORE") {
	}
	c.accept("INTO")
	n, _ := c.name()
	return n
}

// TriggerTable is the table of a CREATE TRIGGER; the zero Name when it can't be read.
func (st Statement) TriggerTable(text []byte, context Context) Name {
	c := classifier{Scanner: NewScanner(text, context)}
	for c.advance(); c.token.Start < st.names && c.token.Kind != End; c.advance() {
	}
	if _, ok := c.name(); !ok {
		return Name{}
	}
	for ; c.token.Kind != End; c.advance() {
		if c.accept("ON") {
			n, _ := c.name()
			return n
		}
	}
	return Name{}
}

// name reads a name, with or without a database and a dot before it.
func (c *classifier) name() (n Name, ok bool) {
	c.acceptOperator(".") // Workbench writes ALTER TABLE .t when no database is chosen
	if n.Name, ok = c.identifier(); !ok || !c.acceptOperator(".") {
		return n, ok
	}
	n.Database = n.Name
	n.Name, ok = c.identifier()
	return n, ok
}

func (c *classifier) identifier() (string, bool) {
	name, ok := c.Name(c.token)
	if !ok {
		return "", false
	}
	text := string(name)
	c.advance()
	return text, true
}

// toNextName skips the comma or the TO before the next name of a list.
func (c *classifier) toNextName() bool {
	if !c.accept("NOWAIT") && c.accept("WAIT") {
		c.advance()
	}
	return c.acceptOperator(",") || c.accept("TO")
}

// renamed looks for the new name in an ALTER TABLE … RENAME TO.
func (c *classifier) renamed() (Name, bool) {
	for depth := 0; c.token.Kind != End; c.advance() {
		if depth += c.depth(); depth > 0 || !c.accept("RENAME") {
			continue
		}
		if c.sees("COLUMN") || c.sees("INDEX") || c.sees("KEY") {
			continue
		}
		if !c.accept("TO") && !c.accept("AS") {
			c.acceptOperator("=")
		}
		return c.name()
	}
	return Name{}, false
}
