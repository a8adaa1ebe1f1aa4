package endtoend

import (
	"fmt"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestGapsOfWorkers: parallel appliers have gone ahead of two that failed. When the applier starts again it fills the gaps by itself, and
// meets the second error in them. MySQL before 8.0.31 passes over transactions when it is started then; mended one by one, nothing is lost.
// So may they after an error of a worker, too, where others have gone ahead of it.
func TestGapsOfWorkers(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL57, servers.MySQL8015, servers.MySQL8031} {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			p := servers.StartPair(t, line, servers.Options{GTID: true, Workers: 4})
			var tables, drift, rows strings.Builder
			for i := range 4 {
				fmt.Fprintf(&tables, "CREATE DATABASE d%d; CREATE TABLE d%d.t (id INT PRIMARY KEY, v INT); INSERT INTO d%d.t VALUES (1, 1), (2, 2);", i, i, i)
			}
			p.Source.MustExec(t, tables.String())
			p.Sync(t)
			for i := range 2 {
				fmt.Fprintf(&drift, "DELETE FROM d%d.t WHERE id = 2; INSERT INTO d%d.t VALUES (120, 0);", i, i)
			}
			p.Drift(t, drift.String())
			for n := range 30 {
				for i := range 4 {
					fmt.Fprintf(&rows, "INSERT INTO d%d.t VALUES (%d, 1);", i, 100+n)
				}
				if n == 5 {
					rows.WriteString("UPDATE d0.t SET v = 3 WHERE id = 2; UPDATE d1.t SET v = 3 WHERE id = 2;")
				}
			}
			p.Source.MustExec(t, rows.String())
			const behind = 3030 // a worker that stopped because of another's 1032, where the commit order is kept
			stop := p.Settle(t)
			if stop.Errno != 1032 && stop.Errno != behind {
				t.Fatalf("want error 1032, got %v", stop)
			}
			for n := 0; stop.Errno != 0; n++ {
				if n == 4 {
					t.Fatalf("after %d scripts: %v", n, stop)
				}
				stop, _ = mendBy(t, p, stop, func(t *testing.T) fixRun { return fixLive(t, p) })
			}
			databases := []string{"d0", "d1", "d2", "d3"}
			if source, replica := p.Source.Contents(t, databases...), p.Replica.Contents(t, databases...); source != replica {
				t.Errorf("source:\n%s\nreplica:\n%s", source, replica)
			}
		})
	}
}
