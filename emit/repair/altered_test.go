package repair

import (
	"testing"

	"binmend/decoder"
	"binmend/schema/dump"
	"binmend/schema/track"
)

// TestAlterations follows the statements of a range. A table of them is one that the range alters, and ends before.
func TestAlterations(t *testing.T) {
	tests := []struct {
		name       string
		statements []string
		altered    map[string]bool
	}{
		{"an ALTER TABLE", []string{"ALTER TABLE t ADD c INT"}, map[string]bool{"t": true, "u": false}},
		{"a rename", []string{"RENAME TABLE t TO u"}, map[string]bool{"t": false, "u": true}},
		{"a table that the range makes", []string{"CREATE TABLE t (a INT)", "ALTER TABLE T ADD c INT"}, map[string]bool{"t": false}},
		{"one that it may have had before", []string{"CREATE TABLE IF NOT EXISTS t (a INT)", "ALTER TABLE t ADD c INT"}, map[string]bool{"t": true}},
		{"a table that is made anew", []string{"ALTER TABLE t ADD c INT", "DROP TABLE t", "CREATE TABLE t (a INT)"}, map[string]bool{"t": false}},
		{"an online schema change", []string{"CREATE TABLE _t_new LIKE t", "ALTER TABLE _t_new ADD c INT", "RENAME TABLE t TO _t_old, _t_new TO t"},
			map[string]bool{"t": false, "_t_old": true, "_t_new": false}},
		{"what is not understood", []string{"ALTER TABLE t SHUFFLE EVERYTHING"}, map[string]bool{"t": true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := alterations{parser: dump.NewParser(), by: map[dump.Name]track.Statement{}, made: map[dump.Name]bool{}}
			for i, sql := range test.statements {
				err := a.parser.Parse(dump.Statement{Database: "d", SQL: sql}, func(c *dump.Change) {
					a.note(c, track.Statement{Pos: decoder.Position{Offset: int64(i)}, Verb: c.Verb})
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			for table, want := range test.altered {
				if _, got := a.by[dump.Name{Database: "d", Table: table}]; got != want {
					t.Errorf("%s: altered %v, want %v", table, got, want)
				}
			}
		})
	}
}
