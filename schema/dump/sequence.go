package dump

import (
	"cmp"
	"fmt"
	"slices"

	"binmend/decoder/words"
	"binmend/schema"
	"binmend/schema/lexer"
)

// sequenceColumns are the columns of the table that MariaDB keeps a sequence in (MariaDB source: sql_sequence.cc).
var sequenceColumns = []schema.Column{
	{Name: "next_not_cached_value", Type: schema.TypeBigInt},
	{Name: "minimum_value", Type: schema.TypeBigInt},
	{Name: "maximum_value", Type: schema.TypeBigInt},
	{Name: "start_value", Type: schema.TypeBigInt},
	{Name: "increment", Type: schema.TypeBigInt},
	{Name: "cache_size", Type: schema.TypeBigInt, Unsigned: true},
	{Name: "cycle_option", Type: schema.TypeTinyInt, Unsigned: true},
	{Name: "cycle_count", Type: schema.TypeBigInt},
}

// sequenceTypes are the types that CREATE SEQUENCE … AS takes (MariaDB 11.5). They are those of the first four columns.
var sequenceTypes = map[string]schema.Type{
	"TINYINT": schema.TypeTinyInt, "SMALLINT": schema.TypeSmallInt, "MEDIUMINT": schema.TypeMediumInt,
	"INT": schema.TypeInt, "INTEGER": schema.TypeInt, "BIGINT": schema.TypeBigInt,
}

// createSequence makes the table that a CREATE SEQUENCE makes; the cursor stands after SEQUENCE.
func (l *loader) createSequence(c *lexer.Cursor, line int) {
	c.Accept("IF", "NOT", "EXISTS")
	database, name, err := c.TableName()
	if err != nil {
		l.problem(line, "", "", fmt.Errorf("CREATE SEQUENCE: %w", err))
		return
	}
	t := readSequence(c)
	t.Database, t.Name, t.Source = cmp.Or(database, l.database), name, fmt.Sprintf("%s:%d", l.file, line)
	l.schema.define(&entry{database: t.Database, hint: l.hint, table: name, def: t})
}

// sequence is what tells one sequence's table from another's.
type sequence struct {
	typ      schema.Type
	unsigned bool
	engine   string
}

// readSequence reads what follows the name of a sequence.
func readSequence(c *lexer.Cursor) *schema.Table {
	s := sequence{typ: schema.TypeBigInt}
	if c.Accept("AS") {
		for word, typ := range sequenceTypes {
			if c.Accept(word) {
				s.typ, s.unsigned = typ, c.Accept("UNSIGNED")
			}
		}
	}
	if options, err := readTableOptions(c); err == nil {
		s.engine = options.engine
	}
	return s.table()
}

func sequenceOf(t *schema.Table) sequence {
	return sequence{t.Columns[0].Type, t.Columns[0].Unsigned, t.Engine}
}

// table is the sequence's table, without its name.
func (s sequence) table() *schema.Table {
	t := &schema.Table{Columns: slices.Clone(sequenceColumns), Engine: s.engine}
	for i := range t.Columns {
		t.Columns[i].Default.Kind = schema.NoDefault
	}
	for i := range t.Columns[:4] {
		t.Columns[i].Type, t.Columns[i].Unsigned = s.typ, s.unsigned
	}
	return t
}

// isSequence reports whether a definition is a sequence's.
func (d *Definition) isSequence() bool {
	return d.words == nil && d.packed == "" && len(d.Table.Columns) == len(sequenceColumns) && d.Table.Columns[0].Name == sequenceColumns[0].Name
}

// sequenceSQL is a CREATE SEQUENCE.
func (d *Definition) sequenceSQL() string {
	sql := "CREATE SEQUENCE " + words.Quote(d.Table.Name)
	if c := &d.Table.Columns[0]; c.Type != schema.TypeBigInt || c.Unsigned {
		sql += " AS " + c.SQLType()
	}
	if d.Table.Engine != "" {
		sql += " ENGINE=" + d.Table.Engine
	}
	return sql
}
