package dump

import (
	"cmp"
	"slices"
	"strings"

	"binmend/decoder/statement"
	"binmend/schema"
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
	st.SQL = st.text()
	context := statement.Context{Writer: st.Server, SQLMode: st.SQLMode}
	kind := statement.Classify([]byte(st.SQL), context)
	if kind.Object != statement.TriggerObject {
		return change, false
	}
	tokens, err := lex(st.SQL, context)
	if err != nil {
		return change, false
	}
	c := &cursor{tokens: from(tokens, kind.Body)}
	change.Dropped = c.accept("DROP", "TRIGGER")
	if change.Dropped {
		c.accept("IF", "EXISTS")
		database, name, err := c.tableName()
		change.Database, change.Trigger.Name = cmp.Or(database, st.Database), name
		return change, err == nil
	}
	for !c.done() && !c.accept("TRIGGER") {
		c.next()
	}
	change.Trigger, change.Database, change.Table, ok = readTrigger(c, st.Database)
	return change, ok
}

// readTrigger reads what follows CREATE TRIGGER: name {BEFORE | AFTER} {INSERT | UPDATE | DELETE} ON table, and its body.
func readTrigger(c *cursor, database string) (t schema.Trigger, ofDatabase, table string, ok bool) {
	c.accept("IF", "NOT", "EXISTS")
	inDatabase, name, err := c.tableName()
	if err != nil {
		return t, "", "", false
	}
	t.Name = name
	t.Timing, t.Event = strings.ToUpper(c.next().text), strings.ToUpper(c.next().text)
	for !c.done() && !c.sees("ON") {
		c.next() // MariaDB: INSERT OR UPDATE
	}
	c.accept("ON")
	ofDatabase, table, err = c.tableName()
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
func writtenBy(c *cursor, database string) (writes []string) {
	add := func(prefix string) {
		inDatabase, name, err := c.tableName()
		if err != nil {
			return
		}
		name = prefix + strings.TrimPrefix(cmp.Or(inDatabase, database)+"."+name, ".")
		if len(writes) < maxWrites && !slices.Contains(writes, name) {
			writes = append(writes, name)
		}
	}
	var before token
	for !c.done() {
		t := c.next()
		switch {
		case c.peek().isSymbol('('): // the functions INSERT and REPLACE, and IF (…) UPDATE
		case t.is("INSERT"), t.is("REPLACE"):
			for c.acceptAny("LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE") {
			}
			c.accept("INTO")
			add("")
		case t.is("UPDATE") && !before.is("KEY") && !before.is("FOR"):
			for c.acceptAny("LOW_PRIORITY", "IGNORE") {
			}
			add("")
		case t.is("DELETE"):
			for c.acceptAny("LOW_PRIORITY", "QUICK", "IGNORE") {
			}
			c.accept("FROM")
			add("")
		case t.is("CALL"):
			add("procedure ")
		}
		before = t
	}
	return writes
}
