package sqltext_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/emit/sqltext"
	"binmend/schema"
)

func mysql(major, minor, patch int) sqltext.Dialect {
	return sqltext.For(decoder.Version{Major: major, Minor: minor, Patch: patch})
}

func mariaDB(major, minor, patch int) sqltext.Dialect {
	return sqltext.For(decoder.Version{Flavor: decoder.MariaDB, Major: major, Minor: minor, Patch: patch})
}

// text makes a column of text and a cell with its bytes.
func text(charset, bytes string) (*schema.Column, decoder.Cell) {
	return &schema.Column{Name: "c", Type: schema.TypeVarchar, Charset: charset},
		decoder.NewCell(&decoder.Column{Type: decoder.TypeVarchar}, []byte(bytes))
}

func TestTextLiterals(t *testing.T) {
	for _, test := range []struct{ charset, bytes, want, readable string }{
		{"utf8mb4", "", "''", ""},
		{"utf8mb4", "it's 日本 😀", "'it''s 日本 😀'", ""},
		{"utf8mb4", `back\slash`, "_utf8mb4 x'6261636B5C736C617368'", "back<5C>slash"},
		{"utf8mb4", "line\nbreak", "_utf8mb4 x'6C696E650A627265616B'", "line<0A>break"},
		{"utf8mb4", "a\u202eb", "_utf8mb4 x'61E280AE62'", "a<202E>b"},
		{"utf8mb4", "a\u2028b", "_utf8mb4 x'61E280A862'", "a<2028>b"},
		{"utf8mb4", "no\u00a0break", "_utf8mb4 x'6E6FC2A0627265616B'", "no<A0>break"},
		{"utf8mb4", "\xff", "_utf8mb4 x'FF'", ""},
		{"utf8mb3", "é", "'é'", ""},
		{"utf8mb3", "\x00", "_utf8mb4 x'00'", "<00>"},
		{"ascii", "plain", "'plain'", ""},
		{"latin1", "plain", "'plain'", ""},
		{"latin1", "\xe9", "_latin1 x'E9'", "é"},
		{"gbk", "\xd6\xd0", "_gbk x'D6D0'", "中"},
		{"gbk", "\x81\x5c", "_gbk x'815C'", "乗"},
		{"cp932", "abc", "'abc'", ""},
		{"utf16", "\x00a\x00b", "_utf16 x'00610062'", "ab"},
		{"utf16le", "a\x00", "_utf16le x'6100'", "a"},
		{"ucs2", "AA", "_ucs2 x'4141'", "䅁"},
		{"swe7", "[", "_swe7 x'5B'", "Ä"},
		{"armscii8", "a", "_armscii8 x'61'", "a"},
		{"binary", "abc", "x'616263'", "abc"},
		{"", "abc", "x'616263'", ""},
	} {
		c, v := text(test.charset, test.bytes)
		got, err := mysql(9, 7, 4).AppendLiteral(nil, c, v)
		if err != nil || string(got) != test.want {
			t.Errorf("%s %q: got %s, %v; want %s", test.charset, test.bytes, got, err, test.want)
		}
		got, err = appendReady(mysql(9, 7, 4), c, &v)
		if err != nil || string(got) != test.want {
			t.Errorf("%s %q, for its column: got %s, %v; want %s", test.charset, test.bytes, got, err, test.want)
		}
		readable, _ := mysql(9, 7, 4).AppendReadable(nil, c, v)
		if string(readable) != test.readable {
			t.Errorf("%s %q: readable as %q, want %q", test.charset, test.bytes, readable, test.readable)
		}
	}
}

func TestTextLiteralsBeforeUTF8MB4(t *testing.T) {
	for bytes, want := range map[string]string{"日": "'日'", "😀": "_utf8 x'F09F9880'", "\n": "_utf8 x'0A'"} {
		c, v := text("utf8mb3", bytes)
		if got, err := mysql(5, 1, 73).AppendLiteral(nil, c, v); err != nil || string(got) != want {
			t.Errorf("%q: got %s, %v; want %s", bytes, got, err, want)
		}
	}
}

func TestReadableTextIsCut(t *testing.T) {
	c, v := text("latin1", strings.Repeat("\xe9", 1000))
	got, _ := mysql(9, 7, 4).AppendReadable(nil, c, v)
	if want := strings.Repeat("é", 120) + "…"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLiterals(t *testing.T) {
	long := &decoder.Column{Type: decoder.TypeLong}
	fixed := &decoder.Column{Type: decoder.TypeString, Length: 4}
	enum := schema.Column{Type: schema.TypeEnum, Members: []string{"a", "it's", `b\s`, "A", "?", "x\ny"}}
	set := schema.Column{Type: schema.TypeSet, Members: []string{"a", "it's", `b\s`}}
	for _, test := range []struct {
		name   string
		column schema.Column
		cell   decoder.Cell
		want   string
	}{
		{"NULL", schema.Column{Type: schema.TypeInt}, decoder.NullCell(long), "NULL"},
		{"signed", schema.Column{Type: schema.TypeInt}, cell(long, "ffffffff"), "-1"},
		{"unsigned by the schema", schema.Column{Type: schema.TypeInt, Unsigned: true}, cell(long, "ffffffff"), "4294967295"},
		{"bits", schema.Column{Type: schema.TypeBit}, cell(&decoder.Column{Type: decoder.TypeBit, Length: 10}, "0201"), "513"},
		{"year 0", schema.Column{Type: schema.TypeYear}, cell(&decoder.Column{Type: decoder.TypeYear}, "00"), "'0000'"},
		{"date without a month", schema.Column{Type: schema.TypeDate}, cell(&decoder.Column{Type: decoder.TypeDate}, "0fd00f"), "'2024-00-15'"},
		{"BINARY(4) is padded", schema.Column{Type: schema.TypeBinary, Length: 4}, cell(fixed, "6162"), "x'61620000'"},
		{"empty BINARY(4)", schema.Column{Type: schema.TypeBinary, Length: 4}, cell(fixed, ""), "x'00000000'"},
		{"BINARY of unknown length", schema.Column{Type: schema.TypeBinary}, cell(fixed, "61"), "x'61000000'"},
		{"VARBINARY", schema.Column{Type: schema.TypeVarbinary}, cell(fixed, "00"), "x'00'"},
		{"empty VARBINARY", schema.Column{Type: schema.TypeVarbinary}, cell(fixed, ""), "''"},
		{"enum", enum, cell(&decoder.Column{Type: decoder.TypeEnum}, "02"), "'it''s'"},
		{"enum with a backslash", enum, cell(&decoder.Column{Type: decoder.TypeEnum}, "03"), "_utf8mb4 x'625C73'"},
		{"enum that equals an earlier member but for its case", enum, cell(&decoder.Column{Type: decoder.TypeEnum}, "04"), "4"},
		{"enum whose name a dump may have lost", enum, cell(&decoder.Column{Type: decoder.TypeEnum}, "05"), "5"},
		{"enum without a member", enum, cell(&decoder.Column{Type: decoder.TypeEnum}, "09"), "9"},
		{"enum's empty value", enum, cell(&decoder.Column{Type: decoder.TypeEnum}, "00"), "0"},
		{"set", set, cell(&decoder.Column{Type: decoder.TypeSet}, "03"), "'a,it''s'"},
		{"set that can't be quoted", set, cell(&decoder.Column{Type: decoder.TypeSet}, "05"), "5"},
		{"set without a member", set, cell(&decoder.Column{Type: decoder.TypeSet}, "08"), "8"},
		{"empty set", set, cell(&decoder.Column{Type: decoder.TypeSet}, "00"), "''"},
		{"geometry", schema.Column{Type: schema.TypeGeometry}, cell(fixed, "00000000"), "x'00000000'"},
		{"uuid stored by time", schema.Column{Type: schema.TypeUUID}, cell(fixed, "426614174000a45612d3e89b123e4567"),
			"'123e4567-e89b-12d3-a456-426614174000'"},
		{"uuid stored as written", schema.Column{Type: schema.TypeUUID}, cell(fixed, "018f3c2e7b1a7cde8f00123456789abc"),
			"'018f3c2e-7b1a-7cde-8f00-123456789abc'"},
		{"uuid with its zeros trimmed", schema.Column{Type: schema.TypeUUID}, cell(fixed, ""), "'00000000-0000-0000-0000-000000000000'"},
		{"inet4", schema.Column{Type: schema.TypeInet4}, cell(fixed, "0a"), "'10.0.0.0'"},
		{"inet6", schema.Column{Type: schema.TypeInet6}, cell(fixed, "20010db8"), "'2001:db8::'"},
		{"float", schema.Column{Type: schema.TypeFloat}, cell(&decoder.Column{Type: decoder.TypeFloat}, "cdcccc3d"), "0.10000000149011612"},
		{"minus zero", schema.Column{Type: schema.TypeDouble}, cell(&decoder.Column{Type: decoder.TypeDouble}, "0000000000000080"), "-0e0"},
		{"smallest double", schema.Column{Type: schema.TypeDouble}, cell(&decoder.Column{Type: decoder.TypeDouble}, "0100000000000000"), "5e-324"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.column.Name = "c"
			got, err := mariaDB(11, 8, 6).AppendLiteral(nil, &test.column, test.cell)
			if err != nil || string(got) != test.want {
				t.Errorf("got %s, %v; want %s", got, err, test.want)
			}
			got, err = appendReady(mariaDB(11, 8, 6), &test.column, &test.cell)
			if err != nil || string(got) != test.want {
				t.Errorf("for its column: got %s, %v; want %s", got, err, test.want)
			}
		})
	}
}

func TestValuesThatCanNotBeWritten(t *testing.T) {
	for _, test := range []struct {
		column schema.Column
		cell   decoder.Cell
		want   string
	}{
		{schema.Column{Name: "a", Type: schema.TypeInt}, decoder.Cell{}, "column a: expected a value, but the log does not hold it"},
		{schema.Column{Name: "b"}, cell(&decoder.Column{Type: decoder.TypeLong}, "00000000"), "column b: the schema does not say its type"},
		{schema.Column{Name: "c", Type: schema.TypeDouble}, cell(&decoder.Column{Type: decoder.TypeDouble}, "000000000000f07f"),
			"column c: +Inf can't be stored by a server"},
		{schema.Column{Name: "d", Type: schema.TypeUUID}, cell(&decoder.Column{Type: decoder.TypeString}, strings.Repeat("00", 17)),
			"column d: expected a UUID of at most 16 bytes, found 17"},
		{schema.Column{Name: "e", Type: schema.TypeVarchar, Charset: "x' OR"}, cell(&decoder.Column{Type: decoder.TypeVarchar}, "61"),
			`column e: "x' OR" is not the name of a character set`},
		{schema.Column{Name: "f", Type: schema.TypeVarchar, Charset: "utf8mb4"}, cell(&decoder.Column{Type: decoder.TypeVarcharCompressed}, "81"), "column f: "},
	} {
		_, err := mysql(9, 7, 4).AppendLiteral(nil, &test.column, test.cell)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("column %s: got error %v, want %q", test.column.Name, err, test.want)
		}
		_, err = appendReady(mysql(9, 7, 4), &test.column, &test.cell)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("column %s, for its column: got error %v, want %q", test.column.Name, err, test.want)
		}
	}
}

func TestLiteralsDoNotAllocate(t *testing.T) {
	d := mysql(9, 7, 4)
	buf := make([]byte, 0, 1024)
	check := func(name string, c *schema.Column, v decoder.Cell) {
		t.Helper()
		n := testing.AllocsPerRun(100, func() {
			if _, err := d.AppendLiteral(buf, c, v); err != nil {
				t.Fatal(err)
			}
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	check("int", &schema.Column{Type: schema.TypeInt}, cell(&decoder.Column{Type: decoder.TypeLong}, "01000000"))
	check("double", &schema.Column{Type: schema.TypeDouble}, cell(&decoder.Column{Type: decoder.TypeDouble}, "9a9999999999b93f"))
	check("date", &schema.Column{Type: schema.TypeDate}, cell(&decoder.Column{Type: decoder.TypeDate}, "0fd00f"))
	check("enum", &schema.Column{Type: schema.TypeEnum, Members: []string{"a", "b"}}, cell(&decoder.Column{Type: decoder.TypeEnum}, "02"))
	check("set", &schema.Column{Type: schema.TypeSet, Members: []string{"a", "b"}}, cell(&decoder.Column{Type: decoder.TypeSet}, "03"))
	check("blob", &schema.Column{Type: schema.TypeBlob}, cell(&decoder.Column{Type: decoder.TypeBlob}, "00ff00ff"))
	for _, charset := range []string{"utf8mb4", "latin1", "gbk"} {
		for _, s := range []string{"plain", "日本 it's", "\x00"} {
			c, v := text(charset, s)
			check(charset, c, v)
		}
	}
}

// cell makes a cell of stored bytes written as hex.
func cell(c *decoder.Column, stored string) decoder.Cell {
	data, err := hex.DecodeString(stored)
	if err != nil {
		panic(err)
	}
	return decoder.NewCell(c, data)
}

// A value inside a JSON document keeps its type where the server has SQL for it; without, an exact dialect refuses.
func TestJSONOpaqueLiterals(t *testing.T) {
	const noSQL = "the JSON document holds a %s, and no SQL of MySQL 5.7.22 puts one into a document"
	old, late := mysql(5, 7, 22), mysql(8, 0, 31)
	for _, test := range []struct{ doc, old, late string }{
		{"0f 0f 02 00ff", "CAST(_binary x'00FF' AS JSON)", "CAST(_binary x'00FF' AS JSON)"},
		{"0f fd 02 00ff", "CAST(CAST(x'00FF' AS BINARY) AS JSON)", ""},
		{"0f 10 02 0101", "CAST(x'0101' AS JSON)", "CAST((SELECT CAST(v AS JSON) FROM JSON_TABLE('[257]', '$[*]' COLUMNS (v BIT(16) PATH '$')) AS j) AS JSON)"},
		{"0f fb 01 22", "CAST(UNCOMPRESS(COMPRESS(x'22')) AS JSON)",
			"CAST((SELECT CAST(v AS JSON) FROM JSON_TABLE(JSON_ARRAY(_binary x'22'), '$[*]' COLUMNS (v LONGBLOB PATH '$')) AS j) AS JSON)"},
		{"0f fa 01 22", "CAST(LEFT(UNCOMPRESS(COMPRESS(x'22')), 16777215) AS JSON)",
			"CAST((SELECT CAST(v AS JSON) FROM JSON_TABLE(JSON_ARRAY(_binary x'22'), '$[*]' COLUMNS (v MEDIUMBLOB PATH '$')) AS j) AS JSON)"},
		{"0f fe 02 6100", "", "CAST((SELECT CAST(v AS JSON) FROM JSON_TABLE(JSON_ARRAY(_binary x'6100'), '$[*]' COLUMNS (v BINARY(2) PATH '$')) AS j) AS JSON)"},
		{"0f 0d 04 32303234", "", ""},
		{"0f 10 09 000000000000000001", "CAST(x'000000000000000001' AS JSON)", ""},
		{"0f 0b 08 0000000010000000", "CAST(CAST('01:00:00.000000' AS TIME(6)) AS JSON)", "CAST(CAST('01:00:00.000000' AS TIME(6)) AS JSON)"},
		{"0f 0b 08 00000000e0010000", "CAST(IF(CAST(CAST(TIME'32:00:00' AS JSON) AS CHAR) LIKE '\"32:%', CAST('30:00:00.000000' AS TIME(6)), " +
			"CAST('38:00:00.000000' AS TIME(6))) AS JSON)", "the same"},
	} {
		for _, d := range []struct {
			dialect sqltext.Dialect
			want    string
		}{{old, test.old}, {late, test.late}} {
			if d.want == "the same" {
				d.want = test.old
			}
			c, v := &schema.Column{Name: "j", Type: schema.TypeJSON}, cell(&decoder.Column{Type: decoder.TypeJSON, Length: 4}, strings.ReplaceAll(test.doc, " ", ""))
			got, err := d.dialect.Exact().AppendLiteral(nil, c, v)
			if d.want == "" {
				if _, nearErr := d.dialect.AppendLiteral(nil, c, v); !errors.Is(err, sqltext.ErrNoLiteral) || nearErr != nil {
					t.Errorf("%s: got %s, %v, near %v; want no literal but the nearest", test.doc, got, err, nearErr)
				}
			} else if err != nil || string(got) != d.want {
				t.Errorf("%s: got %s, %v, want %s", test.doc, got, err, d.want)
			}
		}
	}
	_, err := old.Exact().AppendLiteral(nil, &schema.Column{Name: "j", Type: schema.TypeJSON}, cell(&decoder.Column{Type: decoder.TypeJSON, Length: 4}, "0f0d0432303234"))
	if want := fmt.Sprintf("column j: "+noSQL, "YEAR"); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// appendReady appends a literal by the way that was chosen for the column.
func appendReady(d sqltext.Dialect, c *schema.Column, v *decoder.Cell) ([]byte, error) {
	return d.Literals([]schema.Column{*c})[0].Append(nil, v)
}
