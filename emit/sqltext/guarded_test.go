package sqltext_test

import (
	"testing"

	"binmend/decoder"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// TestGuarded: statements that change a row only while it is as it was read.
func TestGuarded(t *testing.T) {
	table := &schema.Table{Database: "d", Name: "t", Columns: []schema.Column{
		{Name: "id", Type: schema.TypeInt}, {Name: "w", Type: schema.TypeVarchar, Charset: "utf8mb4"}, {Name: "j", Type: schema.TypeJSON, Nullable: true},
		{Name: "at", Type: schema.TypeTimestamp, OnUpdate: true}, {Name: "g", Type: schema.TypeInt, Generated: schema.Virtual},
	}}
	stored := func(literals ...string) *sqltext.Stored {
		s := &sqltext.Stored{Table: table}
		for _, l := range literals {
			if l == "" {
				s.Literals = append(s.Literals, nil)
			} else {
				s.Literals = append(s.Literals, []byte(l))
			}
		}
		return s
	}
	id := &schema.Key{Name: "PRIMARY", Primary: true, Parts: []schema.KeyPart{{Column: 0}}}
	word := &schema.Key{Name: "w", Parts: []schema.KeyPart{{Column: 1}}}
	have, want := stored("1", "'a'", `'{"k": 1.5}'`, "'2020-01-01 00:00:00'", "2"), stored("1", "'b'", "NULL", "", "")
	d := sqltext.For(decoder.Version{Major: 8})
	for _, tc := range []struct {
		name  string
		write func() ([]byte, error)
		want  string
	}{
		{"DELETE", func() ([]byte, error) { return d.AppendDeleteAsRead(nil, have, id, 0) },
			"DELETE FROM `d`.`t` WHERE `id` = 1 AND CAST(`w` AS BINARY) <=> CAST('a' AS BINARY) AND " +
				"CAST(CAST(`j` AS CHAR) AS BINARY) <=> CAST('{\"k\": 1.5}' AS BINARY) AND `at` <=> '2020-01-01 00:00:00'"},
		{"DELETE by text", func() ([]byte, error) { return d.AppendDeleteAsRead(nil, want, word, 0) },
			"DELETE FROM `d`.`t` WHERE `w` = 'b' AND `id` <=> 1 AND CAST(`w` AS BINARY) <=> CAST('b' AS BINARY) AND `j` <=> NULL"},
		{"DELETE without a key", func() ([]byte, error) { return d.AppendDeleteAsRead(nil, want, nil, 2) },
			"DELETE FROM `d`.`t` WHERE `id` <=> 1 AND CAST(`w` AS BINARY) <=> CAST('b' AS BINARY) AND `j` <=> NULL LIMIT 2"},
		{"UPDATE", func() ([]byte, error) { return d.AppendUpdateAsRead(nil, want, have, []int{1}, id) },
			"UPDATE `d`.`t` SET `w` = 'a', `at` = `at` WHERE `id` = 1 AND CAST(`w` AS BINARY) <=> CAST('b' AS BINARY) AND `j` <=> NULL"},
		{"INSERT", func() ([]byte, error) { return d.AppendInsertUnless(nil, want, id) },
			"INSERT INTO `d`.`t` (`id`, `w`, `j`) SELECT 1, 'b', NULL FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM `d`.`t` WHERE `id` = 1)"},
		{"INSERT without a key", func() ([]byte, error) { return d.AppendInsertUnless(nil, want, nil) },
			"INSERT INTO `d`.`t` (`id`, `w`, `j`) VALUES (1, 'b', NULL)"},
	} {
		got, err := tc.write()
		if err != nil || string(got) != tc.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", tc.name, err, got, tc.want)
		}
	}
}
