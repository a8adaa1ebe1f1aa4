package endtoend

import (
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestReplayWithoutDefaults: a log of MySQL 5.6 does not tell explicit_defaults_for_timestamp. On servers where it is 1, its tables have
// the columns that they had under its default, 0, and what was taken for granted is said.
func TestReplayWithoutDefaults(t *testing.T) {
	source := servers.Start(t, servers.MySQL56, servers.Options{Args: []string{"--binlog-format=STATEMENT", "--explicit-defaults-for-timestamp=0"}})
	source.MustExec(t, "CREATE DATABASE d; USE d; CREATE TABLE plain (id INT PRIMARY KEY); CREATE TABLE t (id INT PRIMARY KEY, a TIMESTAMP, b TIMESTAMP, c TIMESTAMP NULL); "+
		"ALTER TABLE plain ADD `timestamp` INT, ADD at TIMESTAMP; CREATE TABLE s (id INT PRIMARY KEY) SELECT id, c FROM t; "+
		"BEGIN; INSERT INTO t VALUES (1, NULL, 20200101, NULL); CREATE TEMPORARY TABLE x (a TIMESTAMP); INSERT INTO t (id) VALUES (2); COMMIT;")
	for line, version := range map[*servers.Line]string{servers.MySQL97: "9.7.0", servers.MariaDB118: "11.8.2-MariaDB"} {
		t.Run(line.String(), func(t *testing.T) {
			fresh := servers.Start(t, line, servers.Options{})
			script := replaySQL(t, append([]string{"--server-version", version}, source.Binlogs(t)...)...)
			if n := strings.Count(script, "RISK: the log does not tell explicit_defaults_for_timestamp"); n != 4 {
				t.Errorf("want 4 RISK lines, got %d in\n%s", n, script)
			}
			runSQL(t, fresh, "without defaults", script)
			const columns = "SELECT CONCAT_WS(' ', table_name, column_name, is_nullable, extra LIKE '%on update%', " +
				"TRIM(BOTH '''' FROM REPLACE(LOWER(IFNULL(column_default, 'null')), '()', ''))) AS c " +
				"FROM information_schema.columns WHERE table_schema = 'd' AND data_type = 'timestamp' ORDER BY table_name COLLATE utf8_bin, column_name"
			if got, want := fresh.MustExec(t, columns), source.MustExec(t, columns); got != want {
				t.Errorf("the columns differ:\n%s", difference(got, want))
			}
			if got, want := fresh.Contents(t, "d"), source.Contents(t, "d"); got != want {
				t.Errorf("the rows differ:\n%s", difference(got, want))
			}
		})
	}
}
