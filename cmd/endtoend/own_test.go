package endtoend

import (
	"fmt"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestOwnSource repairs a server that replicates from itself into a database of another name, without harm to the source's rows.
func TestOwnSource(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL57, servers.MySQL97, servers.MariaDB1011} {
		t.Run(line.String(), func(t *testing.T) {
			args := []string{"--replicate-same-server-id", "--replicate-rewrite-db=shop->copy", "--log-slave-updates=0"}
			if line == servers.MySQL97 {
				args[2] = "--log-replica-updates=0"
			}
			s := servers.Start(t, line, servers.Options{Args: args})
			p := &servers.Pair{Source: s, Replica: s}
			p.Rewind(t)
			for _, database := range []string{"shop", "copy"} {
				p.Drift(t, fmt.Sprintf("CREATE DATABASE %[1]s; CREATE TABLE %[1]s.t (id INT PRIMARY KEY, v INT) ENGINE=InnoDB", database))
			}
			p.StartReplica(t)
			p.Drift(t, "INSERT INTO copy.t VALUES (5, 9)")
			p.Source.MustExec(t, "BEGIN; INSERT INTO shop.t VALUES (4, 4), (5, 5); COMMIT")
			p.WaitError(t, 1062)
			run := fixLive(t, p)
			if run.exit != 0 || !strings.Contains(run.script, "RISK: this server wrote the transaction itself") {
				t.Fatalf("exit code %d\n%s\n%s", run.exit, run.stderr, run.script)
			}
			p.Replica.MustExec(t, run.script)
			p.Sync(t)
			for _, database := range []string{"shop", "copy"} {
				if got := s.MustExec(t, "SELECT GROUP_CONCAT(id, ' ', v ORDER BY id) r FROM "+database+".t"); got != "r\n4 4,5 5\n" {
					t.Errorf("%s.t has %q\n%s", database, got, run.script)
				}
			}
		})
	}
}

// TestUnloggedDatabases: the header says which of the source's changes are not in its log.
func TestUnloggedDatabases(t *testing.T) {
	for option, want := range map[string]string{"--binlog-do-db=shop": "logs only what changes in shop (binlog_do_db)", "--binlog-ignore-db=other": "does not log what changes in other (binlog_ignore_db)"} {
		p := servers.StartPair(t, servers.MariaDB1011, servers.Options{Args: []string{option}})
		p.Source.MustExec(t, "CREATE DATABASE shop; USE shop; CREATE TABLE t (id INT PRIMARY KEY, v INT)")
		p.Sync(t)
		p.Drift(t, "INSERT INTO shop.t VALUES (5, 9)")
		p.Source.MustExec(t, "USE shop; INSERT INTO t VALUES (5, 5)")
		p.WaitError(t, 1062)
		run := fixLive(t, p, "--source-socket", p.Source.Socket, "--source-user", "root")
		if header := strings.Join(strings.Fields(strings.ReplaceAll(run.script, "\n--", "")), " "); run.exit != 0 || !strings.Contains(header, want) {
			t.Errorf("%s: exit code %d, want %q\n%s\n%s", option, run.exit, want, run.stderr, run.script)
		}
	}
}
