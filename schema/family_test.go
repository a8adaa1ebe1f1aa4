package schema

import (
	"slices"
	"testing"
)

// TestFamilies holds the families to the manual's lists of types.
func TestFamilies(t *testing.T) {
	text := []Type{TypeChar, TypeVarchar, TypeTinyText, TypeText, TypeMediumText, TypeLongText}
	binary := []Type{TypeBinary, TypeVarbinary, TypeTinyBlob, TypeBlob, TypeMediumBlob, TypeLongBlob}
	integers := []Type{TypeTinyInt, TypeSmallInt, TypeMediumInt, TypeInt, TypeBigInt}
	dated := []Type{TypeDate, TypeDatetime, TypeTimestamp}
	for name, c := range map[string]struct {
		is   func(Type) bool
		want []Type
	}{
		"IsInteger":  {Type.IsInteger, integers},
		"IsFloat":    {Type.IsFloat, []Type{TypeFloat, TypeDouble}},
		"IsDated":    {Type.IsDated, dated},
		"IsText":     {Type.IsText, text},
		"IsBinary":   {Type.IsBinary, binary},
		"IsBytes":    {Type.IsBytes, append(slices.Clone(binary), TypeGeometry, TypeVector)},
		"IsString":   {Type.IsString, slices.Concat(text, binary)},
		"HasCharset": {Type.HasCharset, append(slices.Clone(text), TypeEnum, TypeSet)},
		"IsExact": {Type.IsExact, slices.Concat(integers, dated, []Type{TypeDecimal, TypeBit, TypeYear, TypeTime, TypeBinary,
			TypeVarbinary, TypeEnum, TypeSet, TypeUUID, TypeInet4, TypeInet6})},
	} {
		for typ := TypeUnknown; typ <= TypeInet6; typ++ {
			if got, want := c.is(typ), slices.Contains(c.want, typ); got != want {
				t.Errorf("%s of %s is %v", name, typ, got)
			}
		}
	}
}
