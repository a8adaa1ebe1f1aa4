package endtoend

import (
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestTriggers: a row that is as it must be fires no trigger, else the row that it writes is in the way of a later transaction.
// The trigger is in the log, in the dump of the replica or on the server.
func TestTriggers(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL56, servers.MySQL97, servers.MariaDB1011, servers.MariaDB118} {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			p := servers.StartPair(t, line, servers.Options{GTID: true})
			p.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, v INT); "+
				"CREATE TABLE shop.log (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(20)); "+
				"CREATE TRIGGER shop.orders_ai AFTER INSERT ON shop.orders FOR EACH ROW INSERT INTO shop.log (what) VALUES (CONCAT('made ', NEW.id)); "+
				"INSERT INTO shop.orders VALUES (1, 1), (2, 2), (3, 3), (4, 4)")
			p.Sync(t)
			schemaFile := writeSchema(t, p, "shop") // without triggers
			for _, id := range []string{"15", "16", "17"} {
				drift, errno := "INSERT INTO shop.orders VALUES ("+id+", 9); DELETE FROM shop.log WHERE what = 'made "+id+"'", 1062
				if id == "17" { // what the trigger writes when the order is put back is in the way of the transaction, and not there when it is probed
					drift, errno = "DELETE FROM shop.orders WHERE id = 2", 1032
				}
				p.Drift(t, drift)
				p.Source.MustExec(t, "BEGIN; UPDATE shop.orders SET v = v + 10; INSERT INTO shop.orders VALUES ("+id+", 5); COMMIT; INSERT INTO shop.orders VALUES (1"+id+", 6)")
				stop := p.WaitError(t, errno)
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
					if source, replica := p.Source.MustExec(t, ask), p.Replica.MustExec(t, ask); source != replica {
						t.Errorf("%s: the replica's rows differ.\nsource:\n%s\nreplica:\n%s", ask, source, replica)
					}
				}
			}
		})
	}
}
