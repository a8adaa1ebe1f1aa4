// Package schema describes tables: their columns, their unique keys, and how to read each column's bytes. In go table definitions
// from a dump (package dump), from the log's own row metadata (package rowmeta) or from a live server (package live); out come
// Tables, which Verify compares with the table map of a row event. It renders no SQL and decodes no rows.
package schema

import (
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// Table is one table as it stood when its rows were logged. It is immutable once made and may be shared.
type Table struct {
	Database string
	Name     string
	Columns  []Column // in ordinal order, invisible and generated ones included: the order of the row image
	Keys     []Key    // unique keys only; the primary key first when there is one
	KeyExprs int      // functional parts of all keys, not only of unique ones
	Engine   string   // "" when unknown
	// RowFormat is ROW_FORMAT in upper case; "" when the definition has none.
	RowFormat string

	KeysUnknown     bool // the source tells the first key only; the table may have other unique keys
	SystemVersioned bool // MariaDB's WITH SYSTEM VERSIONING: the server keeps old rows, each with its row_start and row_end

	// Facts that a reviewer of a script needs to know; nil when there are none or the source can't tell.
	Triggers    []Trigger
	ForeignKeys []ForeignKey
	ReferredBy  []Reference // foreign keys of other tables, and of its own, that refer to it

	Notes []string // what the source of the definition can't tell and a script's reviewer has to check

	Doubt *Doubt // what of this is not known; nil in nearly all tables

	AnyDatabase bool // the definition names no database, and may be taken for tables of several

	Source string // where the definition came from, for messages: "schema.sql:120", "row metadata", "live server"
}

// Type is a column's SQL data type, without length or attributes.
type Type uint8

// The data types; INTEGER, NUMERIC, REAL and other synonyms are resolved to these.
const (
	TypeUnknown Type = iota
	TypeTinyInt
	TypeSmallInt
	TypeMediumInt
	TypeInt
	TypeBigInt
	TypeDecimal
	TypeFloat
	TypeDouble
	TypeBit
	TypeYear
	TypeDate
	TypeTime
	TypeDatetime
	TypeTimestamp
	TypeChar
	TypeVarchar
	TypeBinary
	TypeVarbinary
	TypeTinyText
	TypeText
	TypeMediumText
	TypeLongText
	TypeTinyBlob
	TypeBlob
	TypeMediumBlob
	TypeLongBlob
	TypeEnum
	TypeSet
	TypeJSON // MySQL's binary JSON; MariaDB's JSON is LONGTEXT
	TypeGeometry
	TypeVector
	TypeUUID // MariaDB
	TypeInet4
	TypeInet6
)

// Generation says whether the server computes a column, and whether it stores the result.
type Generation uint8

const (
	NotGenerated Generation = iota
	Virtual
	Stored
)

// Default is a column's default value.
type Default struct {
	Kind DefaultKind
	Text string // DefaultLiteral: the value as text, unquoted; DefaultExpression: SQL
}

// DefaultKind tells the kinds of default values apart.
type DefaultKind uint8

const (
	NoDefault DefaultKind = iota // NOT NULL without DEFAULT
	DefaultNull
	DefaultLiteral
	DefaultExpression // also CURRENT_TIMESTAMP
	DefaultUnknown    // the schema source can't tell
)

// Column is one column of a table.
type Column struct {
	Name          string
	Type          Type
	Unsigned      bool
	Zerofill      bool
	Nullable      bool
	AutoIncrement bool
	Length        int      // CHAR, VARCHAR, and TEXT of which the character set decides the size: characters; BINARY, VARBINARY: bytes; BIT: bits; VECTOR: dimensions; DECIMAL, FLOAT(7,2), DOUBLE(7,2): precision
	Decimals      int      // DECIMAL, FLOAT(7,2), DOUBLE(7,2): scale; temporal types: fraction digits
	Charset       string   // "binary" for binary strings; "utf8mb3" also where the source says utf8; "" when unknown or none
	Collation     string   // "" when unknown: a default that depends on the server
	Members       []string // ENUM and SET, in UTF-8
	Generated     Generation
	Expr          string // generation expression, SQL
	Inputs        []int  // ordinals of the columns that Expr reads; nil when that is not known
	Invisible     bool
	Compressed    bool // MariaDB COLUMN COMPRESSED
	Local         bool // only the replica's table has the column: the log has no value of it (Layout)
	// RowStart and RowEnd of MariaDB's system versioning: the server assigns them.
	SystemTime bool
	RowEnd     bool // the SystemTime column that ends a row's version
	Default    Default
	OnUpdate   bool   // ON UPDATE CURRENT_TIMESTAMP: an UPDATE that does not assign the column sets it to its own time
	GeometryOf string // GEOMETRY: "point", "linestring", …; "" or "geometry" for any
}

// Key is a unique key.
type Key struct {
	Name    string // PRIMARY for the primary key
	Primary bool
	Parts   []KeyPart
	// WithoutOverlaps: the last two parts are the end and the start of an application-time period (MariaDB), and rows
	// with equal other parts collide when their periods overlap, not only when they are equal.
	WithoutOverlaps bool
}

// KeyPart is one part of a unique key: a column, a prefix of it, or an expression.
type KeyPart struct {
	Column  int    // ordinal in Table.Columns; -1 for an expression
	Prefix  int    // characters (bytes for binary types) that count; 0: all
	Expr    string // functional key part: SQL text, without the parentheses around it; "" for a column
	Columns []int  // functional key part: ordinals of the columns that Expr reads

	MultiValued bool // Expr casts to an ARRAY: each element of the JSON array is a key value of its own
}

// Trigger names a trigger for warnings.
type Trigger struct {
	Name   string
	Timing string   // BEFORE or AFTER
	Event  string   // INSERT, UPDATE or DELETE
	Writes []string // tables "db.table" that its body writes, and procedures "procedure db.name" that it calls; the first few
}

func (t Trigger) String() string { return t.Name + " " + t.Timing + " " + t.Event }

// Reference is a foreign key of a table that refers to another one.
type Reference struct {
	Database, Table string // that has the foreign key
	ForeignKey
}

// ForeignKey names a foreign key for warnings.
type ForeignKey struct {
	Name              string
	Columns           []string
	ReferencedTable   string // "db.table" or "table"
	ReferencedColumns []string
	OnDelete          string // "CASCADE", "SET NULL", … "" when none is given
	OnUpdate          string
}

// Cascades is what the foreign key does to its rows when the parent row is deleted or its key changes; "" for nothing.
func (f *ForeignKey) Cascades() string {
	var actions []string
	for _, on := range []struct{ event, action string }{{"ON DELETE", f.OnDelete}, {"ON UPDATE", f.OnUpdate}} {
		if on.action == "CASCADE" || on.action == "SET NULL" || on.action == "SET DEFAULT" {
			actions = append(actions, on.event+" "+on.action)
		}
	}
	return strings.Join(actions, " and ")
}

// Size is about how many bytes of memory the table holds on to.
func (t *Table) Size() int {
	n := int(unsafe.Sizeof(*t)) + len(t.Columns)*int(unsafe.Sizeof(Column{}))
	for i := range t.Columns {
		c := &t.Columns[i]
		n += len(c.Name) + len(c.Expr) + len(c.Default.Text)
		for _, member := range c.Members {
			n += len(member) + int(unsafe.Sizeof(member))
		}
	}
	for i := range t.Keys {
		n += int(unsafe.Sizeof(Key{})) + len(t.Keys[i].Parts)*int(unsafe.Sizeof(KeyPart{}))
	}
	return n
}

// Names lists the names of the database, the table and its columns.
func (t *Table) Names() []string {
	names := []string{t.Database, t.Name}
	for i := range t.Columns {
		names = append(names, t.Columns[i].Name)
	}
	return names
}

// Primary returns the primary key, or nil.
func (t *Table) Primary() *Key {
	if len(t.Keys) > 0 && t.Keys[0].Primary {
		return &t.Keys[0]
	}
	return nil
}

// IsSequence reports whether the table is what MariaDB keeps a sequence in: a single row, whose state NEXTVAL and SETVAL change.
// (MariaDB source: sql_sequence.cc, sequence_structure.)
func (t *Table) IsSequence() bool {
	const firstColumn, lastColumn, columns = "next_not_cached_value", "cycle_count", 8
	return len(t.Columns) == columns && t.Columns[0].Name == firstColumn && t.Columns[columns-1].Name == lastColumn
}

// RowEnd is the ordinal, in a row image, of the column that says until when a row of a system-versioned table is valid:
// one of the table's own, or the second of the two that MariaDB hides after the others.
func (t *Table) RowEnd() (ordinal int, ok bool) {
	if !t.SystemVersioned {
		return 0, false
	}
	for i := range t.Columns {
		if t.Columns[i].RowEnd {
			return i, true
		}
	}
	return len(t.Columns) + 1, true
}

// Column returns the ordinal of the named column, without regard to case as in MySQL, or -1. Where two names differ only in letters
// whose case the server does not know, it is the one that is spelled so.
func (t *Table) Column(name string) int {
	like := -1
	for i := range t.Columns {
		switch of := t.Columns[i].Name; {
		case of == name:
			return i
		case like < 0 && strings.EqualFold(of, name):
			like = i
		}
	}
	return like
}

// MemberName is the name of an ENUM's value or a SET's bit, counted from 1; false when it is not known for sure. SHOW
// CREATE TABLE, and so every dump, writes ? for characters beyond U+FFFF: a name with ? in it may stand for another.
func (c *Column) MemberName(number int) (string, bool) {
	if number < 1 || number > len(c.Members) {
		return "", false
	}
	name := c.Members[number-1]
	return name, utf8.ValidString(name) && !strings.Contains(name, "?")
}

// transactional lists the engines that roll back, in lower case.
var transactional = map[string]bool{"": true, "innodb": true, "rocksdb": true, "tokudb": true, "ndb": true, "ndbcluster": true}

// RollsBack reports whether a failed transaction leaves nothing in the table. An engine that is not known counts as one that
// rolls back.
func (t *Table) RollsBack() bool { return transactional[strings.ToLower(t.Engine)] }

// FullName is the name with its database as the definition has it, without quotes: for people.
func (t *Table) FullName() string { return t.Database + "." + t.Name }

// FoldedName is FullName in lower case, to compare it with names that statements use.
func (t *Table) FoldedName() string { return strings.ToLower(t.FullName()) }

// IsNamedLike reports whether another table has the same name.
func (t *Table) IsNamedLike(other *Table) bool {
	return t.Database == other.Database && t.Name == other.Name
}

// HasLocal reports whether the table has columns that only the replica has.
func (t *Table) HasLocal() bool {
	return slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Local })
}

// IsDelicate reports whether a statement that puts a row which is there already would change something all the same: triggers
// fire, and columns that only the replica has lose their values.
func (t *Table) IsDelicate() bool { return len(t.Triggers) > 0 || t.HasLocal() }

// Assignable reports whether a statement may give the column a value: the server computes the others.
func (c *Column) Assignable() bool { return c.Generated == NotGenerated && !c.SystemTime }
