package endtoend

import (
	"fmt"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// gapWays are replicas whose workers do not keep the commit order. repoint makes a replica that has GTIDs go by position.
var gapWays = []struct {
	name    string
	line    *servers.Line
	args    []string
	repoint string
}{
	{"MySQL 5.7", servers.MySQL57, nil, ""},
	{"MySQL 8.0.15", servers.MySQL8015, nil, ""},
	{"MySQL 8.0.31", servers.MySQL8031, nil, ""},
	{"MySQL 5.7 by position", servers.MySQL57, nil, "STOP SLAVE; CHANGE MASTER TO MASTER_AUTO_POSITION=0; START SLAVE"},
	{"MySQL 9.7 by position", servers.MySQL97, []string{"--replica-preserve-commit-order=OFF"}, "STOP REPLICA; CHANGE REPLICATION SOURCE TO SOURCE_AUTO_POSITION=0; START REPLICA"},
}

// TestGapsOfWorkers: parallel appliers have gone ahead of two that failed. When the applier starts again it fills the gaps by itself, and
// meets the second error in them. MySQL that goes by position, or is older than 8.0.26, passes over transactions when it is started then; mended
// one by one, nothing is lost. So may they after an error of a worker, too, where others have gone ahead of it.
func TestGapsOfWorkers(t *testing.T) {
	for _, way := range gapWays {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			p := servers.StartPair(t, way.line, servers.Options{GTID: true, Workers: 4, Args: way.args})
			if way.repoint != "" {
				p.Replica.MustExec(t, way.repoint)
			}
			stop := leaveGaps(t, p)
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

// leaveGaps stops a replica with four workers at two errors, and at two more that come later.
func leaveGaps(t *testing.T, p *servers.Pair) servers.Stop {
	t.Helper()
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
	return stop
}

// TestGapsWithoutGTID: no GTID tells what workers have applied, and none lets the server pass over it. A RISK line says so, unless the
// replica's workers keep the commit order.
func TestGapsWithoutGTID(t *testing.T) {
	for order, want := range map[string]bool{"ON": false, "OFF": true} {
		t.Run(order, func(t *testing.T) {
			t.Parallel()
			p := servers.StartPair(t, servers.MySQL97, servers.Options{Workers: 4, Args: []string{"--replica-preserve-commit-order=" + order}})
			leaveGaps(t, p)
			run := fixLive(t, p)
			if run.exit != 0 || strings.Contains(run.script, "RISK: without GTIDs") != want {
				t.Errorf("exit code %d\n%s\n%s", run.exit, run.stderr, run.script)
			}
		})
	}
}
