package dump

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"binmend/decoder/words"
	"binmend/schema"
	"binmend/schema/lexer"
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

// buildTable makes a table of its definition. It has no name and no source yet.
func buildTable(d *definition, database encoding) (*schema.Table, error) {
	t := &schema.Table{Engine: d.options.engine, RowFormat: d.options.rowFormat, SystemVersioned: d.options.versioned, ForeignKeys: d.foreign,
		Columns: make([]schema.Column, 0, len(d.columns))}
	inherited := newEncoding(d.options.charset, d.options.collation, database)
	for i := range d.columns {
		t.Columns = append(t.Columns, buildColumn(&d.columns[i], inherited))
		t.SystemVersioned = t.SystemVersioned || d.columns[i].systemTime
	}
	b := newKeyBuilder(t)
	for i := range d.columns {
		t.Columns[i].Inputs = b.inputs(d.columns[i].lifted.expr)
	}
	for i := range d.keys {
		for j := range d.keys[i].parts {
			if d.keys[i].parts[j].column == "" {
				t.KeyExprs++
			}
		}
	}
	return t, b.addKeys(d)
}

// buildColumn completes a column with what was lifted out of its definition.
func buildColumn(d *columnDefinition, inherited encoding) schema.Column {
	c, l := d.Column, &d.lifted
	if l.typ != schema.TypeUnknown {
		c.Type, c.Length, c.Charset = l.typ, 0, ""
	}
	c.GeometryOf = l.geometry
	c.Generated, c.Expr = l.generated, lexer.Text(l.expr)
	c.Invisible, c.Compressed, c.SystemTime, c.RowEnd = l.invisible, l.compressed, l.systemTime, l.rowEnd
	c.OnUpdate = l.onUpdate
	c.Nullable = c.Nullable && !c.SystemTime && !l.inPeriod
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
	if !c.Type.HasCharset() {
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
	c.Members = stored(c.Members, e.charset)
	if e.charset == "binary" {
		if l.recoded { // members have the bytes of the literals, not those of the text here: they have no name for sure, see schema.Column.MemberName
			c.Members = stored(c.Members, "ascii")
		}
		c.Type = binaryOf(c.Type)
		c.Collation = ""
	}
	fitBlob(c)
}

// stored are members as the server keeps them. The list stays as it is.
func stored(members []string, charset string) []string {
	kept := members
	for i, m := range members {
		text := schema.AsStored(charset, m)
		if text == m {
			continue
		}
		if &kept[0] == &members[0] {
			kept = slices.Clone(members)
		}
		kept[i] = text
	}
	return kept
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

// maxVarchar is the most bytes of a VARCHAR or VARBINARY.
const maxVarchar = 1<<16 - 1

var (
	blobSizes = []schema.Type{schema.TypeTinyBlob, schema.TypeBlob, schema.TypeMediumBlob, schema.TypeLongBlob}
	textSizes = []schema.Type{schema.TypeTinyText, schema.TypeText, schema.TypeMediumText, schema.TypeLongText}
)

// fitBlob makes TEXT(n) and BLOB(n), and a VARCHAR or VARBINARY that is too long, the smallest type that holds n characters, as the
// server does.
func fitBlob(c *schema.Column) {
	sizes := blobSizes
	switch c.Type {
	case schema.TypeText:
		sizes = textSizes
	case schema.TypeBlob:
	case schema.TypeVarchar, schema.TypeVarbinary:
		if c.Length*schema.MaxBytes(c.Charset) <= maxVarchar {
			return
		}
		if c.Type == schema.TypeVarchar { // without strict mode the server takes a larger type
			sizes = textSizes
		}
	case schema.TypeTinyText, schema.TypeMediumText, schema.TypeLongText,
		schema.TypeTinyBlob, schema.TypeMediumBlob, schema.TypeLongBlob:
		c.Length = 0
		return
	default:
		return
	}
	length := int64(c.Length)
	if length == 0 {
		return
	}
	size := schema.BlobWidth(length * int64(schema.MaxBytes(c.Charset)))
	if c.Charset == "" && c.Type == schema.TypeText && size != schema.BlobWidth(length*maxBytesOfCharacter) {
		return // the log tells
	}
	c.Type, c.Length = sizes[size-1], 0
}

const maxBytesOfCharacter = 4

// addKeys gives the table its unique keys: the primary key first, then the others in order.
func (b *keyBuilder) addKeys(d *definition) error {
	for _, key := range d.keys {
		if key.kind == secondaryKey {
			continue
		}
		if err := b.addKey(key); err != nil {
			return fmt.Errorf("key %s: %w", words.Quote(key.name), err)
		}
	}
	return nil
}

// keyBuilder turns keys by column names into keys by ordinals.
type keyBuilder struct {
	table    *schema.Table
	ordinals map[string]int // of the columns, by name in lower case
	rowEnd   int            // the column GENERATED ALWAYS AS ROW END; -1 without one
}

func newKeyBuilder(t *schema.Table) *keyBuilder {
	b := &keyBuilder{table: t, ordinals: map[string]int{}, rowEnd: -1}
	for i := range t.Columns {
		b.ordinals[strings.ToLower(t.Columns[i].Name)] = i
		if t.Columns[i].RowEnd {
			b.rowEnd = i
		}
	}
	return b
}

func (b *keyBuilder) addKey(d keyDefinition) error {
	key := schema.Key{Name: d.name, Primary: d.kind == primaryKey, WithoutOverlaps: d.overlaps}
	for _, p := range d.parts {
		part, err := b.part(p)
		if err != nil {
			return err
		}
		key.Parts = append(key.Parts, part)
	}
	if b.rowEnd >= 0 && !hasPart(key.Parts, b.rowEnd) {
		// So that old rows don't collide: MariaDB adds it by itself.
		key.Parts = append(key.Parts, schema.KeyPart{Column: b.rowEnd})
	}
	if !key.Primary {
		b.table.Keys = append(b.table.Keys, key)
		return nil
	}
	if b.table.Primary() != nil {
		return errors.New("there is one already")
	}
	for _, p := range key.Parts {
		if p.Column >= 0 {
			notNull(&b.table.Columns[p.Column])
		}
	}
	b.table.Keys = append([]schema.Key{key}, b.table.Keys...)
	return nil
}

func hasPart(parts []schema.KeyPart, column int) bool {
	return slices.ContainsFunc(parts, func(p schema.KeyPart) bool { return p.Column == column })
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
			return schema.KeyPart{}, fmt.Errorf("there is no column %s", words.Quote(p.column))
		}
		return schema.KeyPart{Column: i, Prefix: p.prefix}, nil
	}
	return schema.KeyPart{
		Column: -1, Expr: lexer.Text(p.expr), Columns: b.columnsRead(p.expr), MultiValued: castsToArray(p.expr),
	}, nil
}

// inputs lists the columns that a generation expression reads. It is nil where a name in back quotes is no column's: then
// a column was renamed since.
func (b *keyBuilder) inputs(expr []lexer.Token) []int {
	for _, t := range expr {
		if name, _ := t.Name(); t.Kind == lexer.Name {
			if _, ok := b.ordinals[strings.ToLower(name)]; !ok {
				return nil
			}
		}
	}
	return b.columnsRead(expr)
}

// columnsRead lists the columns that an expression names, each once, in table order.
func (b *keyBuilder) columnsRead(expr []lexer.Token) []int {
	read := map[int]bool{}
	for i, t := range expr {
		called := t.Kind == lexer.Word && i+1 < len(expr) && expr[i+1].IsSymbol('(')
		name, ok := t.Name()
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
func castsToArray(expr []lexer.Token) bool {
	if len(expr) == 0 || !expr[0].Is("CAST") {
		return false
	}
	for i := 1; i < len(expr); i++ {
		if expr[i].IsSymbol(')') && expr[i-1].Is("ARRAY") {
			return true
		}
	}
	return false
}
