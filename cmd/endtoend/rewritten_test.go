package endtoend

import (
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestRewrittenRow: MySQL stops with 1032 at a row that is there, because one event updates it three times and the applier looks for
// it by hash. No repair helps. The RISK line names what does, and that is done here as it says.
func TestRewrittenRow(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL8015, servers.MySQL8031, servers.MySQL97} {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			p := servers.StartPair(t, line, servers.Options{GTID: true})
			p.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.t (id INT, v VARCHAR(20), UNIQUE (id)); INSERT INTO shop.t VALUES (1, 'foo'), (2, 'test')")
			p.Sync(t)
			p.Source.MustExec(t, "INSERT INTO shop.t VALUES (1, 'test'), (1, 'foo'), (1, 'bar') ON DUPLICATE KEY UPDATE v = VALUES(v)")
			if stop := p.Settle(t); stop.Errno != 1032 {
				t.Fatalf("want error 1032, but %v", stop)
			}
			run := fixLive(t, p)
			said := strings.Join(strings.Fields(strings.ReplaceAll(run.script, "\n--", "")), " ")
			const risk = "RISK: shop.t: an event updates a row more than once"
			cure := "SET GLOBAL slave_rows_search_algorithms='TABLE_SCAN,INDEX_SCAN'"
			if line == servers.MySQL97 {
				cure = "skip the transaction, and apply its changes as binmend sql prints them"
			}
			if run.exit != 1 || !strings.Contains(said, risk) || !strings.Contains(said, cure) {
				t.Fatalf("exit code %d; want %q and %q in\n%s%s", run.exit, risk, cure, run.script, run.stderr)
			}
			if line == servers.MySQL97 {
				logs := p.Source.Binlogs(t)
				failed := strings.TrimSpace(strings.SplitN(strings.SplitN(run.script, "GTID: ", 2)[1], "\n", 2)[0])
				cure = "SET GTID_NEXT='" + failed + "'; BEGIN; COMMIT; SET GTID_NEXT='AUTOMATIC'"
				changes := binmend(t, "", "sql", "-S", p.Replica.Socket, "-u", "root", "--include-gtids", failed, logs[len(logs)-1])
				if changes.exit != 0 {
					t.Fatalf("sql: %s", changes.stderr)
				}
				p.Drift(t, changes.script)
			}
			p.Replica.MustExec(t, cure)
			p.StartReplica(t)
			if stop := p.Settle(t); stop.Errno != 0 {
				t.Fatal(stop)
			}
			if got, want := p.Replica.MustExec(t, "SELECT * FROM shop.t"), p.Source.MustExec(t, "SELECT * FROM shop.t"); got != want {
				t.Errorf("the replica has\n%s, the source\n%s", got, want)
			}
		})
	}
}
