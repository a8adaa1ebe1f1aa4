package dump

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Hand-written files and some export tools make a table in several steps: CREATE TABLE, then ALTER TABLE and CREATE
// UNIQUE INDEX. The steps that name columns and keys are applied here; one that isn't understood costs its table.

// errNotApplied is what is wrong with a table that was altered in a way that is not understood here.
var errNotApplied = errors.New("it changes the table in a way that is not understood here")

// alter applies an ALTER TABLE; the cursor stands after ALTER.
func (l *loader) alter(c *cursor, line int) {
	c.acceptAny("ONLINE", "IGNORE")
	if !c.accept("TABLE") {
		return
	}
	c.accept("IF", "EXISTS")
	database, table, err := c.tableName()
	if err != nil {
		return
	}
	l.change(database, table, line, "ALTER TABLE", splitList(c.tokens[c.at:]))
}

// createUniqueIndex applies a CREATE UNIQUE INDEX; the cursor stands before the index's name.
func (l *loader) createUniqueIndex(c *cursor, line int) {
	c.accept("IF", "NOT", "EXISTS")
	name := c.next()
	for !c.done() && !c.sees("ON") {
		c.next() // USING BTREE
	}
	c.accept("ON")
	database, table, err := c.tableName()
	if err != nil {
		return
	}
	action := []token{{kind: tokenWord, text: "ADD"}, {kind: tokenWord, text: "UNIQUE"}, name}
	l.change(database, table, line, "CREATE UNIQUE INDEX", [][]token{append(action, c.tokens[c.at:]...)})
}

// change applies actions to a table and rebuilds it. Where one fails, the table is a problem.
func (l *loader) change(database, table string, line int, statement string, actions [][]token) {
	if !slices.ContainsFunc(actions, func(action []token) bool { return !isHarmless(&cursor{tokens: action}) }) {
		return
	}
	e := l.find(database, table)
	if e == nil {
		e = &entry{database: firstOf(database, l.database), hint: l.hint, table: table}
	}
	if e.problem != nil {
		return
	}
	if err := l.applyAll(e, actions); err != nil {
		l.problem(line, e.database, e.table, fmt.Errorf("%s: %w", statement, err))
	}
}

func (l *loader) applyAll(e *entry, actions [][]token) error {
	if e.words == nil {
		return errors.New("the table is not in the file before it")
	}
	d := e.words.clone()
	for _, action := range actions {
		if err := l.apply(d, &cursor{tokens: action}); err != nil {
			return err
		}
	}
	d.nameKeys()
	changed, err := buildTable(d, l.encodings[strings.ToLower(e.database)])
	if err != nil {
		return err
	}
	old := e.def
	changed.Database, changed.Name, changed.Source, changed.Triggers = old.Database, old.Name, old.Source, old.Triggers
	e.def, e.words = changed, d
	return nil
}

// clone copies a definition, so that an ALTER TABLE that fails half-way leaves the old one.
func (d *definition) clone() *definition {
	c := *d
	c.columns, c.foreign = slices.Clone(d.columns), slices.Clone(d.foreign)
	c.keys = make([]keyDefinition, len(d.keys))
	for i, key := range d.keys {
		key.parts = slices.Clone(key.parts)
		c.keys[i] = key
	}
	return &c
}

// harmless are the first words of ALTER TABLE actions that change neither columns nor keys.
var harmless = []string{"DISABLE", "ENABLE", "AUTO_INCREMENT", "COMMENT", "ENGINE", "FORCE", "ORDER", "DISCARD", "IMPORT",
	"ALGORITHM", "LOCK", "ROW_FORMAT"}

// isHarmless judges one action of an ALTER TABLE.
func isHarmless(c *cursor) bool {
	return slices.ContainsFunc(harmless, func(word string) bool { return c.sees(word) })
}

// apply applies one action of an ALTER TABLE.
func (l *loader) apply(d *definition, c *cursor) error {
	switch {
	case isHarmless(c):
		return nil
	case c.accept("ADD"):
		return l.applyAdd(d, c)
	case c.accept("MODIFY"):
		c.accept("COLUMN")
		old, _ := c.peek().name()
		return l.applyColumn(d, c, old)
	case c.accept("CHANGE"):
		c.accept("COLUMN")
		old, err := c.name()
		if err != nil {
			return err
		}
		return l.applyColumn(d, c, old)
	case c.accept("DROP"):
		return d.drop(c)
	}
	return errNotApplied
}

// applyAdd applies ADD of a column, a key or a constraint.
func (l *loader) applyAdd(d *definition, c *cursor) error {
	item := cursor{tokens: c.tokens[c.at:]}
	if !startsKey(&item) && !item.sees("CONSTRAINT") {
		c.accept("COLUMN")
		c.accept("IF", "NOT", "EXISTS")
		return l.applyColumn(d, c, "")
	}
	added, err := l.fragment(item.tokens)
	if err != nil {
		return err
	}
	d.keys = append(d.keys, added.keys...)
	d.foreign = append(d.foreign, added.foreign...)
	return nil
}

// fragment parses one column, key or constraint, as if it were all of a table. A key needs a column beside it.
func (l *loader) fragment(item []token) (*definition, error) {
	column := []token{{kind: tokenName, text: "`-`"}, {kind: tokenWord, text: "int"}}
	r, err := reduceItems([][]token{column, item})
	if err != nil {
		return nil, err
	}
	added, err := l.parser.createTable(r.sql)
	if err != nil {
		return nil, err
	}
	if err := join(added, r); err != nil {
		return nil, err
	}
	added.columns = added.columns[1:]
	return added, nil
}

// applyColumn puts the column whose definition comes next in the place of the old one; old "" adds it at the end.
func (l *loader) applyColumn(d *definition, c *cursor, old string) error {
	item, after, first := splitPosition(c.tokens[c.at:])
	added, err := l.fragment(item)
	if err != nil {
		return err
	}
	if len(added.columns) != 1 {
		return errNotApplied
	}
	column := added.columns[0]
	at := len(d.columns)
	if old != "" {
		if at = d.column(old); at < 0 {
			return fmt.Errorf("there is no column %s", quoteName(old))
		}
		d.renameInKeys(old, column.Name)
		d.columns = slices.Delete(d.columns, at, at+1)
	}
	switch {
	case first:
		at = 0
	case after != "":
		if at = d.column(after) + 1; at == 0 {
			return fmt.Errorf("there is no column %s", quoteName(after))
		}
	}
	d.columns = slices.Insert(d.columns, at, column)
	d.keys = append(d.keys, added.keys...)
	d.foreign = append(d.foreign, added.foreign...)
	return nil
}

// splitPosition cuts FIRST or AFTER column off a column's definition.
func splitPosition(item []token) (rest []token, after string, first bool) {
	n := len(item)
	if n > 1 && item[n-1].is("FIRST") {
		return item[:n-1], "", true
	}
	if n > 2 && item[n-2].is("AFTER") {
		after, _ = item[n-1].name()
		return item[:n-2], after, false
	}
	return item, "", false
}

func (d *definition) renameInKeys(old, name string) {
	for i := range d.keys {
		for j := range d.keys[i].parts {
			if strings.EqualFold(d.keys[i].parts[j].column, old) {
				d.keys[i].parts[j].column = name
			}
		}
	}
}

// drop applies DROP of a column, a key or a constraint.
func (d *definition) drop(c *cursor) error {
	switch {
	case c.accept("PRIMARY", "KEY"):
		return d.dropKey("PRIMARY")
	case c.accept("KEY"), c.accept("INDEX"):
		c.accept("IF", "EXISTS")
		name, err := c.name()
		if err != nil {
			return err
		}
		return d.dropKey(name)
	case c.accept("FOREIGN", "KEY"), c.accept("CHECK"):
		return nil
	case c.sees("CONSTRAINT"), c.sees("PARTITION"), c.sees("PERIOD"), c.sees("SYSTEM"):
		return errNotApplied
	}
	c.accept("COLUMN")
	c.accept("IF", "EXISTS")
	name, err := c.name()
	if err != nil {
		return err
	}
	return d.dropColumn(name)
}

func (d *definition) dropKey(name string) error {
	for i := range d.keys {
		if strings.EqualFold(d.keys[i].name, name) {
			d.keys = slices.Delete(d.keys, i, i+1)
			return nil
		}
	}
	return fmt.Errorf("there is no key %s", quoteName(name))
}

// dropColumn removes a column, its parts of keys, and keys that have no part left.
func (d *definition) dropColumn(name string) error {
	at := d.column(name)
	if at < 0 {
		return fmt.Errorf("there is no column %s", quoteName(name))
	}
	d.columns = slices.Delete(d.columns, at, at+1)
	for i := range d.keys {
		d.keys[i].parts = slices.DeleteFunc(d.keys[i].parts, func(p partDefinition) bool {
			return strings.EqualFold(p.column, name)
		})
	}
	d.keys = slices.DeleteFunc(d.keys, func(key keyDefinition) bool { return len(key.parts) == 0 })
	return nil
}
