package endtoend

import (
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// A replica may have generated columns, after those of the source, with unique keys over them. The log has no values of such a
// key: the row in the way is found by the key's expression, with a dump of the replica and with a connection.
func TestKeyOfTheReplicaAlone(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL97, servers.MariaDB1011, servers.MariaDB118} {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			p := servers.StartPair(t, line, servers.Options{GTID: true})
			p.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.t (a INT PRIMARY KEY, b VARCHAR(9))")
			p.Sync(t)
			p.Drift(t, "ALTER TABLE shop.t ADD z INT GENERATED ALWAYS AS (a % 6) STORED UNIQUE, "+
				"ADD low VARCHAR(9) GENERATED ALWAYS AS (LOWER(b)) STORED UNIQUE; INSERT INTO shop.t (a, b) VALUES (1, NULL), (3, 'X')")
			schemaFile := writeSchema(t, p, "shop")

			p.Source.MustExec(t, "INSERT INTO shop.t VALUES (7, NULL)")
			stop := p.WaitError(t, 1062)
			if again, _ := mend(t, p, stop, schemaFile); again.Errno != 0 {
				t.Fatalf("after the script: %v", again)
			}
			p.Source.MustExec(t, "INSERT INTO shop.t VALUES (10, 'x')")
			stop = p.WaitError(t, 1062)
			if again, _ := mendBy(t, p, stop, func(t *testing.T) fixRun { return fixLive(t, p) }); again.Errno != 0 {
				t.Fatalf("after the script: %v", again)
			}
			const ask = "SELECT a, b FROM shop.t ORDER BY a"
			sameRows(t, p, ask)
		})
	}
}

// A row that the source compares as equal to its own may be another row on a replica with a finer collation: it stays, and the script says so.
func TestFinerCollationOfTheReplica(t *testing.T) {
	p := servers.SharedPair(t, servers.MySQL97, servers.Options{GTID: true})
	p.Reset(t)
	p.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.t (a VARCHAR(9) COLLATE utf8mb4_general_ci PRIMARY KEY, n INT); INSERT INTO shop.t VALUES ('x', 1)")
	p.Sync(t)
	p.Drift(t, "ALTER TABLE shop.t MODIFY a VARCHAR(9) COLLATE utf8mb4_bin; UPDATE shop.t SET a = 'X'")
	schemaFile := writeSchema(t, p, "shop")
	p.Source.MustExec(t, "UPDATE shop.t SET n = 2")
	p.WaitError(t, 1032)
	const want = "RISK: shop.t: column `a` of a unique key compares by utf8mb4_bin, and by utf8mb4_general_ci on the source"
	for name, run := range map[string]fixRun{"files": fix(t, p, receive(t, p), schemaFile), "live": fixLive(t, p)} {
		if text := strings.ReplaceAll(run.script, "\n--   ", " "); run.exit != 0 || !strings.Contains(text, want) {
			t.Errorf("%s: want %q, got exit code %d and\n%s\n%s", name, want, run.exit, run.stderr, run.script)
		}
	}
}

// Some versions compute no value of such a column when they apply rows, and check no key over it: the row that has the value is not
// in the way, and stays. The transaction fails here because of another row.
func TestKeyThatTheApplierDoesNotCheck(t *testing.T) {
	for _, tc := range []struct {
		line    *servers.Line
		kind    string
		checked bool
	}{
		{servers.MariaDB1011, "VIRTUAL", false},
		{servers.MariaDB114, "VIRTUAL", true},
		{servers.MySQL57, "STORED", false},
		{servers.MySQL8015, "STORED", false},
		{servers.MySQL8031, "VIRTUAL", true},
	} {
		t.Run(tc.line.String(), func(t *testing.T) {
			p := servers.StartPair(t, tc.line, servers.Options{GTID: true})
			p.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.t (a INT PRIMARY KEY, b VARCHAR(9))")
			p.Sync(t)
			p.Drift(t, "ALTER TABLE shop.t ADD z INT GENERATED ALWAYS AS (a % 6) "+tc.kind+", ADD UNIQUE (z); INSERT INTO shop.t (a, b) VALUES (1, 'stays'), (8, 'goes')")
			schemaFile := writeSchema(t, p, "shop")
			p.Source.MustExec(t, "INSERT INTO shop.t VALUES (7, NULL), (8, NULL)")
			stop := p.WaitError(t, 1062)
			if again, _ := mend(t, p, stop, schemaFile); again.Errno != 0 {
				t.Fatalf("after the script: %v", again)
			}
			const ask = "SELECT COUNT(*) FROM shop.t IGNORE INDEX (z) WHERE b = 'stays'"
			if left := p.Replica.MustExec(t, ask); strings.Contains(left, "1") == tc.checked {
				t.Errorf("the row beside: %s", left)
			}
		})
	}
}
