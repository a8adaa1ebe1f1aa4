package dump

import (
	"cmp"
	"fmt"
	"iter"

	"binmend/decoder"
	"binmend/decoder/statement"
	"binmend/schema"
	"binmend/schema/lexer"
)

// The statements that make, change and drop tables and databases, read token by token.

// changeReader reads one statement.
type changeReader struct {
	parser    *tableParser
	statement Statement
	c         *lexer.Cursor
	changes   []Change
}

func (r *changeReader) read() error {
	c := r.c
	switch {
	case c.Accept("CREATE"):
		return r.create()
	case c.Accept("ALTER"):
		return r.alter()
	case c.Accept("DROP"):
		return r.drop()
	case c.Accept("RENAME"):
		if c.AcceptAny("TABLE", "TABLES") {
			return r.renameTables()
		}
	}
	return nil
}

// promoteTimestamps gives the first TIMESTAMP column of a table ON UPDATE CURRENT_TIMESTAMP, as servers do without
// explicit_defaults_for_timestamp if it says neither NULL nor DEFAULT. Of ALTER TABLE the first one of the table counts on MySQL, the first one
// of the statement on MariaDB. Where the log does not tell the setting, it is taken as the server's default. (Both sources:
// promote_first_timestamp_column; tried on 5.7, 9.7, 10.11 and 11.8.)
func (r *changeReader) promoteTimestamps() {
	st := &r.statement
	if st.ToldDefaults && st.ExplicitDefaults || !st.ToldDefaults && !r.parser.dialect.timestampNotNil {
		return
	}
	for i := range r.changes {
		change := &r.changes[i]
		if change.words != nil {
			promoteTimestamp(len(change.words.columns), func(i int) *columnDefinition { return &change.words.columns[i] })
		}
		if a := &change.alteration; st.Server.Flavor == decoder.MariaDB {
			promoteTimestamp(len(a.columns), func(i int) *columnDefinition { return &a.columns[i].column })
		} else {
			a.promotes = true
		}
	}
}

// markRecoded marks the columns of a statement whose strings the server had in another character set than UTF-8.
func (r *changeReader) markRecoded() {
	if connection := r.statement.literalCharset(); connection == "" || isUTF8(connection) {
		return
	}
	for i := range r.changes {
		change := &r.changes[i]
		for j := range change.alteration.columns {
			change.alteration.columns[j].column.recoded = true
		}
		if change.words == nil {
			continue
		}
		for j := range change.words.columns {
			change.words.columns[j].recoded = true
		}
	}
}

func promoteTimestamp(n int, column func(int) *columnDefinition) {
	for i := range n {
		c := column(i)
		if c.Type != schema.TypeTimestamp {
			continue
		}
		if !c.null && c.lifted.def.Kind == schema.DefaultUnknown && c.lifted.generated == schema.NotGenerated && !c.lifted.systemTime {
			c.lifted.onUpdate = true
		}
		return
	}
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
	n.Database, n.Table, err = r.c.TableName()
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
	replaces := c.Accept("OR", "REPLACE")
	switch {
	case c.Accept("TABLE"):
		return r.createTable(replaces)
	case c.Accept("SEQUENCE"):
		return r.createSequence(replaces)
	case c.AcceptAny("DATABASE", "SCHEMA"):
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
	change := Change{Kind: CreateTable, Verb: "CREATE TABLE", Replaces: replaces, Optional: c.Accept("IF", "NOT", "EXISTS"),
		Certain: r.statement.Server.Flavor == decoder.MariaDB}
	var err error
	if change.Name, err = r.tableName(); err != nil {
		return err
	}
	if c.Accept("LIKE") || c.Peek().IsSymbol('(') && c.Ahead(1).Is("LIKE") {
		if c.AcceptSymbol('(') {
			c.Next()
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
func (tp *tableParser) columnList(c *lexer.Cursor) (*definition, error) {
	if !c.Peek().IsSymbol('(') {
		found := c.Found()
		if c.AcceptAny("SELECT", "AS", "ENGINE", "IGNORE", "REPLACE") {
			return nil, errSelect
		}
		if _, err := readTableOptions(c); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("expected ( after the table's name, found %s", found)
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
	change := Change{Kind: CreateTable, Verb: "CREATE SEQUENCE", Replaces: replaces, Optional: r.c.Accept("IF", "NOT", "EXISTS")}
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
	if c.AcceptAny("DATABASE", "SCHEMA") {
		return r.setDatabase("ALTER DATABASE")
	}
	name, ok, err := alteredTable(c)
	if !ok || err != nil {
		return err
	}
	name = r.complete(name)
	if c.Sees("CONVERT", "PARTITION") || c.Sees("CONVERT", "TABLE") {
		return r.convertPartition(name)
	}
	a, err := readAlteration(r.parser, c)
	to := a.to
	a.to = Name{}
	if err != nil || !a.isEmpty() {
		change := Change{Kind: AlterTable, Verb: "ALTER TABLE", Name: name, Default: name.Database, alteration: a}
		r.convertToSession(&change)
		r.addUnlessLost(change, err)
	}
	if to.Table != "" {
		r.addChange(Change{Kind: RenameTable, Verb: "ALTER TABLE", Name: name, Other: r.complete(to)})
	}
	return nil
}

// convertToSession makes CONVERT TO CHARACTER SET DEFAULT what servers other than newer MariaDBs understand by it: the session's
// collation_database, which is that of the default database and not of the table's.
func (r *changeReader) convertToSession(change *Change) {
	a, st := &change.alteration, &r.statement
	isNewMariaDB := st.Server.Flavor == decoder.MariaDB && st.Server.AtLeast(10, 9, 0)
	if a.convert == nil || *a.convert != (encoding{}) || isNewMariaDB {
		return
	}
	change.Default = st.Database
	number := st.CollationDatabase
	if number == 0 && st.Database == "" {
		number = st.Collations.Server
	}
	if collation, charset, ok := schema.CollationByNumber(number); ok {
		a.convert = &encoding{charset, collation}
	}
}

// convertPartition reads CONVERT PARTITION p TO TABLE t, which makes a table, and CONVERT TABLE t TO PARTITION p, after which it is
// gone (MariaDB).
func (r *changeReader) convertPartition(of Name) error {
	c := r.c
	if c.Accept("CONVERT", "TABLE") {
		name, err := r.tableName()
		r.addChange(Change{Kind: DropTable, Verb: "ALTER TABLE", Name: name})
		return err
	}
	c.Accept("CONVERT", "PARTITION")
	if _, err := c.Name(); err != nil {
		return err
	}
	if !c.Accept("TO", "TABLE") {
		return fmt.Errorf("expected TO TABLE, found %s", c.Found())
	}
	name, err := r.tableName()
	r.addChange(Change{Kind: CreateTableLike, Verb: "ALTER TABLE", Name: name, Other: of})
	return err
}

// createDatabase reads what follows CREATE DATABASE. OR REPLACE drops the one that there is.
func (r *changeReader) createDatabase(replaces bool) error {
	optional := r.c.Accept("IF", "NOT", "EXISTS")
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
	if t := c.Peek(); !t.Is("CHARACTER") && !t.Is("CHARSET") && !t.Is("COLLATE") && !t.Is("DEFAULT") && !c.Done() {
		name, err := c.Name()
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
	case c.AcceptAny("DATABASE", "SCHEMA"):
		c.Accept("IF", "EXISTS")
		name, err := c.Name()
		r.addChange(Change{Kind: DropDatabase, Verb: "DROP DATABASE", Name: Name{Database: name}})
		return err
	case c.Accept("INDEX"):
		name, a, err := readDropIndex(c)
		r.addUnlessLost(Change{Kind: AlterTable, Verb: "DROP INDEX", Name: r.complete(name), alteration: a}, err)
		return nil
	case !c.AcceptAny("TABLE", "TABLES", "SEQUENCE"):
		return nil
	}
	c.Accept("IF", "EXISTS")
	for {
		name, err := r.tableName()
		if err != nil {
			return err
		}
		r.addChange(Change{Kind: DropTable, Verb: "DROP TABLE", Name: name})
		if !c.AcceptSymbol(',') {
			return nil
		}
	}
}

// renameTables reads a TO b, c TO d.
func (r *changeReader) renameTables() error {
	c := r.c
	c.Accept("IF", "EXISTS")
	for {
		from, err := r.tableName()
		if err != nil {
			return err
		}
		if !c.Accept("NOWAIT") && c.Accept("WAIT") {
			c.Next()
		}
		if !c.Accept("TO") {
			return fmt.Errorf("expected TO, found %s", c.Found())
		}
		to, err := r.tableName()
		if err != nil {
			return err
		}
		r.addChange(Change{Kind: RenameTable, Verb: "RENAME TABLE", Name: from, Other: to})
		if !c.AcceptSymbol(',') {
			return nil
		}
	}
}
