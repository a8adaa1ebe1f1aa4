package dump

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"binmend/schema"
)

// encoding is a character set and collation, "" where unknown.
type encoding struct{ charset, collation string }

// newEncoding settles what CHARACTER SET and COLLATE clauses say, given what holds without them.
func newEncoding(charset, collation string, inherited encoding) encoding {
	charset, collation = schema.NormalCharset(charset), schema.NormalCollation(collation)
	if charset == "default" {
		charset = ""
	}
	if collation == "default" {
		collation = ""
	}
	switch {
	case charset == "" && collation == "":
		return inherited
	case charset == "":
		charset = schema.CollationCharset(collation)
		if charset == "" {
			charset = inherited.charset
		}
	}
	if collation != "" && schema.CollationCharset(collation) == "" && charset != "" {
		collation = charset + "_" + collation
	}
	return encoding{charset, collation}
}

// maxColumns is the most that a server allows.
const maxColumns = 4096

// buildTable puts a parsed statement and what was lifted out of it together.
func buildTable(r *reduced, d *definition, database encoding) (*schema.Table, error) {
	if len(d.columns) != len(r.columns) {
		return nil, fmt.Errorf("%d columns expected, %d understood", len(r.columns), len(d.columns))
	}
	if len(d.columns) == 0 || len(d.columns) > maxColumns {
		return nil, fmt.Errorf("%d columns; a table has 1 to %d", len(d.columns), maxColumns)
	}
	t := &schema.Table{
		Database: r.database, Name: r.table, Engine: r.options.engine,
		SystemVersioned: r.options.versioned, ForeignKeys: d.foreign,
	}
	inherited := newEncoding(r.options.charset, r.options.collation, database)
	for i, c := range d.columns {
		t.Columns = append(t.Columns, buildColumn(c, &r.columns[i], inherited))
		t.SystemVersioned = t.SystemVersioned || r.columns[i].systemTime
		if c.foreign != nil {
			t.ForeignKeys = append(t.ForeignKeys, *c.foreign)
		}
	}
	return t, addKeys(t, r, d)
}

// buildColumn completes a column with what was lifted out of its definition.
func buildColumn(d columnDefinition, l *lifted, inherited encoding) schema.Column {
	c := d.Column
	if l.typ != schema.TypeUnknown {
		c.Type, c.Length, c.Charset = l.typ, 0, ""
	}
	c.GeometryOf = l.geometry
	c.Generated, c.Expr = l.generated, l.expr
	c.Invisible, c.Compressed, c.SystemTime = l.invisible, l.compressed, l.systemTime
	c.Nullable = c.Nullable && !c.SystemTime
	encode(&c, l, inherited)
	c.Default = l.def
	if l.def.Kind == schema.DefaultUnknown {
		c.Default.Kind = schema.DefaultNull
		if !c.Nullable || !c.Assignable() {
			c.Default.Kind = schema.NoDefault
		}
	}
	return c
}

// encode settles the character set of a text, ENUM or SET column, and what follows from it for the type.
func encode(c *schema.Column, l *lifted, inherited encoding) {
	if !hasCharset(c.Type) {
		if c.Charset == "binary" {
			fitBlob(c)
		}
		return
	}
	e := newEncoding(l.charset, l.collation, inherited)
	if l.binary && l.collation == "" && e.charset != "" && e.charset != "binary" {
		e.collation = e.charset + "_bin"
	}
	c.Charset, c.Collation = e.charset, e.collation
	if e.charset == "binary" {
		c.Type = binaryOf(c.Type)
		c.Collation = ""
	}
	fitBlob(c)
}

// hasCharset says whether a type has a character set to inherit.
func hasCharset(t schema.Type) bool {
	switch t {
	case schema.TypeChar, schema.TypeVarchar, schema.TypeTinyText, schema.TypeText, schema.TypeMediumText,
		schema.TypeLongText, schema.TypeEnum, schema.TypeSet:
		return true
	}
	return false
}

// binaryOf is the type that CHARACTER SET binary makes of a text type.
func binaryOf(t schema.Type) schema.Type {
	switch t {
	case schema.TypeChar:
		return schema.TypeBinary
	case schema.TypeVarchar:
		return schema.TypeVarbinary
	case schema.TypeTinyText:
		return schema.TypeTinyBlob
	case schema.TypeText:
		return schema.TypeBlob
	case schema.TypeMediumText:
		return schema.TypeMediumBlob
	case schema.TypeLongText:
		return schema.TypeLongBlob
	}
	return t
}

// fitBlob makes TEXT(n) and BLOB(n) the smallest type that holds n characters, as the server does.
func fitBlob(c *schema.Column) {
	sizes := []schema.Type{schema.TypeTinyBlob, schema.TypeBlob, schema.TypeMediumBlob, schema.TypeLongBlob}
	switch c.Type {
	case schema.TypeText:
		sizes = []schema.Type{schema.TypeTinyText, schema.TypeText, schema.TypeMediumText, schema.TypeLongText}
	case schema.TypeBlob:
	case schema.TypeTinyText, schema.TypeMediumText, schema.TypeLongText,
		schema.TypeTinyBlob, schema.TypeMediumBlob, schema.TypeLongBlob:
		c.Length = 0
		return
	default:
		return
	}
	length := c.Length
	c.Length = 0
	if length == 0 {
		return
	}
	bytes := int64(length) * int64(schema.MaxBytes(c.Charset))
	switch {
	case bytes < 1<<8:
		c.Type = sizes[0]
	case bytes < 1<<16:
		c.Type = sizes[1]
	case bytes < 1<<24:
		c.Type = sizes[2]
	default:
		c.Type = sizes[3]
	}
}

// addKeys gives the table its unique keys: the primary key first, then those of columns, then those of the list.
func addKeys(t *schema.Table, r *reduced, d *definition) error {
	b := keyBuilder{table: t, expressions: r.expressions, names: map[string]bool{}, ordinals: map[string]int{}}
	for i := range t.Columns {
		b.ordinals[strings.ToLower(t.Columns[i].Name)] = i
	}
	for i, c := range d.columns {
		if c.key != noKey {
			key := keyDefinition{kind: c.key, parts: []partDefinition{{column: c.Name}}}
			if err := b.add(key, false); err != nil {
				return fmt.Errorf("key of column %s: %w", quoteName(t.Columns[i].Name), err)
			}
		}
	}
	for i, key := range d.keys {
		if err := b.add(key, i < len(r.overlaps) && r.overlaps[i]); err != nil {
			return fmt.Errorf("key %s: %w", quoteName(key.name), err)
		}
	}
	return nil
}

// keyBuilder turns keys by column names into keys by ordinals.
type keyBuilder struct {
	table       *schema.Table
	ordinals    map[string]int  // of the columns, by name in lower case
	expressions [][]token       // those of the parts still to come
	names       map[string]bool // names taken so far, in lower case
}

func (b *keyBuilder) add(d keyDefinition, overlaps bool) error {
	key := schema.Key{Name: d.name, Primary: d.kind == primaryKey, WithoutOverlaps: overlaps}
	for _, p := range d.parts {
		part, err := b.part(p)
		if err != nil {
			return err
		}
		key.Parts = append(key.Parts, part)
	}
	if key.Primary {
		if b.table.Primary() != nil {
			return fmt.Errorf("a second PRIMARY KEY")
		}
		key.Name = "PRIMARY"
		for _, p := range key.Parts {
			if p.Column >= 0 {
				notNull(&b.table.Columns[p.Column])
			}
		}
		b.table.Keys = append([]schema.Key{key}, b.table.Keys...)
		return nil
	}
	if key.Name == "" {
		key.Name = b.generatedName(key.Parts)
	}
	b.names[strings.ToLower(key.Name)] = true
	if d.kind == uniqueKey {
		b.table.Keys = append(b.table.Keys, key)
	}
	return nil
}

// notNull makes a column of the primary key NOT NULL, as the server does without being told.
func notNull(c *schema.Column) {
	c.Nullable = false
	if c.Default.Kind == schema.DefaultNull {
		c.Default.Kind = schema.NoDefault
	}
}

func (b *keyBuilder) part(p partDefinition) (schema.KeyPart, error) {
	if p.column != "" {
		i, ok := b.ordinals[strings.ToLower(p.column)]
		if !ok {
			return schema.KeyPart{}, fmt.Errorf("there is no column %s", quoteName(p.column))
		}
		return schema.KeyPart{Column: i, Prefix: p.prefix}, nil
	}
	if len(b.expressions) == 0 {
		return schema.KeyPart{}, fmt.Errorf("an expression without its text")
	}
	expr := b.expressions[0]
	b.expressions = b.expressions[1:]
	return schema.KeyPart{
		Column: -1, Expr: text(expr), Columns: b.columnsRead(expr), MultiValued: castsToArray(expr),
	}, nil
}

// columnsRead lists the columns that an expression names, each once, in table order.
func (b *keyBuilder) columnsRead(expr []token) []int {
	read := map[int]bool{}
	for i, t := range expr {
		called := t.kind == tokenWord && i+1 < len(expr) && expr[i+1].isSymbol('(')
		name, ok := t.name()
		if !ok || called {
			continue
		}
		if ordinal, ok := b.ordinals[strings.ToLower(name)]; ok {
			read[ordinal] = true
		}
	}
	return slices.Sorted(maps.Keys(read))
}

// castsToArray recognises CAST(… AS type ARRAY).
func castsToArray(expr []token) bool {
	if len(expr) == 0 || !expr[0].is("CAST") {
		return false
	}
	for i := 1; i < len(expr); i++ {
		if expr[i].isSymbol(')') && expr[i-1].is("ARRAY") {
			return true
		}
	}
	return false
}

// generatedName names a key as MySQL does: by its first column, or functional_index, with _2, _3 … when that is taken.
func (b *keyBuilder) generatedName(parts []schema.KeyPart) string {
	first := "functional_index"
	if len(parts) > 0 && parts[0].Column >= 0 {
		first = b.table.Columns[parts[0].Column].Name
	}
	name := first
	for n := 2; b.names[strings.ToLower(name)] || strings.EqualFold(name, "PRIMARY"); n++ {
		name = fmt.Sprintf("%s_%d", first, n)
	}
	return name
}
