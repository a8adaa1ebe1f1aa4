package dump

import (
	"fmt"
	"strings"

	"binmend/decoder/words"
	"binmend/schema"
	"binmend/schema/lexer"
)

// substitute is the type that stands in for one that the parser doesn't know.
type substitute struct {
	typ      schema.Type
	geometry string
	parser   string
}

var substitutes = map[string]substitute{
	"geometry":           {schema.TypeGeometry, "geometry", "longblob"},
	"point":              {schema.TypeGeometry, "point", "longblob"},
	"linestring":         {schema.TypeGeometry, "linestring", "longblob"},
	"polygon":            {schema.TypeGeometry, "polygon", "longblob"},
	"multipoint":         {schema.TypeGeometry, "multipoint", "longblob"},
	"multilinestring":    {schema.TypeGeometry, "multilinestring", "longblob"},
	"multipolygon":       {schema.TypeGeometry, "multipolygon", "longblob"},
	"geometrycollection": {schema.TypeGeometry, "geometrycollection", "longblob"},
	"geomcollection":     {schema.TypeGeometry, "geometrycollection", "longblob"},
	"uuid":               {schema.TypeUUID, "", "binary(16)"},
	"inet4":              {schema.TypeInet4, "", "binary(4)"},
	"inet6":              {schema.TypeInet6, "", "binary(16)"},
}

// columnReducer takes one column definition apart: what the parser takes goes to out, the rest into col.
type columnReducer struct {
	c   *lexer.Cursor
	out *strings.Builder
	col lifted

	types typeWords
}

func (r *reducer) column(c *lexer.Cursor) error {
	name, err := c.Name()
	if err != nil {
		return err
	}
	cr := columnReducer{c: c, out: &r.out, types: r.types, col: lifted{name: name, def: schema.Default{Kind: schema.DefaultUnknown}}}
	cr.out.WriteString(words.Quote(name))
	if err := cr.typeName(); err != nil {
		return fmt.Errorf("column %s: %w", words.Quote(name), err)
	}
	for !c.Done() {
		if err := cr.attribute(); err != nil {
			return fmt.Errorf("column %s: %w", words.Quote(name), err)
		}
	}
	r.result.columns = append(r.result.columns, cr.col)
	return nil
}

// keep hands n tokens to the parser as they are.
func (cr *columnReducer) keep(n int) {
	for ; n > 0 && !cr.c.Done(); n-- {
		cr.out.WriteString(" " + cr.c.Next().Text)
	}
}

// keepParens hands a pair of parentheses to the parser if one comes next.
func (cr *columnReducer) keepParens() error {
	if !cr.c.Peek().IsSymbol('(') {
		return nil
	}
	inner, err := cr.c.Parens()
	cr.out.WriteString("(" + lexer.Text(inner) + ")")
	return err
}

// typeName writes the data type, and its length or members.
func (cr *columnReducer) typeName() error {
	c := cr.c
	if c.Sees("MARIADB_SCHEMA") && c.Ahead(1).IsSymbol('.') && c.Ahead(2).Kind != lexer.End {
		c.At += 2
		c.Tokens[c.At].Kind = lexer.Word // the name of a type, which stands after a dot here
	}
	if c.Peek().Kind != lexer.Word {
		return fmt.Errorf("expected a data type, found %s", c.Found())
	}
	cr.types.translate(c)
	if s, ok := substitutes[strings.ToLower(c.Peek().Text)]; ok {
		c.Next()
		cr.col.typ, cr.col.geometry = s.typ, s.geometry
		cr.out.WriteString(" " + s.parser)
		return nil
	}
	if c.Sees("NATIONAL") || c.Sees("NCHAR") || c.Sees("NVARCHAR") {
		cr.col.charset = "utf8mb3"
	}
	if c.Sees("YEAR") && c.Ahead(1).IsSymbol('(') {
		return cr.year()
	}
	serial := c.Sees("SERIAL")
	cr.keep(1)
	if serial {
		cr.col.def.Kind = schema.NoDefault
	}
	return cr.keepParens()
}

// year reads YEAR(2) and YEAR(4): both store the same byte, and the parser knows the second only.
func (cr *columnReducer) year() error {
	cr.keep(1)
	_, err := cr.c.Parens()
	return err
}

// attribute reads one attribute of the column.
func (cr *columnReducer) attribute() error {
	c := cr.c
	switch {
	case c.Accept("CHARACTER", "SET"), c.Accept("CHAR", "SET"), c.Accept("CHARSET"):
		cr.col.charset = optionValue(c)
	case c.Accept("COLLATE"):
		cr.col.collation = optionValue(c)
	case c.Accept("ASCII"):
		cr.col.charset = "latin1"
	case c.Accept("UNICODE"):
		cr.col.charset = "ucs2"
	case c.Accept("BYTE"):
		cr.col.charset = "binary"
	case c.Accept("BINARY"):
		cr.col.binary = true
	case c.Accept("SERIAL", "DEFAULT", "VALUE"):
		cr.out.WriteString(" NOT NULL AUTO_INCREMENT UNIQUE")
	case c.Accept("DEFAULT"):
		return cr.defaultValue()
	case c.Accept("ON", "UPDATE"):
		cr.col.onUpdate = true
		c.Next()
		return c.SkipParens()
	case c.Accept("GENERATED", "ALWAYS", "AS"), c.Accept("AS"):
		return cr.generation()
	case c.Accept("REFERENCES"):
		return cr.references()
	default:
		return cr.sideAttribute()
	}
	return nil
}

// sideAttribute reads an attribute that says nothing about the type or the value, or leaves a word to the parser.
func (cr *columnReducer) sideAttribute() error {
	c := cr.c
	switch {
	case c.Accept("INVISIBLE"):
		cr.col.invisible = true
	case c.Accept("WITH", "SYSTEM", "VERSIONING"):
		cr.col.versioned = true
	case c.Accept("VISIBLE"), c.Accept("WITHOUT", "SYSTEM", "VERSIONING"), c.Accept("NOT", "SECONDARY"):
	case c.Accept("COMPRESSED"):
		cr.col.compressed = true
		if c.Peek().IsSymbol('=') {
			c.SkipValue()
		}
	case c.AcceptAny("COMMENT", "STORAGE", "SRID", "REF_SYSTEM_ID", "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE"):
		c.SkipValue()
	case c.Accept("COLUMN_FORMAT"):
		c.SkipValue()
		if c.Accept("WITH", "COMPRESSION_DICTIONARY") {
			c.Next()
		}
	case c.Sees("CONSTRAINT"), c.Sees("CHECK"):
		return cr.check()
	default:
		cr.keep(1)
		return cr.keepParens()
	}
	return nil
}

// check passes [CONSTRAINT [name]] CHECK (…) [[NOT] ENFORCED].
func (cr *columnReducer) check() error {
	c := cr.c
	if c.Accept("CONSTRAINT") && !c.Sees("CHECK") {
		c.Next()
	}
	if !c.Accept("CHECK") {
		return fmt.Errorf("expected CHECK, found %s", c.Found())
	}
	if _, err := c.Parens(); err != nil {
		return err
	}
	if !c.Accept("NOT", "ENFORCED") {
		c.Accept("ENFORCED")
	}
	return nil
}

// generation reads what follows AS: ROW START and ROW END of system versioning, or an expression.
func (cr *columnReducer) generation() error {
	c := cr.c
	if c.Accept("ROW", "START") {
		cr.col.systemTime = true
		return nil
	}
	if c.Accept("ROW", "END") {
		cr.col.systemTime, cr.col.rowEnd = true, true
		return nil
	}
	expr, err := c.Parens()
	if err != nil {
		return err
	}
	cr.col.expr = expr
	cr.col.generated = schema.Virtual
	switch {
	case c.Accept("STORED"), c.Accept("PERSISTENT"):
		cr.col.generated = schema.Stored
	default:
		c.Accept("VIRTUAL")
	}
	return nil
}

// references hands REFERENCES table (columns) and its actions to the parser; "ON UPDATE" after it is not a column's.
func (cr *columnReducer) references() error {
	c := cr.c
	cr.out.WriteString(" REFERENCES")
	for !c.Done() && !c.Peek().IsSymbol('(') {
		cr.keep(1)
	}
	if err := cr.keepParens(); err != nil {
		return err
	}
	for {
		switch {
		case c.Sees("MATCH"):
			cr.keep(2)
		case c.Sees("ON", "DELETE"), c.Sees("ON", "UPDATE"):
			cr.keep(3)
			if last := c.Tokens[c.At-1]; last.Is("SET") || last.Is("NO") {
				cr.keep(1)
			}
		default:
			return nil
		}
	}
}

// defaultValue reads what follows DEFAULT.
func (cr *columnReducer) defaultValue() error {
	c := cr.c
	from := c.At
	if !c.AcceptSymbol('-') {
		c.AcceptSymbol('+')
	}
	first := c.Next()
	switch {
	case first.Kind == lexer.End:
		return fmt.Errorf("expected a value after DEFAULT, found %s", c.Found())
	case first.IsSymbol('('):
		c.At--
		inner, err := c.Parens()
		cr.col.def = schema.Default{Kind: schema.DefaultExpression, Text: lexer.Text(inner)}
		return err
	case first.Is("NULL"):
		cr.col.def = schema.Default{Kind: schema.DefaultNull}
	case first.Kind == lexer.String && (first.Text[0] == '\'' || first.Text[0] == '"'):
		cr.col.def = schema.Default{Kind: schema.DefaultLiteral, Text: lexer.Value(first.Text)}
	case first.Kind == lexer.Number:
		cr.col.def = schema.Default{Kind: schema.DefaultLiteral, Text: lexer.Text(c.Tokens[from:c.At])}
	case first.Is("TRUE"):
		cr.col.def = schema.Default{Kind: schema.DefaultLiteral, Text: "1"}
	case first.Is("FALSE"):
		cr.col.def = schema.Default{Kind: schema.DefaultLiteral, Text: "0"}
	case first.Is("CASE"):
		err := cr.defaultCase()
		cr.col.def = schema.Default{Kind: schema.DefaultExpression, Text: lexer.Text(c.Tokens[from:c.At])}
		return err
	default:
		err := cr.defaultCall(first)
		cr.col.def = schema.Default{Kind: schema.DefaultExpression, Text: lexer.Text(c.Tokens[from:c.At])}
		return err
	}
	return nil
}

// defaultCase passes the rest of CASE … END, which MariaDB prints without parentheses; others may stand in it.
func (cr *columnReducer) defaultCase() error {
	c := cr.c
	for depth := 1; depth > 0; {
		switch t := c.Next(); {
		case t.Kind == lexer.End:
			return fmt.Errorf("expected END of the CASE after DEFAULT, found %s", c.Found())
		case t.Is("CASE"):
			depth++
		case t.Is("END"):
			depth--
		}
	}
	return nil
}

// defaultCall passes what remains of a default that is no plain literal: a string after its introducer, NEXT VALUE FOR
// a sequence, or a function.
func (cr *columnReducer) defaultCall(first lexer.Token) error {
	c := cr.c
	if first.Kind == lexer.String { // x'…', b'…', n'…'
		return nil
	}
	if strings.HasPrefix(first.Text, "_") && c.Peek().Kind == lexer.String {
		c.Next()
		return nil
	}
	if first.Is("NEXT") && c.Accept("VALUE", "FOR") {
		c.Next()
	}
	for c.AcceptSymbol('.') {
		c.Next()
	}
	return c.SkipParens()
}
