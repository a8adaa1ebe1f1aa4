package where

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/schema"
)

// cells makes the table and the row image that the tests look at.
func cells() (*schema.Table, decoder.Image) {
	t := &schema.Table{Database: "d", Name: "t"}
	var image decoder.Image
	add := func(c schema.Column, log decoder.Column, raw []byte) {
		t.Columns = append(t.Columns, c)
		if raw == nil {
			image = append(image, decoder.NullCell(&log))
		} else {
			image = append(image, decoder.NewCell(&log, raw))
		}
	}
	double := func(f float64) []byte { return binary.LittleEndian.AppendUint64(nil, math.Float64bits(f)) }
	add(schema.Column{Name: "id", Type: schema.TypeInt}, decoder.Column{Type: decoder.TypeLong}, []byte{0xfe, 0xff, 0xff, 0xff})
	add(schema.Column{Name: "big", Type: schema.TypeBigInt, Unsigned: true}, decoder.Column{Type: decoder.TypeLonglong},
		[]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	add(schema.Column{Name: "price", Type: schema.TypeDecimal, Length: 5, Decimals: 2}, decoder.Column{Type: decoder.TypeNewDecimal, Precision: 5, Scale: 2},
		[]byte{0x80, 0x0c, 0x32}) // 12.50
	add(schema.Column{Name: "ratio", Type: schema.TypeDouble}, decoder.Column{Type: decoder.TypeDouble}, double(0.1))
	add(schema.Column{Name: "share", Type: schema.TypeFloat}, decoder.Column{Type: decoder.TypeFloat},
		binary.LittleEndian.AppendUint32(nil, math.Float32bits(0.1)))
	add(schema.Column{Name: "name", Type: schema.TypeVarchar, Charset: "latin1", Collation: "latin1_bin"}, decoder.Column{Type: decoder.TypeVarchar}, []byte("Zo\xeb 100%"))
	add(schema.Column{Name: "code", Type: schema.TypeBinary, Length: 4, Charset: "binary"}, decoder.Column{Type: decoder.TypeString}, []byte{1, 2})
	add(schema.Column{Name: "day", Type: schema.TypeDate}, decoder.Column{Type: decoder.TypeDate}, []byte{0x3f, 0xd0, 0x0f}) // 2024-01-31
	add(schema.Column{Name: "at", Type: schema.TypeDatetime, Decimals: 0}, decoder.Column{Type: decoder.TypeDatetime},       // 2024-02-01 03:04:05
		binary.LittleEndian.AppendUint64(nil, 20240201030405))
	add(schema.Column{Name: "took", Type: schema.TypeTime}, decoder.Column{Type: decoder.TypeTime}, []byte{0x2c, 0xb0, 0xfe}) // -08:60..
	add(schema.Column{Name: "status", Type: schema.TypeEnum, Members: []string{"new", "paid"}, Collation: "utf8mb4_0900_ai_ci"}, decoder.Column{Type: decoder.TypeEnum}, []byte{2})
	add(schema.Column{Name: "flags", Type: schema.TypeSet, Members: []string{"a", "b", "c"}, Collation: "utf8mb4_general_ci"}, decoder.Column{Type: decoder.TypeSet}, []byte{5})
	add(schema.Column{Name: "odd name", Type: schema.TypeInt}, decoder.Column{Type: decoder.TypeLong}, []byte{7, 0, 0, 0})
	add(schema.Column{Name: "nothing", Type: schema.TypeInt}, decoder.Column{Type: decoder.TypeLong}, nil)
	add(schema.Column{Name: "seen", Type: schema.TypeTimestamp}, decoder.Column{Type: decoder.TypeTimestamp}, []byte{0, 0, 0, 0})
	add(schema.Column{Name: "bits", Type: schema.TypeBit, Length: 9}, decoder.Column{Type: decoder.TypeBit, Length: 9}, []byte{1, 0})
	return t, image
}

func TestMatch(t *testing.T) {
	table, image := cells()
	for _, tc := range []struct{ yes, no string }{
		{"id = -2", "id = 2"},
		{"id=-2.0", "id = -2.5"},
		{"id < -1 and id > -3", "id < -2 or id > -2"},
		{"big = 18446744073709551615", "big = -1"},
		{"big > 18446744073709551614.9", "big > 18446744073709551615"},
		{"big > 1e15 and id = -2e0", "big < 1e2"},
		{"18446744073709551614 < big", "18446744073709551615 < big"},
		{"big = 0xffffffffffffffff", "big = 0xff"},
		{"price = 12.5", "price = 12.51"},
		{"price = 1.25e1 and price = '12.500'", "price <> 125e-1"},
		{"price between 12.49 and 12.50", "price not between 12 and 13"},
		{"ratio = 0.1", "ratio = 0.1000001"},
		{"share > 0.1", "share = 0.1"}, // it is widened to a double
		{"share = 0.10000000149011612", "share < 0.1"},
		{"name = 'Zoë 100%'", "name = 'zoë 100%'"},
		{"name like 'Z%\\%'", "name like '%\\%_'"},
		{"name like '_o_ ___%' and name <> ''", "name not like '%ë%'"},
		{"code = x'01020000'", "code = x'0102'"},
		{"day = '2024-01-31' and day < '2024-01-31 00:00:01'", "day > '2024-01-31'"},
		{"at > '2024-02-01 03:04' and at <= '2024-02-01T03:04:05.000000'", "at = '2024-02-01'"},
		{"took < '-00:00:01'", "took > '0:00'"},
		{"status = 'paid' and status = 2 and status in (1, 2)", "status = 'new'"},
		{"status = 'PAID' and status > 'new' and status like 'P%'", "status < 'new' or status = 'sent'"},
		{"flags = 'A,C' and flags like '%,c'", "flags = 'a,d' or flags < 'a,b'"},
		{"(id = -2) is true and (id = 2) is false and (nothing = 1) is unknown", "(nothing = 1) is true"},
		{"id = -2 xor id = 3", "id = -2 xor id < 0 or nothing = 1 xor id = 1"},
		{"day = date '2024-01-31' and at > timestamp '2024-02-01 00:00:00'", "day < date '2024-01-31'"},
		{"name COLLATE latin1_general_cs = 'Zoë 100%' and name like 'Z|o%' escape '|'", "name like 'zo%'"},
		{"flags = 'a,c' and flags = 5", "flags = 'a'"},
		{"`odd name` = 7", "`odd name` != 7"},
		{"nothing is null and nothing <=> null", "nothing is not null"},
		{"id in (1, -2, null)", "id in (1, null)"},
		{"not (nothing is not null)", "not (nothing = 1)"},
		{"nothing = 1 or id = -2", "nothing = 1 and id = -2"},
		{"bits = 256 and bits in (0x0100)", "bits = 1"},
		{"ID=-2 AND NOT id=3 && id!=4 || false_column_is_not_read = 1 or id <> 1", "id = null"},
	} {
		for _, want := range []bool{true, false} {
			text := tc.yes
			if !want {
				text = tc.no
			}
			text = strings.Replace(text, " || false_column_is_not_read = 1", "", 1)
			c, err := Parse(text)
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			m, ok, err := c.For(table, decoder.MySQL)
			if err != nil || !ok {
				t.Errorf("%s: %v, %v", text, ok, err)
				continue
			}
			var s Scratch
			got, err := m.Match(&s, &decoder.Row{After: image})
			if err != nil || got != want {
				t.Errorf("%s: %v, %v, want %v", text, got, err, want)
			}
		}
	}
}

// TestImages: a row counts by its image before or after the change.
func TestImages(t *testing.T) {
	table := &schema.Table{Columns: []schema.Column{{Name: "id", Type: schema.TypeInt}}}
	col := &decoder.Column{Type: decoder.TypeLong}
	image := func(n byte) decoder.Image { return decoder.Image{decoder.NewCell(col, []byte{n, 0, 0, 0})} }
	c, err := Parse("id = 1")
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := c.For(table, decoder.MySQL)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		row  decoder.Row
		want bool
	}{
		{decoder.Row{Before: image(1)}, true},
		{decoder.Row{After: image(1)}, true},
		{decoder.Row{Before: image(2), After: image(1)}, true},
		{decoder.Row{Before: image(1), After: image(2)}, true},
		{decoder.Row{Before: image(2), After: image(3)}, false},
		{decoder.Row{Before: decoder.Image{decoder.Cell{}}}, false},
	} {
		var s Scratch
		if got, err := m.Match(&s, &tc.row); got != tc.want || err != nil {
			t.Errorf("%v: %v, %v, want %v", tc.row, got, err, tc.want)
		}
	}
	s := Scratch{a: make([]byte, 0, 20)}
	row := decoder.Row{Before: image(2), After: image(3)}
	if n := testing.AllocsPerRun(100, func() { _, _ = m.Match(&s, &row) }); n > 0 {
		t.Errorf("%v allocations a row", n)
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"", "the condition is not whole"},
		{"id", "expected a comparison, found the column id"},
		{"id = ", "the condition is not whole"},
		{"id = 1 and", "the condition is not whole"},
		{"id = " + strings.Repeat("8", 82), "a number has more digits than a DECIMAL"},
		{"id = 1 x", `not understood at "x`},
		{"id = other", `expected a number, a string or NULL, found the column other`},
		{"lower(name) = 'x'", "the function LOWER is not evaluated"},
		{"id + 1 = 2", "expected the name of a column, found the operator +"},
		{"1 = 1", "expected the name of a column, found a literal"},
		{"! id = 1", "expected the name of a column, found the operator !"},
		{"id in (1, 2", "the condition is not whole"},
		{"id in (select 1)", "a subquery is not evaluated"},
		{"id = ?", "expected a number, a string or NULL, found ?"},
		{"id = @v", "expected a number, a string or NULL, found a variable"},
		{"t.id = 1", "t.id: write the name of the column alone"},
		{"name = 'x", `a quote that does not close at "'x"`},
		{"name = b'12'", `expected binary digits at "b'12'"`},
		{"name like 5", "expected a string, found a literal"},
		{`name = 'a\b'`, `"a\\b": what a backslash means depends on the sql_mode; write the string in hex: x'615c62'`},
		{"id = 1 /* x */", `a comment at "/* x */"`},
		{"id = 1; drop table t", "expected one condition"},
		{"id = 1, id = 2", "expected one condition"},
		{"name = _latin1'x'", "a string in another character set is not compared"},
		{"doc->'$[*]' = 1", "path"},
		{"JSON_CONTAINS(doc, '1')", "expected a comparison, found the function JSON_CONTAINS"},
		{"JSON_VALUE(doc) = 1", "the function JSON_VALUE is not evaluated"},
		{strings.Repeat("(", 1000) + "id = 1" + strings.Repeat(")", 1000), "nested more than 100 deep"},
	} {
		_, err := Parse(tc.text)
		if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("%.20q: %v, want %s", tc.text, err, tc.want)
		}
	}
}

func TestValuesThatDoNotFit(t *testing.T) {
	table, _ := cells()
	for _, tc := range []struct{ text, want string }{
		{"id = 'x'", `table d.t: column id: expected a number, found "x"`},
		{"day = '31.1.2024'", `table d.t: column day: expected a date as '2024-01-31' or '2024-01-31 23:59:59', found "31.1.2024"`},
		{"day = '2024-02-30'", `table d.t: column day: "2024-02-30" is not a date and time`},
		{"name = 5", `table d.t: column name: text is compared with strings only: write 5 in quotes`},
		{"name COLLATE latin1_german2_ci = 'x'", `table d.t: column name: the collation latin1_german2_ci has rules that are not known here: compare with COLLATE latin1_bin`},
		{"name COLLATE utf8mb4_bin = 'x'", `table d.t: column name: the collation utf8mb4_bin is not one of its character set latin1`},
		{"id = '12345678901234567'", `table d.t: column id: "12345678901234567" is compared as floating point: write the number without quotes`},
		{"name->'$.a' = 1", `table d.t: column name: JSON paths are evaluated in columns of type JSON, and this one is of type varchar(0)`},
		{"JSON_VALUE(name, '$.a') = 1", `table d.t: column name: JSON_VALUE of MySQL compares by the collation of the connection: write ->> or JSON_UNQUOTE`},
		{"name regexp '(?i)a'", `table d.t: column name: "(?i)a": servers differ in regular expressions but for letters, digits, . ^ $ | ( ) * + ? {n,m} and [a-z]`},
		{"took = 'noon'", `table d.t: column took: expected a time as '-12:34:56.789', found "noon"`},
		{"status = 0x01", `table d.t: column status: a value of type enum('new','paid') is compared with whole numbers and with strings in quotes only`},
		{"flags IN (x'61', 'b')", `table d.t: column flags: a value of type set('a','b','c') is compared with whole numbers and with strings in quotes only`},
		{"status IN ('new', 2)", `table d.t: column status: a value of type enum('new','paid') is compared with numbers or with strings, not with both at once: write AND or OR`},
		{"flags BETWEEN 1 AND 'c'", `table d.t: column flags: a value of type set('a','b','c') is compared with numbers or with strings, not with both at once: write AND or OR`},
		{"big NOT IN (-1, '7')", `table d.t: column big: MySQL takes -1 in a list for a large number beside a value of type bigint unsigned, which is never negative: leave it out`},
		{"bits IN (0x01, -1)", `table d.t: column bits: MySQL takes -1 in a list for a large number beside a value of type bit(9), which is never negative: leave it out`},
		{"bits < 1e1", `table d.t: column bits: MariaDB takes large values of type BIT for negative ones beside 10: write the number without an exponent`},
		{"day IN ('0000-00-00', NULL)", `table d.t: column day: servers differ in whether they find 0000-00-00 in a list: write = and OR`},
		{"seen < '1000-01-01'", `table d.t: column seen: servers differ in whether a zero TIMESTAMP is before 1000-01-01, and no other value is`},
		{"id = x'05'", `table d.t: column id: x'05' is a number to MySQL and a string to MariaDB: write 0x05`},
	} {
		c, err := Parse(tc.text)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.For(table, decoder.MySQL); err == nil || err.Error() != tc.want {
			t.Errorf("%s: %v, want %s", tc.text, err, tc.want)
		}
	}
	c, _ := Parse("id = 1 or unknown = 2")
	if _, ok, err := c.For(table, decoder.MySQL); ok || err != nil {
		t.Errorf("a table without the column: %v, %v", ok, err)
	}
}

// FuzzParse: any text is a condition or an error, and a condition can be used.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"id=5 and status=3", "not (a is null or b in (1,'x',0xff)) && c like 'a%' || d between -1e5 and .5", "`a``b` <=> NULL", "a;" + strings.Repeat("8", 82)} {
		f.Add(text)
	}
	table, image := cells()
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse(text)
		if err != nil {
			return
		}
		m, ok, err := c.For(table, decoder.MySQL)
		if err != nil || !ok {
			return
		}
		var s Scratch
		if _, err := m.Match(&s, &decoder.Row{Before: image}); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	})
}
