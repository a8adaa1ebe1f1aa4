package dump

import (
	"fmt"
	"slices"
	"strings"

	"binmend/schema"
)

// alteration is what an ALTER TABLE, CREATE INDEX or DROP INDEX does to a table, taken apart. What changes neither
// columns nor keys is left out.
type alteration struct {
	columns    []columnChange
	drops      []nameOf // columns
	renames    []rename // columns
	attributes []attributeChange

	keys            []keyAddition
	keyDrops        []nameOf
	keyRenames      []rename
	constraintDrops []string // DROP CONSTRAINT: a key's, a foreign key's or a check's
	foreign         []schema.ForeignKey
	foreignDrops    []string

	options     tableOptions
	convert     *encoding // CONVERT TO CHARACTER SET
	versioning  int       // MariaDB: 1 ADD, -1 DROP SYSTEM VERSIONING
	keptConvert bool      // the server leaves the table's default where CONVERT TO finds no text to convert
	resizesText bool      // see dialect
	inPlace     bool      // ALGORITHM=INSTANT, NOCOPY or INPLACE: no value is converted

	to Name // RENAME TO
}

// columnChange is ADD, MODIFY or CHANGE of a column.
type columnChange struct {
	old      string // "" for a new column
	column   columnDefinition
	first    bool
	after    string
	optional bool // IF EXISTS, IF NOT EXISTS
	skipped  bool // the condition does not hold
	replaces bool // it takes the place of a column that is added before it
}

// attributeChange is ALTER COLUMN: a new default value, or another visibility.
type attributeChange struct {
	column    string
	def       *schema.Default
	invisible *bool
}

type keyAddition struct {
	keyDefinition
	optional bool // IF NOT EXISTS
	replace  bool // OR REPLACE
}

type nameOf struct {
	name     string
	optional bool // IF EXISTS
}

type rename struct{ old, to string }

// isEmpty reports whether the table's rows and keys stay what they are.
func (a *alteration) isEmpty() bool {
	return len(a.columns)+len(a.drops)+len(a.renames)+len(a.attributes)+len(a.keys)+len(a.keyDrops)+len(a.keyRenames)+
		len(a.constraintDrops)+len(a.foreign)+len(a.foreignDrops) == 0 &&
		a.options == tableOptions{} && a.convert == nil && a.versioning == 0 && a.to == Name{}
}

// alteredTable reads the table's name of an ALTER TABLE; the cursor stands after ALTER. ok is false for an ALTER of
// something else.
func alteredTable(c *cursor) (name Name, ok bool, err error) {
	for c.acceptAny("ONLINE", "OFFLINE", "IGNORE") {
	}
	if !c.accept("TABLE") {
		return Name{}, false, nil
	}
	c.accept("IF", "EXISTS")
	name.Database, name.Table, err = c.tableName()
	if !c.accept("NOWAIT") && c.accept("WAIT") {
		c.next()
	}
	return name, true, err
}

// alterationReader reads the actions of one statement.
type alterationReader struct {
	parser *tableParser
	alteration
}

// readAlteration reads the actions of an ALTER TABLE, up to the end of the statement.
func readAlteration(parser *tableParser, c *cursor) (alteration, error) {
	r := alterationReader{parser: parser}
	for _, action := range splitList(withoutPartitions(c.tokens[c.at:])) {
		a := &cursor{tokens: action}
		if a.sees("ORDER", "BY") || a.ahead(1).is("PARTITION") {
			break // their lists have commas too
		}
		if err := r.action(a); err != nil {
			return r.alteration, err
		}
	}
	r.resizesText = parser.dialect.resizesText
	r.keptConvert = parser.dialect.keepsDefault && r.convert != nil && len(r.columns)+len(r.drops)+len(r.keys)+len(r.keyDrops) == 0
	return r.alteration, nil
}

// withoutPartitions cuts off PARTITION BY and REMOVE PARTITIONING, which need no comma before them.
func withoutPartitions(tokens []token) []token {
	for i := range tokens {
		c := cursor{tokens: tokens, at: i}
		if c.sees("PARTITION", "BY") || c.sees("REMOVE", "PARTITIONING") {
			return tokens[:i]
		}
	}
	return tokens
}

// harmless are the first words of actions that change neither columns nor keys.
var harmless = []string{"DISABLE", "ENABLE", "FORCE", "DISCARD", "IMPORT", "ALGORITHM", "LOCK", "WITH", "WITHOUT", "SECONDARY_LOAD", "SECONDARY_UNLOAD"}

// action reads one action.
func (r *alterationReader) action(c *cursor) error {
	switch {
	case c.sees("ALGORITHM"):
		word := c.tokens[len(c.tokens)-1]
		r.inPlace = word.is("INSTANT") || word.is("NOCOPY") || word.is("INPLACE")
		return nil
	case c.accept("WITH", "SYSTEM", "VERSIONING"):
		r.versioning = 1 // as an option of the table
		return nil
	case c.done(), slices.ContainsFunc(harmless, func(word string) bool { return c.sees(word) }):
		return nil
	case c.accept("ADD"):
		return r.readAdd(c)
	case c.accept("MODIFY"):
		c.accept("COLUMN")
		change := columnChange{optional: c.accept("IF", "EXISTS")}
		change.old, _ = c.peek().name()
		return r.column(c, change)
	case c.accept("CHANGE"):
		c.accept("COLUMN")
		change := columnChange{optional: c.accept("IF", "EXISTS")}
		var err error
		if change.old, err = c.name(); err != nil {
			return err
		}
		return r.column(c, change)
	case c.accept("DROP"):
		return r.drop(c)
	case c.accept("RENAME"):
		return r.rename(c)
	case c.accept("ALTER"):
		return r.attribute(c)
	case c.accept("CONVERT", "TO"):
		o, err := readTableOptions(c)
		e := newEncoding(o.charset, o.collation, encoding{})
		r.convert = &e
		return err
	}
	return r.tableOptions(c)
}

// optionWords begin a table option that may stand without an equals sign.
var optionWords = []string{"DEFAULT", "CHARACTER", "CHARSET", "COLLATE", "ENGINE", "TYPE", "COMMENT", "AUTO_INCREMENT",
	"ROW_FORMAT", "STORAGE", "TABLESPACE", "DATA", "INDEX", "UNION", "KEY_BLOCK_SIZE", "MAX_ROWS", "MIN_ROWS", "SECONDARY_ENGINE",
	"SECONDARY_ENGINE_ATTRIBUTE", "ENGINE_ATTRIBUTE", "AUTOEXTEND_SIZE", "COMPRESSION", "ENCRYPTION", "STATS_PERSISTENT", "STATS_AUTO_RECALC",
	"STATS_SAMPLE_PAGES", "CHECKSUM", "PACK_KEYS", "AVG_ROW_LENGTH", "DELAY_KEY_WRITE", "INSERT_METHOD", "CONNECTION", "PASSWORD"}

// tableOptions reads options, of which several may follow each other without a comma.
func (r *alterationReader) tableOptions(c *cursor) error {
	isOption := func(word string) bool { return c.sees(word) }
	if !c.ahead(1).isSymbol('=') && !slices.ContainsFunc(optionWords, isOption) {
		return errNotApplied
	}
	o, err := readTableOptions(c)
	if o.engine != "" {
		r.options.engine = o.engine
	}
	if o.rowFormat != "" {
		r.options.rowFormat = o.rowFormat
	}
	if o.charset != "" || o.collation != "" {
		r.options.charset, r.options.collation = o.charset, o.collation
	}
	return err
}

// readAdd reads what follows ADD: a column, several in parentheses, a key, a constraint, or system versioning.
func (r *alterationReader) readAdd(c *cursor) error {
	switch {
	case c.accept("SYSTEM", "VERSIONING"):
		r.versioning = 1
		return nil
	case c.sees("PERIOD", "FOR", "SYSTEM_TIME"):
		return nil
	case c.sees("PERIOD", "FOR"):
		return errNotApplied
	case startsKey(c), c.sees("CONSTRAINT"):
		return r.keyOrConstraint(c)
	}
	c.accept("COLUMN")
	optional := c.accept("IF", "NOT", "EXISTS")
	if !c.peek().isSymbol('(') {
		return r.column(c, columnChange{optional: optional})
	}
	list, err := c.parens()
	if err != nil {
		return err
	}
	first := len(r.columns)
	for _, item := range splitList(list) {
		if err := r.readAdd(&cursor{tokens: item}); err != nil {
			return err
		}
	}
	for i := first; i < len(r.columns); i++ {
		r.columns[i].optional = optional
	}
	return nil
}

func (r *alterationReader) keyOrConstraint(c *cursor) error {
	item := c.tokens[c.at:]
	added, err := r.parser.fragment(item)
	if err != nil {
		return err
	}
	r.addKeys(added, seesIfNotExists(item))
	return nil
}

func seesIfNotExists(tokens []token) bool {
	for i := range tokens {
		if c := (cursor{tokens: tokens, at: i}); c.sees("IF", "NOT", "EXISTS") {
			return true
		}
		if tokens[i].isSymbol('(') {
			break
		}
	}
	return false
}

func (r *alterationReader) addKeys(added *definition, optional bool) {
	for _, key := range added.keys {
		r.keys = append(r.keys, keyAddition{keyDefinition: key, optional: optional})
	}
	r.foreign = append(r.foreign, added.foreign...)
}

// column reads the definition of a column, and where it goes.
func (r *alterationReader) column(c *cursor, change columnChange) error {
	item, after, first := splitPosition(c.tokens[c.at:])
	added, err := r.parser.fragment(item)
	if err != nil {
		return err
	}
	if len(added.columns) != 1 {
		return errNotApplied
	}
	change.column, change.after, change.first = added.columns[0], after, first
	r.columns = append(r.columns, change)
	r.addKeys(added, change.optional)
	return nil
}

// splitPosition cuts FIRST or AFTER column off a column's definition.
func splitPosition(item []token) (rest []token, after string, first bool) {
	n := len(item)
	if n > 1 && item[n-1].is("FIRST") {
		return item[:n-1], "", true
	}
	if n > 2 && item[n-2].is("AFTER") {
		c := cursor{tokens: item, at: n - 1}
		after, _ = c.name()
		return item[:n-2], after, false
	}
	return item, "", false
}

// fragment parses one column, key or constraint, as if it were all of a table. A key needs a column beside it. Keys
// without a name get none: it depends on the other keys.
func (tp *tableParser) fragment(item []token) (*definition, error) {
	column := []token{{kind: tokenName, text: "`-`"}, {kind: tokenWord, text: "int"}}
	r, err := reduceItems([][]token{column, item}, tp.dialect.types)
	if err != nil {
		return nil, err
	}
	added, err := tp.createTable(r.sql)
	if err != nil {
		return nil, err
	}
	if err := join(added, r); err != nil {
		return nil, err
	}
	added.columns = added.columns[1:]
	return added, nil
}

// drop reads what follows DROP.
func (r *alterationReader) drop(c *cursor) error {
	switch {
	case c.accept("PRIMARY", "KEY"):
		r.keyDrops = append(r.keyDrops, nameOf{name: "PRIMARY"})
		return nil
	case c.accept("SYSTEM", "VERSIONING"):
		r.versioning = -1
		return nil
	case c.accept("KEY"), c.accept("INDEX"):
		drop, err := readDropped(c)
		r.keyDrops = append(r.keyDrops, drop)
		return err
	case c.accept("FOREIGN", "KEY"):
		drop, err := readDropped(c)
		r.foreignDrops = append(r.foreignDrops, drop.name)
		return err
	case c.accept("CONSTRAINT"):
		drop, err := readDropped(c)
		r.constraintDrops = append(r.constraintDrops, drop.name)
		return err
	case c.sees("CHECK"), c.sees("PERIOD", "FOR"), c.sees("PERIOD", "IF", "EXISTS"):
		return nil // the columns of a period stay as they are, and servers drop none that a key needs
	}
	c.accept("COLUMN")
	drop, err := readDropped(c)
	r.drops = append(r.drops, drop)
	return err
}

func readDropped(c *cursor) (nameOf, error) {
	optional := c.accept("IF", "EXISTS")
	name, err := c.name()
	return nameOf{name, optional}, err
}

// rename reads what follows RENAME: a column, a key, or the table.
func (r *alterationReader) rename(c *cursor) (err error) {
	switch {
	case c.accept("COLUMN"):
		c.accept("IF", "EXISTS")
		pair, err := readRename(c)
		r.renames = append(r.renames, pair)
		return err
	case c.accept("INDEX"), c.accept("KEY"):
		c.accept("IF", "EXISTS")
		pair, err := readRename(c)
		r.keyRenames = append(r.keyRenames, pair)
		return err
	}
	if !c.acceptAny("TO", "AS") {
		c.acceptSymbol('=')
	}
	r.to.Database, r.to.Table, err = c.tableName()
	return err
}

func readRename(c *cursor) (r rename, err error) {
	if r.old, err = c.name(); err != nil {
		return r, err
	}
	if !c.accept("TO") {
		return r, fmt.Errorf("expected TO, found %s", c.found())
	}
	r.to, err = c.name()
	return r, err
}

// attribute reads what follows ALTER: a column's default value or visibility. Those of indexes and checks do not matter.
func (r *alterationReader) attribute(c *cursor) error {
	if c.acceptAny("INDEX", "KEY", "CHECK", "CONSTRAINT") {
		return nil
	}
	c.accept("COLUMN")
	c.accept("IF", "EXISTS")
	name, err := c.name()
	if err != nil {
		return err
	}
	change := attributeChange{column: name}
	switch yes, no := true, false; {
	case c.accept("DROP", "DEFAULT"):
		change.def = &schema.Default{Kind: schema.NoDefault}
	case c.accept("SET", "DEFAULT"):
		value := columnReducer{c: c, out: &strings.Builder{}}
		if err := value.defaultValue(); err != nil {
			return err
		}
		change.def = &value.col.def
	case c.accept("SET", "INVISIBLE"):
		change.invisible = &yes
	case c.accept("SET", "VISIBLE"):
		change.invisible = &no
	default:
		return errNotApplied
	}
	r.attributes = append(r.attributes, change)
	return nil
}

// readCreateIndex reads a CREATE INDEX of any kind; the cursor stands after CREATE [OR REPLACE]. The name is empty when
// it is no such statement.
func readCreateIndex(parser *tableParser, c *cursor) (of Name, a alteration, err error) {
	replace := c.at > 0 && c.tokens[c.at-1].is("REPLACE")
	for c.acceptAny("ONLINE", "OFFLINE") {
	}
	from := c.at
	c.acceptAny("UNIQUE", "FULLTEXT", "SPATIAL", "VECTOR")
	if !c.accept("INDEX") {
		return Name{}, a, nil
	}
	optional := c.accept("IF", "NOT", "EXISTS")
	key := append(slices.Clone(c.tokens[from:c.at]), c.next())
	for !c.done() && !c.accept("ON") {
		c.next() // USING BTREE
	}
	if of.Database, of.Table, err = c.tableName(); err != nil {
		return Name{}, a, err
	}
	r := alterationReader{parser: parser}
	added, err := parser.fragment(append(key, c.tokens[c.at:]...))
	if err != nil {
		return of, a, err
	}
	r.addKeys(added, optional)
	for i := range r.keys {
		r.keys[i].replace = replace
	}
	return of, r.alteration, nil
}

// readDropIndex reads DROP INDEX name ON table; the cursor stands after INDEX.
func readDropIndex(c *cursor) (of Name, a alteration, err error) {
	drop, err := readDropped(c)
	if err != nil {
		return of, a, err
	}
	a.keyDrops = []nameOf{drop}
	c.accept("ON")
	of.Database, of.Table, err = c.tableName()
	return of, a, err
}
