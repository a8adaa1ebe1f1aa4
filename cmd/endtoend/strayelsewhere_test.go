package endtoend

import (
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestStraysInOtherTables: a row in the way lives on the source, where the database has another name and the table other columns. It is
// put back by the source's row, or by a later transaction, and keeps the values of the replica's own columns. MySQL 5.6 does not say
// in its status that it renames databases.
func TestStraysInOtherTables(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL57, servers.MySQL97, servers.MariaDB1011, servers.MariaDB118} {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			p := servers.StartPair(t, line, servers.Options{GTID: true, Args: []string{"--replicate-rewrite-db=d->e"}})
			p.Replica.MustExec(t, "SET sql_log_bin = 0; CREATE DATABASE e")
			p.Source.MustExec(t, "CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY, a INT UNIQUE, n VARCHAR(9)); "+
				"INSERT INTO t VALUES (1, 1, 'r1'), (2, 2, 'r2'), (3, 3, 'r3')")
			p.Sync(t)
			p.Drift(t, "ALTER TABLE e.t CHANGE n m VARCHAR(9), ADD x VARCHAR(9) NOT NULL; UPDATE e.t SET x = CONCAT('own', id)")
			for _, test := range []struct{ name, drift, change, want string }{
				{"the source", "UPDATE e.t SET a = 10 WHERE id = 2", "INSERT INTO d.t VALUES (5, 10, 'r5')", "the source has it so, and has not changed it since"},
				{"a later transaction", "UPDATE e.t SET a = 11 WHERE id = 3", "INSERT INTO d.t VALUES (6, 11, 'r6'); UPDATE d.t SET n = 'later' WHERE id = 3",
					"the source had it so at the time: event relay"},
			} {
				p.Drift(t, test.drift)
				p.Source.MustExec(t, test.change)
				stop := p.WaitError(t, 1062)
				again, _ := mendBy(t, p, stop, func(t *testing.T) fixRun {
					run := fixLive(t, p, "--source-socket", p.Source.Socket, "--source-user", "root")
					if !strings.Contains(joined(run.script), test.want) {
						t.Errorf("%s: want the script to say %q\n%s", test.name, test.want, run.script)
					}
					return run
				})
				if again.Errno != 0 {
					t.Fatalf("%s: after the script: %v", test.name, again)
				}
				source, replica := p.Source.MustExec(t, "SELECT id, a, n FROM d.t ORDER BY id"), p.Replica.MustExec(t, "SELECT id, a, m AS n FROM e.t ORDER BY id")
				if source != replica {
					t.Errorf("%s: the replica's rows differ.\nsource:\n%s\nreplica:\n%s", test.name, source, replica)
				}
				if own := strings.Fields(p.Replica.MustExec(t, "SELECT x FROM e.t WHERE id < 4 ORDER BY id")); strings.Join(own, " ") != "x own1 own2 own3" {
					t.Errorf("%s: the replica's own values are %q", test.name, own)
				}
			}
		})
	}
}
