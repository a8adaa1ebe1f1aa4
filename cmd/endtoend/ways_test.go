package endtoend

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"binmend/fixtures/servers"
)

// wayErrors are errors that no row removes, of which the ways past the transaction are tried. The table later has a row of a
// transaction after the failing one.
var wayErrors = []struct {
	name          string
	errnos        []int
	drift, change string // in the database shop; the drift on the replica only
}{
	{"a table is missing", []int{1146}, "DROP TABLE t", "INSERT INTO t VALUES (3, 'c')"},
	{"a database is missing", []int{1049, 1146}, "DROP DATABASE other", "SET SESSION binlog_format=STATEMENT; USE other; INSERT INTO t VALUES (3); SET SESSION binlog_format=ROW; USE shop"},
	{"a column does not take the values", []int{1677, 13146}, "ALTER TABLE t MODIFY v INT", "UPDATE t SET v = 'much' WHERE id = 1"},
	{"a statement adds a unique key", []int{1062}, "INSERT INTO t VALUES (9, '2')", "ALTER TABLE t ADD UNIQUE KEY uv (v)"},
	{"a view is in the place of the table", []int{1146, 1347}, "RENAME TABLE t TO own; CREATE VIEW t AS SELECT * FROM own", "INSERT INTO t VALUES (3, '3')"},
}

// TestWays runs each way past such a transaction as it is printed: replication goes on after the transaction, or, where the way leads
// back to it, meets the same error.
func TestWays(t *testing.T) {
	for _, setup := range []struct {
		line *servers.Line
		gtid bool
	}{{servers.MySQL56, false}, {servers.MySQL97, true}, {servers.MariaDB1011, true}} {
		t.Run(setup.line.String(), func(t *testing.T) {
			t.Parallel()
			p := servers.StartPair(t, setup.line, servers.Options{GTID: setup.gtid})
			for _, e := range wayErrors {
				t.Run(e.name, func(t *testing.T) {
					tried := 1
					for n := 0; n < tried; n++ {
						p.Reset(t)
						p.Source.MustExec(t, "CREATE DATABASE other; CREATE TABLE other.t (id INT PRIMARY KEY); CREATE DATABASE shop; USE shop; "+
							"CREATE TABLE later (id INT PRIMARY KEY); CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(100)); INSERT INTO t VALUES (1, '1'), (2, '2')")
						p.Sync(t)
						p.Drift(t, "USE shop; "+e.drift)
						p.Source.MustExec(t, "USE shop; "+e.change+"; INSERT INTO later VALUES (7)")
						stop := p.Settle(t)
						if !slices.Contains(e.errnos, stop.Errno) {
							t.Fatalf("want an error of %v, but %v", e.errnos, stop)
						}
						ways := waysOf(t, p)
						if tried = len(ways); tried == 0 {
							t.Fatal("no way is printed")
						}
						runWay(t, p, stop, ways[n])
					}
				})
			}
		})
	}
}

// way is one past a transaction.
type way struct {
	Title string
	Lines []string
}

// waysOf are the ways that hold statements to be run.
func waysOf(t *testing.T, p *servers.Pair) []way {
	t.Helper()
	var said struct{ Ways []way }
	run := fixLive(t, p, "--json")
	if err := json.Unmarshal([]byte(run.script), &said); err != nil || run.exit != 1 {
		t.Fatalf("exit code %d, %v\n%s%s", run.exit, err, run.script, run.stderr)
	}
	return slices.DeleteFunc(said.Ways, func(w way) bool {
		return !slices.ContainsFunc(w.Lines, func(line string) bool { return !strings.HasPrefix(line, "#") })
	})
}

func runWay(t *testing.T, p *servers.Pair, stop servers.Stop, w way) {
	t.Helper()
	p.Replica.MustExec(t, strings.Join(slices.DeleteFunc(w.Lines, func(line string) bool { return strings.HasPrefix(line, "#") }), "\n"))
	if strings.HasPrefix(w.Title, "Go back to") || strings.HasPrefix(w.Title, "Fetch again") {
		if again := p.Settle(t); again.Errno != stop.Errno {
			t.Errorf("%s: want error %d again, but %v", w.Title, stop.Errno, again)
		}
		return
	}
	waitBehind(t, p, "shop.later", w.Title)
}

// waitBehind waits until the replica has applied a transaction after one that is skipped, by a row of it: what is skipped is in no set of
// GTIDs to wait for.
func waitBehind(t *testing.T, p *servers.Pair, row, way string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if strings.Contains(p.Replica.MustExec(t, "SELECT COUNT(*) FROM "+row), "\n1") {
			return
		}
		if status := p.Status(t); failed.MatchString(status) || time.Now().After(end) {
			t.Fatalf("%s: the transaction after it is not applied\n%s", way, status)
		}
	}
}

var failed = regexp.MustCompile(`Last_(?:SQL|IO)_Errno: [1-9]`)
