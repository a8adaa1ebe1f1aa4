package dump

import (
	"strings"
	"testing"

	"binmend/decoder/gtid"
)

// TestExecuted: what a dump says of GTIDs before its tables, in the forms of mysqldump and mariadb-dump, is what ran before it.
func TestExecuted(t *testing.T) {
	const (
		uuid  = "3e11fa47-71ca-11e1-9e33-c80aa9429562"
		other = "4e11fa47-71ca-11e1-9e33-c80aa9429562"
		table = "CREATE TABLE t (id INT);\n"
	)
	for _, test := range []struct{ name, text, has, lacks string }{
		{"mysqldump", "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '" + uuid + ":1-5';\n" + table, uuid + ":5", uuid + ":6"},
		{"mysqldump, old", "SET @@GLOBAL.GTID_PURGED='" + other + ":1,\n" + uuid + ":1-5:8';\n" + table, uuid + ":8", uuid + ":7"},
		{"mysqldump, as a comment", "/* SET @@GLOBAL.GTID_PURGED='+" + other + ":1,\n" + uuid + ":1-5';*/\n" + table, uuid + ":5", uuid + ":6"},
		{"mariadb-dump", "SET GLOBAL gtid_slave_pos='0-1-5,1-2-3';\n" + table, "0-1-5", "0-1-6"},
		{"mariadb-dump, as a comment", "-- SET GLOBAL gtid_slave_pos='0-1-5';\n" + table, "0-1-1", "1-1-1"},
		{"mariadb-dump, announced", "-- A corresponding to the above master-data CHANGE-MASTER settings to the slave gtid state is printed later in the file.\n" + table +
			"SET GLOBAL gtid_slave_pos='0-1-5';\n", "0-1-5", "0-1-6"},
		{"mariadb-dump, announced as a comment", "-- A corresponding to the above master-data CHANGE-MASTER settings to the slave gtid state is printed as comments later in the file.\n" +
			table + "-- SET GLOBAL gtid_slave_pos='0-1-5';\n", "0-1-5", "0-1-6"},
		{"mariadb-dump, after a table", table + "SET GLOBAL gtid_slave_pos='0-1-5';\n", "", "0-1-5"},
		{"of another server of the domain", "SET GLOBAL gtid_slave_pos='0-1-5';\n" + table, "0-1-5", "0-2-4"},
		{"after a table", table + "SET @@GLOBAL.GTID_PURGED='" + uuid + ":1-5';\n", "", uuid + ":5"},
		{"of two dumps", "-- Host: a    Database: d\nSET @@GLOBAL.GTID_PURGED='" + uuid + ":1-5';\n" + table + "-- Host: a    Database: e\nCREATE TABLE u (id INT);", "", uuid + ":5"},
		{"twice", "SET @@GLOBAL.GTID_PURGED='" + uuid + ":1-5';\nSET @@GLOBAL.GTID_PURGED='" + uuid + ":1-5';\n" + table, "", uuid + ":5"},
		{"twice, once broken", "SET @@GLOBAL.GTID_PURGED='" + uuid + ":1-5';\nSET @@GLOBAL.GTID_PURGED='" + uuid + ":1-';\n" + table, "", uuid + ":5"},
		{"twice, first broken", "SET @@GLOBAL.GTID_PURGED='" + uuid + ":9-5';\nSET @@GLOBAL.GTID_PURGED='" + uuid + ":1-5';\n" + table, "", uuid + ":5"},
		{"no set", "SET @@GLOBAL.GTID_PURGED='x';\n" + table, "", uuid + ":5"},
		{"in a row", "INSERT INTO x VALUES ('\nSET @@GLOBAL.GTID_PURGED=''" + uuid + ":1-5'';');\n" + table, "", uuid + ":5"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := Load(strings.NewReader(test.text), "dump.sql")
			if err != nil {
				t.Fatal(err)
			}
			has := func(text string) bool {
				g, err := gtid.Parse(text)
				if err != nil {
					t.Fatal(err)
				}
				return s.Executed != nil && s.Executed.Has(g)
			}
			if test.has != "" && !has(test.has) || has(test.lacks) || len(s.Tables()) == 0 {
				t.Errorf("%s: %v, %s: %v, %d tables", test.has, test.has != "" && has(test.has), test.lacks, has(test.lacks), len(s.Tables()))
			}
		})
	}
}
