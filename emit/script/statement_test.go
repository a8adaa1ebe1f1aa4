package script_test

import (
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/emit/plan"
	"binmend/emit/script"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/dump"
)

var mysql = sqltext.For(decoder.Version{Major: 9, Minor: 7, Patch: 4})

// tableOf reads one definition.
func tableOf(t *testing.T, create string) *schema.Table {
	t.Helper()
	s, err := dump.Load(strings.NewReader("USE shop;\n"+create+";"), "test")
	if err != nil || len(s.Problems) > 0 {
		t.Fatal(err, s.Problems)
	}
	return s.Tables()[0]
}

// The values of cells that are no number and no text.
type (
	null   struct{}
	absent struct{}
)

// cells are those of INT and VARCHAR columns.
func cells(values ...any) []decoder.Cell {
	out := make([]decoder.Cell, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case int:
			out[i] = number(v)
		case string:
			out[i] = text(v)
		case null:
			out[i] = decoder.NullCell(nil)
		}
	}
	return out
}

func TestReplace(t *testing.T) {
	for _, test := range []struct {
		name, create string
		row          []decoder.Cell
		fill         []int
		want         string
	}{
		{"generated columns are left out, invisible ones are not",
			"CREATE TABLE t (id INT PRIMARY KEY, a INT INVISIBLE, v INT AS (a + 1), b VARCHAR(9)) CHARSET utf8mb4", cells(1, 2, 3, "x"), nil,
			"REPLACE INTO `shop`.`t` (`id`, `a`, `b`) VALUES (1, 2, 'x')"},
		{"columns to fill",
			"CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT NOT NULL, c INT NOT NULL DEFAULT 5, d TEXT NOT NULL, e DATETIME NOT NULL, f INT DEFAULT 7) CHARSET utf8mb4",
			cells(1, absent{}, absent{}, absent{}, absent{}, absent{}, absent{}), []int{1, 2, 3, 4, 5, 6},
			"REPLACE INTO `shop`.`t` (`id`, `a`, `b`, `d`, `e`, `f`) VALUES (1, NULL, 0, '', '0000-00-00 00:00:00', NULL)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := plan.Presence{Row: schema.Row{Table: tableOf(t, test.create), Cells: test.row}, Fill: test.fill}
			got, err := script.AppendReplace(nil, mysql, &p)
			if err != nil || string(got) != test.want {
				t.Errorf("got  %s, %v\nwant %s", got, err, test.want)
			}
		})
	}
}

// In a table with triggers, or with columns that only the replica has, nothing happens to a row that is as it must be.
func TestReplaceInPlace(t *testing.T) {
	table := tableOf(t, "CREATE TABLE t (id INT PRIMARY KEY, v INT UNIQUE, x VARCHAR(9) NOT NULL, y INT, z TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP) CHARSET utf8mb4")
	for i := 2; i < 5; i++ {
		table.Columns[i].Local = true
	}
	p := plan.Presence{Row: schema.Row{Table: table, Cells: cells(1, 7, absent{}, absent{}, absent{})}, Key: &table.Keys[0]}
	got, err := script.AppendReplace(nil, mysql, &p)
	want := "DELETE FROM `shop`.`t` WHERE `v` = 7 AND NOT (`id` = 1);\n" +
		"UPDATE `shop`.`t` SET `id` = 1, `v` = 7, `z` = `z` WHERE `id` = 1 AND NOT (`id` <=> 1 AND `v` <=> 7);\n" +
		"INSERT INTO `shop`.`t` (`id`, `v`, `x`) SELECT 1, 7, '' FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM `shop`.`t` WHERE `id` = 1)"
	if err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
}

func TestReplaceMissing(t *testing.T) {
	table := tableOf(t, "CREATE TABLE t (a INT, b VARCHAR(9), c INT) CHARSET utf8mb4")
	p := plan.Presence{Row: schema.Row{Table: table, Cells: cells(1, "it's", null{})}, Count: 2}
	got, err := script.AppendReplaceMissing(nil, mysql, &p)
	want := "REPLACE INTO `shop`.`t` (`a`, `b`, `c`) SELECT 1, 'it''s', NULL FROM DUAL WHERE (SELECT COUNT(*) FROM `shop`.`t` " +
		"WHERE `a` <=> 1 AND CAST(`b` AS BINARY) <=> CAST('it''s' AS BINARY) AND `c` IS NULL) < 2"
	if err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
}

func TestSelect(t *testing.T) {
	table := tableOf(t, "CREATE TABLE t (id INT PRIMARY KEY, a INT, v INT AS (a + 1), b INT INVISIBLE)")
	row := schema.Row{Table: table, Cells: cells(1, 5, 6, absent{})}
	for key, want := range map[*schema.Key]string{
		&table.Keys[0]: "SELECT `id`, `a`, `b` FROM `shop`.`t` WHERE `id` = 1",
		nil:            "SELECT `id`, `a`, `b` FROM `shop`.`t` WHERE `id` <=> 1 AND `a` <=> 5",
	} {
		got, err := script.AppendSelect(nil, mysql, &plan.Refusal{Row: row, Key: key})
		if err != nil || string(got) != want {
			t.Errorf("got  %s, %v\nwant %s", got, err, want)
		}
	}
}
