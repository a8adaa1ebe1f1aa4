package dump

import (
	"cmp"
	"slices"
	"strings"

	"binmend/decoder/statement"
	"binmend/schema"
	"binmend/schema/lexer"
)

// TriggerChange is what a statement does to a trigger.
type TriggerChange struct {
	Database string // of the trigger and its table
	Table    string // "" where it is dropped
	Trigger  schema.Trigger
	Dropped  bool
}

// ReadTrigger reads a CREATE TRIGGER or DROP TRIGGER; ok is false for any other statement, and for one that is not understood.
func ReadTrigger(st Statement) (change TriggerChange, ok bool) {
	st.SQL, _ = st.text()
	context := statement.Context{Writer: st.Server, SQLMode: st.SQLMode}
	kind := statement.Classify([]byte(st.SQL), context)
	if kind.Object != statement.TriggerObject {
		return change, false
	}
	tokens, err := lex(st.SQL, context)
	if err != nil {
		return change, false
	}
	c := &lexer.Cursor{Tokens: lexer.From(tokens, kind.Body)}
	change.Dropped = c.Accept("DROP", "TRIGGER")
	if change.Dropped {
		c.Accept("IF", "EXISTS")
		database, name, err := c.TableName()
		change.Database, change.Trigger.Name = cmp.Or(database, st.Database), name
		return change, err == nil
	}
	for !c.Done() && !c.Accept("TRIGGER") {
		c.Next()
	}
	change.Trigger, change.Database, change.Table, ok = readTrigger(c, st.Database)
	return change, ok
}

// readTrigger reads what follows CREATE TRIGGER: name {BEFORE | AFTER} {INSERT | UPDATE | DELETE} ON table, and its body.
func readTrigger(c *lexer.Cursor, database string) (t schema.Trigger, ofDatabase, table string, ok bool) {
	c.Accept("IF", "NOT", "EXISTS")
	inDatabase, name, err := c.TableName()
	if err != nil {
		return t, "", "", false
	}
	t.Name = name
	t.Timing, t.Event = strings.ToUpper(c.Next().Text), strings.ToUpper(c.Next().Text)
	for !c.Done() && !c.Sees("ON") {
		c.Next() // MariaDB: INSERT OR UPDATE
	}
	c.Accept("ON")
	ofDatabase, table, err = c.TableName()
	if err != nil {
		return t, "", "", false
	}
	ofDatabase = cmp.Or(ofDatabase, cmp.Or(inDatabase, database))
	t.Writes = writtenBy(c, ofDatabase)
	return t, ofDatabase, table, true
}

// maxWrites bounds the tables that are named of one trigger.
const maxWrites = 8

// writtenBy lists the tables that the statements of a trigger's body write. What a function or a procedure writes is not known; a
// procedure that is called is named.
func writtenBy(c *lexer.Cursor, database string) (writes []string) {
	add := func(prefix string) {
		inDatabase, name, err := c.TableName()
		if err != nil {
			return
		}
		name = prefix + strings.TrimPrefix(cmp.Or(inDatabase, database)+"."+name, ".")
		if len(writes) < maxWrites && !slices.Contains(writes, name) {
			writes = append(writes, name)
		}
	}
	var before lexer.Token
	for !c.Done() {
		t := c.Next()
		switch {
		case c.Peek().IsSymbol('('): // the functions INSERT and REPLACE, and IF (…) UPDATE
		case t.Is("INSERT"), t.Is("REPLACE"):
			c.SkipAny("LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE")
			c.Accept("INTO")
			add("")
		case t.Is("UPDATE") && !before.Is("KEY") && !before.Is("FOR"):
			c.SkipAny("LOW_PRIORITY", "IGNORE")
			add("")
		case t.Is("DELETE"):
			c.SkipAny("LOW_PRIORITY", "QUICK", "IGNORE")
			c.Accept("FROM")
			add("")
		case t.Is("CALL"):
			add("procedure ")
		}
		before = t
	}
	return writes
}
