package replica_test

import (
	"reflect"
	"strings"
	"testing"

	"binmend/fixtures/servers"
	"binmend/schema/replica"
)

// TestClientFormsOnServers prints the status of a stopped replica, and of its workers, with the line's own client in every
// form that it has. All of them tell the same failure.
func TestClientFormsOnServers(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL97, servers.MariaDB1011} {
		t.Run(line.String(), func(t *testing.T) {
			pair := servers.SharedPair(t, line, servers.Options{GTID: true, Workers: 4})
			pair.Reset(t)
			pair.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v VARCHAR(10), UNIQUE KEY `v<1>` (v));")
			pair.Sync(t)
			pair.Drift(t, "INSERT INTO shop.t VALUES (2, 'a|b & c');")
			pair.Source.MustExec(t, "INSERT INTO shop.t VALUES (3, 'a|b & c');")
			pair.WaitError(t, 1062)
			statements := "SHOW SLAVE STATUS;\n"
			if line == servers.MySQL97 {
				statements = "SHOW REPLICA STATUS;\nSELECT * FROM performance_schema.replication_applier_status_by_worker;\n"
			}
			want := failureOf(t, clientOutput(t, pair.Replica, statements, "--vertical"))
			if want.Number != 1062 || want.Cause.Table != "shop.t" || want.Cause.Value != "a|b & c" {
				t.Errorf("vertical: %+v", want)
			}
			for _, flags := range []string{"--table", "--batch", "--batch --raw", "--html", "--xml"} {
				text := clientOutput(t, pair.Replica, statements, strings.Fields(flags)...)
				if got := failureOf(t, text); !reflect.DeepEqual(got, want) {
					t.Errorf("%s:\n%s\ngot  %+v\nwant %+v", flags, text, got, want)
				}
			}
		})
	}
}

func clientOutput(t *testing.T, s *servers.Server, statements string, flags ...string) string {
	t.Helper()
	client := s.Client(flags...)
	client.Stdin = strings.NewReader(statements)
	text, err := client.Output()
	if err != nil {
		t.Fatalf("%v: %v", client.Args, err)
	}
	return string(text)
}

func failureOf(t *testing.T, text string) *replica.Failure {
	t.Helper()
	all, err := replica.Parse(text)
	if err != nil {
		t.Errorf("%v in\n%s", err, text)
		return nil
	}
	f, err := all[0].Failure()
	if err != nil {
		t.Errorf("%v in\n%s", err, text)
	}
	return f
}
