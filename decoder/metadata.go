package decoder

import (
	"fmt"

	"binmend/decoder/internal/bin"
)

// The fields of a table map's optional metadata (MySQL source: Optional_metadata_field_type; MariaDB has 1 to 9).
const (
	metaSignedness       = 1
	metaDefaultCharset   = 2
	metaColumnCharset    = 3
	metaColumnName       = 4
	metaSetStrValue      = 5
	metaEnumStrValue     = 6
	metaGeometryType     = 7
	metaSimplePrimaryKey = 8
	metaPrimaryKeyPrefix = 9
	metaEnumSetDefault   = 10
	metaEnumSetColumn    = 11
	metaColumnVisibility = 12
	metaVectorDimension  = 13
)

// parseOptionalMetadata reads the fields after the nullable bits.
//
//	bytes   field
//	1       field type
//	lenenc  length
//	length  value
//
// Unknown field types are skipped, as servers do. A value that does not fit the columns is an error.
func parseOptionalMetadata(m *TableMap, b []byte, writer Version) error {
	c := bin.New(b)
	for c.Len() > 0 {
		kind := c.Uint8("metadata field type")
		value := bin.New(c.Bytes(c.LenEnc("metadata field length"), "metadata field"))
		if c.Err() != nil {
			return c.Err()
		}
		readMetadata(m, kind, &value, writer)
		if err := value.Err(); err != nil {
			return fmt.Errorf("optional metadata field %d: %w", kind, err)
		}
	}
	return nil
}

func readMetadata(m *TableMap, kind uint8, v *bin.Cursor, writer Version) {
	isText := textColumns(writer.Flavor)
	switch kind {
	case metaSignedness:
		readSignedness(m, v, writer)
	case metaDefaultCharset:
		readDefaultCollation(m, v, isText)
	case metaColumnCharset:
		readEach(m, v, isText, func(c *Column) { c.Collation = uint16(v.LenEnc("collation")) })
	case metaEnumSetDefault:
		readDefaultCollation(m, v, isEnumOrSet)
	case metaEnumSetColumn:
		readEach(m, v, isEnumOrSet, func(c *Column) { c.Collation = uint16(v.LenEnc("collation")) })
	case metaColumnName:
		m.FullNames = true
		readEach(m, v, anyColumn, func(c *Column) { c.Name = lenEncString(v, "column name") })
	case metaSetStrValue:
		readEach(m, v, func(c *Column) bool { return c.Type == TypeSet }, func(c *Column) { readMembers(c, v) })
	case metaEnumStrValue:
		readEach(m, v, func(c *Column) bool { return c.Type == TypeEnum }, func(c *Column) { readMembers(c, v) })
	case metaGeometryType:
		readEach(m, v, func(c *Column) bool { return c.Type == TypeGeometry },
			func(c *Column) { c.Geometry = uint8(v.LenEnc("geometry type")) })
	case metaVectorDimension:
		readEach(m, v, func(c *Column) bool { return c.Type == TypeVector },
			func(c *Column) { c.Dimension = int(v.LenEnc("vector dimension")) })
	case metaSimplePrimaryKey:
		for v.Len() > 0 {
			m.addPrimaryKeyPart(v, v.LenEnc("primary key column"), 0)
		}
	case metaPrimaryKeyPrefix:
		for v.Len() > 0 {
			column := v.LenEnc("primary key column")
			m.addPrimaryKeyPart(v, column, v.LenEnc("primary key prefix"))
		}
	case metaColumnVisibility:
		readBits(m, v, anyColumn, func(c *Column, visible bool) { c.Invisible = !visible })
	}
}

func (m *TableMap) addPrimaryKeyPart(v *bin.Cursor, column, prefix uint64) {
	if v.Err() != nil {
		return
	}
	if column >= uint64(len(m.Columns)) || prefix > 1<<20 {
		v.Fail(fmt.Errorf("primary key column %d with prefix %d, the table has %d columns", column, prefix, len(m.Columns)))
		return
	}
	m.PrimaryKey = append(m.PrimaryKey, PrimaryKeyPart{Column: int(column), Prefix: int(prefix)})
}

// readBits reads one bit for each of some columns, the highest bit of a byte first.
func readBits(m *TableMap, v *bin.Cursor, want func(*Column) bool, set func(*Column, bool)) {
	n := 0
	for i := range m.Columns {
		if want(&m.Columns[i]) {
			n++
		}
	}
	bits := v.Bytes(uint64(n+7)/8, "column bits")
	if v.Err() != nil {
		return
	}
	n = 0
	for i := range m.Columns {
		if c := &m.Columns[i]; want(c) {
			set(c, bits[n>>3]&(0x80>>(n&7)) != 0)
			n++
		}
	}
}

// readEach reads one value for each of some columns, until the field ends.
func readEach(m *TableMap, v *bin.Cursor, want func(*Column) bool, read func(*Column)) {
	for i := range m.Columns {
		if c := &m.Columns[i]; want(c) && v.Len() > 0 {
			read(c)
		}
	}
}

// readDefaultCollation reads the collation that most columns have, and pairs of column and collation for the others. Column
// numbers count only the columns that the field is about.
func readDefaultCollation(m *TableMap, v *bin.Cursor, want func(*Column) bool) {
	common := uint16(v.LenEnc("default collation"))
	others := make(map[uint64]uint16)
	for v.Len() > 0 {
		i := v.LenEnc("column")
		others[i] = uint16(v.LenEnc("collation"))
	}
	n := uint64(0)
	for i := range m.Columns {
		if c := &m.Columns[i]; want(c) {
			c.Collation = common
			if other, ok := others[n]; ok {
				c.Collation = other
			}
			n++
		}
	}
}

func readMembers(c *Column, v *bin.Cursor) {
	n := v.LenEnc("number of members")
	for ; n > 0 && v.Err() == nil; n-- {
		c.Members = append(c.Members, lenEncString(v, "member"))
	}
}

func lenEncString(v *bin.Cursor, field string) string {
	return string(v.Bytes(v.LenEnc(field+" length"), field))
}

func anyColumn(*Column) bool { return true }

// textColumns selects the columns that the character set fields are about. MySQL includes VECTOR and MariaDB GEOMETRY, both
// with collation 63, binary (as TestRowMetadata learned from the servers).
func textColumns(writer Flavor) func(*Column) bool {
	binary := TypeVector
	if writer == MariaDB {
		binary = TypeGeometry
	}
	return func(c *Column) bool {
		switch c.Type {
		case TypeString, TypeVarString, TypeVarchar, TypeTinyBlob, TypeBlob, TypeMediumBlob, TypeLongBlob,
			TypeVarcharCompressed, TypeBlobCompressed, binary:
			return true
		}
		return false
	}
}

func isEnumOrSet(c *Column) bool { return c.Type == TypeEnum || c.Type == TypeSet }
