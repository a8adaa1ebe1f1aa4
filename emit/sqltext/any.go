package sqltext

import (
	"fmt"

	"binmend/schema"
)

// AppendAny appends some value that a column accepts. A nullable column gets NULL, which never conflicts.
func AppendAny(dst []byte, c *schema.Column) ([]byte, error) {
	if c.Nullable {
		return append(dst, "NULL"...), nil
	}
	switch c.Type {
	case schema.TypeTinyInt, schema.TypeSmallInt, schema.TypeMediumInt, schema.TypeInt, schema.TypeBigInt,
		schema.TypeDecimal, schema.TypeFloat, schema.TypeDouble, schema.TypeBit, schema.TypeYear, schema.TypeSet:
		return append(dst, '0'), nil
	case schema.TypeEnum:
		return append(dst, '1'), nil
	case schema.TypeDate:
		return append(dst, "'0000-00-00'"...), nil
	case schema.TypeDatetime, schema.TypeTimestamp:
		return append(dst, "'0000-00-00 00:00:00'"...), nil
	case schema.TypeTime:
		return append(dst, "'00:00:00'"...), nil
	case schema.TypeJSON:
		return append(dst, "'null'"...), nil
	case schema.TypeUUID:
		return append(dst, "'00000000-0000-0000-0000-000000000000'"...), nil
	case schema.TypeInet4:
		return append(dst, "'0.0.0.0'"...), nil
	case schema.TypeInet6:
		return append(dst, "'::'"...), nil
	case schema.TypeGeometry:
		return appendAnyGeometry(dst, c)
	case schema.TypeVector:
		dst = append(dst, "x'"...)
		for range c.Length {
			dst = append(dst, "00000000"...)
		}
		return append(dst, '\''), nil
	}
	if c.Type.IsString() {
		return append(dst, "''"...), nil
	}
	return dst, fmt.Errorf("column %s: no value can be made up for it: the schema does not say its type", c.Name)
}

// anyGeometry has a value of each spatial type, as its SRID (0) and its WKB.
var anyGeometry = map[string]string{
	"":                   "x'00000000010700000000000000'",
	"geometry":           "x'00000000010700000000000000'",
	"geometrycollection": "x'00000000010700000000000000'",
	"geomcollection":     "x'00000000010700000000000000'",
	"point":              "x'00000000010100000000000000000000000000000000000000'",
}

func appendAnyGeometry(dst []byte, c *schema.Column) ([]byte, error) {
	g, ok := anyGeometry[c.GeometryOf]
	if !ok {
		return dst, fmt.Errorf("column %s: no value can be made up for a %s", c.Name, c.GeometryOf)
	}
	return append(dst, g...), nil
}
