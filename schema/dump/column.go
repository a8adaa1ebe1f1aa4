package dump

import (
	"fmt"
	"strings"

	"binmend/decoder/words"
	"binmend/schema"
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
	c   *cursor
	out *strings.Builder
	col lifted

	types typeWords
}

func (r *reducer) column(c *cursor) error {
	name, err := c.name()
	if err != nil {
		return err
	}
	cr := columnReducer{c: c, out: &r.out, types: r.types, col: lifted{name: name, def: schema.Default{Kind: schema.DefaultUnknown}}}
	cr.out.WriteString(words.Quote(name))
	if err := cr.typeName(); err != nil {
		return fmt.Errorf("column %s: %w", words.Quote(name), err)
	}
	for !c.done() {
		if err := cr.attribute(); err != nil {
			return fmt.Errorf("column %s: %w", words.Quote(name), err)
		}
	}
	r.result.columns = append(r.result.columns, cr.col)
	return nil
}

// keep hands n tokens to the parser as they are.
func (cr *columnReducer) keep(n int) {
	for ; n > 0 && !cr.c.done(); n-- {
		cr.out.WriteString(" " + cr.c.next().text)
	}
}

// keepParens hands a pair of parentheses to the parser if one comes next.
func (cr *columnReducer) keepParens() error {
	if !cr.c.peek().isSymbol('(') {
		return nil
	}
	inner, err := cr.c.parens()
	cr.out.WriteString("(" + text(inner) + ")")
	return err
}

// typeName writes the data type, and its length or members.
func (cr *columnReducer) typeName() error {
	c := cr.c
	if c.sees("MARIADB_SCHEMA") && c.ahead(1).isSymbol('.') && c.ahead(2).kind != tokenEnd {
		c.at += 2
		c.tokens[c.at].kind = tokenWord // the name of a type, which stands after a dot here
	}
	if c.peek().kind != tokenWord {
		return fmt.Errorf("expected a data type, found %s", c.found())
	}
	cr.types.translate(c)
	if s, ok := substitutes[strings.ToLower(c.peek().text)]; ok {
		c.next()
		cr.col.typ, cr.col.geometry = s.typ, s.geometry
		cr.out.WriteString(" " + s.parser)
		return nil
	}
	if c.sees("NATIONAL") || c.sees("NCHAR") || c.sees("NVARCHAR") {
		cr.col.charset = "utf8mb3"
	}
	if c.sees("YEAR") && c.ahead(1).isSymbol('(') {
		return cr.year()
	}
	serial := c.sees("SERIAL")
	cr.keep(1)
	if serial {
		cr.col.def.Kind = schema.NoDefault
	}
	return cr.keepParens()
}

// year reads YEAR(2) and YEAR(4): both store the same byte, and the parser knows the second only.
func (cr *columnReducer) year() error {
	cr.keep(1)
	_, err := cr.c.parens()
	return err
}

// attribute reads one attribute of the column.
func (cr *columnReducer) attribute() error {
	c := cr.c
	switch {
	case c.accept("CHARACTER", "SET"), c.accept("CHAR", "SET"), c.accept("CHARSET"):
		cr.col.charset = c.optionValue()
	case c.accept("COLLATE"):
		cr.col.collation = c.optionValue()
	case c.accept("ASCII"):
		cr.col.charset = "latin1"
	case c.accept("UNICODE"):
		cr.col.charset = "ucs2"
	case c.accept("BYTE"):
		cr.col.charset = "binary"
	case c.accept("BINARY"):
		cr.col.binary = true
	case c.accept("SERIAL", "DEFAULT", "VALUE"):
		cr.out.WriteString(" NOT NULL AUTO_INCREMENT UNIQUE")
	case c.accept("DEFAULT"):
		return cr.defaultValue()
	case c.accept("ON", "UPDATE"):
		cr.col.onUpdate = true
		c.next()
		return c.skipParens()
	case c.accept("GENERATED", "ALWAYS", "AS"), c.accept("AS"):
		return cr.generation()
	case c.accept("REFERENCES"):
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
	case c.accept("INVISIBLE"):
		cr.col.invisible = true
	case c.accept("VISIBLE"), c.accept("WITH", "SYSTEM", "VERSIONING"), c.accept("WITHOUT", "SYSTEM", "VERSIONING"),
		c.accept("NOT", "SECONDARY"):
	case c.accept("COMPRESSED"):
		cr.col.compressed = true
		if c.peek().isSymbol('=') {
			c.skipValue()
		}
	case c.acceptAny("COMMENT", "STORAGE", "SRID", "REF_SYSTEM_ID", "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE"):
		c.skipValue()
	case c.accept("COLUMN_FORMAT"):
		c.skipValue()
		if c.accept("WITH", "COMPRESSION_DICTIONARY") {
			c.next()
		}
	case c.sees("CONSTRAINT"), c.sees("CHECK"):
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
	if c.accept("CONSTRAINT") && !c.sees("CHECK") {
		c.next()
	}
	if !c.accept("CHECK") {
		return fmt.Errorf("expected CHECK, found %s", c.found())
	}
	if _, err := c.parens(); err != nil {
		return err
	}
	if !c.accept("NOT", "ENFORCED") {
		c.accept("ENFORCED")
	}
	return nil
}

// generation reads what follows AS: ROW START and ROW END of system versioning, or an expression.
func (cr *columnReducer) generation() error {
	c := cr.c
	if c.accept("ROW", "START") {
		cr.col.systemTime = true
		return nil
	}
	if c.accept("ROW", "END") {
		cr.col.systemTime, cr.col.rowEnd = true, true
		return nil
	}
	expr, err := c.parens()
	if err != nil {
		return err
	}
	cr.col.expr = expr
	cr.col.generated = schema.Virtual
	switch {
	case c.accept("STORED"), c.accept("PERSISTENT"):
		cr.col.generated = schema.Stored
	default:
		c.accept("VIRTUAL")
	}
	return nil
}

// references hands REFERENCES table (columns) and its actions to the parser; "ON UPDATE" after it is not a column's.
func (cr *columnReducer) references() error {
	c := cr.c
	cr.out.WriteString(" REFERENCES")
	for !c.done() && !c.peek().isSymbol('(') {
		cr.keep(1)
	}
	if err := cr.keepParens(); err != nil {
		return err
	}
	for {
		switch {
		case c.sees("MATCH"):
			cr.keep(2)
		case c.sees("ON", "DELETE"), c.sees("ON", "UPDATE"):
			cr.keep(3)
			if last := c.tokens[c.at-1]; last.is("SET") || last.is("NO") {
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
	from := c.at
	if !c.acceptSymbol('-') {
		c.acceptSymbol('+')
	}
	first := c.next()
	switch {
	case first.kind == tokenEnd:
		return fmt.Errorf("expected a value after DEFAULT, found %s", c.found())
	case first.isSymbol('('):
		c.at--
		inner, err := c.parens()
		cr.col.def = schema.Default{Kind: schema.DefaultExpression, Text: text(inner)}
		return err
	case first.is("NULL"):
		cr.col.def = schema.Default{Kind: schema.DefaultNull}
	case first.kind == tokenString && (first.text[0] == '\'' || first.text[0] == '"'):
		cr.col.def = schema.Default{Kind: schema.DefaultLiteral, Text: stringValue(first.text)}
	case first.kind == tokenNumber:
		cr.col.def = schema.Default{Kind: schema.DefaultLiteral, Text: text(c.tokens[from:c.at])}
	case first.is("TRUE"):
		cr.col.def = schema.Default{Kind: schema.DefaultLiteral, Text: "1"}
	case first.is("FALSE"):
		cr.col.def = schema.Default{Kind: schema.DefaultLiteral, Text: "0"}
	case first.is("CASE"):
		err := cr.defaultCase()
		cr.col.def = schema.Default{Kind: schema.DefaultExpression, Text: text(c.tokens[from:c.at])}
		return err
	default:
		err := cr.defaultCall(first)
		cr.col.def = schema.Default{Kind: schema.DefaultExpression, Text: text(c.tokens[from:c.at])}
		return err
	}
	return nil
}

// defaultCase passes the rest of CASE … END, which MariaDB prints without parentheses; others may stand in it.
func (cr *columnReducer) defaultCase() error {
	c := cr.c
	for depth := 1; depth > 0; {
		switch t := c.next(); {
		case t.kind == tokenEnd:
			return fmt.Errorf("expected END of the CASE after DEFAULT, found %s", c.found())
		case t.is("CASE"):
			depth++
		case t.is("END"):
			depth--
		}
	}
	return nil
}

// defaultCall passes what remains of a default that is no plain literal: a string after its introducer, NEXT VALUE FOR
// a sequence, or a function.
func (cr *columnReducer) defaultCall(first token) error {
	c := cr.c
	if first.kind == tokenString { // x'…', b'…', n'…'
		return nil
	}
	if strings.HasPrefix(first.text, "_") && c.peek().kind == tokenString {
		c.next()
		return nil
	}
	if first.is("NEXT") && c.accept("VALUE", "FOR") {
		c.next()
	}
	for c.acceptSymbol('.') {
		c.next()
	}
	return c.skipParens()
}
