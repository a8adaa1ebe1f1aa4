package dump

import (
	"fmt"
	"slices"
	"strings"

	"binmend/schema"
	"binmend/schema/lexer"
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
	promotes    bool      // see changeReader.promoteTimestamps
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

// attributeChange is ALTER COLUMN: a new default value, or another visibility; or that the column is one of a period.
type attributeChange struct {
	column    string
	def       *schema.Default
	invisible *bool
	inPeriod  bool
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
func alteredTable(c *lexer.Cursor) (name Name, ok bool, err error) {
	c.SkipAny("ONLINE", "OFFLINE", "IGNORE")
	if !c.Accept("TABLE") {
		return Name{}, false, nil
	}
	c.Accept("IF", "EXISTS")
	name.Database, name.Table, err = c.TableName()
	if !c.Accept("NOWAIT") && c.Accept("WAIT") {
		c.Next()
	}
	return name, true, err
}

// alterationReader reads the actions of one statement.
type alterationReader struct {
	parser *tableParser
	alteration
}

// readAlteration reads the actions of an ALTER TABLE, up to the end of the statement.
func readAlteration(parser *tableParser, c *lexer.Cursor) (alteration, error) {
	r := alterationReader{parser: parser}
	for _, action := range lexer.Split(withoutPartitions(c.Tokens[c.At:])) {
		a := &lexer.Cursor{Tokens: action}
		if a.Sees("ORDER", "BY") || a.Ahead(1).Is("PARTITION") {
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
func withoutPartitions(tokens []lexer.Token) []lexer.Token {
	for i := range tokens {
		c := lexer.Cursor{Tokens: tokens, At: i}
		if c.Sees("PARTITION", "BY") || c.Sees("REMOVE", "PARTITIONING") {
			return tokens[:i]
		}
	}
	return tokens
}

// harmless are the first words of actions that change neither columns nor keys.
var harmless = []string{"DISABLE", "ENABLE", "FORCE", "DISCARD", "IMPORT", "ALGORITHM", "LOCK", "WITH", "WITHOUT", "SECONDARY_LOAD", "SECONDARY_UNLOAD"}

// action reads one action.
func (r *alterationReader) action(c *lexer.Cursor) error {
	switch {
	case c.Sees("ALGORITHM"):
		word := c.Tokens[len(c.Tokens)-1]
		r.inPlace = word.Is("INSTANT") || word.Is("NOCOPY") || word.Is("INPLACE")
		return nil
	case c.Accept("WITH", "SYSTEM", "VERSIONING"):
		r.versioning = 1 // as an option of the table
		return nil
	case c.Done(), slices.ContainsFunc(harmless, func(word string) bool { return c.Sees(word) }):
		return nil
	case c.Accept("ADD"):
		return r.readAdd(c)
	case c.Accept("MODIFY"):
		c.Accept("COLUMN")
		change := columnChange{optional: c.Accept("IF", "EXISTS")}
		change.old, _ = c.Peek().Name()
		return r.column(c, change)
	case c.Accept("CHANGE"):
		c.Accept("COLUMN")
		change := columnChange{optional: c.Accept("IF", "EXISTS")}
		var err error
		if change.old, err = c.Name(); err != nil {
			return err
		}
		return r.column(c, change)
	case c.Accept("DROP"):
		return r.drop(c)
	case c.Accept("RENAME"):
		return r.rename(c)
	case c.Accept("ALTER"):
		return r.attribute(c)
	case c.Accept("CONVERT", "TO"):
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
func (r *alterationReader) tableOptions(c *lexer.Cursor) error {
	isOption := func(word string) bool { return c.Sees(word) }
	if !c.Ahead(1).IsSymbol('=') && !slices.ContainsFunc(optionWords, isOption) {
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
func (r *alterationReader) readAdd(c *lexer.Cursor) error {
	switch {
	case c.Accept("SYSTEM", "VERSIONING"):
		r.versioning = 1
		return nil
	case c.Sees("PERIOD", "FOR", "SYSTEM_TIME"):
		return nil
	case c.Accept("PERIOD", "FOR"):
		return r.addPeriod(c)
	case startsKey(c), c.Sees("CONSTRAINT"):
		return r.keyOrConstraint(c)
	}
	c.Accept("COLUMN")
	optional := c.Accept("IF", "NOT", "EXISTS")
	if !c.Peek().IsSymbol('(') {
		return r.column(c, columnChange{optional: optional})
	}
	list, err := c.Parens()
	if err != nil {
		return err
	}
	first := len(r.columns)
	for _, item := range lexer.Split(list) {
		if err := r.readAdd(&lexer.Cursor{Tokens: item}); err != nil {
			return err
		}
	}
	for i := first; i < len(r.columns); i++ {
		r.columns[i].optional = optional
	}
	return nil
}

// addPeriod reads an application-time period, which makes its columns NOT NULL.
func (r *alterationReader) addPeriod(c *lexer.Cursor) error {
	if _, err := c.Name(); err != nil {
		return err
	}
	columns, err := c.Parens()
	if err != nil || len(columns) != 3 {
		return errNotApplied
	}
	for _, t := range []lexer.Token{columns[0], columns[2]} {
		name, _ := t.Name()
		r.attributes = append(r.attributes, attributeChange{column: name, inPeriod: true})
	}
	return nil
}

func (r *alterationReader) keyOrConstraint(c *lexer.Cursor) error {
	item := c.Tokens[c.At:]
	added, err := r.parser.fragment(item)
	if err != nil {
		return err
	}
	r.addKeys(added, seesIfNotExists(item))
	return nil
}

func seesIfNotExists(tokens []lexer.Token) bool {
	for i := range tokens {
		if c := (lexer.Cursor{Tokens: tokens, At: i}); c.Sees("IF", "NOT", "EXISTS") {
			return true
		}
		if tokens[i].IsSymbol('(') {
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
func (r *alterationReader) column(c *lexer.Cursor, change columnChange) error {
	item, after, first := splitPosition(c.Tokens[c.At:])
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
func splitPosition(item []lexer.Token) (rest []lexer.Token, after string, first bool) {
	n := len(item)
	if n > 1 && item[n-1].Is("FIRST") {
		return item[:n-1], "", true
	}
	if n > 2 && item[n-2].Is("AFTER") {
		c := lexer.Cursor{Tokens: item, At: n - 1}
		after, _ = c.Name()
		return item[:n-2], after, false
	}
	return item, "", false
}

// fragment parses one column, key or constraint, as if it were all of a table. A key needs a column beside it. Keys
// without a name get none: it depends on the other keys.
func (tp *tableParser) fragment(item []lexer.Token) (*definition, error) {
	column := []lexer.Token{{Kind: lexer.Name, Text: "`-`"}, {Kind: lexer.Word, Text: "int"}}
	r, err := reduceItems([][]lexer.Token{column, item}, tp.dialect.types)
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
func (r *alterationReader) drop(c *lexer.Cursor) error {
	switch {
	case c.Accept("PRIMARY", "KEY"):
		r.keyDrops = append(r.keyDrops, nameOf{name: "PRIMARY"})
		return nil
	case c.Accept("SYSTEM", "VERSIONING"):
		r.versioning = -1
		return nil
	case c.Accept("KEY"), c.Accept("INDEX"):
		drop, err := readDropped(c)
		r.keyDrops = append(r.keyDrops, drop)
		return err
	case c.Accept("FOREIGN", "KEY"):
		drop, err := readDropped(c)
		r.foreignDrops = append(r.foreignDrops, drop.name)
		return err
	case c.Accept("CONSTRAINT"):
		drop, err := readDropped(c)
		r.constraintDrops = append(r.constraintDrops, drop.name)
		return err
	case c.Sees("CHECK"), c.Sees("PERIOD", "FOR"), c.Sees("PERIOD", "IF", "EXISTS"):
		return nil // the columns of a period stay as they are, and servers drop none that a key needs
	}
	c.Accept("COLUMN")
	drop, err := readDropped(c)
	r.drops = append(r.drops, drop)
	return err
}

func readDropped(c *lexer.Cursor) (nameOf, error) {
	optional := c.Accept("IF", "EXISTS")
	name, err := c.Name()
	return nameOf{name, optional}, err
}

// rename reads what follows RENAME: a column, a key, or the table.
func (r *alterationReader) rename(c *lexer.Cursor) (err error) {
	switch {
	case c.Accept("COLUMN"):
		c.Accept("IF", "EXISTS")
		pair, err := readRename(c)
		r.renames = append(r.renames, pair)
		return err
	case c.Accept("INDEX"), c.Accept("KEY"):
		c.Accept("IF", "EXISTS")
		pair, err := readRename(c)
		r.keyRenames = append(r.keyRenames, pair)
		return err
	}
	if !c.AcceptAny("TO", "AS") {
		c.AcceptSymbol('=')
	}
	r.to.Database, r.to.Table, err = c.TableName()
	return err
}

func readRename(c *lexer.Cursor) (r rename, err error) {
	if r.old, err = c.Name(); err != nil {
		return r, err
	}
	if !c.Accept("TO") {
		return r, fmt.Errorf("expected TO, found %s", c.Found())
	}
	r.to, err = c.Name()
	return r, err
}

// attribute reads what follows ALTER: a column's default value or visibility. Those of indexes and checks do not matter.
func (r *alterationReader) attribute(c *lexer.Cursor) error {
	if c.AcceptAny("INDEX", "KEY", "CHECK", "CONSTRAINT") {
		return nil
	}
	c.Accept("COLUMN")
	c.Accept("IF", "EXISTS")
	name, err := c.Name()
	if err != nil {
		return err
	}
	change := attributeChange{column: name}
	switch yes, no := true, false; {
	case c.Accept("DROP", "DEFAULT"):
		change.def = &schema.Default{Kind: schema.NoDefault}
	case c.Accept("SET", "DEFAULT"):
		value := columnReducer{c: c, out: &strings.Builder{}}
		if err := value.defaultValue(); err != nil {
			return err
		}
		change.def = &value.col.def
	case c.Accept("SET", "INVISIBLE"):
		change.invisible = &yes
	case c.Accept("SET", "VISIBLE"):
		change.invisible = &no
	default:
		return errNotApplied
	}
	r.attributes = append(r.attributes, change)
	return nil
}

// readCreateIndex reads a CREATE INDEX of any kind; the cursor stands after CREATE [OR REPLACE]. The name is empty when
// it is no such statement.
func readCreateIndex(parser *tableParser, c *lexer.Cursor) (of Name, a alteration, err error) {
	replace := c.At > 0 && c.Tokens[c.At-1].Is("REPLACE")
	c.SkipAny("ONLINE", "OFFLINE")
	from := c.At
	c.AcceptAny("UNIQUE", "FULLTEXT", "SPATIAL", "VECTOR")
	if !c.Accept("INDEX") {
		return Name{}, a, nil
	}
	optional := c.Accept("IF", "NOT", "EXISTS")
	key := append(slices.Clone(c.Tokens[from:c.At]), c.Next())
	for !c.Done() && !c.Accept("ON") {
		c.Next() // USING BTREE
	}
	if of.Database, of.Table, err = c.TableName(); err != nil {
		return Name{}, a, err
	}
	r := alterationReader{parser: parser}
	added, err := parser.fragment(append(key, c.Tokens[c.At:]...))
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
func readDropIndex(c *lexer.Cursor) (of Name, a alteration, err error) {
	drop, err := readDropped(c)
	if err != nil {
		return of, a, err
	}
	a.keyDrops = []nameOf{drop}
	c.Accept("ON")
	of.Database, of.Table, err = c.TableName()
	return of, a, err
}
