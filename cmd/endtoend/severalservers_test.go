package endtoend

import (
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestSeveralServers: logs of a MySQL and of a MariaDB server are refused together, and those of two servers of one flavour get a RISK
// line if their ids differ, the numbers of their logs meet, or one does not begin as the other ends.
func TestSeveralServers(t *testing.T) {
	const tables = "CREATE DATABASE IF NOT EXISTS d; CREATE TABLE d.t (a INT PRIMARY KEY); INSERT INTO d.t VALUES (1)"
	first, second := servers.Start(t, servers.MySQL57, servers.Options{}), servers.Start(t, servers.MySQL57, servers.Options{})
	third, other := servers.Start(t, servers.MySQL57, servers.Options{Args: []string{"--server-id=77"}}), servers.Start(t, servers.MariaDB118, servers.Options{})
	first.MustExec(t, tables)
	second.MustExec(t, "FLUSH BINARY LOGS; "+strings.ReplaceAll(tables, "d.t", "d.u"))
	third.MustExec(t, "FLUSH BINARY LOGS; "+strings.ReplaceAll(tables, "d.t", "d.v"))
	other.MustExec(t, "FLUSH BINARY LOGS; FLUSH BINARY LOGS; "+tables)
	const risk = "RISK: the logs are of more than one server"
	one, two, three, mariaDB := first.Binlogs(t), second.Binlogs(t), third.Binlogs(t), other.Binlogs(t)
	for _, logs := range [][]string{{one[0], two[0]}, {one[0], three[1]}, {two[0], two[1], one[0]}} {
		for _, command := range [][]string{{"sql"}, {"sql", "--rollback", "--type=insert"}} {
			run := binmend(t, "", append(command, logs...)...)
			if run.exit != 0 || !strings.Contains(run.script, risk) || !strings.Contains(run.stderr, risk) {
				t.Errorf("%v %v: exit code %d\n%s%s", command, logs, run.exit, run.stderr, run.script)
			}
		}
	}
	const doubt = "RISK: bin.000002 may not continue bin.000001, though both have server id 1: "
	for _, logs := range [][]string{{one[0], two[1]}, {two[1], one[0]}} {
		if run := binmend(t, "", append([]string{"sql"}, logs...)...); run.exit != 0 || !strings.Contains(run.script, doubt) || !strings.Contains(run.stderr, doubt) {
			t.Errorf("numbers that do not meet: exit code %d\n%s%s", run.exit, run.stderr, run.script)
		}
	}
	if run := binmend(t, "", append([]string{"sql"}, two...)...); run.exit != 0 || strings.Contains(run.script, "more than one server") || strings.Contains(run.script, "may not continue") {
		t.Errorf("one server: exit code %d\n%s", run.exit, run.script)
	}
	for _, logs := range [][]string{{one[0], mariaDB[0]}, {mariaDB[2], one[0]}, {one[0], mariaDB[1]}} {
		for _, command := range [][]string{{"sql"}, {"export"}} {
			run := binmend(t, "", append(command, logs...)...)
			if run.exit == 0 || run.script != "" || !strings.Contains(run.stderr, "is of MySQL, and the other of MariaDB") {
				t.Errorf("%v %v: exit code %d\n%s%s", command, logs, run.exit, run.stderr, run.script)
			}
		}
	}
}
