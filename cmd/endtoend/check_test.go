package endtoend

import (
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestCheckOfTheReplica: a CHECK that only the replica has forbids a row of the source, and no session turns it off in MySQL. Where the
// transaction writes the row, the applier would stop again; where the script puts it back, the script. Other CHECKs are not mentioned.
func TestCheckOfTheReplica(t *testing.T) {
	p := servers.SharedPair(t, servers.MySQL97, servers.Options{GTID: true})
	for name, change := range map[string]struct{ first, then, want string }{
		"row after":  {"20", "200", "so the applier stops again"},
		"row before": {"200", "20", "so its statement fails"},
	} {
		t.Run(name, func(t *testing.T) {
			p.Reset(t)
			p.Source.MustExec(t, "CREATE DATABASE d CHARACTER SET utf8mb4; CREATE TABLE d.t (id INT PRIMARY KEY, v INT, s VARCHAR(9), CHECK (v > 0), CHECK (s <> 'it')); "+
				"INSERT INTO d.t VALUES (1, 1, 'a'), (2, "+change.first+", 'b')")
			p.Sync(t)
			p.Drift(t, "DELETE FROM d.t WHERE id = 2; ALTER TABLE d.t ADD CONSTRAINT small CHECK (v < 100 AND s <> 'q'), ADD CONSTRAINT off CHECK (v < 0) NOT ENFORCED")
			p.Source.MustExec(t, "UPDATE d.t SET v = "+change.then+" WHERE id = 2")
			stop := p.WaitError(t, 1032)
			const cure = "ALTER TABLE `d`.`t` ALTER CHECK `small` NOT ENFORCED;"
			run := fixLive(t, p)
			if said := strings.Join(strings.Fields(strings.ReplaceAll(run.script, "\n--", "")), " "); run.exit != 1 || strings.Count(said, "NOT ENFORCED") != 1 ||
				!strings.Contains(said, cure) || !strings.Contains(said, change.want) {
				t.Fatalf("want exit code 1, %q and %s; got %d and\n%s\n%s", change.want, cure, run.exit, run.stderr, run.script)
			}
			p.Drift(t, cure)
			if again, _ := mendBy(t, p, stop, func(t *testing.T) fixRun { return fixLive(t, p) }); again.Errno != 0 {
				t.Fatalf("after the script: %v", again)
			}
			sameRows(t, p, "SELECT * FROM d.t ORDER BY id")
		})
	}
}
