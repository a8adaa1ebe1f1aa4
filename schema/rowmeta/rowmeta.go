// Package rowmeta makes table definitions out of the log itself: a server with binlog_row_metadata=FULL writes names,
// types, character sets, ENUM and SET members and the primary key with every table map. In goes a table map; out comes a
// schema.Table, which knows less than a dump does: other unique keys, generation expressions, defaults, foreign keys and
// triggers are not in the log.
package rowmeta

import (
	"errors"
	"fmt"
	"strings"

	"binmend/decoder"
	"binmend/decoder/words"
	"binmend/schema"
)

// ErrNoNames says that a table map does not name its columns.
var ErrNoNames = errors.New("the log does not name the columns: it was not written with binlog_row_metadata=FULL; " +
	"give a schema file")

// ErrNoSign says that it is not known of an integer column whether it is unsigned.
var ErrNoSign = errors.New("the log does not say whether the column is unsigned: servers of this version differ in how they " +
	"write it after a YEAR column; give a schema file")

// ErrNoFraction says that it is not known how many bytes a temporal value has.
var ErrNoFraction = errors.New("the log does not say how many fraction digits its TIME, DATETIME and TIMESTAMP columns have " +
	"(mysql56_temporal_format=OFF); give a schema file")

// Table makes a definition out of a table map.
func Table(m *decoder.TableMap) (*schema.Table, error) {
	if !m.FullNames {
		return nil, fmt.Errorf("table %s: %w", words.Table(m.Database, m.Table), ErrNoNames)
	}
	if m.IsOpen() {
		return nil, fmt.Errorf("table %s: %w", words.Table(m.Database, m.Table), ErrNoFraction)
	}
	t := &schema.Table{
		Database: m.Database, Name: m.Table, KeysUnknown: true, Source: "row metadata", Notes: []string{noteKeys},
	}
	for i := range m.Columns {
		if isHash(&m.Columns[i]) {
			break // only other ones follow
		}
		c, err := column(&m.Columns[i])
		if err != nil {
			return nil, fmt.Errorf("table %s, column `%s`: %w", words.Table(m.Database, m.Table), m.Columns[i].Name, err)
		}
		if m.KeyColumns && isKeyColumn(c.Name) {
			c.Generated, c.Invisible = schema.Virtual, true
		}
		t.Columns = append(t.Columns, c)
		if c.Type == schema.TypeBinary && c.Length == uuidBytes {
			t.Notes = append(t.Notes, fmt.Sprintf(noteUUID, c.Name))
		}
	}
	for n := len(t.Columns) - 1; n > 0 && m.KeyColumns && isKeyColumn(t.Columns[n].Name); n-- {
		t.Columns, t.KeyExprs = t.Columns[:n], t.KeyExprs+1
	}
	if key, ok := primaryKey(m, len(t.Columns)); ok {
		t.Keys = []schema.Key{key}
	}
	return t, nil
}

// Notes for the reviewer of a script.
const (
	noteKeys = "row metadata has neither unique keys other than the primary key nor which columns are generated: " +
		"compare with SHOW CREATE TABLE, or give a schema file"
	noteUUID = "column %q is binary(16) by row metadata; if it is MariaDB's uuid, give a schema file: " +
		"the log has its bytes in another order"

	uuidBytes = 16
)

// isHash recognises a column that MariaDB hides: the hash of a UNIQUE key that is too long for an index.
func isHash(c *decoder.Column) bool {
	return c.Type == decoder.TypeLonglong && strings.HasPrefix(c.Name, "DB_ROW_HASH_")
}

// isKeyColumn recognises the hidden column of a functional key, which MySQL 8.0.13 to 8.0.17 logs: its name is an MD5 sum.
func isKeyColumn(name string) bool {
	return len(name) == 32 && strings.Trim(name, "0123456789abcdef") == ""
}

// primaryKey is the key of the row metadata. Where a table has no primary key, servers write its first unique key
// without NULLs in that place.
func primaryKey(m *decoder.TableMap, columns int) (schema.Key, bool) {
	key := schema.Key{Name: "PRIMARY", Primary: true}
	for _, p := range m.PrimaryKey {
		if p.Column >= columns {
			return key, false
		}
		key.Parts = append(key.Parts, schema.KeyPart{Column: p.Column, Prefix: p.Prefix})
	}
	return key, len(key.Parts) > 0
}

// plainTypes are the types that follow from the log's type alone.
var plainTypes = map[decoder.ColumnType]schema.Type{
	decoder.TypeTiny: schema.TypeTinyInt, decoder.TypeShort: schema.TypeSmallInt, decoder.TypeInt24: schema.TypeMediumInt,
	decoder.TypeLong: schema.TypeInt, decoder.TypeLonglong: schema.TypeBigInt, decoder.TypeFloat: schema.TypeFloat,
	decoder.TypeDouble: schema.TypeDouble, decoder.TypeNewDecimal: schema.TypeDecimal, decoder.TypeBit: schema.TypeBit,
	decoder.TypeYear: schema.TypeYear, decoder.TypeDate: schema.TypeDate, decoder.TypeNewDate: schema.TypeDate,
	decoder.TypeTime: schema.TypeTime, decoder.TypeTime2: schema.TypeTime,
	decoder.TypeDatetime: schema.TypeDatetime, decoder.TypeDatetime2: schema.TypeDatetime,
	decoder.TypeTimestamp: schema.TypeTimestamp, decoder.TypeTimestamp2: schema.TypeTimestamp,
	decoder.TypeEnum: schema.TypeEnum, decoder.TypeSet: schema.TypeSet, decoder.TypeJSON: schema.TypeJSON,
	decoder.TypeGeometry: schema.TypeGeometry, decoder.TypeVector: schema.TypeVector,
}

// column makes one column.
func column(log *decoder.Column) (schema.Column, error) {
	c := schema.Column{
		Name: log.Name, Nullable: log.Nullable, Invisible: log.Invisible,
		Unsigned: log.Sign == decoder.Unsigned && log.Type != decoder.TypeYear, // YEAR counts as unsigned in the log
		Default:  schema.Default{Kind: schema.DefaultUnknown},
	}
	typ, plain := plainTypes[log.Type]
	c.Type = typ
	if log.Sign == decoder.SignUnknown && typ.IsInteger() {
		return c, ErrNoSign
	}
	if !plain || typ == schema.TypeEnum || typ == schema.TypeSet {
		if err := setCharset(&c, log); err != nil {
			return c, err
		}
	}
	switch {
	case !plain:
		return c, setString(&c, log)
	case c.Type == schema.TypeDecimal:
		c.Length, c.Decimals = log.Precision, log.Scale
	case c.Type == schema.TypeBit:
		c.Length = log.Length
	case c.Type == schema.TypeVector:
		c.Length = log.Dimension
	case c.Type == schema.TypeGeometry:
		c.GeometryOf = geometryName(log.Geometry)
	case c.Type == schema.TypeEnum, c.Type == schema.TypeSet:
		c.Members = members(log.Members, c.Charset)
	default:
		c.Decimals = log.Scale
	}
	return c, nil
}

// Column makes a column from what the log says about it; ok is false if that does not determine how to read its values. It needs
// binlog_row_metadata: MINIMAL for most types, FULL for ENUM and SET.
func Column(log *decoder.Column, name string) (c schema.Column, ok bool) {
	c, err := column(log)
	c.Name = name
	switch {
	case err != nil:
		return c, false
	case c.Type == schema.TypeEnum, c.Type == schema.TypeSet:
		return c, len(log.Members) > 0 && c.Members != nil
	case c.Type.IsString():
		isOpen := log.Type == decoder.TypeString && c.Charset == binaryCharset && (log.Length == 4 || log.Length == uuidBytes) // INET4, UUID
		return c, log.Collation != 0 && !isOpen
	}
	isOld := log.Type == decoder.TypeTime || log.Type == decoder.TypeDatetime || log.Type == decoder.TypeTimestamp // no fraction digits
	return c, !isOld
}

// Doubtful is Column with a doubt about what the log leaves open; ok is false if no value could be read.
func Doubtful(log *decoder.Column, name string) (c schema.Column, open schema.Unknown, ok bool) {
	c, err := column(log)
	c.Name = name
	switch {
	case errors.Is(err, ErrNoSign):
		return c, schema.UnknownSign, true
	case err != nil:
		return c, 0, false
	case c.Type == schema.TypeEnum:
		c.Members = make([]string, 1+(log.Length-1)*255) // the least that take so many bytes
		return c, schema.UnknownMembers, true
	case c.Type == schema.TypeSet:
		c.Members = make([]string, log.Length*8)
		return c, schema.UnknownMembers, true
	case c.Type == schema.TypeChar, c.Type == schema.TypeBinary:
		return c, schema.UnknownType, true
	}
	return c, schema.UnknownLength, c.Type.IsString()
}

// binaryCharset is the character set of strings without one.
const binaryCharset = "binary"

func setCharset(c *schema.Column, log *decoder.Column) error {
	if log.Collation == 0 {
		return nil
	}
	collation, charset, ok := schema.CollationByNumber(log.Collation)
	if !ok {
		return fmt.Errorf("collation number %d is not one of a known server; give a schema file", log.Collation)
	}
	c.Charset = charset
	if charset != binaryCharset {
		c.Collation = collation
	}
	return nil
}

// setString tells the string types apart by their length prefix and character set.
func setString(c *schema.Column, log *decoder.Column) error {
	text := c.Charset != binaryCharset && c.Charset != ""
	pick := func(ofText, ofBytes schema.Type) schema.Type {
		if text {
			return ofText
		}
		c.Charset = binaryCharset
		return ofBytes
	}
	switch log.Type {
	case decoder.TypeString:
		c.Type = pick(schema.TypeChar, schema.TypeBinary)
		c.Length = log.Length / schema.MaxBytes(c.Charset)
	case decoder.TypeVarchar, decoder.TypeVarString:
		c.Type = pick(schema.TypeVarchar, schema.TypeVarbinary)
		c.Length = log.Length / schema.MaxBytes(c.Charset)
	case decoder.TypeVarcharCompressed:
		c.Type = pick(schema.TypeVarchar, schema.TypeVarbinary)
		c.Length = (log.Length - 1) / schema.MaxBytes(c.Charset)
		c.Compressed = true
	case decoder.TypeBlob, decoder.TypeBlobCompressed:
		c.Compressed = log.Type == decoder.TypeBlobCompressed
		switch log.LenBytes {
		case 1:
			c.Type = pick(schema.TypeTinyText, schema.TypeTinyBlob)
		case 2:
			c.Type = pick(schema.TypeText, schema.TypeBlob)
		case 3:
			c.Type = pick(schema.TypeMediumText, schema.TypeMediumBlob)
		default:
			c.Type = pick(schema.TypeLongText, schema.TypeLongBlob)
		}
	default:
		return fmt.Errorf("expected the type of a column, found %s", log.Type)
	}
	return nil
}

// geometryNames are the geometry types by the numbers of the OpenGIS well-known binary format.
var geometryNames = [...]string{
	"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection",
}

func geometryName(number uint8) string {
	if int(number) < len(geometryNames) {
		return geometryNames[number]
	}
	return geometryNames[0]
}

// members reads ENUM or SET members in UTF-8: nil when one of them can't be read, so that none gets a wrong name.
func members(raw []string, charset string) []string {
	list := make([]string, 0, len(raw))
	for _, m := range raw {
		s, ok := schema.ToUTF8(charset, []byte(m))
		if !ok {
			return nil
		}
		list = append(list, s)
	}
	return list
}
