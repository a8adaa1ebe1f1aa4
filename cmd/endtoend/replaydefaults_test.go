package endtoend

import (
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestReplayWithoutDefaults: a log of MySQL 5.6 does not tell explicit_defaults_for_timestamp. On servers where it can be set, its tables
// have the columns that they had on the source: rows prove that it was 1, else it is taken as 0, the default, which is said. For a
// server where it can't be set, that is said.
func TestReplayWithoutDefaults(t *testing.T) {
	const implicit = "CREATE DATABASE d; USE d; CREATE TABLE plain (id INT PRIMARY KEY); CREATE TABLE t (id INT PRIMARY KEY, a TIMESTAMP, b TIMESTAMP, c TIMESTAMP NULL); " +
		"ALTER TABLE plain ADD `timestamp` INT, ADD at TIMESTAMP; CREATE TABLE s (id INT PRIMARY KEY) SELECT id, c FROM t; " +
		"BEGIN; INSERT INTO t VALUES (1, NULL, 20200101, NULL); CREATE TEMPORARY TABLE x (a TIMESTAMP); INSERT INTO t (id) VALUES (2); COMMIT;"
	const explicit = "CREATE DATABASE d; USE d; CREATE TABLE plain (id INT PRIMARY KEY); CREATE TABLE t (id INT PRIMARY KEY, a TIMESTAMP, b TIMESTAMP NOT NULL, c TIMESTAMP NULL); " +
		"INSERT INTO t VALUES (1, NULL, 20200101, NULL); ALTER TABLE plain ADD at TIMESTAMP; INSERT INTO plain VALUES (1, NULL);"
	for _, c := range []struct {
		name, format, setup string
		risks               int
	}{{"0", "STATEMENT", implicit, 4}, {"1", "ROW", explicit, 0}} {
		source := servers.Start(t, servers.MySQL56, servers.Options{Args: []string{"--binlog-format=" + c.format, "--explicit-defaults-for-timestamp=" + c.name}})
		source.MustExec(t, c.setup)
		script := replaySQL(t, source.Binlogs(t)...)
		if !strings.Contains(script, "RISK: TIMESTAMP columns of CREATE and ALTER TABLE depend on explicit_defaults_for_timestamp, which no session") {
			t.Errorf("%s: no RISK line where it can't be set in\n%s", c.name, script)
		}
		for line, version := range map[*servers.Line]string{servers.MySQL97: "9.7.0", servers.MariaDB118: "11.8.2-MariaDB"} {
			t.Run(line.String()+" from "+c.name, func(t *testing.T) {
				fresh := servers.Start(t, line, servers.Options{})
				script := replaySQL(t, append([]string{"--server-version", version}, source.Binlogs(t)...)...)
				if n := strings.Count(script, "RISK: the log does not tell explicit_defaults_for_timestamp"); n != c.risks {
					t.Errorf("want %d RISK lines, got %d in\n%s", c.risks, n, script)
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
}
