package endtoend

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"binmend/emit/control"
	"binmend/fixtures/servers"
)

// ownTables are ways in which a replica's table may legally differ from the source's, which is (id INT PRIMARY KEY, v INT, w VARCHAR(10)).
var ownTables = []struct{ name, alter, same string }{
	{"more", "ADD x VARCHAR(9) DEFAULT 'none', ADD at TIMESTAMP(6) NULL", "id, v, w"},
	{"less", "DROP w", "id, v"},
	{"wider", "MODIFY id BIGINT, MODIFY v BIGINT, MODIFY w VARCHAR(400) CHARACTER SET latin1", "id, v, w"},
	{"encoded", "MODIFY w VARCHAR(10) CHARACTER SET utf8mb4", "id, v, w"},
	{"compared", "MODIFY w VARCHAR(10) CHARACTER SET latin1 COLLATE latin1_bin", "id, v, w"},
	{"keyed", "ADD UNIQUE KEY only_here (v)", "id, v, w"},
	{"bare", "DROP PRIMARY KEY", "id, v, w"},
	{"rekeyed", "DROP PRIMARY KEY, ADD PRIMARY KEY (w, id)", "id, v, w"},
	{"renamed", "CHANGE v vv INT", "id, vv, w"},
	{"computed", "ADD g INT AS (v * 2) STORED, ADD UNIQUE KEY by_g (g)", "id, v, w"},
}

// TestCompareReplica: a replica's tables may have other columns, keys and triggers than the source's, and its service may not let
// anybody set sql_log_bin.
func TestCompareReplica(t *testing.T) {
	servers.On(t, compareLines, func(t *testing.T, line *servers.Line) {
		p := servers.SharedPair(t, line, servers.Options{GTID: true})
		p.Reset(t)
		word := "slave"
		if line == servers.MySQL97 {
			word = "replica"
		}
		const conversions = "STOP %[1]s; SET GLOBAL %[1]s_type_conversions='%[2]s'; START %[1]s"
		p.Replica.MustExec(t, fmt.Sprintf(conversions, word, "ALL_NON_LOSSY"))
		defer p.Replica.MustExec(t, fmt.Sprintf(conversions, word, ""))
		var create, alter, write, drift strings.Builder
		for _, c := range ownTables {
			fmt.Fprintf(&create, "CREATE TABLE shop.`%s` (id INT PRIMARY KEY, v INT, w VARCHAR(10) CHARACTER SET latin1) ENGINE=InnoDB;\n", c.name)
			fmt.Fprintf(&alter, "ALTER TABLE shop.`%s` %s;\n", c.name, c.alter)
			fmt.Fprintf(&write, "INSERT INTO shop.`%[1]s` VALUES (1, 10, 'a'), (2, 20, 'b'), (3, 30, NULL), (4, 40, 'd'); UPDATE shop.`%[1]s` SET v = 31, w = 'C' WHERE id = 3; "+
				"UPDATE shop.`%[1]s` SET v = 40 + 1 WHERE id = 4; DELETE FROM shop.`%[1]s` WHERE id = 1;\n", c.name)
			v := strings.Split(c.same, ", ")[1]
			fmt.Fprintf(&drift, "UPDATE shop.`%[1]s` SET %[2]s = 99 WHERE id = 3; DELETE FROM shop.`%[1]s` WHERE id = 2; INSERT INTO shop.`%[1]s` (%[3]s) VALUES (9, 9%[4]s);\n",
				c.name, v, c.same, map[bool]string{true: ", 'z'"}[strings.HasSuffix(c.same, "w")])
		}
		writes := strings.Replace(write.String(), "INSERT INTO shop.`rekeyed` VALUES (1, 10, 'a'), (2, 20, 'b'), (3, 30, NULL)",
			"INSERT INTO shop.`rekeyed` VALUES (1, 10, 'a'), (2, 20, 'b'), (3, 30, 'c')", 1)
		p.Source.MustExec(t, "CREATE DATABASE shop CHARACTER SET latin1;\n"+create.String())
		p.Sync(t)
		p.Drift(t, alter.String()+"CREATE TABLE shop.audit (id INT AUTO_INCREMENT PRIMARY KEY); CREATE TRIGGER shop.watched BEFORE UPDATE ON shop.more FOR EACH ROW SET NEW.x = 'fired';")
		p.Source.MustExec(t, "FLUSH BINARY LOGS;\n"+writes)
		p.Sync(t)
		for _, first := range []int{0, len(p.Source.Binlogs(t)) - 1} {
			c := compareJSON(t, p, first)
			if len(c.Differences) > 0 {
				t.Errorf("an equal replica, from log %d on: %+v", first, c.Differences)
			}
			for _, table := range c.Tables {
				if isJudged := table.Judged > 0 && len(table.NotJudged) == 0; !isJudged && (table.Table != "bare" || first == 0) {
					t.Errorf("from log %d on: %+v", first, table)
				}
			}
		}
		p.Drift(t, drift.String())
		found := compare(t, p, 0)
		if risk := strings.Join(strings.Fields(found.script), " "); !strings.Contains(risk, "RISK: shop.more: triggers fire") {
			t.Errorf("no risk names the trigger:\n%s", found.script)
		}
		expectGuarded(t, p, found.script)
		if _, err := p.Replica.Exec(found.script); err != nil {
			t.Fatalf("%v\n%s", err, found.script)
		}
		for _, c := range ownTables {
			ask := func(columns string) string {
				return fmt.Sprintf("SELECT %s FROM shop.`%s` ORDER BY id", columns, c.name)
			}
			source, replica := p.Source.MustExec(t, ask(strings.Replace(c.same, "vv", "v", 1))), p.Replica.MustExec(t, ask(strings.Replace(c.same, "vv", "vv AS v", 1)))
			if source != replica {
				t.Errorf("%s: the rows differ after the script\nsource:\n%s\nreplica:\n%s", c.name, source, replica)
			}
		}
		if again := compare(t, p, 0); again.script != "" {
			t.Errorf("a second comparison finds\n%s\nafter\n%s", again.script, found.script)
		}
		testComparePlatforms(t, p)
	})
}

// expectGuarded gives a script for the replica to the source, with a client that goes on after errors: it changes nothing there.
func expectGuarded(t *testing.T, p *servers.Pair, script string) {
	t.Helper()
	before := p.Source.Contents(t, "shop")
	client := p.Source.Client("--force")
	client.Stdin = strings.NewReader(script)
	out, err := client.CombinedOutput()
	if !strings.Contains(string(out), "this is not the replica that was compared") {
		t.Errorf("%v: %s", err, out)
	}
	if after := p.Source.Contents(t, "shop"); after != before {
		t.Errorf("on another server the script changes rows: %s", servers.Difference(after, before))
	}
}

// testComparePlatforms mends a replica as on services that let nobody set sql_log_bin.
func testComparePlatforms(t *testing.T, p *servers.Pair) {
	p.Drift(t, "UPDATE shop.compared SET v = 5 WHERE id = 3")
	for _, platform := range slices.Backward(control.Platforms) {
		if platform == control.Plain {
			continue
		}
		found := compare(t, p, 0, "--platform", string(platform))
		if strings.Contains(found.script, "sql_log_bin=") || !strings.Contains(found.script, "UPDATE") {
			t.Errorf("%s: %s\n%s", platform, found.stderr, found.script)
		}
		if platform == control.RDS {
			if _, err := p.Replica.Exec(found.script); err != nil {
				t.Errorf("%v\n%s", err, found.script)
			}
		}
	}
	if again := compare(t, p, 0); again.script != "" {
		t.Errorf("a second comparison finds\n%s", again.script)
	}
}

// TestCompareValueThatTheReplicaLacks: a row with a member of an ENUM that the replica's column lacks, or with NULL where that is NOT NULL,
// is not judged, and the others are.
func TestCompareValueThatTheReplicaLacks(t *testing.T) {
	servers.On(t, compareLines, func(t *testing.T, line *servers.Line) {
		p := servers.SharedPair(t, line, servers.Options{GTID: true})
		p.Reset(t)
		p.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.e (id INT PRIMARY KEY, e ENUM('a', 'b', 'c')); CREATE TABLE shop.n (id INT PRIMARY KEY, v INT); "+
			"INSERT INTO shop.e VALUES (1, 'a'), (2, 'b'); INSERT INTO shop.n VALUES (1, 1), (2, 2)")
		p.Sync(t)
		p.Drift(t, "ALTER TABLE shop.e MODIFY e ENUM('a', 'b'); ALTER TABLE shop.n MODIFY v INT NOT NULL")
		p.Source.MustExec(t, "FLUSH BINARY LOGS; UPDATE shop.e SET e = 'c' WHERE id = 2; UPDATE shop.e SET e = 'b' WHERE id = 1; "+
			"UPDATE shop.n SET v = NULL WHERE id = 2; UPDATE shop.n SET v = 5 WHERE id = 1")
		p.Sync(t)
		p.Drift(t, "DELETE FROM shop.e WHERE id = 1; DELETE FROM shop.n WHERE id = 1")
		c := compareJSON(t, p, len(p.Source.Binlogs(t))-1)
		var missing, reasons []string
		for _, d := range c.Differences {
			missing = append(missing, d.Table+" "+d.Kind)
		}
		for _, table := range c.Tables {
			for _, n := range table.NotJudged {
				reasons = append(reasons, n.Reason)
			}
		}
		if fmt.Sprint(missing) != "[e missing n missing]" || len(reasons) != 2 || !strings.Contains(strings.Join(reasons, ";"), "does not fit the replica's column") {
			t.Errorf("want a missing row of each table, and one that is not judged; got %v and %q", missing, reasons)
		}
	})
}
