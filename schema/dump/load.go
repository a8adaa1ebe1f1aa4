// Package dump reads table definitions out of schema files: the output of mysqldump and mariadb-dump with or without
// data, pasted SHOW CREATE TABLE text, and hand-written CREATE TABLE statements. In goes a file; out comes a Schema, which
// finds tables by name and lists what it could not understand. A statement that is not understood costs its own table
// and no other; one that is altered in a way that is not understood is a problem. For what follows a log, Parser takes
// its DDL apart, and a Definition makes another one of a Change. It runs no SQL and asks no server.
package dump

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"binmend/decoder/fault"
	"binmend/decoder/statement"
	"binmend/schema/lexer"
)

// Load reads one schema file; name is for messages. An error means that reading failed; what was read but not
// understood is in the Schema's Problems.
func Load(r io.Reader, name string) (*Schema, error) {
	l := newLoader(name)
	split := newSplitter(r)
	for {
		st, err := split.next()
		l.hint = split.headerDatabase
		for _, comment := range split.comments {
			l.executed(comment)
		}
		split.comments = nil
		if err == io.EOF {
			if split.headers > 1 {
				l.schema.Executed = nil // of one of several dumps
			}
			l.schema.Completed, l.schema.FirstCompleted = split.completed, split.firstCompleted
			l.schema.Begins = split.begins
			l.schema.isEmpty = split.finished > 0 && len(l.schema.entries)+len(l.schema.encodings)+split.headers == 0 && split.begins == "" &&
				!slices.ContainsFunc(l.schema.Problems, func(p *Problem) bool { return p.Table != "" })
			return l.schema, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading schema file %s: %w", name, err)
		}
		l.statement(st)
	}
}

// LoadFiles reads schema files and folders of dumps in order and merges them; "-" is not special here.
func LoadFiles(paths ...string) (*Schema, error) {
	merged := newSchema()
	for _, path := range paths {
		s, err := loadPath(path)
		if err != nil {
			return nil, err
		}
		merged.Merge(s)
	}
	if merged.isEmpty {
		what := "expected CREATE TABLE statements, found none"
		if len(merged.Problems) > 0 { // such as the quote in a status that somebody took for the dump
			what += "; " + merged.Problems[0].Error()
		}
		return nil, &fault.Error{Reason: ErrNoText, About: "schema file " + strings.Join(paths, ", "), What: what}
	}
	return merged, nil
}

// loadPath reads a file, or the folder of a dump.
func loadPath(path string) (*Schema, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return loadFolder(path)
	}
	return loadFile(path)
}

func loadFile(path string) (*Schema, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("schema file: %w", err)
	}
	defer f.Close()
	text, err := plainText(f, path)
	if err != nil {
		return nil, err
	}
	defer text.Close()
	return Load(text, path)
}

// loader follows the statements of one file.
type loader struct {
	file     string
	schema   *Schema
	parser   *tableParser
	database string // of the last USE; "" before the first
	hint     string // the database that a header comment names

	coordinates int  // statements that say what had run
	deferred    bool // they are announced before the tables
}

func newLoader(file string) *loader {
	l := &loader{file: file, schema: newSchema(), parser: newTableParser()}
	l.schema.Files = []string{file}
	return l
}

// problem records what is wrong with a statement; table "" when no table is known to be lost.
func (l *loader) problem(line int, database, table string, reason error) {
	p := &Problem{File: l.file, Line: line, Database: database, Table: table, Reason: reason.Error()}
	l.schema.Problems = append(l.schema.Problems, p)
	if table != "" {
		l.schema.put(&entry{database: database, hint: l.hintFor(table), table: table, problem: p})
	}
}

// statement acts on one statement.
func (l *loader) statement(st piece) {
	if st.err == errTooLong && !createsTable(st.text) {
		return
	}
	if st.err != nil {
		l.problem(st.line, "", "", st.err)
		return
	}
	sql := batchText(st.text)
	tokens, err := lex(sql, statement.Context{})
	if err != nil {
		if verb := verbOf(sql); verb == statement.Create || verb == statement.Alter {
			l.problem(st.line, "", "", fmt.Errorf("%w in %s", err, lexer.Excerpt(sql)))
		}
		return
	}
	c := &lexer.Cursor{Tokens: tokens}
	switch {
	case c.Accept("USE"):
		if name, err := c.Name(); err == nil {
			l.database = name
		}
	case c.Accept("DROP"):
		l.drop(c)
	case c.Accept("ALTER"):
		l.alter(c, st.line)
	case c.Accept("RENAME", "TABLE"):
		l.rename(c)
	case c.Sees("CREATE") && !startsCreateTable(c):
		c.Next()
		l.create(c, st.line)
	default:
		l.executed(sql)
		l.tables(c, sql, st.line)
	}
}

// createsTable reports whether a statement is CREATE TABLE, as far as its beginning tells.
func createsTable(sql string) bool {
	kind := statement.Classify([]byte(sql), statement.Context{})
	return kind.Verb == statement.Create && kind.Object == statement.TableObject
}

// verbOf is the verb of a statement, as far as its beginning tells.
func verbOf(sql string) statement.Verb {
	return statement.Classify([]byte(sql), statement.Context{}).Verb
}

// batchText undoes what the mysql client's batch mode does to SHOW CREATE TABLE's text: newlines stand as \n, outside
// quotes too, where SQL has no back slash. They become blanks, so that lines count as in the file.
func batchText(sql string) string {
	if verbOf(sql) == statement.Create || strings.HasPrefix(sql, "/*") || !strings.Contains(sql, `(\n `) {
		return sql
	}
	return strings.NewReplacer(`\\`, `\`, `\n`, "\r", `\t`, "\t").Replace(sql)
}

// tables reads every CREATE TABLE among the tokens: one in a file, several in a paste, with other text before, between
// and after them.
func (l *loader) tables(c *lexer.Cursor, sql string, line int) {
	for !c.Done() {
		if c.Accept("SHOW", "CREATE") || !startsCreateTable(c) {
			c.Next()
			continue
		}
		at := line + strings.Count(sql[:c.Peek().Start], "\n")
		c.Next()
		c.Accept("OR", "REPLACE")
		temporary := c.Accept("TEMPORARY")
		c.Accept("TABLE")
		l.table(c, at, temporary)
	}
}

// table reads one CREATE TABLE; the cursor stands before IF NOT EXISTS or the name.
func (l *loader) table(c *lexer.Cursor, line int, temporary bool) {
	c.Accept("IF", "NOT", "EXISTS")
	database, table, err := c.TableName()
	if err != nil {
		l.problem(line, "", "", fmt.Errorf("CREATE TABLE: %w", err))
		return
	}
	if database == "" {
		database = l.database
	}
	d, err := l.define(c, database)
	if temporary {
		return
	}
	e := &entry{database: database, hint: l.hintFor(table), table: table}
	if err == nil {
		err = l.build(e, d, line)
	}
	if err != nil {
		l.problem(line, database, table, err)
		return
	}
	l.schema.define(e)
}

// define reads what follows the table's name: a column list, or LIKE another table.
func (l *loader) define(c *lexer.Cursor, database string) (*definition, error) {
	if c.Accept("LIKE") || c.Peek().IsSymbol('(') && c.Ahead(1).Is("LIKE") {
		return l.like(c, database)
	}
	return l.parser.columnList(c)
}

// build gives an entry its table.
func (l *loader) build(e *entry, d *definition, line int) error {
	database := l.schema.encodings[strings.ToLower(e.database)]
	made, err := newDefinition(d, database, Name{e.database, e.table}, fmt.Sprintf("%s:%d", l.file, line))
	if err != nil {
		return err
	}
	e.def, e.words = made.Table, made.words
	return nil
}

// like copies a table of the same file. Foreign keys and triggers are not copied, as on a server.
func (l *loader) like(c *lexer.Cursor, database string) (*definition, error) {
	if c.AcceptSymbol('(') {
		c.Next()
	}
	ofDatabase, of, err := c.TableName()
	if err != nil {
		return nil, err
	}
	e := l.schema.same(&entry{database: cmp.Or(ofDatabase, database), hint: l.hintFor(of), table: of})
	if e == nil || e.words == nil {
		return nil, fmt.Errorf("it is made LIKE %s, which is not in the file before it", lexer.Excerpt(of))
	}
	d := e.words.clone()
	d.foreign = nil
	return d, nil
}

// create acts on a CREATE of something else than a table.
func (l *loader) create(c *lexer.Cursor, line int) {
	c.Accept("OR", "REPLACE")
	if c.AcceptAny("DATABASE", "SCHEMA") {
		l.createDatabase(c)
		return
	}
	if c.Sees("UNIQUE", "INDEX") {
		l.createUniqueIndex(c, line)
		return
	}
	if c.Accept("SEQUENCE") {
		l.createSequence(c, line)
		return
	}
	// DEFINER = … and ALGORITHM = … stand before the kind of object.
	const furthest = 16
	for range furthest {
		switch {
		case c.Accept("TRIGGER"):
			l.createTrigger(c)
			return
		case c.Accept("VIEW"):
			l.createView(c)
			return
		case c.Sees("PROCEDURE"), c.Sees("FUNCTION"), c.Sees("EVENT"), c.Done():
			return
		}
		c.Next()
	}
}

// createDatabase notes the database's default character set.
func (l *loader) createDatabase(c *lexer.Cursor) {
	c.Accept("IF", "NOT", "EXISTS")
	name, err := c.Name()
	if err != nil {
		return
	}
	if options, err := readTableOptions(c); err == nil {
		l.schema.encodings[strings.ToLower(name)] = newEncoding(options.charset, options.collation, encoding{})
	}
}

// createTrigger notes a trigger at its table.
func (l *loader) createTrigger(c *lexer.Cursor) {
	t, database, table, ok := readTrigger(c, l.database)
	if !ok {
		return
	}
	if e := l.find(database, table); e != nil && e.def != nil {
		e.def.Triggers = append(e.def.Triggers, t)
		return
	}
	of := entry{database: cmp.Or(database, l.database), hint: l.hintFor(table), table: table}
	l.schema.triggers = append(l.schema.triggers, looseTrigger{of, t})
}

// createView drops the table of the same name: mysqldump creates one to stand in for a view until all tables are there.
func (l *loader) createView(c *lexer.Cursor) {
	c.Accept("IF", "NOT", "EXISTS")
	database, name, err := c.TableName()
	if err != nil {
		return
	}
	l.remove(database, name)
}

// drop removes what DROP TABLE names, so that a table made again is no conflict.
func (l *loader) drop(c *lexer.Cursor) {
	c.Accept("TEMPORARY")
	if !c.AcceptAny("TABLE", "VIEW", "SEQUENCE") {
		return
	}
	c.Accept("IF", "EXISTS")
	for {
		database, table, err := c.TableName()
		if err != nil {
			return
		}
		l.remove(database, table)
		if !c.AcceptSymbol(',') {
			return
		}
	}
}

// rename moves tables: RENAME TABLE a TO b, c TO d.
func (l *loader) rename(c *lexer.Cursor) {
	for {
		fromDatabase, from, err := c.TableName()
		if err != nil || !c.Accept("TO") {
			return
		}
		database, to, err := c.TableName()
		if err != nil {
			return
		}
		if e := l.find(fromDatabase, from); e != nil {
			l.move(e, cmp.Or(database, l.database), to)
		}
		if !c.AcceptSymbol(',') {
			return
		}
	}
}

// move gives a table another name.
func (l *loader) move(e *entry, database, table string) {
	l.schema.remove(e)
	e.database, e.table = database, table
	if e.def != nil {
		e.def.Database, e.def.Name = database, table
	}
	l.schema.put(e)
}

// remove forgets a table that a statement at this place of the file drops.
func (l *loader) remove(database, table string) {
	if e := l.find(database, table); e != nil {
		l.schema.remove(e)
	}
}

// find is the file's own table of that name, as a statement at this place of the file would mean it. Before the first
// USE, a table that was made without a database is any database's.
func (l *loader) find(database, table string) *entry {
	if e := l.schema.same(&entry{database: cmp.Or(database, l.database), hint: l.hintFor(table), table: table}); e != nil || l.database != "" {
		return e
	}
	return l.schema.same(&entry{hint: l.hintFor(table), table: table})
}
