package schema

import (
	"fmt"
	"strings"
)

var typeNames = [...]string{
	TypeUnknown: "unknown type", TypeTinyInt: "tinyint", TypeSmallInt: "smallint", TypeMediumInt: "mediumint",
	TypeInt: "int", TypeBigInt: "bigint", TypeDecimal: "decimal", TypeFloat: "float", TypeDouble: "double",
	TypeBit: "bit", TypeYear: "year", TypeDate: "date", TypeTime: "time", TypeDatetime: "datetime",
	TypeTimestamp: "timestamp", TypeChar: "char", TypeVarchar: "varchar", TypeBinary: "binary",
	TypeVarbinary: "varbinary", TypeTinyText: "tinytext", TypeText: "text", TypeMediumText: "mediumtext",
	TypeLongText: "longtext", TypeTinyBlob: "tinyblob", TypeBlob: "blob", TypeMediumBlob: "mediumblob",
	TypeLongBlob: "longblob", TypeEnum: "enum", TypeSet: "set", TypeJSON: "json", TypeGeometry: "geometry",
	TypeVector: "vector", TypeUUID: "uuid", TypeInet4: "inet4", TypeInet6: "inet6",
}

// String is the type's name in SQL.
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return typeNames[TypeUnknown]
}

// SQLType is the column's type as SHOW CREATE TABLE writes it, without display width, character set and collation:
// "decimal(10,2) unsigned", "enum('a','b')".
func (c *Column) SQLType() string {
	var b strings.Builder
	b.WriteString(c.baseType())
	if c.Unsigned {
		b.WriteString(" unsigned")
	}
	if c.Zerofill {
		b.WriteString(" zerofill")
	}
	return b.String()
}

func (c *Column) baseType() string {
	switch c.Type {
	case TypeChar, TypeVarchar, TypeBinary, TypeVarbinary, TypeBit, TypeVector:
		return fmt.Sprintf("%s(%d)", c.Type, c.Length)
	case TypeText:
		if c.Length > 0 { // of a size that its character set will tell
			return fmt.Sprintf("%s(%d)", c.Type, c.Length)
		}
	case TypeDecimal:
		return fmt.Sprintf("%s(%d,%d)", c.Type, c.Length, c.Decimals)
	case TypeTime, TypeDatetime, TypeTimestamp:
		if c.Decimals > 0 {
			return fmt.Sprintf("%s(%d)", c.Type, c.Decimals)
		}
	case TypeEnum, TypeSet:
		quoted := make([]string, len(c.Members))
		for i, m := range c.Members {
			quoted[i] = "'" + strings.ReplaceAll(m, "'", "''") + "'"
		}
		return c.Type.String() + "(" + strings.Join(quoted, ",") + ")"
	case TypeGeometry:
		if c.GeometryOf != "" {
			return c.GeometryOf
		}
	}
	return c.Type.String()
}
