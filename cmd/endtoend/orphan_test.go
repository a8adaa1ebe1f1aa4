package endtoend

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestParentThatTheReplicaLacks: a transaction that fails with 1062 may also write a row whose parent the replica does not have. Then the
// script can't let it apply, and says which row has to be put back first. Parents that the transaction writes itself, or that a row
// kept, are not asked for.
func TestParentThatTheReplicaLacks(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL97, servers.MariaDB1011} {
		t.Run(line.String(), func(t *testing.T) {
			p := servers.SharedPair(t, line, servers.Options{GTID: true})
			p.Reset(t)
			p.Source.MustExec(t, "CREATE DATABASE d CHARACTER SET utf8mb4; CREATE TABLE d.p (a VARCHAR(9), b INT, PRIMARY KEY (a, b)); "+
				"CREATE TABLE d.c (id INT PRIMARY KEY, a VARCHAR(9), b INT, n INT, FOREIGN KEY (a, b) REFERENCES d.p (a, b)); "+
				"INSERT INTO d.p VALUES ('x', 1), ('y', 2), ('z', 3); INSERT INTO d.c VALUES (1, 'x', 1, 0), (2, 'y', 2, 0)")
			p.Sync(t)
			p.Drift(t, "SET foreign_key_checks = 0; DELETE FROM d.p WHERE b > 1; INSERT INTO d.c VALUES (5, 'x', 1, 7)")
			p.Source.MustExec(t, "BEGIN; INSERT INTO d.c VALUES (5, 'X', 1, 0), (6, 'x', 1, 0), (7, NULL, 3, 0); INSERT INTO d.p VALUES ('new', 4); INSERT INTO d.c VALUES (8, 'new', 4, 0); "+
				"UPDATE d.c SET n = 1 WHERE id = 2; UPDATE d.c SET a = 'z', b = 3 WHERE id = 1; COMMIT")
			p.WaitError(t, 1062)
			run := fixLive(t, p)
			const ask = "SELECT * FROM `d`.`p` WHERE `a` = 'z' AND `b` = 3;"
			if run.exit != 1 || !strings.Contains(run.script, ask) || !strings.Contains(run.stderr, "1 parent row that the replica does not have") {
				t.Fatalf("want exit code 1, one parent row and %s; got %d and\n%s\n%s", ask, run.exit, run.stderr, run.script)
			}
			// Without a connection the script has the SELECT for the replica. The parents that the transaction writes itself are not in it.
			const all = "SELECT * FROM `d`.`p` WHERE `a` = 'X' AND `b` = 1 OR `a` = 'x' AND `b` = 1 OR `a` = 'z' AND `b` = 3;"
			if offline := fix(t, p, receive(t, p), writeSchema(t, p, "d")); offline.exit != 0 || !strings.Contains(offline.script, all) {
				t.Fatalf("from files: want exit code 0 and %s; got %d and\n%s\n%s", all, offline.exit, offline.stderr, offline.script)
			}
			p.Drift(t, "INSERT INTO d.p VALUES ('z', 3)")
			if again, _ := mendBy(t, p, p.WaitError(t, 1062), func(t *testing.T) fixRun { return fixLive(t, p) }); again.Errno != 0 {
				t.Fatalf("after the script: %v", again)
			}
			sameRows(t, p, "SELECT * FROM d.c ORDER BY id")
		})
	}
}

// TestChildThatOnlyTheReplicaHas: a transaction that fails with 1032 may also delete a row to which a row of the replica refers, which the source
// can't have had then. The script can't let it apply, and says which rows are in its way. Children that the transaction takes away itself,
// or the script, are not.
func TestChildThatOnlyTheReplicaHas(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL97, servers.MariaDB1011} {
		t.Run(line.String(), func(t *testing.T) {
			p := servers.SharedPair(t, line, servers.Options{GTID: true})
			p.Reset(t)
			p.Source.MustExec(t, "CREATE DATABASE d CHARACTER SET utf8mb4; CREATE TABLE d.p (a VARCHAR(9), b INT, n INT, PRIMARY KEY (a, b)); "+
				"CREATE TABLE d.c (id INT PRIMARY KEY, a VARCHAR(9), b INT, FOREIGN KEY (a, b) REFERENCES d.p (a, b)); "+
				"INSERT INTO d.p VALUES ('x', 1, 0), ('y', 2, 0), ('z', 3, 0); INSERT INTO d.c VALUES (1, 'x', 1), (2, 'y', 2), (3, 'y', 2)")
			p.Sync(t)
			p.Drift(t, "SET foreign_key_checks = 0; DELETE FROM d.p WHERE b = 3; INSERT INTO d.c VALUES (8, 'y', 2), (9, 'Y', 2)")
			p.Source.MustExec(t, "BEGIN; UPDATE d.p SET n = 1 WHERE b = 3; DELETE FROM d.c WHERE id = 2; UPDATE d.c SET a = 'x', b = 1 WHERE id = 3; INSERT INTO d.c VALUES (8, 'x', 1); "+
				"DELETE FROM d.p WHERE b = 2; COMMIT")
			stop := p.WaitError(t, 1032)
			run := fixLive(t, p)
			const ask = "SELECT * FROM `d`.`c` WHERE `a` = 'y' AND `b` = 2;"
			if run.exit != 1 || !strings.Contains(run.script, ask) || !strings.Contains(run.stderr, "with error 1451") {
				t.Fatalf("want exit code 1 and %s; got %d and\n%s\n%s", ask, run.exit, run.stderr, run.script)
			}
			// Without a connection the script has the SELECT for the replica, without the rows that are gone by then.
			const find = "SELECT * FROM `d`.`c` WHERE (`a` = 'y' AND `b` = 2) AND ("
			offline := fix(t, p, receive(t, p), writeSchema(t, p, "d"))
			_, found, isThere := strings.Cut(offline.script, find)
			found, _, _ = strings.Cut(found, "\n")
			if offline.exit != 0 || !isThere {
				t.Fatalf("from files: want exit code 0 and %s; got %d and\n%s\n%s", find, offline.exit, offline.stderr, offline.script)
			}
			if got := p.Replica.MustExec(t, strings.Replace(find, "*", "id", 1)+found); strings.TrimSpace(strings.TrimPrefix(got, "id\n")) != "9" {
				t.Errorf("%s finds %q, want the row 9", find+found, got)
			}
			p.Drift(t, "DELETE FROM d.c WHERE id = 9")
			if again, _ := mendBy(t, p, stop, func(t *testing.T) fixRun { return fixLive(t, p) }); again.Errno != 0 {
				t.Fatalf("after the script: %v", again)
			}
			sameRows(t, p, "SELECT * FROM d.c ORDER BY id")
			sameRows(t, p, "SELECT * FROM d.p ORDER BY b")
		})
	}
}

// TestOrphans: a row in the way has children, and these have children. With a connection to the source they are removed, and a child
// that the source has under another parent becomes as on the source. Without one, the foreign key's ON DELETE rule applies to them.
func TestOrphans(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
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
