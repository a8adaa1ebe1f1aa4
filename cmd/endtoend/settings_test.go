package endtoend

import (
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestGlobalSettings: the settings that a server gives to new sessions don't reach into a script, nor into what fix asks. COMMIT neither
// begins a transaction nor ends the session, unique keys count, and a SELECT has all its rows; MariaDB's CHECK is off, as it is for
// the applier.
func TestGlobalSettings(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL56, servers.MySQL97, servers.MariaDB1011} {
		for _, completion := range []string{"CHAIN", "RELEASE"} {
			t.Run(line.String()+"/"+completion, func(t *testing.T) {
				t.Parallel()
				p := servers.StartPair(t, line, servers.Options{GTID: true})
				p.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT, UNIQUE (v)); INSERT INTO shop.t VALUES (1, 1), (2, 2), (3, 3), (4, 4)")
				p.Sync(t)
				p.Drift(t, "DELETE FROM shop.t WHERE id <= 3; UPDATE shop.t SET v = 3 WHERE id = 4")
				schemaFile := writeSchema(t, p, "shop")
				if line == servers.MariaDB1011 {
					p.Drift(t, "ALTER TABLE shop.t ADD CHECK (v > 2)")
				}
				p.Replica.MustExec(t, "SET GLOBAL completion_type='"+completion+"', GLOBAL autocommit=0, GLOBAL unique_checks=0, GLOBAL sql_select_limit=1")

				p.Source.MustExec(t, "UPDATE shop.t SET v = v + 10 WHERE id IN (1, 3, 4)")
				stop := p.WaitError(t, 1032)
				if again, _ := mend(t, p, stop, schemaFile); again.Errno != 0 {
					t.Fatalf("after the script: %v", again)
				}
				p.Source.MustExec(t, "UPDATE shop.t SET v = v + 20 WHERE id <= 3")
				stop = p.WaitError(t, 1032)
				if again, _ := mendBy(t, p, stop, func(t *testing.T) fixRun { return fixLive(t, p, "--probe") }); again.Errno != 0 {
					t.Fatalf("after the script: %v", again)
				}
				p.Replica.MustExec(t, "SET GLOBAL sql_select_limit=DEFAULT")
				sameRows(t, p, "SELECT * FROM shop.t ORDER BY id")
			})
		}
	}
}

// TestReadOnlyTransactions: where new sessions begin read-only transactions, the script's session does not, but the applier does. The script
// says so, and the error that the applier stops with is explained.
func TestReadOnlyTransactions(t *testing.T) {
	for line, name := range map[*servers.Line]string{servers.MySQL97: "transaction_read_only", servers.MariaDB1011: "tx_read_only"} {
		t.Run(line.String(), func(t *testing.T) {
			p := servers.StartPair(t, line, servers.Options{GTID: true})
			p.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT); INSERT INTO shop.t VALUES (1, 1)")
			p.Sync(t)
			p.Drift(t, "DELETE FROM shop.t")
			p.Source.MustExec(t, "UPDATE shop.t SET v = 2")
			stop := p.WaitError(t, 1032)
			p.Replica.MustExec(t, "SET GLOBAL "+name+"=1")
			run := fixLive(t, p)
			if want := "RISK: " + name + " is on."; !strings.Contains(run.script, want) {
				t.Errorf("want %s; got\n%s\n%s", want, run.stderr, run.script)
			}
			again, _ := mendBy(t, p, stop, func(*testing.T) fixRun { return run })
			if explained := fixLive(t, p); explained.exit != 1 || !strings.Contains(explained.script, "transaction_read_only") {
				t.Errorf("after error %d: want exit code 1 and what to do; got %d\n%s", again.Errno, explained.exit, explained.script)
			}
			p.Replica.MustExec(t, "SET GLOBAL "+name+"=0")
			p.StartReplica(t)
			p.Sync(t)
			sameRows(t, p, "SELECT * FROM shop.t")
		})
	}
}

// TestReadOnlyDatabase: no statement changes a row of a database that is read only, also in a session of the script's. The script says so.
func TestReadOnlyDatabase(t *testing.T) {
	p := servers.StartPair(t, servers.MySQL97, servers.Options{GTID: true})
	p.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT); INSERT INTO shop.t VALUES (1, 1)")
	p.Sync(t)
	p.Drift(t, "DELETE FROM shop.t")
	p.Source.MustExec(t, "UPDATE shop.t SET v = 2")
	stop := p.WaitError(t, 1032)
	p.Replica.MustExec(t, "ALTER DATABASE shop READ ONLY = 1")
	run := fixLive(t, p)
	if !strings.Contains(run.script, "RISK: shop is read only") {
		t.Errorf("want a line about the database that is read only; got\n%s\n%s", run.stderr, run.script)
	}
	if _, err := p.Replica.Exec(run.script); err == nil || !strings.Contains(err.Error(), "3989") {
		t.Errorf("want error 3989, got %v", err)
	}
	p.Replica.MustExec(t, "ALTER DATABASE shop READ ONLY = 0")
	if again, _ := mendBy(t, p, stop, func(*testing.T) fixRun { return run }); again.Errno != 0 {
		t.Fatalf("after the script: %v", again)
	}
	sameRows(t, p, "SELECT * FROM shop.t")
}
