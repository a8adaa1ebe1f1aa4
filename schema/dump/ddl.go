package dump

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
	"unsafe"

	"binmend/decoder"
	"binmend/decoder/statement"
	"binmend/decoder/words"
	"binmend/schema"
)

// Name is a table's name with its database.
type Name struct{ Database, Table string }

func (n Name) String() string { return words.Table(n.Database, n.Table) }

// Fold is the name in lower case, by which names are found that differ in case only, as lower_case_table_names has it.
func (n Name) Fold() Name {
	return Name{Database: strings.ToLower(n.Database), Table: strings.ToLower(n.Table)}
}

func (n Name) clone() Name {
	return Name{Database: strings.Clone(n.Database), Table: strings.Clone(n.Table)}
}

// Definition is a table in a form that DDL changes. It is immutable: each change makes another one.
type Definition struct {
	Table  *schema.Table
	words  *definition // what the table was made of; nil where it is only packed, or not known
	packed string      // words in a few bytes; "" where they are not known to lead to the table

	// Of a definition that Undo has made:
	Overwritten []string // the columns whose type at that time is not known
	Recoded     []string // the columns whose character set at that time is not known
	KeysLost    bool     // it may have had more keys
	DefaultLost bool     // the table's character set may have been another one
}

// IsOpen reports whether the types of some columns are not known.
func (d *Definition) IsOpen() bool { return len(d.Overwritten)+len(d.Recoded) > 0 }

// Encoding is a database's default character set and collation; "" where unknown.
type Encoding struct{ Charset, Collation string }

// Kind says what a statement does to a table or to a database.
type Kind uint8

// The kinds of changes.
const (
	CreateTable Kind = iota
	CreateTableLike
	AlterTable
	RenameTable
	DropTable
	SetDatabase // CREATE DATABASE or ALTER DATABASE: its defaults
	DropDatabase
	Lost // the table is changed in a way that is not understood
)

// Change is what a statement does to one table or database.
type Change struct {
	Kind     Kind
	Verb     string // for messages: "ALTER TABLE"
	Name     Name   // without a table for databases
	Other    Name   // CreateTableLike: the model; RenameTable: the new name
	Optional bool   // CreateTable, CreateTableLike, SetDatabase: IF NOT EXISTS
	Replaces bool   // CreateTable, CreateTableLike: OR REPLACE
	Certain  bool   // the statement is logged only when it has made its table, even with IF NOT EXISTS
	Encoding Encoding
	Err      error // Lost: what is not understood

	words      *definition
	sequence   *schema.Table
	alteration alteration
}

// Parser takes the DDL of a log apart. It keeps the names of temporary tables, so it has to get the statements of one log, or of
// several that follow each other, in their order.
type Parser struct {
	parser    *tableParser
	temporary temporaries
}

// NewParser returns a parser that knows of no temporary table.
func NewParser() *Parser { return &Parser{parser: newTableParser()} }

// Statement is a statement of a log.
type Statement struct {
	Server   decoder.Version // that ran it
	Database string          // the default one
	SQL      string
	Length   int    // bytes of the whole statement, where SQL may be only its beginning
	SQLMode  uint64 // of the session
	Session  Session
	Ended    time.Time // by the clock of the server that ran it; zero when unknown

	Collations decoder.Collations // of the session; zero when unknown
}

// text is the statement in UTF-8. It is logged in the client's character set, unless the server wrote it itself.
func (st *Statement) text() string {
	_, charset, _ := schema.CollationByNumber(st.Collations.Client)
	if schema.IsASCII(st.SQL) || statement.InUTF8([]byte(st.SQL), st.Server) {
		return st.SQL
	}
	if text, ok := schema.ToUTF8(charset, []byte(st.SQL)); ok {
		return text
	}
	return st.SQL
}

// Parse calls yield for what a statement changes of tables and of the defaults of databases, in order; not for a statement that is no such
// DDL or that is about temporary tables. What it can't understand of a table's DDL makes that table's Change a Lost one; an error means that
// not even the table is known. A Change is yield's to change and to keep.
func (p *Parser) Parse(st Statement, yield func(*Change)) error {
	st.SQL = st.text()
	context := statement.Context{Writer: st.Server, SQLMode: st.SQLMode}
	p.temporary.restart(st.Session)
	kind := statement.Classify([]byte(st.SQL), context)
	switch {
	case kind.Kind != statement.DDL:
		return nil
	case kind.Temporary:
		p.temporary.follow(&st, kind.Verb, kind.Objects([]byte(st.SQL), context))
		return nil
	}
	r := changeReader{parser: p.parser, statement: st}
	var tokens []token
	err := checkLimits(&st, context)
	if err == nil {
		tokens, err = lex(st.SQL, context)
	}
	if err == nil {
		st.convertLiterals(tokens)
		p.parser.dialect = dialectOf(st.Server, st.SQLMode)
		r.c = &cursor{tokens: from(tokens, kind.Body)}
		err = r.read()
	}
	yieldReal := func(c *Change) {
		if !p.temporary.passOver(&st, c) {
			c.Name, c.Other = c.Name.clone(), c.Other.clone() // they are kept for longer than the statement
			yield(c)
		}
	}
	if err != nil {
		err = fmt.Errorf("%w in %s", err, excerpt(st.SQL))
		if r.lose(kind, kind.Objects([]byte(st.SQL), context), err, yieldReal) {
			return nil
		}
	}
	for i := range r.changes {
		yieldReal(&r.changes[i])
	}
	return err
}

// convertLiterals gives strings what the server makes of them: it converts each from the client's character set to that of
// collation_connection first, and a character that this lacks becomes a question mark. st has its text in UTF-8.
func (st *Statement) convertLiterals(tokens []token) {
	_, client, _ := schema.CollationByNumber(st.Collations.Client)
	_, connection, ok := schema.CollationByNumber(st.Collations.Connection)
	if !ok || connection == client || connection == "utf8mb4" || schema.IsASCII(st.SQL) || statement.InUTF8([]byte(st.SQL), st.Server) {
		return
	}
	for i := range tokens {
		t := &tokens[i]
		if t.kind != tokenString || t.text[0]|0x20 == 'n' || i > 0 && tokens[i-1].kind == tokenWord && strings.HasPrefix(tokens[i-1].text, "_") {
			continue
		}
		t.text = strings.Map(func(c rune) rune {
			if _, has := schema.FromUTF8(connection, string(c)); c >= utf8.RuneSelf && (!has || connection == "utf8mb3" && c > 0xffff) {
				return '?'
			}
			return c
		}, t.text)
	}
}

// from are the tokens from an offset of the statement on.
func from(tokens []token, offset int) []token {
	for len(tokens) > 0 && tokens[0].start < offset {
		tokens = tokens[1:]
	}
	return tokens
}

// changeReader reads one statement.
type changeReader struct {
	parser    *tableParser
	statement Statement
	c         *cursor
	changes   []Change
}

func (r *changeReader) read() error {
	c := r.c
	switch {
	case c.accept("CREATE"):
		return r.create()
	case c.accept("ALTER"):
		return r.alter()
	case c.accept("DROP"):
		return r.drop()
	case c.accept("RENAME"):
		if c.acceptAny("TABLE", "TABLES") {
			return r.renameTables()
		}
	}
	return nil
}

// lose makes the tables that a statement names lost, as it is not understood; false when it names none.
func (r *changeReader) lose(kind statement.Statement, names iter.Seq[statement.Name], err error, yield func(*Change)) bool {
	if kind.Object != statement.TableObject && kind.Object != statement.IndexObject {
		return false
	}
	namesSome := false
	for n := range names {
		namesSome = true
		yield(&Change{Kind: Lost, Verb: kind.String(), Name: r.complete(Name{n.Database, n.Name}), Err: err})
	}
	return namesSome
}

// tableName reads a table's name and completes it.
func (r *changeReader) tableName() (n Name, err error) {
	n.Database, n.Table, err = r.c.tableName()
	return r.complete(n), err
}

func (r *changeReader) complete(n Name) Name {
	n.Database = cmp.Or(n.Database, r.statement.Database)
	return n
}

func (r *changeReader) addChange(change Change) { r.changes = append(r.changes, change) }

// addUnlessLost adds a change that was understood, or its table as lost.
func (r *changeReader) addUnlessLost(change Change, err error) {
	if err != nil {
		change.Kind, change.Err = Lost, err
	}
	r.addChange(change)
}

// create reads what follows CREATE.
func (r *changeReader) create() error {
	c := r.c
	replaces := c.accept("OR", "REPLACE")
	switch {
	case c.accept("TABLE"):
		return r.createTable(replaces)
	case c.accept("SEQUENCE"):
		return r.createSequence(replaces)
	case c.acceptAny("DATABASE", "SCHEMA"):
		return r.createDatabase(replaces)
	}
	name, a, err := readCreateIndex(r.parser, c)
	if name.Table != "" {
		r.addUnlessLost(Change{Kind: AlterTable, Verb: "CREATE INDEX", Name: r.complete(name), alteration: a}, err)
	}
	return nil
}

func (r *changeReader) createTable(replaces bool) error {
	c := r.c
	change := Change{Kind: CreateTable, Verb: "CREATE TABLE", Replaces: replaces, Optional: c.accept("IF", "NOT", "EXISTS"),
		Certain: r.statement.Server.Flavor == decoder.MariaDB}
	var err error
	if change.Name, err = r.tableName(); err != nil {
		return err
	}
	if c.accept("LIKE") || c.peek().isSymbol('(') && c.ahead(1).is("LIKE") {
		if c.acceptSymbol('(') {
			c.next()
		}
		change.Kind = CreateTableLike
		change.Other, err = r.tableName()
		r.addUnlessLost(change, err)
		return nil
	}
	change.words, err = r.parser.columnList(c)
	r.addUnlessLost(change, err)
	return nil
}

// columnList reads the columns, keys and options of a CREATE TABLE.
func (tp *tableParser) columnList(c *cursor) (*definition, error) {
	if !c.peek().isSymbol('(') {
		if c.acceptAny("SELECT", "AS", "ENGINE", "IGNORE", "REPLACE") {
			return nil, errSelect
		}
		return nil, fmt.Errorf("expected ( after the table's name, found %s", c.found())
	}
	r, err := reduceTable(c, tp.dialect.types)
	if err != nil {
		return nil, err
	}
	d, err := tp.createTable(r.sql)
	if err != nil {
		return nil, err
	}
	if err := join(d, r); err != nil {
		return nil, err
	}
	d.nameKeys()
	return d, nil
}

func (r *changeReader) createSequence(replaces bool) error {
	change := Change{Kind: CreateTable, Verb: "CREATE SEQUENCE", Replaces: replaces, Optional: r.c.accept("IF", "NOT", "EXISTS")}
	var err error
	if change.Name, err = r.tableName(); err != nil {
		return err
	}
	change.sequence = readSequence(r.c)
	r.addChange(change)
	return nil
}

// alter reads what follows ALTER.
func (r *changeReader) alter() error {
	c := r.c
	if c.acceptAny("DATABASE", "SCHEMA") {
		return r.setDatabase("ALTER DATABASE")
	}
	name, ok, err := alteredTable(c)
	if !ok || err != nil {
		return err
	}
	name = r.complete(name)
	if c.sees("CONVERT", "PARTITION") || c.sees("CONVERT", "TABLE") {
		return r.convertPartition(name)
	}
	a, err := readAlteration(r.parser, c)
	to := a.to
	a.to = Name{}
	if err != nil || !a.isEmpty() {
		r.addUnlessLost(Change{Kind: AlterTable, Verb: "ALTER TABLE", Name: name, alteration: a}, err)
	}
	if to.Table != "" {
		r.addChange(Change{Kind: RenameTable, Verb: "ALTER TABLE", Name: name, Other: r.complete(to)})
	}
	return nil
}

// convertPartition reads CONVERT PARTITION p TO TABLE t, which makes a table, and CONVERT TABLE t TO PARTITION p, after which it is
// gone (MariaDB).
func (r *changeReader) convertPartition(of Name) error {
	c := r.c
	if c.accept("CONVERT", "TABLE") {
		name, err := r.tableName()
		r.addChange(Change{Kind: DropTable, Verb: "ALTER TABLE", Name: name})
		return err
	}
	c.accept("CONVERT", "PARTITION")
	if _, err := c.name(); err != nil {
		return err
	}
	if !c.accept("TO", "TABLE") {
		return fmt.Errorf("expected TO TABLE, found %s", c.found())
	}
	name, err := r.tableName()
	r.addChange(Change{Kind: CreateTableLike, Verb: "ALTER TABLE", Name: name, Other: of})
	return err
}

// createDatabase reads what follows CREATE DATABASE. OR REPLACE drops the one that there is.
func (r *changeReader) createDatabase(replaces bool) error {
	optional := r.c.accept("IF", "NOT", "EXISTS")
	err := r.setDatabase("CREATE DATABASE")
	if n := len(r.changes); n > 0 {
		made := r.changes[n-1]
		made.Optional = optional
		r.changes = r.changes[:n-1]
		if replaces {
			r.addChange(Change{Kind: DropDatabase, Verb: "CREATE OR REPLACE DATABASE", Name: made.Name})
		}
		r.addChange(made)
	}
	return err
}

// setDatabase reads a database's name and its default character set.
func (r *changeReader) setDatabase(verb string) error {
	c := r.c
	change := Change{Kind: SetDatabase, Verb: verb, Name: Name{Database: r.statement.Database}}
	if t := c.peek(); !t.is("CHARACTER") && !t.is("CHARSET") && !t.is("COLLATE") && !t.is("DEFAULT") && !c.done() {
		name, err := c.name()
		if err != nil {
			return err
		}
		change.Name.Database = name
	}
	o, err := readTableOptions(c)
	e := newEncoding(o.charset, o.collation, encoding{})
	switch {
	case e != encoding{}:
		change.Encoding = Encoding{e.charset, e.collation}
	case verb == "CREATE DATABASE":
		collation, charset, _ := schema.CollationByNumber(r.statement.Collations.Server)
		change.Encoding = Encoding{charset, collation}
	default:
		return err // nothing about character sets
	}
	r.addChange(change)
	return err
}

// drop reads what follows DROP.
func (r *changeReader) drop() error {
	c := r.c
	switch {
	case c.acceptAny("DATABASE", "SCHEMA"):
		c.accept("IF", "EXISTS")
		name, err := c.name()
		r.addChange(Change{Kind: DropDatabase, Verb: "DROP DATABASE", Name: Name{Database: name}})
		return err
	case c.accept("INDEX"):
		name, a, err := readDropIndex(c)
		r.addUnlessLost(Change{Kind: AlterTable, Verb: "DROP INDEX", Name: r.complete(name), alteration: a}, err)
		return nil
	case !c.acceptAny("TABLE", "TABLES", "SEQUENCE"):
		return nil
	}
	c.accept("IF", "EXISTS")
	for {
		name, err := r.tableName()
		if err != nil {
			return err
		}
		r.addChange(Change{Kind: DropTable, Verb: "DROP TABLE", Name: name})
		if !c.acceptSymbol(',') {
			return nil
		}
	}
}

// renameTables reads a TO b, c TO d.
func (r *changeReader) renameTables() error {
	c := r.c
	c.accept("IF", "EXISTS")
	for {
		from, err := r.tableName()
		if err != nil {
			return err
		}
		if !c.accept("NOWAIT") && c.accept("WAIT") {
			c.next()
		}
		if !c.accept("TO") {
			return fmt.Errorf("expected TO, found %s", c.found())
		}
		to, err := r.tableName()
		if err != nil {
			return err
		}
		r.addChange(Change{Kind: RenameTable, Verb: "RENAME TABLE", Name: from, Other: to})
		if !c.acceptSymbol(',') {
			return nil
		}
	}
}

// Create makes the table of a CreateTable. Source says where, for messages.
func (c *Change) Create(database Encoding, source string) (*Definition, error) {
	if c.sequence != nil {
		return (&Definition{Table: c.sequence}).Rename(c.Name, source), nil
	}
	return newDefinition(c.words.clone(), encoding{database.Charset, database.Collation}, c.Name, source)
}

// TakesEncoding reports whether a column of a CreateTable has the character set of the database.
func (c *Change) TakesEncoding() bool {
	d, err := c.Create(Encoding{}, "")
	return err == nil && slices.ContainsFunc(d.Table.Columns, func(c schema.Column) bool { return c.Type.HasCharset() && c.Charset == "" })
}

func newDefinition(d *definition, database encoding, name Name, source string) (*Definition, error) {
	if n := len(d.keys); n > maxKeys {
		return nil, fmt.Errorf("expected a table of at most %d keys, found %d", maxKeys, n)
	}
	t, err := buildTable(d, database)
	if err != nil {
		return nil, err
	}
	inherited := newEncoding(d.options.charset, d.options.collation, database)
	d.options.charset, d.options.collation = inherited.charset, inherited.collation
	d.settle(t)
	if t, err = buildTable(d, inherited); err != nil {
		return nil, err
	}
	t.Database, t.Name, t.Source = name.Database, name.Table, source
	return &Definition{Table: t, words: d}, nil
}

// Copy makes the table of a CreateTableLike. Foreign keys and triggers are not copied, as on a server.
func (c *Change) Copy(model *Definition, source string) *Definition {
	made := model.Rename(c.Name, source)
	made.Table.ForeignKeys, made.Table.Triggers = nil, nil
	if of := made.definition(); of != nil && len(of.foreign) > 0 {
		words := *of
		words.foreign = nil
		made.words, made.packed = &words, ""
	}
	return made
}

// Outline is the change for those who do not make its table: a CreateTable without its columns.
func (c *Change) Outline() *Change {
	outline := *c
	outline.words, outline.sequence = nil, nil
	return &outline
}

// Size is about how many bytes of memory an outline takes.
func (c *Change) Size() int {
	a := &c.alteration
	n := int(unsafe.Sizeof(*c)) + len(a.columns)*int(unsafe.Sizeof(columnChange{}))
	return n + (len(a.keys)+len(a.drops)+len(a.keyDrops)+len(a.renames))*int(unsafe.Sizeof(keyAddition{}))
}

// ConvertTo says what the character set of the database is, which CONVERT TO CHARACTER SET DEFAULT and CHARACTER SET DEFAULT take.
func (c *Change) ConvertTo(database Encoding) {
	if o := &c.alteration.options; strings.EqualFold(o.charset, "default") && o.collation == "" && database.Charset != "" {
		o.charset, o.collation = database.Charset, database.Collation
	}
	if c.alteration.convert != nil && *c.alteration.convert == (encoding{}) && database.Charset != "" {
		c.alteration.convert = &encoding{database.Charset, database.Collation}
	}
}

// Alter makes the table that an AlterTable leads to.
func (c *Change) Alter(d *Definition, source string) (*Definition, error) {
	changed, err := d.alter(&c.alteration)
	if err != nil {
		return nil, err
	}
	changed.Table.Source = source
	return changed, nil
}

// Rename gives a table another name. Its triggers go with it.
func (d *Definition) Rename(to Name, source string) *Definition {
	t := *d.Table
	t.Database, t.Name, t.Source = to.Database, to.Table, source
	renamed := *d
	renamed.Table = &t
	return &renamed
}

// With is the definition with a table that has more than its words say.
func (d *Definition) With(t *schema.Table) *Definition {
	with := *d
	with.Table, with.words, with.packed = t, d.definition(), ""
	return &with
}

// Equal compares what matters for rows.
func (d *Definition) Equal(other *Definition) bool { return equal(d.Table, other.Table) }

// Reads reports whether rows read the same with both, whatever form expressions and default values have.
func (d *Definition) Reads(other *Definition) bool {
	return sameColumns(d.Table, other.Table) && sameKeys(d.Table, other.Table)
}

// Definition finds a table as Table does.
func (s *Schema) Definition(name Name) (*Definition, error) {
	e, err := s.lookup(name.Database, name.Table)
	if err != nil {
		return nil, err
	}
	t, err := s.Table(context.Background(), schema.Ref{Database: name.Database, Table: name.Table})
	if err != nil {
		return nil, err
	}
	return &Definition{Table: t, words: e.words}, nil
}

// Encoding is what the files say of a database's defaults.
func (s *Schema) Encoding(database string) Encoding {
	e := s.encodings[strings.ToLower(database)]
	return Encoding{e.charset, e.collation}
}

// Encodings are what the files say of the defaults of databases, by their names in lower case.
func (s *Schema) Encodings() map[string]Encoding {
	all := map[string]Encoding{}
	for name, e := range s.encodings {
		all[name] = Encoding{e.charset, e.collation}
	}
	return all
}

// Places is the names of the files.
func (s *Schema) Places() []string { return s.Files }
