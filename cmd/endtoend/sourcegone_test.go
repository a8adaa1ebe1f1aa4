package endtoend

import (
	"fmt"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestSourceIsGone: the source has died, and the relay logs have what nobody else has any more. A MariaDB replica that goes by GTID deletes
// them when both threads start: the script leaves the receiver alone. Where that is stopped already, there is no way to keep them, and
// the script says so.
func TestSourceIsGone(t *testing.T) {
	const risk = "RISK: the replica deletes its relay logs"
	type wait struct {
		end, until string
		workers    int // one of several of MySQL may show its own error 3030 instead of the first one's
	}
	mariadb := wait{"SELECT @@gtid_binlog_pos", "DO MASTER_GTID_WAIT('%s', 30)", 4}
	for line, w := range map[*servers.Line]wait{
		servers.MySQL97:     {"SELECT @@gtid_executed", "DO WAIT_FOR_EXECUTED_GTID_SET('%s', 30)", 1},
		servers.MariaDB1011: mariadb,
		servers.MariaDB118:  mariadb,
	} {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			p := servers.StartPair(t, line, servers.Options{GTID: true, Workers: w.workers})
			p.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT); INSERT INTO shop.t VALUES (1, 1), (2, 2)")
			p.Sync(t)
			p.Drift(t, "DELETE FROM shop.t WHERE id = 2")
			p.Source.MustExec(t, "UPDATE shop.t SET v = 3 WHERE id = 2; INSERT INTO shop.t VALUES (4, 4); INSERT INTO shop.t VALUES (5, 5)")
			p.WaitError(t, 1032)
			const rows = "SELECT * FROM shop.t ORDER BY id"
			has, end := p.Source.MustExec(t, rows), strings.Fields(p.Source.MustExec(t, w.end))
			p.Source.Kill(t)

			run := fixLive(t, p)
			if run.exit != 0 || strings.Contains(run.script, risk) {
				t.Fatalf("want exit code 0 and the relay logs left alone; got %d and\n%s\n%s", run.exit, run.stderr, run.script)
			}
			p.Replica.MustExec(t, run.script)
			p.Replica.MustExec(t, fmt.Sprintf(w.until, end[len(end)-1]))
			if got := p.Replica.MustExec(t, rows); got != has {
				t.Errorf("the replica has\n%s, the source had\n%s", got, has)
			}
		})
	}
	t.Run("receiver stopped", func(t *testing.T) {
		t.Parallel()
		p := servers.StartPair(t, servers.MariaDB1011, servers.Options{GTID: true})
		p.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT); INSERT INTO shop.t VALUES (1, 1)")
		p.Sync(t)
		p.Drift(t, "DELETE FROM shop.t")
		p.Source.MustExec(t, "UPDATE shop.t SET v = 2")
		p.WaitError(t, 1032)
		p.Replica.MustExec(t, "STOP SLAVE IO_THREAD")
		if run := fixLive(t, p); !strings.Contains(run.script, risk) || !strings.Contains(run.script, "START SLAVE;") {
			t.Errorf("want a line about the relay logs, and both threads started; got\n%s\n%s", run.stderr, run.script)
		}
	})
}
