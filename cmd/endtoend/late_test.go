package endtoend

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// execPos matches where a status has the applier.
var execPos = regexp.MustCompile("Exec_[a-zA-Z]+_Log_Pos: [0-9]+")

// TestScriptRunLate runs a repair a second time, when the replica has stopped at the next transaction: what the script once had
// to remove is the source's row by now. It must stop at a guard that says why, and change no row, also by a client that goes on.
func TestScriptRunLate(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		for _, options := range []servers.Options{{}, {Workers: 4}, {GTID: true}, {Workers: 4, Args: smallLogs}} {
			t.Run(fmt.Sprintf("%+v", options), func(t *testing.T) {
				p := servers.SharedPair(t, line, options)
				p.Reset(t)
				p.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT, pad TEXT) ENGINE=InnoDB")
				p.Sync(t)
				p.Drift(t, "INSERT INTO shop.t VALUES (5, 50, ''), (6, 60, '')")
				// In small logs it spans two, and MariaDB's workers have to be told where it begins.
				p.Source.MustExec(t, "BEGIN; INSERT INTO shop.t VALUES (5, 5, REPEAT('x', 5000)); INSERT INTO shop.t VALUES (7, 7, ''); COMMIT")
				p.WaitError(t, 1062)
				schema := writeSchema(t, p, "shop")
				first := fix(t, p, receive(t, p), schema)
				if first.exit != 0 {
					t.Fatalf("exit code %d\n%s", first.exit, first.stderr)
				}
				p.Replica.MustExec(t, first.script)
				waitRows(t, p.Replica, "SELECT COUNT(*) FROM shop.t WHERE id = 5 AND v = 5", 1)
				p.Source.MustExec(t, "INSERT INTO shop.t VALUES (6, 6, '')") // not before: a worker could fail with it while another applies the first
				p.WaitError(t, 1062)
				place := execPos.FindString(p.Status(t))
				expectNoEffect(t, p, first.script)
				p.WaitError(t, 1062) // again: the late script has started the applier
				if now := execPos.FindString(p.Status(t)); place == "" || now != place {
					t.Errorf("the applier was at %s and is at %s", place, now)
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

// expectNoEffect runs a script that is for another replica or another time, with a client that ends at the first error and with
// one that goes on.
func expectNoEffect(t *testing.T, p *servers.Pair, script string) {
	t.Helper()
	before := p.Replica.Contents(t, "shop")
	if _, err := p.Replica.Exec(script); !isGuard(err) {
		t.Errorf("no guard stops the script: %v\n%s", err, script)
	}
	client := p.Replica.Client("--force", "--skip-column-names")
	client.Stdin = strings.NewReader(script + "SHOW VARIABLES LIKE 't%\\_read\\_only';\n")
	if out, err := client.Output(); err != nil || !strings.Contains(string(out), "read_only\tOFF") || strings.Contains(string(out), "ON") {
		t.Errorf("want a session as it was, found %q, %v", out, err)
	}
	if after := p.Replica.Contents(t, "shop"); after != before {
		t.Errorf("the script has changed rows.\nbefore:\n%s\nafter:\n%s\n%s", before, after, script)
	}
}

// TestScriptRunOnLaggingSibling runs a repair on a replica of the same source that has not come as far.
func TestScriptRunOnLaggingSibling(t *testing.T) {
	const create = "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT) ENGINE=InnoDB;"
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		for _, options := range []servers.Options{{}, {GTID: true}} {
			if line.Flavor == servers.MariaDB && !options.GTID {
				continue // it does not tell how far it is
			}
			t.Run(fmt.Sprintf("%+v", options), func(t *testing.T) {
				p := servers.SharedPair(t, line, options)
				p.Reset(t)
				p.Source.MustExec(t, "SET sql_log_bin = 0;"+create)
				p.Drift(t, create+"INSERT INTO shop.t VALUES (6, 60)")
				p.Source.MustExec(t, "INSERT INTO shop.t VALUES (5, 5)")
				p.Sync(t)
				p.Source.MustExec(t, "DELETE FROM shop.t WHERE id = 5; INSERT INTO shop.t VALUES (6, 6)")
				p.WaitError(t, 1062)
				run := fixLive(t, p)
				if run.exit != 0 {
					t.Fatalf("exit code %d\n%s", run.exit, run.stderr)
				}
				p.Rewind(t)
				p.Drift(t, create+"INSERT INTO shop.t VALUES (5, 50), (6, 60)")
				p.StartReplica(t)
				p.WaitError(t, 1062)
				expectNoEffect(t, p, run.script)
			})
		}
	})
}
