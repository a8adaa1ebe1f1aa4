package endtoend

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestTriggers: a row that is as it must be fires no trigger, else the row that it writes is in the way of a later transaction.
// The trigger is in the log, in the dump of the replica or on the server.
func TestTriggers(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		p := servers.StartPair(t, line, servers.Options{GTID: true})
		p.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, v INT); "+
			"CREATE TABLE shop.log (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(20)); "+
			"CREATE TRIGGER shop.orders_ai AFTER INSERT ON shop.orders FOR EACH ROW INSERT INTO shop.log (what) VALUES (CONCAT('made ', NEW.id)); "+
			"INSERT INTO shop.orders VALUES (1, 1), (2, 2), (3, 3), (4, 4)")
		p.Sync(t)
		schemaFile := writeSchema(t, p, "shop") // without triggers
		for _, id := range []string{"15", "16", "17"} {
			// What the trigger writes when order 2 is put back is in the way of the transaction, or of the next, and not yet there when it is probed.
			p.Drift(t, "DELETE FROM shop.orders WHERE id = 2; INSERT INTO shop.orders VALUES ("+id+", 9); DELETE FROM shop.log WHERE what = 'made "+id+"'")
			p.Source.MustExec(t, "BEGIN; UPDATE shop.orders SET v = v + 10; INSERT INTO shop.orders VALUES ("+id+", 5); COMMIT; INSERT INTO shop.orders VALUES (1"+id+", 6)")
			stop := p.WaitError(t, 1032)
			repair := func(t *testing.T) fixRun {
				run := fix(t, p, receive(t, p), schemaFile)
				if want := "(orders_ai AFTER INSERT, which writes shop.log)"; !strings.Contains(run.script, want) || !strings.Contains(run.script, "SELECT * FROM `shop`.`log`;") {
					t.Errorf("the script does not name %s, with a SELECT that shows it", want)
				}
				return run
			}
			switch id {
			case "16":
				repair = func(t *testing.T) fixRun { return fixLive(t, p, "--no-probe") }
			case "17":
				repair = func(t *testing.T) fixRun { return fixLive(t, p) }
			}
			if again, _ := mendBy(t, p, stop, repair); again.Errno != 0 {
				t.Fatalf("after the script: %v", again)
			}
			for _, ask := range []string{"SELECT * FROM shop.orders ORDER BY id", "SELECT * FROM shop.log ORDER BY id"} {
				sameRows(t, p, ask)
			}
		}
	})
}

// TestTriggersAddNothing: what triggers of the replica add to a table of its own when a repair, and what takes it back, fires them
// is removed.
func TestTriggersAddNothing(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		p := servers.SharedPair(t, line, servers.Options{GTID: true})
		p.Reset(t)
		p.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT UNIQUE); INSERT INTO shop.t VALUES (1, 1), (2, 2), (3, 3)")
		p.Sync(t)
		audit := "CREATE TABLE shop.audit (n INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(9)); INSERT INTO shop.audit (what) VALUES ('kept'), ('kept');"
		for _, event := range []string{"INSERT", "UPDATE", "DELETE"} {
			audit += "CREATE TRIGGER shop.after_" + event + " AFTER " + event + " ON shop.t FOR EACH ROW INSERT INTO shop.audit (what) VALUES ('" + event + "');"
		}
		p.Drift(t, "UPDATE shop.t SET v = 20 WHERE id = 2; DELETE FROM shop.t WHERE id = 3; INSERT INTO shop.t VALUES (9, 5);"+audit)
		p.Source.MustExec(t, "BEGIN; INSERT INTO shop.t VALUES (5, 5); UPDATE shop.t SET v = v + 100 WHERE id < 4; COMMIT")
		p.Settle(t)
		before := p.Replica.Contents(t, "shop")
		undo := filepath.Join(t.TempDir(), "undo.sql")
		run := fixLive(t, p, "--no-start", "--undo", undo)
		if run.exit != 0 || !strings.Contains(run.script, "Rows that they add to shop.audit") {
			t.Fatalf("exit code %d\n%s\n%s", run.exit, run.stderr, run.script)
		}
		p.Replica.MustExec(t, run.script)
		back, err := os.ReadFile(undo)
		if err != nil {
			t.Fatal(err)
		}
		p.Replica.MustExec(t, string(back))
		if after := p.Replica.Contents(t, "shop"); after != before {
			t.Errorf("taken back:\n%s\nwant:\n%s\n%s", after, before, back)
		}
		p.Replica.MustExec(t, fixLive(t, p).script)
		p.Sync(t)
		if got := p.Replica.MustExec(t, "SELECT COUNT(*) n FROM shop.audit"); got != "n\n2\n" {
			t.Errorf("shop.audit has %q rows, want 2\n%s", got, run.script)
		}
		p.Drift(t, "DROP TABLE shop.audit")
		if source, replica := p.Source.Contents(t, "shop"), p.Replica.Contents(t, "shop"); source != replica {
			t.Errorf("source:\n%s\nreplica:\n%s", source, replica)
		}
	})
}
