package endtoend

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"binmend/fixtures/servers"
)

// TestAheadGap: of four workers one waits for a lock while the others apply what comes after it, and then fails. The
// script lets it and all that is not applied go on, and leaves alone what is applied: to repair that again would lose it.
// What may overtake is another row in MySQL 9.7, another database in 5.6, and another GTID domain in MariaDB.
func TestAheadGap(t *testing.T) {
	servers.On(t, servers.AllLines(), func(t *testing.T, line *servers.Line) {
		options, elsewhere := servers.Options{GTID: true, Workers: 4}, ""
		switch {
		case line == servers.MySQL8031:
			options.Args = []string{"--replica-preserve-commit-order=OFF", "--binlog-transaction-dependency-tracking=WRITESET"}
		case line == servers.MySQL97:
			options.Args = []string{"--replica-preserve-commit-order=OFF"}
		case line.Flavor == servers.MariaDB:
			elsewhere = "SET SESSION gtid_domain_id = 2; "
		}
		testAheadGap(t, servers.StartPair(t, line, options), elsewhere)
	})
}

func testAheadGap(t *testing.T, p *servers.Pair, elsewhere string) {
	p.Source.MustExec(t, "CREATE DATABASE one; CREATE DATABASE two; CREATE TABLE one.a (id INT PRIMARY KEY, v INT) ENGINE=InnoDB; "+
		"CREATE TABLE two.b LIKE one.a; INSERT INTO one.a VALUES (1, 1), (2, 2)")
	p.Sync(t)
	p.Drift(t, "DELETE FROM one.a WHERE id = 2; INSERT INTO one.a VALUES (3, -3); INSERT INTO two.b VALUES (9, -9)")
	lock, err := p.Replica.DB().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if _, err := lock.ExecContext(t.Context(), "BEGIN; SELECT * FROM one.a WHERE id = 1 FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	p.Source.MustExec(t, "BEGIN; UPDATE one.a SET v = 10 WHERE id = 1; UPDATE one.a SET v = 20 WHERE id = 2; COMMIT")
	for i := range 3 {
		p.Source.MustExec(t, fmt.Sprintf("%sINSERT INTO two.b VALUES (%d, 1)", elsewhere, i))
	}
	waitRows(t, p.Replica, "SELECT COUNT(*) FROM two.b WHERE v = 1", 3)
	p.Source.MustExec(t, "BEGIN; UPDATE one.a SET v = 100 WHERE id = 1; INSERT INTO one.a VALUES (3, 3); COMMIT")
	p.Source.MustExec(t, "BEGIN; UPDATE one.a SET v = 1000 WHERE id = 1; INSERT INTO two.b VALUES (9, 9); COMMIT")
	receive(t, p)
	if _, err := lock.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	stop := p.WaitError(t, 1032)
	again, _ := mendBy(t, p, stop, func(t *testing.T) fixRun {
		fixed := fixLive(t, p, "--ahead", "all")
		if !strings.Contains(joined(fixed.script), "the failing transaction and 2 transactions after it, without 3 that are applied already") {
			t.Error("the script does not say that transactions are applied already")
		}
		return fixed
	})
	if again.Errno != 0 {
		t.Fatal(again)
	}
	for _, database := range []string{"one", "two"} {
		if source, replica := p.Source.Contents(t, database), p.Replica.Contents(t, database); source != replica {
			t.Errorf("the replica's rows differ.\nsource:\n%s\nreplica:\n%s", source, replica)
		}
	}
}

// joined is a script with its wrapped comments in one line each.
func joined(script string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(script, "\n--", "")), " ")
}

// waitRows waits until a query counts so many rows.
func waitRows(t *testing.T, s *servers.Server, query string, want int) {
	t.Helper()
	got := -1
	for deadline := time.Now().Add(time.Minute); got != want; {
		if err := s.DB().QueryRow(query).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: want %d, found %d", query, want, got)
		}
	}
}

// TestAheadStops: the range ends where what the replica has can't be told: before rows of a table that it has not altered
// yet, and before a statement that changes rows. After that a second script goes on.
func TestAheadStops(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		p := servers.StartPair(t, line, servers.Options{Args: smallLogs})
		p.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.a (id INT PRIMARY KEY, v INT) ENGINE=InnoDB; "+
			"CREATE TABLE shop.b (id INT PRIMARY KEY) ENGINE=InnoDB; INSERT INTO shop.a VALUES (1, 1), (2, 2), (3, 3)")
		p.Sync(t)
		p.Drift(t, "DELETE FROM shop.a; INSERT INTO shop.b VALUES (1), (2), (3), (4)")
		p.Source.MustExec(t, "UPDATE shop.a SET v = 10 WHERE id = 1; INSERT INTO shop.b VALUES (1); UPDATE shop.a SET v = 20 WHERE id = 2; "+
			"ALTER TABLE shop.a ADD COLUMN w INT; INSERT INTO shop.b VALUES (2); UPDATE shop.a SET w = 3 WHERE id = 3; "+
			"TRUNCATE shop.b; INSERT INTO shop.b VALUES (3); UPDATE shop.a SET w = 4 WHERE id = 3")
		ends := []string{"before the first rows of a table that the ALTER TABLE", "before a statement that changes rows and was not logged as rows: TRUNCATE", ""}
		stop := p.WaitError(t, 1032)
		for i := 0; stop.Errno != 0; i++ {
			if i == len(ends) {
				t.Fatal("too many scripts are needed")
			}
			stop, _ = mendBy(t, p, stop, func(t *testing.T) fixRun {
				fixed := fixLive(t, p, "--ahead=all", "--probe")
				if !strings.Contains(joined(fixed.script), ends[i]) {
					t.Errorf("script %d does not say that it ends %s", i+1, ends[i])
				}
				return fixed
			})
		}
		if source, replica := p.Source.Contents(t, "shop"), p.Replica.Contents(t, "shop"); source != replica {
			t.Errorf("the replica's rows differ.\nsource:\n%s\nreplica:\n%s", source, replica)
		}
	})
}

// TestAheadNumber repairs a given number of transactions, from files.
func TestAheadNumber(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		p := servers.StartPair(t, line, servers.Options{Args: smallLogs, GTID: true})
		p.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.a (id INT PRIMARY KEY) ENGINE=InnoDB")
		p.Sync(t)
		schemaFile := writeSchema(t, p, "shop")
		p.Drift(t, "INSERT INTO shop.a VALUES (1), (2), (3), (4), (5)")
		p.Source.MustExec(t, "INSERT INTO shop.a VALUES (1); INSERT INTO shop.a VALUES (2); INSERT INTO shop.a VALUES (3); INSERT INTO shop.a VALUES (4); INSERT INTO shop.a VALUES (5)")
		p.WaitError(t, 1062)
		for flag, want := range map[string]int{"--ahead=0": 1, "--ahead=1": 2, "--ahead=3": 4, "--ahead=all": 5, "--ahead=99": 5} {
			fixed := fix(t, p, receive(t, p), schemaFile, flag)
			if n := strings.Count(fixed.script, "\nDELETE FROM"); n != want || fixed.exit != 0 {
				t.Errorf("%s: want %d statements, found %d; exit code %d\n%s", flag, want, n, fixed.exit, fixed.stderr)
			}
		}
	})
}
