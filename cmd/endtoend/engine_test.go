package endtoend

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"binmend/fixtures/servers"
)

// TestEngineThatKeeps lets a transaction fail after it has written to a table of the replica that does not roll back. With a key
// and without one the rows are the source's after the script.
func TestEngineThatKeeps(t *testing.T) {
	for _, line := range servers.Lines() {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			p := servers.StartPair(t, line, servers.Options{})
			p.Source.MustExec(t, "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, v INT); CREATE TABLE d.k (id INT PRIMARY KEY, v INT); "+
				"CREATE TABLE d.l (a INT, b VARCHAR(9)); INSERT INTO d.t VALUES (1, 1); INSERT INTO d.k VALUES (1, 1), (2, 2); "+
				"INSERT INTO d.l VALUES (1, 'x'), (1, 'x'), (2, 'y'), (3, NULL)")
			p.Sync(t)
			p.Drift(t, "ALTER TABLE d.k ENGINE=MyISAM; ALTER TABLE d.l ENGINE=MyISAM")
			schemaFile := writeSchema(t, p, "d")

			for i, live := range []bool{false, true} {
				p.Drift(t, strings.ReplaceAll("INSERT INTO d.t VALUES (5#, 9)", "#", string(rune('0'+i))))
				p.Source.MustExec(t, strings.ReplaceAll("BEGIN; INSERT INTO d.l VALUES (1, 'x'), (7, 'new'); DELETE FROM d.l WHERE a = 1 LIMIT 1; "+
					"UPDATE d.l SET b = 'z#' WHERE a = 2; INSERT INTO d.k VALUES (3#, 3); DELETE FROM d.k WHERE id = 1; INSERT INTO d.t VALUES (5#, 5); "+
					"INSERT INTO d.l VALUES (8, 'late'); UPDATE d.k SET v = 22 WHERE id = 2; INSERT INTO d.k VALUES (1, 1); COMMIT", "#", string(rune('0'+i))))
				stop := p.WaitError(t, 1062)
				repair := func(t *testing.T) fixRun { return fix(t, p, receive(t, p), schemaFile) }
				if live {
					repair = func(t *testing.T) fixRun { return fixLive(t, p) }
				}
				if again, _ := mendBy(t, p, stop, repair); again.Errno != 0 {
					t.Fatalf("after the script: %v", again)
				}
				for _, ask := range []string{"SELECT * FROM d.l ORDER BY a, b", "SELECT * FROM d.k ORDER BY id", "SELECT * FROM d.t ORDER BY id"} {
					sameRows(t, p, ask)
				}
			}
		})
	}
}

// TestExecutedHalf: MySQL counts a transaction as executed when a part of it stays, and would skip the rest.
func TestExecutedHalf(t *testing.T) {
	p := servers.StartPair(t, servers.MySQL97, servers.Options{GTID: true})
	p.Source.MustExec(t, "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, v INT)")
	p.Sync(t)
	p.Drift(t, "ALTER TABLE d.t ENGINE=MyISAM; INSERT INTO d.t VALUES (5, 9)")
	p.Source.MustExec(t, "BEGIN; INSERT INTO d.t VALUES (3, 3), (5, 5), (6, 6); UPDATE d.t SET v = 66 WHERE id = 6; COMMIT; INSERT INTO d.t VALUES (7, 7)")
	for end := time.Now().Add(time.Minute); !strings.Contains(p.Status(t), "Last_SQL_Errno: 1062"); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) { // gtid_executed, which tells otherwise, has the transaction
			t.Fatalf("the replica has not stopped:\n%s", p.Status(t))
		}
	}
	run := fixLive(t, p)
	if run.exit != 1 || run.script != "" || !strings.Contains(run.stderr, "of which only a part is applied: the engine MyISAM of d.t does not roll back") {
		t.Errorf("want exit code 1, no script, and that only a part is applied; got %d, %q and\n%s", run.exit, run.script, run.stderr)
	}
	// The rest, as the advice has it, while the applier is stopped.
	logs, counted := p.Source.Binlogs(t), regexp.MustCompile(`gtid_executed has (\S+),`).FindStringSubmatch(run.stderr)
	rest := binmend(t, "", "compare", "--defaults-file=/dev/null", "-S", p.Replica.Socket, "-u", "root", "--include-gtids", counted[1], logs[len(logs)-1])
	if rest.exit != 1 {
		t.Fatalf("compare: exit code %d\n%s", rest.exit, rest.stderr)
	}
	p.Replica.MustExec(t, rest.script)
	p.StartReplica(t)
	p.Sync(t)
	if source, replica := p.Source.Contents(t, "d"), p.Replica.Contents(t, "d"); source != replica {
		t.Errorf("source:\n%s\nreplica:\n%s", source, replica)
	}
}

// TestHalves: MySQL would commit a transaction with a GTID at its first statement on a table that does not roll back, and pass over the rest.
// The script would let it. With the source's engine the transaction is whole again.
func TestHalves(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL57, servers.MySQL97} {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			p := servers.StartPair(t, line, servers.Options{GTID: true})
			p.Source.MustExec(t, "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, v INT); INSERT INTO d.t VALUES (1, 1), (2, 2)")
			p.Sync(t)
			p.Drift(t, "ALTER TABLE d.t ENGINE=MyISAM; DELETE FROM d.t WHERE id = 2")
			p.Source.MustExec(t, "BEGIN; UPDATE d.t SET v = 3 WHERE id = 2; INSERT INTO d.t VALUES (4, 4); COMMIT")
			stop := p.WaitError(t, 1032)
			for _, run := range []fixRun{fixLive(t, p), fix(t, p, receive(t, p), writeSchema(t, p, "d"))} {
				if run.exit != 1 || run.script != "" || !strings.Contains(run.stderr, "the engine MyISAM of d.t does not roll back, so the replica can't apply") {
					t.Errorf("want exit code 1, no script, and why; got %d, %q and\n%s", run.exit, run.script, run.stderr)
				}
			}
			p.Drift(t, "ALTER TABLE d.t ENGINE=InnoDB")
			if again, _ := mendBy(t, p, stop, func(t *testing.T) fixRun { return fixLive(t, p) }); again.Errno != 0 {
				t.Fatalf("after the script: %v", again)
			}
			sameRows(t, p, "SELECT * FROM d.t ORDER BY id")
		})
	}
}

// TestKeyThatTheSourceLacks: with both rows on the source no script can help, as the error would come back for ever.
func TestKeyThatTheSourceLacks(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL97, servers.MariaDB1011} {
		for name, test := range map[string]struct{ column, alter, change, want string }{
			"key": {"v INT", "ADD UNIQUE v (v)", "INSERT INTO d.t VALUES (3, 1)", "the unique key v of the replica is not a key on the source, " +
				"so the source has both rows: id = 1, v = 1; and id = 3, v = 1"},
			"key, by a later transaction": {"v INT", "ADD UNIQUE v (v)", "INSERT INTO d.t VALUES (3, 1); DELETE FROM d.t WHERE id = 1",
				"the unique key v of the replica is not a key on the source, so the source has both rows: id = 1, v = 1; and id = 3, v = 1"},
			"collation": {"v VARCHAR(9) COLLATE utf8mb4_bin UNIQUE", "MODIFY v VARCHAR(9) COLLATE utf8mb4_general_ci", "INSERT INTO d.t VALUES (3, 'A')",
				"compares by collation utf8mb4_general_ci, that of the source by collation utf8mb4_bin, so the source has both rows: id = 1, v = 'a'; " +
					"and id = 3, v = 'A'"},
			"collation, of a row that the transaction needs": {"v VARCHAR(9) COLLATE utf8mb4_bin UNIQUE", "MODIFY v VARCHAR(9) COLLATE utf8mb4_general_ci",
				"ALTER TABLE d.t ADD n INT; BEGIN; INSERT INTO d.t VALUES (3, 'A', 5); UPDATE d.t SET n = 7; COMMIT",
				"is not a key on the source, or compares by another collation than there, so the source has both rows: id = 1, v = 'a'; and id = 3, v = 'A'"},
		} {
			t.Run(line.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				p := servers.StartPair(t, line, servers.Options{GTID: true})
				first := "1"
				if strings.HasPrefix(name, "collation") {
					first = "'a'"
				}
				p.Source.MustExec(t, "CREATE DATABASE d CHARACTER SET utf8mb4; CREATE TABLE d.t (id INT PRIMARY KEY, "+test.column+"); INSERT INTO d.t VALUES (1, "+first+")")
				p.Sync(t)
				p.Drift(t, "ALTER TABLE d.t "+test.alter)
				p.Source.MustExec(t, test.change)
				p.WaitError(t, 1062)
				flags := []string{"--source-socket", p.Source.Socket, "--source-user", "root"}
				if !strings.Contains(test.want, "by collation") && name != "key" {
					flags = nil
				}
				run := fixLive(t, p, flags...)
				if run.exit != 1 || run.script != "" || !strings.Contains(run.stderr, test.want) {
					t.Errorf("want exit code 1, no script, and %q; got %d, %q and\n%s", test.want, run.exit, run.script, run.stderr)
				}
			})
		}
	}
}
