package endtoend

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binmend/cmd/app"
	"binmend/fixtures/servers"
)

// TestDDL breaks a replica after statements that alter its table, with another one to come. What a person may have at
// hand leads to the same script: no dump at all, as the relay log has the CREATE TABLE, or a dump from before the
// statements, or one that is too new.
func TestDDL(t *testing.T) {
	const (
		create = "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, gone INT, name VARCHAR(20) CHARACTER SET latin1)"
		alter  = "ALTER TABLE d.t ADD code INT UNIQUE FIRST, DROP gone; ALTER TABLE d.t MODIFY name VARCHAR(30) CHARACTER SET utf8mb4 AFTER code"
		rows   = "INSERT INTO d.t (id, code, name) VALUES (1, 10, 'Zoë'), (2, 20, NULL)"
		drift  = "SET sql_log_bin = 0; DELETE FROM d.t WHERE id = 1; INSERT INTO d.t (id, code) VALUES (9, 30)"
		change = "BEGIN; UPDATE d.t SET name = 'Zoe' WHERE id = 1; INSERT INTO d.t (id, code) VALUES (3, 30); COMMIT"
		later  = "ALTER TABLE d.t ADD later INT FIRST"
	)
	for _, line := range servers.AllLines() {
		t.Run(line.String(), func(t *testing.T) {
			p := servers.SharedPair(t, line, servers.Options{})
			p.Source.MustExec(t, create)
			p.Sync(t)
			old := writeSchema(t, p, "d")
			p.Source.MustExec(t, alter+";"+rows)
			p.Sync(t)
			p.Replica.MustExec(t, drift)
			p.Source.MustExec(t, change+";"+later)
			stop := p.Settle(t)
			if stop.Errno != 1032 {
				t.Fatalf("want error 1032, but %v", stop)
			}
			status := receive(t, p)

			tooNew := filepath.Join(t.TempDir(), "new.sql")
			if err := os.WriteFile(tooNew, []byte(p.Source.SchemaDump(t, "d")), 0o600); err != nil {
				t.Fatal(err)
			}
			byLog := fixWith(t, p, status)
			for _, other := range [][]string{{"--schema", old}, {"--schema", tooNew}, {"--schema", tooNew, "--schema-at", "end"}} {
				run := fixWith(t, p, status, other...)
				if run.exit != 0 || byLog.exit != 0 {
					t.Fatalf("fix: %s%s", run.stderr, byLog.stderr)
				}
				if a, b := sqlOf(run.script), sqlOf(byLog.script); a != b {
					t.Errorf("with %q the script is another.\nwith it:\n%s\nby the log alone:\n%s", other, a, b)
				}
			}
			p.Replica.MustExec(t, byLog.script)
			if again := p.Settle(t); again.Errno != 0 {
				t.Fatalf("after the script: %v\n%s", again, byLog.script)
			}
			if source, replica := p.Source.Contents(t, "d"), p.Replica.Contents(t, "d"); source != replica {
				t.Errorf("the replica's rows differ.\nsource:\n%s\nreplica:\n%s", source, replica)
			}
		})
	}
}

// fixWith runs "binmend fix" for the replica's relay logs, with more arguments.
func fixWith(t *testing.T, p *servers.Pair, status string, more ...string) fixRun {
	t.Helper()
	statusFile := filepath.Join(t.TempDir(), "status.txt")
	if err := os.WriteFile(statusFile, []byte(status), 0o600); err != nil {
		t.Fatal(err)
	}
	args := slices.Concat([]string{"binmend", "fix", "--status", statusFile}, more, p.Replica.RelayLogs(t))
	var script, stderr strings.Builder
	exit := app.Main(args, app.Streams{In: strings.NewReader(""), Out: &script, Err: &stderr, Getenv: os.Getenv})
	return fixRun{exit: exit, script: script.String(), stderr: stderr.String()}
}

// sqlOf is what a server executes of a script, but for the guard, which a definition from a file makes longer.
func sqlOf(script string) string {
	lines := strings.Split(script, "\n")
	return strings.Join(slices.DeleteFunc(lines, func(line string) bool {
		return line == "" || strings.HasPrefix(line, "--") || strings.HasPrefix(line, "SET @binmend_guard=")
	}), "\n")
}
