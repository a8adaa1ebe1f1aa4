package plan

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"binmend/decoder"
	"binmend/schema"
)

// defaultCell is the value of an inserted row in a column that the log leaves out (binlog_row_image=MINIMAL): the column's default.
// If the stored form of the default is not obvious, it is absent, and the value counts as unknown.
func defaultCell(c *schema.Column) decoder.Cell {
	switch {
	case c.Generated != schema.NotGenerated || c.SystemTime:
	case c.Default.Kind == schema.DefaultNull:
		return decoder.NullCell(nil)
	case c.Default.Kind != schema.DefaultLiteral:
	case integerTypes[c.Type].size > 0:
		return integerDefault(c)
	case c.Type == schema.TypeChar || c.Type == schema.TypeVarchar:
		return textDefault(c)
	case c.Type == schema.TypeEnum:
		return enumDefault(c)
	}
	return decoder.Cell{}
}

// integerTypes are the integer types' stored sizes and the table map's types.
var integerTypes = map[schema.Type]struct {
	size   int
	stored decoder.ColumnType
}{
	schema.TypeTinyInt:   {1, decoder.TypeTiny},
	schema.TypeSmallInt:  {2, decoder.TypeShort},
	schema.TypeMediumInt: {3, decoder.TypeInt24},
	schema.TypeInt:       {4, decoder.TypeLong},
	schema.TypeBigInt:    {8, decoder.TypeLonglong},
}

func integerDefault(c *schema.Column) decoder.Cell {
	t := integerTypes[c.Type]
	column := &decoder.Column{Type: t.stored, Nullable: c.Nullable, Sign: decoder.Signed}
	var n uint64
	var err error
	if c.Unsigned {
		column.Sign = decoder.Unsigned
		n, err = strconv.ParseUint(c.Default.Text, 10, t.size*8)
	} else {
		var signed int64
		signed, err = strconv.ParseInt(c.Default.Text, 10, t.size*8)
		n = uint64(signed)
	}
	if err != nil {
		return decoder.Cell{}
	}
	return decoder.NewCell(column, binary.LittleEndian.AppendUint64(nil, n)[:t.size])
}

// textDefault stores a default of ASCII text, in character sets that store it as ASCII. Row images hold CHAR without trailing
// spaces.
func textDefault(c *schema.Column) decoder.Cell {
	text := c.Default.Text
	if prefixUnit(c.Charset) == unitUnknown || strings.ContainsFunc(text, func(r rune) bool { return r > 127 }) {
		return decoder.Cell{}
	}
	column := &decoder.Column{Type: decoder.TypeVarchar, Nullable: c.Nullable}
	if c.Type == schema.TypeChar {
		column.Type, text = decoder.TypeString, strings.TrimRight(text, " ")
	}
	column.Length = c.Length * schema.MaxBytes(c.Charset)
	return decoder.NewCell(column, []byte(text))
}

func enumDefault(c *schema.Column) decoder.Cell {
	i := slices.IndexFunc(c.Members, func(m string) bool { return strings.EqualFold(m, c.Default.Text) })
	if i < 0 {
		return decoder.Cell{}
	}
	size := 1
	if len(c.Members) > 255 {
		size = 2
	}
	column := &decoder.Column{Type: decoder.TypeEnum, Nullable: c.Nullable, Length: size, Members: c.Members}
	return decoder.NewCell(column, binary.LittleEndian.AppendUint16(nil, uint16(i+1))[:size])
}
