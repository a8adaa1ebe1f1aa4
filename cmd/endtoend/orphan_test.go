package endtoend

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestOrphans: a row in the way has children, and these have children. With a connection to the source they are removed, and a child
// that the source has under another parent becomes as on the source. Without one, the foreign key's ON DELETE rule applies to them.
func TestOrphans(t *testing.T) {
	eachLine(t, func(t *testing.T, line *servers.Line) {
		p := servers.StartPair(t, line, servers.Options{GTID: true})
		p.Source.MustExec(t, "CREATE DATABASE d; CREATE TABLE d.p (id INT PRIMARY KEY, v INT UNIQUE); "+
			"CREATE TABLE d.c (id INT PRIMARY KEY, p INT, n VARCHAR(9), FOREIGN KEY c_p (p) REFERENCES d.p (id) ON DELETE CASCADE); "+
			"CREATE TABLE d.g (id INT PRIMARY KEY, c INT, FOREIGN KEY g_c (c) REFERENCES d.c (id) ON DELETE SET NULL); "+
			"INSERT INTO d.p VALUES (1, 1); INSERT INTO d.c VALUES (1, 1, 'a'), (2, 1, 'b'); INSERT INTO d.g VALUES (1, 1)")
		p.Sync(t)
		const everything = "SELECT * FROM d.p ORDER BY id; SELECT * FROM d.c ORDER BY id; SELECT * FROM d.g ORDER BY id"

		p.Drift(t, "INSERT INTO d.p VALUES (9, 5); INSERT INTO d.c VALUES (7, 9, 'x'); UPDATE d.c SET p = 9 WHERE id = 2; INSERT INTO d.g VALUES (4, 7)")
		p.Source.MustExec(t, "INSERT INTO d.p VALUES (5, 5)")
		stop := p.WaitError(t, 1062)
		before := p.Replica.MustExec(t, everything)
		undo := filepath.Join(t.TempDir(), "undo.sql")
		flags := []string{"--source-socket", p.Source.Socket, "--source-user", "root"}
		run := fixLive(t, p, append(flags, "--no-start", "--undo", undo)...)
		p.Replica.MustExec(t, run.script)
		taken, err := os.ReadFile(undo)
		if err != nil {
			t.Fatal(err)
		}
		p.Replica.MustExec(t, string(taken))
		if after := p.Replica.MustExec(t, everything); after != before {
			t.Errorf("after repair and undo:\n%s\nbefore:\n%s", after, before)
		}
		again, _ := mendBy(t, p, stop, func(t *testing.T) fixRun { return fixLive(t, p, flags...) })
		if again.Errno != 0 {
			t.Fatalf("after the script: %v", again)
		}
		sameRows(t, p, everything)

		p.Drift(t, "INSERT INTO d.p VALUES (9, 6); INSERT INTO d.c VALUES (7, 9, 'x'); INSERT INTO d.g VALUES (4, 7)")
		p.Source.MustExec(t, "INSERT INTO d.p VALUES (6, 6)")
		stop = p.WaitError(t, 1062)
		again, _ = mendBy(t, p, stop, func(t *testing.T) fixRun {
			run := fixLive(t, p)
			for _, want := range []string{"DELETE FROM `d`.`c` WHERE `id` = 7;", "UPDATE `d`.`g` SET `c` = NULL WHERE `id` = 4;"} {
				if !strings.Contains(run.script, want) {
					t.Errorf("the script does not have %s\n%s", want, run.script)
				}
			}
			return run
		})
		if again.Errno != 0 {
			t.Fatalf("after the script: %v", again)
		}
		p.Drift(t, "DELETE FROM d.g WHERE id = 4")
		sameRows(t, p, everything)
	})
}
