package endtoend

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binmend/emit/advice"
	"binmend/fixtures/servers"
)

// advised is a replica that stops with an error for which there is advice.
type advised struct {
	name                 string
	errnos               []int
	setup, drift, change string // in the database shop; the drift on the replica only
	lines                []*servers.Line
	leave                string // how a proposal for other replicas begins, which is not for this one
}

// mysqlOnly are lines whose appliers stop where MariaDB's do not: those skip DDL that is done already (slave_ddl_exec_mode),
// and check no constraints.
var mysqlOnly = []*servers.Line{servers.MySQL56, servers.MySQL97}

var advisedReplicas = []advised{
	{name: "a statement meets a row", errnos: []int{1062}, setup: "CREATE TABLE t (id INT PRIMARY KEY, v INT UNIQUE); INSERT INTO t VALUES (1, 1), (2, 2)",
		drift: "INSERT INTO t VALUES (9, 50)", change: "SET SESSION binlog_format=STATEMENT; UPDATE t SET v = 50 WHERE id = 2; SET SESSION binlog_format=ROW"},
	{name: "a clause is done", errnos: []int{1060}, setup: "CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1)",
		drift: "ALTER TABLE t ADD a INT", change: "ALTER TABLE t ADD a INT, ADD b VARCHAR(9) DEFAULT 'x,y', ADD KEY kb (b)"},
	{name: "an index is gone", errnos: []int{1091}, setup: "CREATE TABLE t (id INT PRIMARY KEY, v INT, KEY kv (v)); INSERT INTO t VALUES (1, 1)",
		drift: "ALTER TABLE t DROP KEY kv", change: "ALTER TABLE t DROP KEY kv, ADD b INT"},
	{name: "one of two tables is gone", errnos: []int{1051}, setup: "CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY); CREATE TABLE stays (id INT PRIMARY KEY)",
		drift: "DROP TABLE a", change: "DROP TABLE a, b", lines: mysqlOnly},
	{name: "a parent is missing", errnos: []int{1452},
		setup: "CREATE TABLE p (id INT PRIMARY KEY, note INT) ENGINE=InnoDB; CREATE TABLE c (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES p (id)) ENGINE=InnoDB; INSERT INTO p (id) VALUES (1), (2); INSERT INTO c VALUES (1, 1)",
		drift: "SET foreign_key_checks=0; DELETE FROM p WHERE id = 2", change: "INSERT INTO c VALUES (2, 2)"},
	{name: "a parent has a child", errnos: []int{1451},
		setup: "CREATE TABLE p (id INT PRIMARY KEY) ENGINE=InnoDB; CREATE TABLE c (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES p (id)) ENGINE=InnoDB; INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1, 1)",
		drift: "INSERT INTO c VALUES (9, 2)", change: "DELETE FROM p WHERE id = 2"},
	{name: "a partition is missing", errnos: []int{1526}, setup: "CREATE TABLE t (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (100), PARTITION p1 VALUES LESS THAN (300))",
		drift: "ALTER TABLE t DROP PARTITION p1", change: "INSERT INTO t VALUES (200)", leave: "With PARTITION BY LIST"},
	{name: "a table is in the way", errnos: []int{1050}, setup: "CREATE TABLE s (id INT PRIMARY KEY); INSERT INTO s VALUES (1), (2)",
		drift: "CREATE TABLE t (id INT PRIMARY KEY)", change: "CREATE TABLE t (PRIMARY KEY (id)) SELECT * FROM s", lines: mysqlOnly[1:]},
	{name: "a column is wider", errnos: []int{1677, 13146}, setup: "CREATE TABLE t (id INT PRIMARY KEY, v INT)",
		drift: "ALTER TABLE t MODIFY v BIGINT", change: "INSERT INTO t VALUES (1, 20)"},
	{name: "a constraint refuses", errnos: []int{3819, 4025}, setup: "CREATE TABLE t (id INT PRIMARY KEY, v INT)",
		drift: "ALTER TABLE t ADD CONSTRAINT small CHECK (v < 10)", change: "INSERT INTO t VALUES (1, 20)", lines: mysqlOnly[1:]},
}

// TestAdvice breaks a replica in ways that no row of a plan repairs, does all that the advice proposes for it, through the real
// client, and expects replication to go on and the rows to be the source's.
func TestAdvice(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		p := servers.StartPair(t, line, servers.Options{GTID: line != servers.MySQL56})
		for _, a := range advisedReplicas {
			if a.lines == nil || slices.Contains(a.lines, line) {
				t.Run(a.name, func(t *testing.T) { p.Reset(t); a.test(t, p) })
			}
		}
	})
}

func (a *advised) test(t *testing.T, p *servers.Pair) {
	p.Source.MustExec(t, "CREATE DATABASE shop; USE shop; "+a.setup)
	p.Sync(t)
	p.Drift(t, "USE shop; "+a.drift)
	p.Source.MustExec(t, "USE shop; "+a.change)
	stop := p.Settle(t)
	if !slices.Contains(a.errnos, stop.Errno) {
		t.Fatalf("want an error of %v, but %v", a.errnos, stop)
	}
	fixed := fixLive(t, p, "--json")
	var said struct {
		Advice *advice.Advice
		Ways   []struct {
			Title string
			Lines []string
		}
	}
	if err := json.Unmarshal([]byte(fixed.script), &said); err != nil || said.Advice == nil || fixed.exit != 1 {
		t.Fatalf("exit code %d, %v, advice %+v\n%s%s", fixed.exit, err, said.Advice, fixed.script, fixed.stderr)
	}
	if stop.Errno != 1062 { // there is no plan
		undo := filepath.Join(t.TempDir(), "undo.sql")
		run := fixLive(t, p, "--undo", undo)
		if run.exit != 1 || !strings.Contains(run.stderr, "no change of rows mends error") || !strings.Contains(run.stderr, "--undo and --keep have nothing to write") {
			t.Errorf("exit code %d does not say why on standard error: %q", run.exit, run.stderr)
		}
	}
	onReplica := "SET SESSION sql_log_bin=0;\n"
	for _, step := range said.Advice.Steps {
		if a.leave != "" && strings.HasPrefix(step.Text, a.leave) {
			continue
		}
		statements := strings.Join(step.SQL, ";\n") + ";\n"
		if step.On != advice.Source {
			onReplica += statements
		}
		if step.On != advice.Replica {
			p.Source.MustExec(t, statements)
		}
	}
	p.Replica.MustExec(t, onReplica)
	if said.Advice.ThenSkip {
		p.Replica.MustExec(t, strings.Join(said.Ways[0].Lines, "\n"))
	} else {
		p.StartReplica(t)
	}
	if stop := p.Settle(t); stop.Errno != 0 {
		t.Fatalf("after what is advised: %v\n%s", stop, fixed.script)
	}
	p.Drift(t, "DROP TABLE IF EXISTS shop.t_replica") // that was moved aside
	source, replica := p.Source.Contents(t, "shop"), p.Replica.Contents(t, "shop")
	if source != replica {
		t.Errorf("the replica differs.\nsource:\n%s\nreplica:\n%s\nscript:\n%s", source, replica, fixed.script)
	}
}
