package export

import (
	"binmend/schema"
)

// form is how the values of a column are exported.
type form uint8

const (
	formInt form = iota
	formUint
	formFloat
	formDouble
	formDecimal
	formYear
	formDate
	formDatetime
	formTimestamp
	formText  // of a character set
	formName  // an ENUM's member or a SET's members
	formPlain // ASCII text of a value: TIME, UUID, an address
	formJSON
	formBytes
	formVector
)

// formOf chooses the form by the column's type.
func formOf(c *schema.Column) form {
	switch c.Type {
	case schema.TypeTinyInt, schema.TypeSmallInt, schema.TypeMediumInt, schema.TypeInt, schema.TypeBigInt:
		if c.Unsigned {
			return formUint
		}
		return formInt
	case schema.TypeBit:
		return formUint
	case schema.TypeFloat:
		return formFloat
	case schema.TypeDouble:
		return formDouble
	case schema.TypeDecimal:
		return formDecimal
	case schema.TypeYear:
		return formYear
	case schema.TypeDate:
		return formDate
	case schema.TypeDatetime:
		return formDatetime
	case schema.TypeTimestamp:
		return formTimestamp
	case schema.TypeTime, schema.TypeUUID, schema.TypeInet4, schema.TypeInet6:
		return formPlain
	case schema.TypeChar, schema.TypeVarchar, schema.TypeTinyText, schema.TypeText, schema.TypeMediumText, schema.TypeLongText:
		return formText
	case schema.TypeEnum, schema.TypeSet:
		return formName
	case schema.TypeJSON:
		return formJSON
	case schema.TypeVector:
		return formVector
	}
	return formBytes
}
