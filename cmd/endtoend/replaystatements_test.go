package endtoend

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestReplayStatements runs testdata/statements.sql on a server that logs statements as such, or those that it takes for safe, and
// what "binmend sql" prints of its log on another one: what depends on the session comes out the same.
func TestReplayStatements(t *testing.T) {
	script, err := os.ReadFile(filepath.Join("testdata", "statements.sql"))
	if err != nil {
		t.Fatal(err)
	}
	databases := []string{"st", "oth'er"}
	for _, line := range servers.AllLines() {
		format, statements := "STATEMENT", string(script)
		if !slices.Contains(servers.Lines(), line) { // their installations have no messages in other languages
			format, statements = "MIXED", strings.ReplaceAll(statements, "de_DE", "en_GB")
		}
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			s := servers.Start(t, line, servers.Options{Args: []string{"--binlog-format=" + format, "--log-bin-trust-function-creators=1"}})
			s.MustExec(t, statements)
			fresh := servers.Start(t, line, servers.Options{Args: []string{"--log-bin-trust-function-creators=1"}})
			runSQL(t, fresh, "statements", replaySQL(t, s.Binlogs(t)...))
			compareStates(t, "statements", databases, states(t, fresh, databases), states(t, s, databases))
			for _, routine := range []string{"SHOW CREATE PROCEDURE st.fill", "SHOW CREATE VIEW st.v", "SHOW CREATE TABLE st.words"} {
				if got, want := fresh.MustExec(t, routine), s.MustExec(t, routine); got != want {
					t.Errorf("%s:\nfound\n%s\nwant\n%s", routine, got, want)
				}
			}
		})
	}
}

// TestFilteredDefaultDatabase: statements on tables of one database that ran while another one was chosen, for a server without that one.
func TestFilteredDefaultDatabase(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL57, servers.MySQL97, servers.MariaDB118} {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			o := servers.Options{Args: []string{"--log-bin-trust-function-creators=1"}}
			source, fresh := servers.Start(t, line, o), servers.Start(t, line, o)
			source.MustExec(t, "FLUSH BINARY LOGS; CREATE DATABASE other; CREATE DATABASE kept; USE other; CREATE TABLE t (id INT); CREATE TABLE kept.t (id INT PRIMARY KEY, v VARCHAR(9)); INSERT INTO kept.t VALUES (1, 'a'), (2, 'b'); "+
				"ALTER TABLE kept.t ADD n INT DEFAULT 5, ADD KEY (v); CREATE TRIGGER kept.tr BEFORE INSERT ON kept.t FOR EACH ROW SET NEW.n = 7; CREATE PROCEDURE kept.p() INSERT INTO t (id) VALUES (9); CALL kept.p(); "+
				"RENAME TABLE kept.t TO kept.u; UPDATE kept.u SET v = 'c' WHERE id = 2; TRUNCATE TABLE t")
			logs := source.Binlogs(t)
			runSQL(t, fresh, "filtered", replaySQL(t, "--database", "kept", logs[len(logs)-1]))
			compareStates(t, "filtered", []string{"kept"}, states(t, fresh, []string{"kept"}), states(t, source, []string{"kept"}))
		})
	}
}

// TestDroppedDefaultDatabase: a session goes on with a default database that another one has dropped.
func TestDroppedDefaultDatabase(t *testing.T) {
	databases := []string{"kept"}
	for _, line := range []*servers.Line{servers.MySQL57, servers.MySQL97, servers.MariaDB118} {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			source, fresh := servers.Start(t, line, servers.Options{}), servers.Start(t, line, servers.Options{})
			source.MustExec(t, "FLUSH BINARY LOGS; CREATE DATABASE lost; CREATE DATABASE kept")
			conn, err := source.DB().Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			for _, sql := range []string{"USE lost", "", "CREATE TABLE kept.t (id INT PRIMARY KEY)", "INSERT INTO kept.t VALUES (1)", "CREATE VIEW kept.v AS SELECT * FROM kept.t", "ALTER TABLE kept.t ADD n INT DEFAULT 5"} {
				if sql == "" {
					source.MustExec(t, "DROP DATABASE lost")
				} else if _, err := conn.ExecContext(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
			source.MustExec(t, "CREATE DATABASE lost; USE lost; CREATE TABLE kept.u (id INT PRIMARY KEY); CREATE TABLE t (id INT); DROP TABLE t")
			logs := source.Binlogs(t)
			sql := replaySQL(t, logs[len(logs)-1])
			runSQL(t, fresh, "dropped default database", sql)
			compareStates(t, "forward", databases, states(t, fresh, databases), states(t, source, databases))
			if n := strings.Count(sql, "USE `information_schema`;"); n != 1 {
				t.Errorf("information_schema is the default database %d times, want once in\n%s", n, sql)
			}
		})
	}
}

// TestReplayPasswords: MySQL before 5.7.6 logs SET PASSWORD with a hash, which later servers take for the password itself. Events run on
// the server that they are replayed on as well, which is said.
func TestReplayPasswords(t *testing.T) {
	source, fresh := servers.Start(t, servers.MySQL56, servers.Options{}), servers.Start(t, servers.MySQL57, servers.Options{})
	source.MustExec(t, "CREATE DATABASE d; CREATE USER `it s`@localhost; SET PASSWORD FOR `it s`@localhost = PASSWORD('x y'); CREATE USER plain@localhost; "+
		"SET PASSWORD FOR plain@localhost = PASSWORD('z'); CREATE EVENT d.e ON SCHEDULE EVERY 1 DAY DISABLE DO SET @x = 1;")
	script := replaySQL(t, append([]string{"--server-version", "5.7.22"}, source.Binlogs(t)...)...)
	if !strings.Contains(script, "-- RISK: events are created or altered") {
		t.Errorf("no RISK line of the event in\n%s", script)
	}
	runSQL(t, fresh, "passwords", script)
	const hashes = "SELECT user, %s AS hash FROM mysql.user WHERE user IN ('it s', 'plain') ORDER BY 1"
	got, want := fresh.MustExec(t, fmt.Sprintf(hashes, "authentication_string")), source.MustExec(t, fmt.Sprintf(hashes, "password"))
	if got != want || !strings.Contains(got, "*") {
		t.Errorf("found\n%s\nwant\n%s", got, want)
	}
}

// TestReplayConstraints: MySQL 9.0 and later make foreign keys of REFERENCES in a column's definition, which servers before ignored: they
// would delete rows that the source kept.
func TestReplayConstraints(t *testing.T) {
	source, fresh := servers.Start(t, servers.MySQL57, servers.Options{}), servers.Start(t, servers.MySQL97, servers.Options{})
	source.MustExec(t, "CREATE DATABASE d; USE d; CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE k (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES p (id) ON DELETE CASCADE); "+
		"CREATE TABLE c (id INT PRIMARY KEY, p INT REFERENCES p (id) ON DELETE CASCADE, CHECK (id > 0)); ALTER TABLE c ADD q INT REFERENCES d.p (id) ON UPDATE SET NULL AFTER id; "+
		"INSERT INTO p VALUES (1), (2), (3); INSERT INTO k VALUES (1), (2); INSERT INTO c VALUES (1, 1, 1), (2, 2, 2), (3, 9, 9); DELETE FROM p WHERE id = 1; UPDATE p SET id = 5 WHERE id = 3;")
	script := replaySQL(t, append([]string{"--server-version", "9.7.0"}, source.Binlogs(t)...)...)
	if n := strings.Count(script, "-- RISK: the source ignored CHECK"); n != 1 {
		t.Errorf("want 1 RISK line of CHECK, got %d in\n%s", n, script)
	}
	runSQL(t, fresh, "constraints", script)
	if got, want := fresh.Contents(t, "d"), source.Contents(t, "d"); got != want {
		t.Errorf("the rows differ:\n%s", difference(got, want))
	}
}

// TestNativeForeignKeys: with innodb_native_foreign_keys, MySQL 9.7 does not log what foreign keys make of other tables' rows. Where two of
// a table are about the same rows, a server without it may do less, which is said.
func TestNativeForeignKeys(t *testing.T) {
	for _, native := range []string{"ON", "OFF"} {
		source := servers.Start(t, servers.MySQL97, servers.Options{Args: []string{"--innodb-native-foreign-keys=" + native}})
		source.MustExec(t, "CREATE DATABASE d; USE d; "+twoKeys+"DELETE FROM p WHERE id = 2;")
		script := replaySQL(t, source.Binlogs(t)...)
		if got := strings.Contains(script, "-- RISK: several foreign keys of one table change its rows (d.c to d.p)"); got != (native == "ON") {
			t.Errorf("innodb_native_foreign_keys=%s: a RISK line: %v, in\n%s", native, got, script)
		}
	}
}
