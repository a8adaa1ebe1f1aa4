package endtoend

import (
	"fmt"
	"testing"

	"binmend/fixtures/servers"
)

// TestScriptRunLate runs a repair a second time, when the replica has stopped at the next transaction: what the script once had
// to remove is the source's row by now. It must stop at a guard that says why, and change nothing.
func TestScriptRunLate(t *testing.T) {
	eachLine(t, func(t *testing.T, line *servers.Line) {
		for _, options := range []servers.Options{{}, {Workers: 4}, {GTID: true}} {
			t.Run(fmt.Sprintf("%+v", options), func(t *testing.T) {
				p := servers.SharedPair(t, line, options)
				p.Reset(t)
				p.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT) ENGINE=InnoDB")
				p.Sync(t)
				p.Drift(t, "INSERT INTO shop.t VALUES (5, 50), (6, 60)")
				p.Source.MustExec(t, "INSERT INTO shop.t VALUES (5, 5)")
				p.WaitError(t, 1062)
				schema := writeSchema(t, p, "shop")
				first := fix(t, p, receive(t, p), schema)
				if first.exit != 0 {
					t.Fatalf("exit code %d\n%s", first.exit, first.stderr)
				}
				p.Replica.MustExec(t, first.script)
				waitRows(t, p.Replica, "SELECT COUNT(*) FROM shop.t WHERE id = 5 AND v = 5", 1)
				p.Source.MustExec(t, "INSERT INTO shop.t VALUES (6, 6)") // not before: a worker could fail with it while another applies the first
				p.WaitError(t, 1062)
				before := p.Replica.Contents(t, "shop")
				_, err := p.Replica.Exec(first.script)
				if !isGuard(err) {
					t.Errorf("no guard stops the late script: %v\n%s", err, first.script)
				}
				if after := p.Replica.Contents(t, "shop"); after != before {
					t.Errorf("the late script has changed rows.\nbefore:\n%s\nafter:\n%s", before, after)
				}
				second := fix(t, p, receive(t, p), schema)
				p.Replica.MustExec(t, second.script)
				p.Sync(t)
				if source, replica := p.Source.Contents(t, "shop"), p.Replica.Contents(t, "shop"); source != replica {
					t.Errorf("source:\n%s\nreplica:\n%s", source, replica)
				}
			})
		}
	})
}
