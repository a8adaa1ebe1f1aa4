package endtoend

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// comparison is what compare --json says, as far as the tests look at it.
type comparison struct {
	AllEqual bool `json:"all_equal"`
	Tables   []struct {
		Table                    string
		Judged, Equal, Differing int
		Missing, Extra           int
		NotJudged                []struct{ Reason string } `json:"not_judged"`
	}
	Differences []struct {
		Kind, Table, Source string
		Change              []string
	}
	Statements []string
}

// compare runs compare on a pair, for all of the source's logs from the given one on.
func compare(t *testing.T, p *servers.Pair, first int, args ...string) fixRun {
	t.Helper()
	logs := p.Source.Binlogs(t)
	return binmend(t, "", slices.Concat([]string{"compare", "--defaults-file=/dev/null", "-S", p.Replica.Socket, "-u", "root"}, args, logs[first:])...)
}

func compareJSON(t *testing.T, p *servers.Pair, first int, args ...string) (c comparison) {
	t.Helper()
	run := compare(t, p, first, append(args, "--json")...)
	if err := json.Unmarshal([]byte(run.script), &c); err != nil {
		t.Fatalf("exit code %d: %v\n%s\n%s", run.exit, err, run.stderr, run.script)
	}
	return c
}

// mendByCompare compares, runs the script, and expects that nothing is left and that the rows are the source's.
func mendByCompare(t *testing.T, p *servers.Pair, first int, args ...string) (script string) {
	t.Helper()
	found := compare(t, p, first, args...)
	if found.exit != 1 || found.script == "" {
		t.Fatalf("exit code %d\n%s\n%s", found.exit, found.stderr, found.script)
	}
	if _, err := p.Replica.Exec(found.script); err != nil {
		t.Fatalf("%v\n%s", err, found.script)
	}
	if again := compare(t, p, first, args...); again.script != "" {
		t.Errorf("a second comparison finds\n%s\n%s\nafter\n%s", again.stderr, again.script, found.script)
	}
	if source, replica := p.Source.Contents(t, "shop"), p.Replica.Contents(t, "shop"); source != replica {
		t.Errorf("the replica's rows differ: %s\nafter\n%s\n%s", servers.Difference(replica, source), found.stderr, found.script)
	}
	return found.script
}

var compareLines = []*servers.Line{servers.MySQL97, servers.MySQL57, servers.MariaDB118}

// beforeSpan are tables from before the logs that are compared.
const beforeSpan = `CREATE DATABASE shop CHARACTER SET utf8mb4;
CREATE TABLE shop.old (id INT PRIMARY KEY, u INT UNIQUE, v VARCHAR(40)) ENGINE=InnoDB;
CREATE TABLE shop.word (w VARCHAR(20) COLLATE utf8mb4_general_ci PRIMARY KEY, n INT) ENGINE=InnoDB;
CREATE TABLE shop.parent (id INT PRIMARY KEY, v INT) ENGINE=InnoDB;
CREATE TABLE shop.child (id INT PRIMARY KEY, p INT, v INT, FOREIGN KEY (p) REFERENCES shop.parent (id) ON DELETE CASCADE) ENGINE=InnoDB;
CREATE TABLE shop.bare (a INT, b VARCHAR(10)) ENGINE=InnoDB;
CREATE TABLE shop.altered (id INT PRIMARY KEY, a INT, b INT, c VARCHAR(10)) ENGINE=InnoDB;
CREATE TABLE shop.stated (id INT PRIMARY KEY, n INT) ENGINE=InnoDB;
CREATE TABLE shop.swapped (id INT PRIMARY KEY, u INT NOT NULL UNIQUE) ENGINE=InnoDB;
INSERT INTO shop.old VALUES (1, 10, 'a'), (2, 20, 'b'), (3, 30, 'c'), (4, NULL, 'd'), (5, 50, 'e');
INSERT INTO shop.word VALUES ('abc', 1), ('def', 2), ('ghi', 3);
INSERT INTO shop.parent VALUES (1, 1), (2, 2), (3, 3);
INSERT INTO shop.child VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3);
INSERT INTO shop.bare VALUES (1, 'x'), (1, 'x'), (2, 'y');
INSERT INTO shop.altered VALUES (1, 1, 1, 'one'), (2, 2, 2, 'two'), (3, 3, 3, 'three');
INSERT INTO shop.stated VALUES (1, 1), (2, 2), (3, 3);
INSERT INTO shop.swapped VALUES (1, 1), (2, 2);
`

// inSpan is what the logs have that are compared.
const inSpan = `CREATE TABLE shop.fresh (id INT PRIMARY KEY, t TEXT, d DOUBLE, ts TIMESTAMP(3) NULL) ENGINE=InnoDB;
CREATE TABLE shop.heap (a INT, b VARCHAR(20)) ENGINE=InnoDB;
INSERT INTO shop.fresh VALUES (1, 'one', 0.1, '2020-01-01 00:00:01.5'), (2, 'O''Neil\\', -2.5e-300, NULL), (3, NULL, 3, NULL);
INSERT INTO shop.heap VALUES (1, 'x'), (1, 'x'), (1, 'x'), (2, 'y');
DELETE FROM shop.heap WHERE a = 1 LIMIT 1;
UPDATE shop.old SET u = 11, v = 'changed' WHERE id = 1;
DELETE FROM shop.old WHERE id = 2;
INSERT INTO shop.old VALUES (6, 20, 'has the value of 2');
UPDATE shop.old SET v = 'four' WHERE id = 4;
UPDATE shop.word SET w = 'ABC' WHERE w = 'abc';
UPDATE shop.word SET n = 22 WHERE w = 'def';
DELETE FROM shop.word WHERE w = 'ghi';
INSERT INTO shop.word VALUES ('GHI', 4);
UPDATE shop.child SET v = v + 10;
DELETE FROM shop.parent WHERE id = 1;
UPDATE shop.child SET v = 33 WHERE id = 3;
UPDATE shop.bare SET b = 'z' WHERE a = 2;
UPDATE shop.altered SET a = 10, b = 10, c = 'ten' WHERE id = 1;
ALTER TABLE shop.altered ADD COLUMN e INT DEFAULT 5 AFTER id;
UPDATE shop.altered SET a = 20 WHERE id = 2;
UPDATE shop.swapped SET u = 3 WHERE id = 1; UPDATE shop.swapped SET u = 1 WHERE id = 2; UPDATE shop.swapped SET u = 2 WHERE id = 1;
UPDATE shop.stated SET n = 5 WHERE id = 1;
SET SESSION binlog_format = STATEMENT;
UPDATE shop.stated SET n = n * 2 WHERE id IN (1, 2);
SET SESSION binlog_format = ROW;
UPDATE shop.stated SET n = 7 WHERE id = 3;
`

// TestCompare: nothing that the replica has rightly is called wrong, whatever the log does not tell; what drifts is found, mended,
// and found no more.
func TestCompare(t *testing.T) {
	onLines(t, compareLines, func(t *testing.T, line *servers.Line) {
		p := startSource(t, line, servers.Options{GTID: true})
		p.Source.MustExec(t, beforeSpan+"FLUSH BINARY LOGS;\n"+inSpan)
		p.Sync(t)
		first := len(p.Source.Binlogs(t)) - 1
		untouched := compareJSON(t, p, first)
		if len(untouched.Differences) > 0 || untouched.AllEqual {
			t.Errorf("an equal replica: %+v", untouched)
		}
		reasons := map[string]string{}
		for _, table := range untouched.Tables {
			for _, n := range table.NotJudged {
				reasons[table.Table] = n.Reason
			}
			if table.Judged != table.Equal {
				t.Errorf("an equal replica: %+v", table)
			}
		}
		for table, want := range map[string]string{"bare": "no key", "stated": "logged as such", "child": "foreign keys"} {
			if !strings.Contains(reasons[table], want) && !(table == "child" && line == servers.MySQL97) {
				t.Errorf("%s is not judged because of %q, want %q", table, reasons[table], want)
			}
		}
		p.Drift(t, `UPDATE shop.old SET v = 'drift' WHERE id = 4; DELETE FROM shop.old WHERE id = 6; INSERT INTO shop.old VALUES (2, 20, 'kept'), (77, 10, 'has a value');
			UPDATE shop.word SET w = 'abc' WHERE w = 'ABC'; UPDATE shop.word SET w = 'ghi', n = 3 WHERE w = 'GHI';
			DELETE FROM shop.fresh WHERE id = 1; UPDATE shop.fresh SET t = 'other', d = 0.30000000000000004 WHERE id = 3; INSERT INTO shop.fresh VALUES (9, 'extra', 1, NULL);
			DELETE FROM shop.heap WHERE a = 1 LIMIT 1; INSERT INTO shop.heap VALUES (3, 'extra'), (3, 'extra');
			UPDATE shop.altered SET c = 'drift' WHERE id = 1; UPDATE shop.altered SET a = 0, e = 0 WHERE id = 2;
			UPDATE shop.stated SET n = 0 WHERE id = 3;
			UPDATE shop.swapped SET u = 3 WHERE id = 1; UPDATE shop.swapped SET u = 2 WHERE id = 2; UPDATE shop.swapped SET u = 1 WHERE id = 1;`)
		testCompareForms(t, p, first)
		testCompareSource(t, p, first)
		mendByCompare(t, p, first)
	})
}

// testCompareForms looks at what is printed beside the script.
func testCompareForms(t *testing.T, p *servers.Pair, first int) {
	page := filepath.Join(t.TempDir(), "page.html")
	found := compare(t, p, first, "--html", page)
	html, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"shop.heap", "rows are not as the log has them", "no row"} {
		if !strings.Contains(string(html), want) {
			t.Errorf("expected %q in the page", want)
		}
	}
	for _, want := range []string{"TABLE", "NOT JUDGED", "shop.word"} {
		if !strings.Contains(found.stderr, want) {
			t.Errorf("expected %q in\n%s", want, found.stderr)
		}
	}
	slow := compareJSON(t, p, first, "--max-rows-per-second=20000", "--max-load=Threads_connected=10000", "--table=shop.old")
	if len(slow.Tables) != 1 || slow.Tables[0].Differing != 1 || slow.Tables[0].Missing != 1 || slow.Tables[0].Extra != 2 {
		t.Errorf("of shop.old: %+v", slow)
	}
}

// testCompareSource asks the source for the rows that differ, and reads the logs from it.
func testCompareSource(t *testing.T, p *servers.Pair, first int) {
	p.Source.MustExec(t, "SET sql_log_bin = 0; GRANT SELECT, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO reader@'%'")
	asked := compareJSON(t, p, first, sourceArgs(p.Source)...)
	for _, d := range asked.Differences {
		if d.Source != "agrees" && d.Table != "heap" {
			t.Errorf("the source does not agree: %+v", d)
		}
	}
	fetched := binmend(t, "", slices.Concat([]string{"compare", "--defaults-file=/dev/null", "-S", p.Replica.Socket, "-u", "root", "--json"}, sourceArgs(p.Source))...)
	var c comparison
	if err := json.Unmarshal([]byte(fetched.script), &c); err != nil {
		t.Fatalf("%v\n%s", err, fetched.stderr)
	}
	if len(c.Differences) < len(asked.Differences) { // all of the source's logs: more tables are known whole
		t.Errorf("%d differences by the source's own log, %d by files\n%s", len(c.Differences), len(asked.Differences), fetched.stderr)
	}
}
