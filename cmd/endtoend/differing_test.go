package endtoend

import (
	"fmt"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// differing are ways in which a replica's table may legally differ from the source's d.t (id INT PRIMARY KEY, v INT UNIQUE,
// w INT). Columns that only the replica has are called x.
var differing = []struct {
	name  string
	alter string // makes the replica's table differ
	same  string // the columns whose values are the source's
}{
	{"column-more", "ADD x VARCHAR(9) DEFAULT 'none'", "id, v, w"},
	{"column-more-not-null", "ADD x VARCHAR(9) NOT NULL", "id, v, w"},
	{"time-of-its-own", "ADD x VARCHAR(9), ADD at TIMESTAMP(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)", "id, v, w"},
	{"column-less", "DROP w", "id, v"},
	{"wider", "MODIFY id BIGINT, MODIFY v BIGINT, ADD x VARCHAR(9)", "id, v, w"},
	{"other-names", "CHANGE v vv INT, ADD x VARCHAR(9)", "id, vv, w"},
}

// TestDifferingTables repairs replicas whose tables are not the source's, with a dump of the replica and with a connection. The
// rows become the source's, and the values that only the replica has stay.
func TestDifferingTables(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL97, servers.MySQL56, servers.MariaDB1011, servers.MariaDB118} {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			p := servers.StartPair(t, line, servers.Options{GTID: true})
			word := "slave"
			if line == servers.MySQL97 {
				word = "replica"
			}
			p.Replica.MustExec(t, fmt.Sprintf("STOP %s; SET GLOBAL %s_type_conversions='ALL_NON_LOSSY'; START %s", word, word, word))
			p.Source.MustExec(t, "CREATE DATABASE d")
			for _, live := range []bool{false, true} {
				for _, c := range differing {
					t.Run(fmt.Sprintf("%s/live=%v", c.name, live), func(t *testing.T) {
						testDiffering(t, p, c.alter, c.same, live)
					})
				}
			}
		})
	}
}

func testDiffering(t *testing.T, p *servers.Pair, alter, same string, live bool) {
	p.Source.MustExec(t, "DROP TABLE IF EXISTS d.t; CREATE TABLE d.t (id INT PRIMARY KEY, v INT UNIQUE, w INT); "+
		"INSERT INTO d.t VALUES (1, 1, 1), (2, -2, 2), (3, 3, 3), (4, 4, 4)")
	p.Sync(t)
	hasLocal := strings.Contains(alter, "ADD x")
	drift := "ALTER TABLE d.t " + alter
	if hasLocal {
		drift += "; UPDATE d.t SET x = CONCAT('own', id)"
	}
	columns := strings.Split(same, ", ")
	drift += fmt.Sprintf("; UPDATE d.t SET %s = 30 WHERE id = 3; DELETE FROM d.t WHERE id = 4; INSERT INTO d.t (%s) VALUES (9, 5)",
		columns[1], strings.Join(columns[:2], ", "))
	p.Drift(t, "SET sql_mode = ''; "+drift)
	schemaFile := writeSchema(t, p, "d")

	p.Source.MustExec(t, "BEGIN; UPDATE d.t SET v = 33 WHERE id = 3; UPDATE d.t SET v = 22 WHERE id = 2; INSERT INTO d.t VALUES (5, 5, 5); "+
		"DELETE FROM d.t WHERE id = 4; UPDATE d.t SET v = 3 WHERE id = 1; COMMIT")
	stop := p.Settle(t)
	if stop.Errno != 1032 && stop.Errno != 1062 {
		t.Fatalf("want 1032 or 1062, but %v", stop)
	}
	repair := func(t *testing.T) fixRun { return fix(t, p, receive(t, p), schemaFile) }
	if live {
		repair = func(t *testing.T) fixRun { return fixLive(t, p) }
	}
	if again, _ := mendBy(t, p, stop, repair); again.Errno != 0 {
		t.Fatalf("after the script: %v", again)
	}
	ask := "SELECT %s FROM d.t ORDER BY id"
	source := p.Source.MustExec(t, fmt.Sprintf(ask, strings.Replace(same, "vv", "v", 1)))
	if replica := p.Replica.MustExec(t, fmt.Sprintf(ask, strings.Replace(same, "vv", "vv AS v", 1))); source != replica {
		t.Errorf("the replica's rows differ.\nsource:\n%s\nreplica:\n%s", source, replica)
	}
	if hasLocal {
		if own := strings.Fields(p.Replica.MustExec(t, "SELECT x FROM d.t WHERE id < 4 ORDER BY id")); strings.Join(own, " ") != "x own1 own2 own3" {
			t.Errorf("the replica's own values are %q, want those of before: own1 own2 own3", own)
		}
	}
}

// TestValueThatTheReplicaLacks: the applier stores nothing for a member of an ENUM that the replica's column lacks, and 0 for NULL, and goes
// on. No script lets it.
func TestValueThatTheReplicaLacks(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL97, servers.MariaDB1011} {
		p := servers.SharedPair(t, line, servers.Options{GTID: true})
		for alter, change := range map[string]string{"e ENUM('a', 'b')": "e = 'c'", "e ENUM('a', 'b', 'c') NOT NULL": "e = NULL"} {
			t.Run(line.String()+"/"+alter, func(t *testing.T) {
				p.Reset(t)
				p.Source.MustExec(t, "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, e ENUM('a', 'b', 'c')); INSERT INTO d.t VALUES (1, 'a'), (2, 'b')")
				p.Sync(t)
				p.Drift(t, "DELETE FROM d.t WHERE id = 2; ALTER TABLE d.t MODIFY "+alter)
				p.Source.MustExec(t, "UPDATE d.t SET "+change+" WHERE id = 2")
				p.WaitError(t, 1032)
				if run := fixLive(t, p); run.exit == 0 || run.script != "" || !strings.Contains(run.stderr, "column `e` of the replica's `d`.`t`") {
					t.Errorf("want no script, and the column; got exit code %d and\n%s\n%s", run.exit, run.stderr, run.script)
				}
			})
		}
	}
}

// TestStaleDump: a dump from before the table's types were changed has the same names. The rows are of the new types.
func TestStaleDump(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		p := servers.SharedPair(t, line, servers.Options{})
		for _, test := range []struct{ from, to string }{
			{"v INT", "v BIGINT"}, {"v ENUM('1', '2')", "v ENUM('2', '1')"}, {"v SET('1', '2')", "v SET('2', '1')"}, {"v INT", "v DECIMAL(9,2)"},
		} {
			p.Reset(t)
			create := "SET sql_log_bin = 0; DROP DATABASE IF EXISTS shop; CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, %s) ENGINE=InnoDB; INSERT INTO shop.t VALUES (1, 1)"
			p.Replica.MustExec(t, fmt.Sprintf(create, test.from))
			stale := writeSchema(t, p, "shop")
			p.Source.MustExec(t, fmt.Sprintf(create, test.to))
			p.Replica.MustExec(t, fmt.Sprintf(create, test.to))
			fresh := writeSchema(t, p, "shop")
			p.Drift(t, "DELETE FROM shop.t WHERE id = 1")
			p.Source.MustExec(t, "UPDATE shop.t SET v = 2 WHERE id = 1")
			p.WaitError(t, 1032)
			if run := fix(t, p, receive(t, p), stale); run.exit == 0 {
				expectNoEffect(t, p, run.script)
				p.WaitError(t, 1032)
			} else if run.script != "" {
				t.Errorf("%s, now %s: exit code %d\n%s\n%s", test.from, test.to, run.exit, run.stderr, run.script)
			}
			p.Replica.MustExec(t, fix(t, p, receive(t, p), fresh).script)
			p.Sync(t)
			if source, replica := p.Source.Contents(t, "shop"), p.Replica.Contents(t, "shop"); source != replica {
				t.Errorf("source:\n%s\nreplica:\n%s", source, replica)
			}
		}
	})
}

// TestGuardOfDefinition: the guard spells every type as the server does, or it would stop a script that is right.
func TestGuardOfDefinition(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		p := servers.SharedPair(t, line, servers.Options{})
		p.Reset(t)
		columns := "id INT PRIMARY KEY, `it's` INTEGER, c1 TINYINT UNSIGNED, c2 SMALLINT ZEROFILL, c3 MEDIUMINT, c4 BIGINT UNSIGNED, c5 NUMERIC(9,2), c6 FLOAT(7,2), " +
			"c7 REAL, c8 BIT(3), c9 YEAR, c10 DATE, c11 TIME(3), c12 DATETIME(6), c13 TIMESTAMP NULL, c14 NCHAR(3), c15 VARCHAR(9), c16 BINARY(3), c17 VARBINARY(9), " +
			"c18 TINYTEXT, c19 TEXT, c20 MEDIUMTEXT, c21 LONGTEXT, c22 TINYBLOB, c23 BLOB, c24 MEDIUMBLOB, c25 LONGBLOB, c26 BOOL, c27 ENUM('a', 'B c'), c28 SET('x-1', 'y')"
		if line != servers.MySQL56 {
			columns += ", c29 JSON"
		}
		if line.Flavor == servers.MariaDB {
			columns += ", c30 UUID, c31 INET4, c32 INET6"
		}
		p.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.t ("+columns+") ENGINE=InnoDB; INSERT INTO shop.t (id) VALUES (1)")
		p.Sync(t)
		p.Drift(t, "ALTER TABLE shop.t ADD own INT; DELETE FROM shop.t")
		p.Source.MustExec(t, "UPDATE shop.t SET c1 = 1, c27 = 'a'")
		stop := p.WaitError(t, 1032)
		if again, _ := mend(t, p, stop, writeSchema(t, p, "shop")); again.Errno != 0 {
			t.Fatalf("after the script: %v", again)
		}
	})
}
