package dump

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"binmend/decoder/words"
	"binmend/schema"
	"binmend/schema/lexer"
)

// Hand-written files and some export tools make a table in several steps: CREATE TABLE, then ALTER TABLE and CREATE
// UNIQUE INDEX. One that isn't understood costs its table.

// errNotApplied is what is wrong with a table that was altered in a way that is not understood here.
var errNotApplied = errors.New("it changes the table in a way that is not understood here")

// alter applies an ALTER TABLE; the cursor stands after ALTER.
func (l *loader) alter(c *lexer.Cursor, line int) {
	name, ok, err := alteredTable(c)
	if !ok || err != nil {
		return
	}
	a, err := readAlteration(l.parser, c)
	if err == nil && a.isEmpty() {
		return
	}
	e := l.change(name, line, "ALTER TABLE", a, err)
	if to := a.to; e != nil && to.Table != "" {
		l.move(e, cmp.Or(to.Database, e.database), to.Table)
	}
}

// createUniqueIndex applies a CREATE UNIQUE INDEX; the cursor stands before UNIQUE.
func (l *loader) createUniqueIndex(c *lexer.Cursor, line int) {
	name, a, err := readCreateIndex(l.parser, c)
	if name.Table != "" {
		l.change(name, line, "CREATE UNIQUE INDEX", a, err)
	}
}

// change alters a table and rebuilds it. Where that fails, the table is a problem, and nil is returned.
func (l *loader) change(name Name, line int, statement string, a alteration, err error) *entry {
	e := l.find(name.Database, name.Table)
	if e == nil {
		e = &entry{database: cmp.Or(name.Database, l.database), hint: l.hint, table: name.Table}
	}
	if e.problem != nil {
		return nil
	}
	if err == nil {
		err = l.rebuild(e, &a)
	}
	if err != nil {
		l.problem(line, e.database, e.table, fmt.Errorf("%s: %w", statement, err))
		return nil
	}
	return e
}

func (l *loader) rebuild(e *entry, a *alteration) error {
	if e.words == nil {
		return errors.New("the table is not in the file before it")
	}
	changed, err := (&Definition{Table: e.def, words: e.words}).alter(a)
	if err != nil {
		return err
	}
	e.def, e.words = changed.Table, changed.words
	return nil
}

// alter makes the definition that an alteration leads to. The old one stays as it is.
func (old *Definition) alter(a *alteration) (*Definition, error) {
	d := old.definition()
	if d == nil {
		return nil, errNotApplied
	}
	d = d.clone()
	if err := a.apply(d); err != nil {
		return nil, err
	}
	t := old.Table
	changed, err := newDefinition(d, encoding{}, Name{t.Database, t.Name}, t.Source)
	if err != nil {
		return nil, err
	}
	changed.Table.Triggers = t.Triggers
	return changed, nil
}

// clone copies a definition, so that an alteration leaves the old one as it is.
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

// apply changes a definition in the order of the server: the old columns are dropped, changed and renamed first, then
// columns are added and moved, then come the keys (MySQL source: mysql_prepare_alter_table; MariaDB's is the same).
func (a *alteration) apply(d *definition) error {
	held := a.resized(d)
	if err := a.applyOptions(d); err != nil {
		return err
	}
	generated := d.hasGeneratedKey()
	renamed, err := a.applyToColumns(d)
	if err != nil {
		return err
	}
	if at := d.column(generatedKey); generated && at > 0 {
		column := d.columns[at]
		d.columns = slices.Insert(slices.Delete(d.columns, at, at+1), 0, column)
	}
	a.convertOwn(d)
	a.promoteTimestamp(d)
	for name, characters := range held {
		if at := d.column(name); at >= 0 {
			d.columns[at].Type, d.columns[at].Length = schema.TypeText, characters
		}
	}
	if err := a.dropKeys(d); err != nil {
		return err
	}
	d.followColumns(renamed)
	if err := a.addKeys(d); err != nil {
		return err
	}
	return nil
}

// promoteTimestamp is changeReader.promoteTimestamps for a column that the statement defines, if it is the table's first one.
func (a *alteration) promoteTimestamp(d *definition) {
	first := slices.IndexFunc(d.columns, func(c columnDefinition) bool { return c.Type == schema.TypeTimestamp })
	isOwn := func(c columnChange) bool {
		return !c.skipped && strings.EqualFold(c.column.Name, d.columns[first].Name)
	}
	if a.promotes && first >= 0 && slices.ContainsFunc(a.columns, isOwn) {
		promoteTimestamp(1, func(int) *columnDefinition { return &d.columns[first] })
	}
}

// generatedKey is the column that MySQL makes for a table without a primary key.
const generatedKey = "my_row_id"

// hasGeneratedKey reports whether a table has such a column. It stays the first one whatever an ALTER TABLE puts there, until it is
// visible. (MySQL source: adjust_generated_invisible_primary_key_column_position; tried on 9.7, with
// sql_generate_invisible_primary_key on and off.)
func (d *definition) hasGeneratedKey() bool {
	if d.column(generatedKey) != 0 {
		return false
	}
	c := &d.columns[0]
	return c.Type == schema.TypeBigInt && c.Unsigned && c.AutoIncrement && c.Invisible && slices.ContainsFunc(d.keys, func(k keyDefinition) bool {
		return k.kind == primaryKey && len(k.parts) == 1 && strings.EqualFold(k.parts[0].column, generatedKey)
	})
}

// renaming maps the old names of columns, in lower case, to the new ones; "" stands for a column that is gone.
type renaming map[string]string

// applyToColumns makes the new list of columns.
func (a *alteration) applyToColumns(d *definition) (renaming, error) {
	renamed := renaming{}
	for _, drop := range a.drops {
		if d.column(drop.name) >= 0 {
			renamed[strings.ToLower(drop.name)] = ""
		} else if !drop.optional {
			return nil, noColumn(drop.name)
		}
	}
	for i := range a.columns {
		if err := a.find(i, d, renamed); err != nil {
			return nil, err
		}
	}
	for _, r := range a.renames {
		if d.column(r.old) < 0 {
			return nil, noColumn(r.old)
		}
		renamed[strings.ToLower(r.old)] = r.to
	}
	d.columns = a.keptColumns(d, renamed)
	for _, change := range a.columns {
		if name := strings.ToLower(change.column.Name); change.old == "" && renamed[name] == "" {
			renamed[name] = change.column.Name // dropped and added again: its keys stay
		}
	}
	for _, change := range a.columns {
		if err := change.insert(d); err != nil {
			return nil, err
		}
	}
	for _, attribute := range a.attributes {
		if err := attribute.apply(d); err != nil {
			return nil, err
		}
	}
	return renamed, d.checkColumns()
}

// keptColumns are the old columns as they are from here on, in their old places.
func (a *alteration) keptColumns(d *definition, renamed renaming) []columnDefinition {
	var kept []columnDefinition
	for _, column := range d.columns {
		to, changed := renamed[strings.ToLower(column.Name)]
		change := a.changeOf(column.Name)
		switch {
		case changed && to == "":
			continue
		case change != nil:
			column = change.column
		case changed:
			column.Name, column.lifted.name = to, to
		}
		kept = append(kept, column)
	}
	return kept
}

func noColumn(name string) error { return fmt.Errorf("there is no column %s", words.Quote(name)) }

// checkColumns makes sure that what came out is a table.
func (d *definition) checkColumns() error {
	if len(d.columns) == 0 || len(d.columns) > maxColumns {
		return fmt.Errorf("%d columns; a table has 1 to %d", len(d.columns), maxColumns)
	}
	seen := map[string]bool{}
	for i := range d.columns {
		name := strings.ToLower(d.columns[i].Name)
		if seen[name] {
			return fmt.Errorf("there is a column %s already", words.Quote(d.columns[i].Name))
		}
		seen[name] = true
	}
	return nil
}

// followColumns renames the columns of keys and foreign keys, and takes columns that are gone out of keys. A key
// without columns is gone as well.
func (d *definition) followColumns(renamed renaming) {
	for i := range d.keys {
		key := &d.keys[i]
		key.parts = slices.DeleteFunc(key.parts, func(p partDefinition) bool {
			to, changed := renamed[strings.ToLower(p.column)]
			return changed && to == ""
		})
		for j := range key.parts {
			if to := renamed[strings.ToLower(key.parts[j].column)]; to != "" {
				key.parts[j].column = to
			}
		}
	}
	d.keys = slices.DeleteFunc(d.keys, func(key keyDefinition) bool { return len(key.parts) == 0 })
	for i := range d.foreign {
		columns := slices.Clone(d.foreign[i].Columns)
		for j, name := range columns {
			if to := renamed[strings.ToLower(name)]; to != "" {
				columns[j] = to
			}
		}
		d.foreign[i].Columns = columns
	}
}

func (a *alteration) dropKeys(d *definition) error {
	for _, drop := range a.keyDrops {
		if !d.dropKey(drop.name) && !drop.optional {
			return fmt.Errorf("there is no key %s", words.Quote(drop.name))
		}
	}
	for _, name := range a.foreignDrops {
		d.dropForeignKey(name)
	}
	for _, name := range a.constraintDrops {
		if !d.dropKey(name) {
			d.dropForeignKey(name)
		}
	}
	for _, r := range a.keyRenames {
		i := d.key(r.old)
		if i < 0 {
			return fmt.Errorf("there is no key %s", words.Quote(r.old))
		}
		d.keys[i].name = r.to
	}
	return nil
}

// key finds a key by name, or -1.
func (d *definition) key(name string) int {
	return slices.IndexFunc(d.keys, func(k keyDefinition) bool { return strings.EqualFold(k.name, name) })
}

// dropKey removes a key. One that a foreign key made by itself is not among the keys.
func (d *definition) dropKey(name string) bool {
	if i := d.key(name); i >= 0 {
		d.keys = slices.Delete(d.keys, i, i+1)
		return true
	}
	for _, f := range d.foreign {
		if strings.EqualFold(f.Name, name) || len(f.Columns) > 0 && strings.EqualFold(f.Columns[0], name) {
			return true
		}
	}
	return false
}

func (d *definition) dropForeignKey(name string) {
	for i := range d.foreign {
		if strings.EqualFold(d.foreign[i].Name, name) {
			d.foreign = slices.Delete(d.foreign, i, i+1)
			return
		}
	}
}

func (a *alteration) addKeys(d *definition) error {
	for _, key := range a.keys {
		if i := d.key(key.name); key.name != "" && i >= 0 {
			switch {
			case key.replace:
				d.keys = slices.Delete(d.keys, i, i+1)
			case key.optional:
				continue
			default:
				return fmt.Errorf("there is a key %s already", words.Quote(key.name))
			}
		}
		d.keys = append(d.keys, key.keyDefinition)
	}
	d.foreign = append(d.foreign, a.foreign...)
	d.nameKeys()
	return nil
}

// applyOptions changes the options of the table, and with CONVERT TO CHARACTER SET the columns'.
func (a *alteration) applyOptions(d *definition) error {
	if a.options.engine != "" {
		d.options.engine = a.options.engine
	}
	if a.options.rowFormat != "" {
		d.options.rowFormat = a.options.rowFormat
	}
	if a.options.charset != "" || a.options.collation != "" {
		d.options.charset, d.options.collation = a.options.charset, a.options.collation
	}
	if a.versioning != 0 {
		d.setVersioning(a.versioning > 0)
	}
	if a.convert == nil {
		return nil
	}
	if *a.convert == (encoding{}) {
		return errors.New("CONVERT TO CHARACTER SET DEFAULT depends on the database")
	}
	if a.keptConvert && !d.hasTextBesides(*a.convert) {
		return nil
	}
	inherited := d.inherited()
	d.options.charset, d.options.collation = a.convert.charset, a.convert.collation
	for i := range d.columns {
		c := &d.columns[i]
		fits := c.recount(inherited, a.convert.charset)
		if a.leaves(c.Name) {
			c.rereadMembers(inherited, a.convert.charset)
		}
		if c.convert(*a.convert); a.resizesText && fits > 0 {
			c.Type, c.Length = schema.TypeText, fits
		}
	}
	return nil
}

// leaves reports whether a column stays as the statement finds it, but for what its options do.
func (a *alteration) leaves(name string) bool {
	isOf := func(drop nameOf) bool { return strings.EqualFold(drop.name, name) }
	return a.changeOf(name) == nil && !slices.ContainsFunc(a.drops, isOf)
}

// hasTextBesides reports whether a column has text in another character set or collation.
func (d *definition) hasTextBesides(e encoding) bool {
	inherited := d.inherited()
	return slices.ContainsFunc(d.columns, func(c columnDefinition) bool {
		built := buildColumn(&c, inherited)
		return built.Type.HasCharset() && (encoding{built.Charset, built.Collation}) != e
	})
}

// convertOwn gives columns that the statement defines itself the character set of its CONVERT TO: servers prefer that to the column's
// own, unless it is binary.
func (a *alteration) convertOwn(d *definition) {
	for i := range a.columns {
		at := d.column(a.columns[i].column.Name)
		if a.convert == nil || at < 0 {
			continue
		}
		c := &d.columns[at]
		if own := &c.lifted; c.Type.HasCharset() && own.charset != "binary" && (own.charset != "" || own.collation != "") {
			c.Charset = a.convert.charset
			own.charset, own.collation, own.binary = a.convert.charset, a.convert.collation, false
		}
	}
}

// setVersioning follows ADD and DROP SYSTEM VERSIONING (MariaDB).
func (d *definition) setVersioning(on bool) {
	d.options.versioned = on
	if on {
		return
	}
	for i := range d.columns {
		d.columns[i].lifted.systemTime, d.columns[i].lifted.rowEnd = false, false
	}
}
