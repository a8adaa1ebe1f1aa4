package endtoend

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestRollbackNamesCascades: servers before MySQL 9.6 and MariaDB don't log what foreign keys did, and a rollback says so, wherever
// the definitions come from.
func TestRollbackNamesCascades(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL57, servers.MariaDB118} {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			s := servers.Start(t, line, servers.Options{})
			s.MustExec(t, `FLUSH BINARY LOGS; CREATE DATABASE c; USE c; CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE a (p INT, FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE);
CREATE TABLE b (p INT); ALTER TABLE b ADD FOREIGN KEY (p) REFERENCES p (id) ON DELETE SET NULL; INSERT INTO p VALUES (1), (2); INSERT INTO a VALUES (1); INSERT INTO b VALUES (1);`)
			logs := s.Binlogs(t)
			log := logs[len(logs)-1]
			info, err := os.Stat(log)
			if err != nil {
				t.Fatal(err)
			}
			s.MustExec(t, "INSERT INTO c.p VALUES (5); INSERT INTO c.b VALUES (5); DELETE FROM c.p WHERE id = 1")
			dump := filepath.Join(t.TempDir(), "schema.sql")
			if err := os.WriteFile(dump, []byte(s.SchemaDump(t, "c")), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, from := range [][]string{nil, {"--schema", dump}, {"-S", s.Socket, "-u", "root"}} {
				sql := replaySQL(t, append(from, "--rollback", "--start-position", strconv.FormatInt(info.Size(), 10), log)...)
				for _, want := range []string{"RISK: c.a refers to c.p with ON DELETE CASCADE", "RISK: c.b refers to c.p with ON DELETE SET NULL"} {
					if strings.Count(sql, want) != 1 {
						t.Errorf("%v: want %s once in\n%s", from, want, sql)
					}
				}
				run := binmend(t, "", append(append([]string{"export"}, from...), "--start-position", strconv.FormatInt(info.Size(), 10), log)...)
				if run.exit != 0 || !strings.Contains(run.stderr, "RISK: c.a refers to c.p with ON DELETE CASCADE") {
					t.Errorf("export %v: exit code %d: %s", from, run.exit, run.stderr)
				}
			}
		})
	}
}

// TestReplayWithoutDefinition: rows of a table that nothing defines are BINLOG statements, beside the SQL of others, and are taken
// back so.
func TestReplayWithoutDefinition(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL57, servers.MySQL97, servers.MariaDB118} {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			s := servers.Start(t, line, servers.Options{})
			s.MustExec(t, `CREATE DATABASE w; USE w; CREATE TABLE known (id INT PRIMARY KEY, v INT); CREATE TABLE u (a INT UNSIGNED, b ENUM('x', 'y'), c VARCHAR(9));
INSERT INTO known VALUES (1, 1); INSERT INTO u VALUES (4294967295, 'y', 'a'), (1, 'x', 'b'), (1, 'x', 'b'); FLUSH BINARY LOGS;`)
			dump := filepath.Join(t.TempDir(), "schema.sql")
			if err := os.WriteFile(dump, []byte("CREATE TABLE w.known (id INT PRIMARY KEY, v INT);"), 0o600); err != nil {
				t.Fatal(err)
			}
			databases := []string{"w"}
			before := states(t, s, databases)
			s.MustExec(t, "USE w; BEGIN; UPDATE known SET v = 2; DELETE FROM u WHERE a = 1 LIMIT 1; INSERT INTO u VALUES (7, 'y', 'c'); INSERT INTO known VALUES (3, 3); COMMIT; UPDATE u SET c = 'd';")
			after := states(t, s, databases)
			logs := s.Binlogs(t)
			log := logs[len(logs)-1]
			undo, redo := replaySQL(t, "--schema", dump, "--rollback", "-D", log), replaySQL(t, "--schema", dump, "-D", log)
			for _, want := range []string{"\nUPDATE `w`.`known` SET `v` = 2 WHERE `id` = 1;\n", "\nBINLOG '", "RISK: rows of `w`.`u` are BINLOG statements"} {
				if !strings.Contains(redo, want) {
					t.Errorf("want %q in\n%s", want, redo)
				}
			}
			runSQL(t, s, "rollback", undo)
			compareStates(t, "rollback", databases, states(t, s, databases), before)
			runSQL(t, s, "forward", redo)
			compareStates(t, "forward", databases, states(t, s, databases), after)
		})
	}
}
