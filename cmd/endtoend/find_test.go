package endtoend

import (
	"regexp"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestFindErrantWrite: a replica stops with a duplicate key, and its own binary logs tell who wrote the row in the way, from its
// first key on.
func TestFindErrantWrite(t *testing.T) {
	for _, line := range servers.Lines() {
		t.Run(line.String(), func(t *testing.T) {
			options := servers.Options{GTID: true}
			if line.Flavor == servers.MariaDB {
				options.Args = []string{"--log-slave-updates"}
			}
			p := servers.SharedPair(t, line, options)
			p.Source.MustExec(t, shop)
			for _, name := range []string{"cy", "dee", "eve"} {
				p.Source.MustExec(t, "UPDATE shop.customers SET note = '"+name+"' WHERE id = 1; FLUSH LOGS")
			}
			p.Sync(t)
			p.Replica.MustExec(t, "FLUSH LOGS; INSERT INTO shop.customers VALUES (9, 'errant@example.org', ''); UPDATE shop.customers SET id = 4 WHERE id = 9")
			p.Source.MustExec(t, "INSERT INTO shop.customers VALUES (4, 'dee@example.org', '')")
			p.WaitError(t, 1062)

			for _, key := range []string{"id=9", "id=4"} {
				got := history(t, p.Replica, key)
				if !strings.Contains(got, "UPDATE shop.customers, id = 9 -> id = 4\n    ~ id  9 -> 4\n") {
					t.Errorf("--key %s: no change to the new key:\n%s", key, got)
				}
				if wrote, marked := strings.Count(got, "UTC, server 2"), strings.Count(got, "  ERRANT: written on server 2 itself, a replica"); wrote == 0 || marked != wrote {
					t.Errorf("--key %s: the writer is not told:\n%s", key, got)
				}
			}
			got := history(t, p.Replica, "id=1")
			if strings.Contains(got, "ERRANT") || strings.Count(got, "UPDATE shop.customers, id = 1\n") != 3 {
				t.Errorf("the source's row: got\n%s", got)
			}
		})
	}
}

// history is that of a row in a server's binary logs, without the statements that name its table.
func history(t *testing.T, s *servers.Server, key string) string {
	t.Helper()
	run := binmend(t, "", append([]string{"find", "--table", "shop.customers", "--key", key, "--type", "insert,update,delete"}, s.Binlogs(t)...)...)
	if run.exit != 0 {
		t.Fatalf("exit code %d: %s", run.exit, run.stderr)
	}
	return regexp.MustCompile(`(?m)^\S+/`).ReplaceAllString(run.script, "")
}
