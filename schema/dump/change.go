package dump

import (
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"binmend/decoder/words"
	"binmend/schema"
)

// What the DDL of a log does to definitions: the values that a Parser hands on, and how a change makes one definition of another.

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
	Default  string // AlterTable: the database whose character set CONVERT TO CHARACTER SET DEFAULT takes
	Err      error  // Lost: what is not understood

	words      *definition
	sequence   *schema.Table
	alteration alteration
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

// ConvertTo says what the character sets of databases are, which CHARACTER SET DEFAULT and CONVERT TO CHARACTER SET DEFAULT take.
func (c *Change) ConvertTo(of func(database string) Encoding) {
	a := &c.alteration
	if o := &a.options; strings.EqualFold(o.charset, "default") && o.collation == "" {
		if e := of(c.Name.Database); e.Charset != "" {
			o.charset, o.collation = e.Charset, e.Collation
		}
	}
	if a.convert != nil && *a.convert == (encoding{}) {
		e := of(c.Default)
		a.convert = &encoding{e.Charset, e.Collation}
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
