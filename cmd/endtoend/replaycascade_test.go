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
			s.MustExec(t, "DELETE FROM c.p WHERE id = 1")
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
			}
		})
	}
}
