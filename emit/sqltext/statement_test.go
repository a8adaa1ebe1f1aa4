package sqltext_test

import (
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/dump"
)

func keyedRow(t *schema.Table, cells []decoder.Cell, key *schema.Key) schema.KeyedRow {
	return schema.KeyedRow{Row: schema.Row{Table: t, Cells: cells}, Key: key}
}

// table reads one definition.
func table(t *testing.T, create string) *schema.Table {
	t.Helper()
	s, err := dump.Load(strings.NewReader("USE shop;\n"+create+";"), "test")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range s.Problems {
		t.Fatal(p)
	}
	return s.Tables()[0]
}

// Values of cells in tables of INT and VARCHAR columns: an int, a string, null or absent.
type (
	null   struct{}
	absent struct{}
)

func cells(values ...any) []decoder.Cell {
	out := make([]decoder.Cell, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case int:
			out[i] = decoder.NewCell(&decoder.Column{Type: decoder.TypeLong}, []byte{byte(v), byte(v >> 8), byte(v >> 16), byte(v >> 24)})
		case string:
			out[i] = decoder.NewCell(&decoder.Column{Type: decoder.TypeVarchar}, []byte(v))
		case null:
			out[i] = decoder.NullCell(&decoder.Column{Type: decoder.TypeLong})
		}
	}
	return out
}

func TestDelete(t *testing.T) {
	for _, test := range []struct {
		name, create string
		key          int
		row          []decoder.Cell
		want         string
	}{
		{"composite key", "CREATE TABLE `t``x` (a INT, b VARCHAR(9), c INT, PRIMARY KEY (b, a)) CHARSET utf8mb4", 0, cells(1, "x", 2),
			"DELETE FROM `shop`.`t``x` WHERE `b` = 'x' AND `a` = 1"},
		{"prefix of text, in characters", "CREATE TABLE t (a TEXT, UNIQUE (a(2))) CHARSET utf8mb4", 0, cells("日本語"),
			"DELETE FROM `shop`.`t` WHERE LEFT(`a`, 2) = '日本'"},
		{"prefix of bytes", "CREATE TABLE t (a BLOB, UNIQUE (a(2)))", 0, cells("abc"),
			"DELETE FROM `shop`.`t` WHERE LEFT(`a`, 2) = x'6162'"},
		{"prefix of padded bytes", "CREATE TABLE t (a BINARY(5), UNIQUE (a(3)))", 0, cells("a"),
			"DELETE FROM `shop`.`t` WHERE LEFT(`a`, 3) = x'610000'"},
		{"prefix of one-byte text", "CREATE TABLE t (a VARCHAR(9), UNIQUE (a(2))) CHARSET latin1", 0, cells("\xe9\xe8\xe7"),
			"DELETE FROM `shop`.`t` WHERE LEFT(`a`, 2) = _latin1 x'E9E8'"},
		{"prefix that the server has to cut", "CREATE TABLE t (a VARCHAR(9), UNIQUE (a(1))) CHARSET gbk", 0, cells("\xd6\xd0\xce\xc4"),
			"DELETE FROM `shop`.`t` WHERE LEFT(`a`, 1) = LEFT(_gbk x'D6D0CEC4', 1)"},
		{"expression", "CREATE TABLE t (a INT, b VARCHAR(9) COLLATE utf8mb4_bin, UNIQUE KEY f ((lower(`b`)), a)) CHARSET utf8mb4", 0, cells(1, "Ann"),
			"DELETE FROM `shop`.`t` WHERE (lower(`b`)) = (SELECT lower(`b`) FROM (SELECT CONVERT('Ann' USING utf8mb4) " +
				"COLLATE utf8mb4_bin AS `b`) AS `r`) AND `a` = 1"},
		{"virtual column", "CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(9) COLLATE utf8mb4_bin, low VARCHAR(9) COLLATE utf8mb4_general_ci AS (lower(`a`)), UNIQUE (low)) CHARSET utf8mb4",
			1, cells(1, "Ann", absent{}),
			"DELETE FROM `shop`.`t` WHERE `low` = (SELECT CONVERT(LEFT(lower(`a`), 9) USING utf8mb4) COLLATE utf8mb4_general_ci FROM " +
				"(SELECT CONVERT('Ann' USING utf8mb4) COLLATE utf8mb4_bin AS `a`) AS `r`)"},
		{"virtual column over another", "CREATE TABLE t (a INT, b DECIMAL(9,2) AS (`a` / 2), c INT AS (`b` + `a`), UNIQUE (c))", 0, cells(7, absent{}, absent{}),
			"DELETE FROM `shop`.`t` WHERE `c` = (SELECT CAST(LEAST(GREATEST(CAST(`b` + `a` AS DECIMAL(65)), -2147483648), 2147483647) AS SIGNED) FROM (SELECT `r`.*, CAST(`a` / 2 AS DECIMAL(9,2)) AS `b` " +
				"FROM (SELECT CAST(7 AS SIGNED) AS `a`) AS `r`) AS `r`)"},
		{"prefix of a virtual column", "CREATE TABLE t (a INT, b BLOB AS (concat(`a`,'x')), UNIQUE (b(2)))", 0, cells(7, absent{}),
			"DELETE FROM `shop`.`t` WHERE LEFT(`b`, 2) = (SELECT LEFT(concat(`a`,'x'), 2) FROM (SELECT CAST(7 AS SIGNED) AS `a`) AS `r`)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			table := table(t, test.create)
			got, err := mysql(9, 7, 4).AppendDelete(nil, keyedRow(table, test.row, &table.Keys[test.key]), nil)
			if err != nil || string(got) != test.want {
				t.Errorf("got  %s, %v\nwant %s", got, err, test.want)
			}
		})
	}
}

func TestDeleteSparesRows(t *testing.T) {
	table := table(t, "CREATE TABLE t (id INT PRIMARY KEY, u INT UNIQUE)")
	var spare []schema.KeyedRow
	for id := 2; id < 4; id++ {
		spare = append(spare, keyedRow(table, cells(id, absent{}), &table.Keys[0]))
	}
	got, err := mysql(9, 7, 4).AppendDelete(nil, keyedRow(table, cells(1, 7), &table.Keys[1]), spare)
	if want := "DELETE FROM `shop`.`t` WHERE `u` = 7 AND NOT (`id` = 2) AND NOT (`id` = 3)"; err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
}

func TestDeleteByPeriod(t *testing.T) {
	table := table(t, "CREATE TABLE t (id INT, s VARCHAR(9), e VARCHAR(9), PERIOD FOR p (s, e), UNIQUE (id, p WITHOUT OVERLAPS)) CHARSET utf8mb4")
	got, err := mariaDB(11, 8, 6).AppendDelete(nil, keyedRow(table, cells(1, "2020", "2021"), &table.Keys[0]), nil)
	if want := "DELETE FROM `shop`.`t` WHERE `id` = 1 AND `s` < '2021' AND `e` > '2020'"; err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
}

func TestDeleteNeedsTheWholeKey(t *testing.T) {
	table := table(t, "CREATE TABLE t (id INT PRIMARY KEY, u INT, v INT, UNIQUE KEY uv (u, v))")
	for _, test := range []struct {
		row  []decoder.Cell
		want string
	}{
		{cells(1, null{}, 2), "table shop.t: key uv: column u is NULL, and a NULL never conflicts"},
		{cells(1, 2, absent{}), "table shop.t: key uv: column v: the log does not hold its value"},
	} {
		if sql, err := mysql(9, 7, 4).AppendDelete(nil, keyedRow(table, test.row, &table.Keys[1]), nil); err == nil || err.Error() != test.want {
			t.Errorf("got %s, error %v; want %s", sql, err, test.want)
		}
	}
}

func TestOthers(t *testing.T) {
	table := table(t, "CREATE TABLE t (id INT PRIMARY KEY, u INT, v VARCHAR(9), g INT AS (u + 1), UNIQUE KEY uv (u, v), UNIQUE KEY vu (v(3), u), UNIQUE KEY g (g)) CHARSET utf8mb4")
	own := keyedRow(table, cells(2, absent{}, absent{}, absent{}), &table.Keys[0])
	for _, test := range []struct {
		key  int
		want string
	}{
		{1, "SELECT * FROM `shop`.`t` WHERE `u` = 5 AND `v` = (SELECT `v` FROM `shop`.`t` WHERE `id` = 2) AND NOT (`id` = 2)"},
		{2, "SELECT * FROM `shop`.`t` WHERE LEFT(`v`, 3) = (SELECT LEFT(`v`, 3) FROM `shop`.`t` WHERE `id` = 2) AND `u` = 5 AND NOT (`id` = 2)"},
	} {
		row := keyedRow(table, cells(absent{}, 5, absent{}, absent{}), &table.Keys[test.key])
		if got, err := mysql(9, 7, 4).AppendOthers(nil, row, own); err != nil || string(got) != test.want {
			t.Errorf("got  %s, %v\nwant %s", got, err, test.want)
		}
	}
	row := keyedRow(table, cells(absent{}, 5, absent{}, absent{}), &table.Keys[3])
	if got, err := mysql(9, 7, 4).AppendOthers(nil, row, own); err == nil {
		t.Errorf("a key of a generated column: got %s, want an error", got)
	}
}

func TestOnlyAnEmptyEnumNeedsLenientMode(t *testing.T) {
	table := table(t, "CREATE TABLE t (e ENUM('a'))")
	enum := &decoder.Column{Type: decoder.TypeEnum}
	for v, want := range map[*decoder.Cell]bool{
		ptr(cell(enum, "00")):       true,
		ptr(cell(enum, "01")):       false,
		ptr(decoder.NullCell(enum)): false,
	} {
		if got := sqltext.NeedsLenientMode(schema.Row{Table: table, Cells: []decoder.Cell{*v}}); got != want {
			t.Errorf("%v %x: got %v, want %v", v.State(), v.Raw(), got, want)
		}
	}
}

// A generated column at a limit of its type may have been cut by a source without strict mode.
func TestCutColumnsNeedLenientMode(t *testing.T) {
	for _, c := range []struct {
		column string
		logged decoder.Column
		cut    string // hex of values that may be cut
		plain  string
	}{
		{"TINYINT", decoder.Column{Type: decoder.TypeTiny}, "7f 80", "00 01"},
		{"TINYINT UNSIGNED", decoder.Column{Type: decoder.TypeTiny}, "ff 00", "7f 01"},
		{"BIT(3)", decoder.Column{Type: decoder.TypeBit}, "07", "03 00"},
		{"YEAR", decoder.Column{Type: decoder.TypeYear}, "00", "01"},
	} {
		table := table(t, "CREATE TABLE t (g "+c.column+" AS (1) STORED)")
		for _, values := range []struct {
			of   string
			want bool
		}{{c.cut, true}, {c.plain, false}} {
			for _, hex := range strings.Fields(values.of) {
				if got := sqltext.NeedsLenientMode(schema.Row{Table: table, Cells: []decoder.Cell{cell(&c.logged, hex)}}); got != values.want {
					t.Errorf("%s %s: got %v", c.column, hex, got)
				}
			}
		}
	}
}

func ptr[T any](v T) *T { return &v }

// A row is put back only where it is not there as it was: a REPLACE would fire the table's triggers.
func TestReplaceStoredInPlace(t *testing.T) {
	table := &schema.Table{Database: "d", Name: "t", Triggers: []schema.Trigger{{Name: "ai"}}, Columns: []schema.Column{
		{Name: "id", Type: schema.TypeInt}, {Name: "v", Type: schema.TypeVarchar, Charset: "utf8mb4"}, {Name: "g", Type: schema.TypeInt, Generated: schema.Virtual},
		{Name: "j", Type: schema.TypeJSON}, {Name: "p", Type: schema.TypeGeometry}, {Name: "n", Type: schema.TypeVarchar}}}
	row := &sqltext.Stored{Table: table, Literals: [][]byte{[]byte("1"), []byte("'a'"), []byte("2"), []byte("'{}'"), []byte("x'00'"), []byte("NULL")}}
	got, err := sqltext.Dialect{}.AppendReplaceStored(nil, row)
	want := "REPLACE INTO `d`.`t` (`id`, `v`, `j`, `p`, `n`) SELECT 1, 'a', '{}', x'00', NULL FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM `d`.`t` " +
		"WHERE `id` <=> 1 AND CAST(`v` AS BINARY) <=> CAST('a' AS BINARY) AND `j` <=> CAST('{}' AS JSON) AND HEX(`p`) <=> HEX(x'00') AND `n` <=> NULL)"
	if err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
}
