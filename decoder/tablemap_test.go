package decoder

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"binmend/decoder/fault"
)

// tableMapOf builds a table map of columns without NULLs, with their metadata and optional metadata.
func tableMapOf(types, meta, optional []byte) []byte {
	n := byte(len(types))
	body := slices.Concat([]byte{1, 'd', 0, 1, 't', 0, n}, types, []byte{byte(len(meta))}, meta, make([]byte, (n+7)/8), optional)
	return buildEvent(EventTableMap, tableID7, noFlags, body)
}

// Each type's metadata, and how many bytes a value or the length before it takes.
func TestColumnTypes(t *testing.T) {
	for _, tc := range []struct {
		stored        ColumnType
		meta          []byte
		want          Column
		fixed, prefix int
	}{
		{TypeTiny, nil, Column{Type: TypeTiny}, 1, 0},
		{TypeShort, nil, Column{Type: TypeShort}, 2, 0},
		{TypeInt24, nil, Column{Type: TypeInt24}, 3, 0},
		{TypeLong, nil, Column{Type: TypeLong}, 4, 0},
		{TypeLonglong, nil, Column{Type: TypeLonglong}, 8, 0},
		{TypeFloat, []byte{4}, Column{Type: TypeFloat}, 4, 0},
		{TypeDouble, []byte{8}, Column{Type: TypeDouble}, 8, 0},
		{TypeNewDecimal, []byte{14, 4}, Column{Type: TypeNewDecimal, Precision: 14, Scale: 4}, 7, 0},
		{TypeNewDecimal, []byte{65, 30}, Column{Type: TypeNewDecimal, Precision: 65, Scale: 30}, 30, 0},
		{TypeBit, []byte{2, 1}, Column{Type: TypeBit, Length: 10}, 2, 0},
		{TypeBit, []byte{0, 8}, Column{Type: TypeBit, Length: 64}, 8, 0},
		{TypeYear, nil, Column{Type: TypeYear}, 1, 0},
		{TypeDate, nil, Column{Type: TypeDate}, 3, 0},
		{TypeTime, nil, Column{Type: TypeTime}, 3, 0},
		{TypeDatetime, nil, Column{Type: TypeDatetime}, 8, 0},
		{TypeTimestamp, nil, Column{Type: TypeTimestamp}, 4, 0},
		{TypeTime2, []byte{0}, Column{Type: TypeTime2}, 3, 0},
		{TypeTime2, []byte{5}, Column{Type: TypeTime2, Scale: 5}, 6, 0},
		{TypeDatetime2, []byte{2}, Column{Type: TypeDatetime2, Scale: 2}, 6, 0},
		{TypeTimestamp2, []byte{3}, Column{Type: TypeTimestamp2, Scale: 3}, 6, 0},
		{TypeVarchar, []byte{255, 0}, Column{Type: TypeVarchar, Length: 255, LenBytes: 1}, 0, 1},
		{TypeVarchar, []byte{0, 1}, Column{Type: TypeVarchar, Length: 256, LenBytes: 2}, 0, 2},
		{TypeVarcharCompressed, []byte{1, 1}, Column{Type: TypeVarcharCompressed, Length: 257, LenBytes: 2}, 0, 2},
		{TypeBlob, []byte{3}, Column{Type: TypeBlob, LenBytes: 3}, 0, 3},
		{TypeBlobCompressed, []byte{4}, Column{Type: TypeBlobCompressed, LenBytes: 4}, 0, 4},
		{TypeJSON, []byte{4}, Column{Type: TypeJSON, LenBytes: 4}, 0, 4},
		{TypeGeometry, []byte{4}, Column{Type: TypeGeometry, LenBytes: 4}, 0, 4},
		{TypeVector, []byte{4}, Column{Type: TypeVector, LenBytes: 4}, 0, 4},
		{TypeString, []byte{byte(TypeString), 40}, Column{Type: TypeString, Length: 40, LenBytes: 1}, 0, 1},
		{TypeString, []byte{byte(TypeString) ^ 0x30, 0xfc}, Column{Type: TypeString, Length: 1020, LenBytes: 2}, 0, 2},
		{TypeString, []byte{byte(TypeString) ^ 0x10, 0}, Column{Type: TypeString, Length: 256, LenBytes: 2}, 0, 2},
		{TypeString, []byte{byte(TypeEnum), 2}, Column{Type: TypeEnum, Length: 2}, 2, 0},
		{TypeString, []byte{byte(TypeSet), 8}, Column{Type: TypeSet, Length: 8}, 8, 0},
	} {
		m, err := lastOf(t, buildFormat("8.0.30", nil), tableMapOf([]byte{byte(tc.stored)}, tc.meta, nil)).TableMap()
		if err != nil {
			t.Fatal(err)
		}
		got := m.Columns[0]
		if !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s %x: got %+v, want %+v", tc.stored, tc.meta, got, tc.want)
		}
		if p := m.rowPlan[0]; p.fixed != tc.fixed || p.prefix != tc.prefix {
			t.Errorf("%s %x: %d bytes, %d before them; want %d and %d", tc.stored, tc.meta, p.fixed, p.prefix, tc.fixed, tc.prefix)
		}
	}
}

// A table map that no server writes is refused, and the error names the column and what is wrong with it.
func TestBadTableMaps(t *testing.T) {
	for _, tc := range []struct {
		name string
		raw  []byte
		what string
	}{
		{"an unknown type", tableMapOf([]byte{99}, nil, nil), "table `d`.`t`, column 1: type 99, which no table map of a known server holds"},
		{"a hidden column of a multi-valued key", tableMapOf([]byte{20}, nil, nil), "column 1: TYPED_ARRAY, which no table map of a known server holds"},
		{"FLOAT of 8 bytes", tableMapOf([]byte{byte(TypeFloat)}, []byte{8}, nil), "expected a FLOAT of 4 bytes, the table map says 8"},
		{"BLOB with a length of 5 bytes", tableMapOf([]byte{byte(TypeBlob)}, []byte{5}, nil), "expected a length of 1 to 4 bytes"},
		{"DECIMAL of 66 digits", tableMapOf([]byte{byte(TypeNewDecimal)}, []byte{66, 0}, nil), "DECIMAL(66,0)"},
		{"DECIMAL of no digits", tableMapOf([]byte{byte(TypeNewDecimal)}, []byte{0, 0}, nil), "DECIMAL(0,0)"},
		{"BIT of 65 bits", tableMapOf([]byte{byte(TypeBit)}, []byte{1, 8}, nil), "expected BIT(64) at most"},
		{"7 fraction digits", tableMapOf([]byte{byte(TypeTime2)}, []byte{7}, nil), "at most 6 fraction digits, the table map says 7"},
		{"ENUM of 3 bytes", tableMapOf([]byte{byte(TypeString)}, []byte{byte(TypeEnum), 3}, nil), "a STRING of ENUM with length 3"},
		{"metadata missing", tableMapOf([]byte{byte(TypeVarchar)}, []byte{1}, nil), "length at byte 0 needs 2 bytes, 1 are left"},
		{"too many columns", buildEvent(EventTableMap, tableID7, noFlags, []byte{1, 'd', 0, 1, 't', 0, 0xfc, 0xff, 0xff}), "at most 4160 columns, the table map says 65535"},
		{"no metadata", buildEvent(EventTableMap, tableID7, noFlags, []byte{1, 'd', 0, 1, 't', 0, 1, byte(TypeLong)}), "expected column metadata after the column types"},
		{"a name not ended", buildEvent(EventTableMap, tableID7, noFlags, []byte{1, 'd', 'x'}), "expected a 0x00 after the database name, found 0x78"},
		{"cut", buildEvent(EventTableMap, tableID7, noFlags, []byte{9, 'd'}), "database name at byte 9 needs 9 bytes, 1 are left"},
		{"an optional field cut", tableMapOf([]byte{byte(TypeLong)}, nil, []byte{metaColumnName, 5, 9}), "metadata field at byte 2 needs 5 bytes, 1 are left"},
		{"a column name cut", tableMapOf([]byte{byte(TypeLong)}, nil, []byte{metaColumnName, 2, 9, 'a'}), "optional metadata field 4: column name"},
		{"a primary key of column 2 of 1", tableMapOf([]byte{byte(TypeLong)}, nil, []byte{metaSimplePrimaryKey, 1, 1}), "primary key column 1 with prefix 0, the table has 1 columns"},
	} {
		_, err := readAll(buildFormat("8.0.30", nil), tc.raw)
		var e *fault.Error
		if !errors.Is(err, ErrCorrupt) || !errors.As(err, &e) || !strings.Contains(e.What, tc.what) || e.Reason == nil {
			t.Errorf("%s: error %v, want one that says %q", tc.name, err, tc.what)
		}
	}
}

// The fields of the optional metadata that real servers of the tests do not all write.
func TestOptionalMetadata(t *testing.T) {
	types := []byte{byte(TypeLong), byte(TypeVarchar), byte(TypeString), byte(TypeBlob), byte(TypeShort)}
	meta := []byte{10, 0, byte(TypeEnum), 1, 2}
	for _, tc := range []struct {
		name     string
		optional []byte
		want     func(c Column) string
		columns  string
	}{
		{"signs count numbers only", []byte{metaSignedness, 1, 0x40}, func(c Column) string { return fmt.Sprint(c.Sign) }, "1 0 0 0 2"},
		{"a common collation and others", []byte{metaDefaultCharset, 3, 45, 1, 63}, func(c Column) string { return fmt.Sprint(c.Collation) }, "0 45 0 63 0"},
		{"a collation each", []byte{metaColumnCharset, 4, 0xfc, 0xff, 0, 63}, func(c Column) string { return fmt.Sprint(c.Collation) }, "0 255 0 63 0"},
		{"collations of ENUM and SET", []byte{metaEnumSetDefault, 1, 33}, func(c Column) string { return fmt.Sprint(c.Collation) }, "0 0 33 0 0"},
		{"a collation each of ENUM and SET", []byte{metaEnumSetColumn, 1, 8}, func(c Column) string { return fmt.Sprint(c.Collation) }, "0 0 8 0 0"},
		{"members", []byte{metaEnumStrValue, 5, 2, 1, 'a', 1, 'b'}, func(c Column) string { return strings.Join(c.Members, "+") }, "  a+b  "},
		{"visibility", []byte{metaColumnVisibility, 1, 0xb0}, func(c Column) string { return fmt.Sprint(c.Invisible) }, "false true false false true"},
		{"fewer names than columns", []byte{metaColumnName, 4, 1, 'x', 1, 'y'}, func(c Column) string { return c.Name }, "x y   "},
		{"an unknown field before one that is known", []byte{200, 2, 1, 2, metaColumnName, 2, 1, 'x'}, func(c Column) string { return c.Name }, "x    "},
	} {
		m, err := lastOf(t, buildFormat("8.0.30", nil), tableMapOf(types, meta, tc.optional)).TableMap()
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		var got []string
		for _, c := range m.Columns {
			got = append(got, tc.want(c))
		}
		if got := strings.Join(got, " "); got != tc.columns {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.columns)
		}
	}
}

// A table map is parsed once for as long as it is written unchanged, and again when the table changed under its number.
func TestTableMapsAreReused(t *testing.T) {
	rows := buildEvent(EventWriteRows, tableID7, endsStmt, []byte{2, 0}, rowBody)
	other := tableMapOf([]byte{byte(TypeLong)}, nil, nil)
	log := builtLog{buildFormat("8.0.30", nil), tableMapEvent(tableID7), rows, tableMapEvent(tableID7), rows, other}
	var maps []*TableMap
	for e, err := range NewReader(&log).All() {
		if err != nil {
			t.Fatal(err)
		}
		if e.Type != EventTableMap {
			continue
		}
		m, err := e.TableMap()
		if err != nil {
			t.Fatal(err)
		}
		maps = append(maps, m)
	}
	if maps[0] != maps[1] {
		t.Error("an unchanged table map was parsed twice")
	}
	if maps[1] == maps[2] || len(maps[1].Columns) != 2 || len(maps[2].Columns) != 1 {
		t.Error("a changed table map is the old one, or changed it")
	}
}
