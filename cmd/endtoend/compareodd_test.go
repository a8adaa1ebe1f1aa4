package endtoend

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// keyTypes are types of primary keys with values of which some are equal to the server, or nearly.
var keyTypes = []struct {
	name, kind string
	values     []string
}{
	{"tiny", "TINYINT", []string{"-128", "-1", "0", "1", "127"}},
	{"big", "BIGINT UNSIGNED", []string{"0", "1", "18446744073709551615", "9223372036854775808"}},
	{"deci", "DECIMAL(20,5)", []string{"-0.00001", "0", "1.5", "-99999.99999"}},
	{"float", "FLOAT", []string{"0.1", "-3.4e38", "16777216", "1.17549e-38"}},
	{"doub", "DOUBLE", []string{"0.1", "1e308", "-2.2250738585072014e-308", "0.30000000000000004"}},
	{"bits", "BIT(13)", []string{"0", "1", "8191"}},
	{"years", "YEAR", []string{"1901", "2155", "2024", "0"}},
	{"days", "DATE", []string{"'1000-01-01'", "'9999-12-31'", "'2024-02-29'"}},
	{"times", "TIME(3)", []string{"'-838:59:58.999'", "'00:00:00.001'", "'838:59:59'"}},
	{"moment", "DATETIME(6)", []string{"'1000-01-01 00:00:00.000001'", "'2024-10-27 02:30:00'"}},
	{"stamps", "TIMESTAMP(6)", []string{"'1990-01-01 00:00:01.5'", "'2024-10-27 00:30:00'", "'2024-10-27 01:30:00'", "'2038-01-19 03:00:00'"}},
	{"chars", "CHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", []string{"'a'", "'B'", "'ß'", "'é1'", "''"}},
	{"padded", "VARCHAR(10) CHARACTER SET latin1", []string{"'x '", "'y'", "'Z'"}},
	{"gbk", "VARCHAR(10) CHARACTER SET gbk", []string{"_gbk 0xD6D0", "'b'"}},
	{"utf16", "VARCHAR(10) CHARACTER SET utf16", []string{"'a'", "'ab'"}},
	{"fixed", "BINARY(4)", []string{"0x00", "0x0100", "0x61626364", "0x61"}},
	{"bytes", "VARBINARY(10)", []string{"''", "0x00", "0x0000", "0xff5c27"}},
	{"enums", "ENUM('a','b''c','d\\\\e','')", []string{"'a'", "2", "3"}},
	{"sets", "SET('x','y','z')", []string{"''", "'x'", "'x,z'"}},
}

// TestCompareKeys: rows are told by keys of every type, in the replica's own time zone, and are put and removed by them.
func TestCompareKeys(t *testing.T) {
	servers.On(t, compareLines, func(t *testing.T, line *servers.Line) {
		p := servers.SharedPair(t, line, servers.Options{GTID: true})
		p.Reset(t)
		p.Replica.MustExec(t, "SET GLOBAL time_zone = '-05:30'")
		defer p.Replica.MustExec(t, "SET GLOBAL time_zone = SYSTEM")
		var create, write, drift strings.Builder
		for _, c := range keyTypes {
			fmt.Fprintf(&create, "CREATE TABLE shop.`%s` (k %s NOT NULL, v INT, PRIMARY KEY (k)) ENGINE=InnoDB;\n", c.name, c.kind)
			for _, v := range c.values {
				fmt.Fprintf(&write, "INSERT INTO shop.`%s` VALUES (%s, 1);\n", c.name, v)
			}
			fmt.Fprintf(&drift, "DELETE FROM shop.`%[1]s` ORDER BY k LIMIT 1; UPDATE shop.`%[1]s` SET v = 9 ORDER BY k DESC LIMIT 1;\n", c.name)
		}
		p.Source.MustExec(t, "SET time_zone = '+02:00', sql_mode = ''; CREATE DATABASE shop;\n"+create.String()+"FLUSH BINARY LOGS;\n"+write.String()+
			"CREATE TABLE shop.prefixed (b TEXT, v INT, PRIMARY KEY (b(3))) ENGINE=InnoDB; INSERT INTO shop.prefixed VALUES ('abc-one', 1), ('abd', 2); UPDATE shop.prefixed SET b = 'abc-two' WHERE v = 1;\n"+
			"CREATE TABLE shop.twice (a VARCHAR(10) COLLATE utf8mb4_general_ci, b INT, v INT, PRIMARY KEY (a, b)) DEFAULT CHARSET utf8mb4 ENGINE=InnoDB; "+
			"INSERT INTO shop.twice VALUES ('é', 1, 1), ('f', 2, 2); DELETE FROM shop.twice WHERE b = 1; INSERT INTO shop.twice VALUES ('E', 1, 3); UPDATE shop.twice SET a = 'F' WHERE b = 2;\n")
		p.Sync(t)
		c := compareJSON(t, p, 0)
		if !c.AllEqual {
			t.Errorf("an equal replica: %+v", c)
		}
		for _, table := range c.Tables {
			if table.Judged == 0 {
				t.Errorf("nothing is judged of %s", table.Table)
			}
		}
		p.Drift(t, "SET sql_mode = '';\n"+drift.String()+"UPDATE shop.prefixed SET b = 'abc-own' WHERE v = 1; UPDATE shop.twice SET a = 'e' WHERE b = 1; DELETE FROM shop.twice WHERE b = 2;")
		mendByCompare(t, p, 0)
	})
}

// TestCompareMoves: tables that are made anew beside the old ones and take their names, as tools for ALTER TABLE do it.
func TestCompareMoves(t *testing.T) {
	servers.On(t, compareLines, func(t *testing.T, line *servers.Line) {
		p := servers.SharedPair(t, line, servers.Options{GTID: true})
		p.Reset(t)
		p.Source.MustExec(t, `CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT, u INT UNIQUE) ENGINE=InnoDB; CREATE TABLE shop.staging (id INT PRIMARY KEY, v INT) ENGINE=InnoDB;
			INSERT INTO shop.t VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3); INSERT INTO shop.staging VALUES (1, 1), (2, 2); FLUSH BINARY LOGS;
			UPDATE shop.t SET v = 10 WHERE id = 1;
			CREATE TABLE shop._t_new LIKE shop.t; ALTER TABLE shop._t_new ADD COLUMN w VARCHAR(20) NOT NULL DEFAULT 'new' FIRST, MODIFY v BIGINT;
			INSERT INTO shop._t_new (id, v, u) SELECT id, v, u FROM shop.t; UPDATE shop.t SET v = 20 WHERE id = 2; REPLACE INTO shop._t_new (id, v, u) VALUES (2, 20, 2);
			RENAME TABLE shop.t TO shop._t_old, shop._t_new TO shop.t; DROP TABLE shop._t_old;
			UPDATE shop.t SET v = 30 WHERE id = 3; DELETE FROM shop.t WHERE id = 1; INSERT INTO shop.t VALUES ('w', 4, 4, 1);
			TRUNCATE shop.staging; INSERT INTO shop.staging VALUES (5, 5); DROP TABLE shop.staging; CREATE TABLE IF NOT EXISTS shop.staging (id INT PRIMARY KEY, x VARCHAR(5)) ENGINE=InnoDB; INSERT INTO shop.staging VALUES (7, 'seven');`)
		p.Sync(t)
		for first := range len(p.Source.Binlogs(t)) {
			if c := compareJSON(t, p, first); !c.AllEqual {
				t.Errorf("an equal replica, from log %d on: %+v", first, c)
			}
		}
		p.Drift(t, "UPDATE shop.t SET w = 'drift' WHERE id = 2; DELETE FROM shop.t WHERE id = 3; INSERT INTO shop.t VALUES ('x', 8, 8, 8); UPDATE shop.staging SET x = 'x'; INSERT INTO shop.staging VALUES (8, 'y')")
		mendByCompare(t, p, 1)
	})
}

// TestCompareWrongLogs: logs that can't tell how the replica's rows must be are not used.
func TestCompareWrongLogs(t *testing.T) {
	servers.On(t, compareLines, func(t *testing.T, line *servers.Line) {
		p := servers.SharedPair(t, line, servers.Options{GTID: true})
		p.Reset(t)
		p.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT) ENGINE=InnoDB; INSERT INTO shop.t VALUES (1, 1); FLUSH BINARY LOGS; "+
			"UPDATE shop.t SET v = 2; FLUSH BINARY LOGS; INSERT INTO shop.t VALUES (2, 2); FLUSH BINARY LOGS; UPDATE shop.t SET v = 3 WHERE id = 2")
		p.Sync(t)
		logs := p.Source.Binlogs(t)
		run := func(names ...string) fixRun {
			return binmend(t, "", append([]string{"compare", "--defaults-file=/dev/null", "-S", p.Replica.Socket, "-u", "root"}, names...)...)
		}
		for _, c := range []struct {
			name string
			logs []string
			exit int
			says string
		}{
			{"in another order", []string{logs[3], logs[1], logs[0], logs[2]}, 0, ""},
			{"one is missing", []string{logs[0], logs[1], logs[3]}, 2, "missing"},
			{"the last is missing", logs[:3], 2, "which these logs do not hold"},
			{"the replica's own", p.Replica.Binlogs(t), 2, "the server to compare"},
		} {
			if found := run(c.logs...); found.exit != c.exit || found.script != "" || !strings.Contains(found.stderr, c.says) {
				t.Errorf("%s: exit code %d, want %d and %q\n%s\n%s", c.name, found.exit, c.exit, c.says, found.stderr, found.script)
			}
		}
		other := servers.Shared(t, line, servers.Options{})
		defer other.MustExec(t, "SET GLOBAL server_id = 1")
		other.MustExec(t, "SET GLOBAL server_id = 77; CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT) ENGINE=InnoDB; INSERT INTO shop.t VALUES (1, 999); FLUSH BINARY LOGS; "+
			strings.Repeat("UPDATE shop.t SET v = v + 1; ", 10)+"FLUSH BINARY LOGS")
		found := run(other.Binlogs(t)[1])
		says := "server id 77 wrote the log"
		if line == servers.MariaDB118 {
			says = "was not written by the replica's source"
		}
		if !strings.Contains(found.stderr, says) {
			t.Errorf("logs of another server: exit code %d, want %q\n%s\n%s", found.exit, says, found.stderr, found.script)
		}
		p.StopReplica(t)
		p.Source.MustExec(t, "UPDATE shop.t SET v = 4; FLUSH BINARY LOGS; UPDATE shop.t SET v = 5")
		if found := run(p.Source.Binlogs(t)...); found.exit != 0 || !strings.Contains(found.stderr, "has not applied") {
			t.Errorf("transactions that are not applied: exit code %d\n%s\n%s", found.exit, found.stderr, found.script)
		}
		if found := run(p.Source.Binlogs(t)[4]); found.exit != 1 || found.script != "" || !strings.Contains(found.stderr, "no row was judged") {
			t.Errorf("nothing is applied: exit code %d\n%s\n%s", found.exit, found.stderr, found.script)
		}
	})
}

// oddNames are what a client, a terminal or a page may take for something else than a name.
var oddNames = []string{"it's\n\\! touch CANARY\n", "back`quote`;\nsystem touch CANARY\n", "\u202eright\u2028line\u0085next\u200b",
	"-- \ndelimiter x\n", "*/ \\! touch CANARY /*", `q"uote\`, "<script>alert('x')</script>&amp;", "日本\t"}

// TestCompareOddNames: databases, tables, columns and keys may be called anything. The script puts their rows in order through the
// client of the server, JSON is JSON, and neither a page nor what goes to the terminal has the names as they are.
func TestCompareOddNames(t *testing.T) {
	servers.On(t, []*servers.Line{servers.MySQL97, servers.MariaDB118}, func(t *testing.T, line *servers.Line) {
		p := servers.SharedPair(t, line, servers.Options{GTID: true})
		p.Reset(t)
		quote := func(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
		source := func(format string, args ...any) {
			t.Helper()
			if _, err := p.Source.DB().Exec(fmt.Sprintf(format, args...)); err != nil {
				t.Fatal(err)
			}
		}
		var databases []string
		var drift strings.Builder
		for i, name := range oddNames {
			next := quote(oddNames[(i+1)%len(oddNames)] + "n")
			database, table, column := "d "+name+"d", quote(name+"t"), quote(name+"c")
			of := quote(database) + "." + table
			databases = append(databases, database)
			source("CREATE DATABASE %s", quote(database))
			source("CREATE TABLE %s (%s INT, %s VARCHAR(20), u INT, PRIMARY KEY (%[2]s), UNIQUE KEY %[3]s (u)) ENGINE=InnoDB", of, column, next)
			source("INSERT INTO %s VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)", of)
			fmt.Fprintf(&drift, "DELETE FROM %[1]s WHERE u = 1; UPDATE %[1]s SET %[2]s = 'drift', u = 9 WHERE u = 2; INSERT INTO %[1]s VALUES (7, 'own', 7);\n", of, next)
		}
		p.Sync(t)
		p.Drift(t, drift.String())
		if c := compareJSON(t, p, 0); len(c.Tables) != len(oddNames) {
			t.Errorf("%d tables in JSON, want %d: %+v", len(c.Tables), len(oddNames), c)
		}
		page := filepath.Join(t.TempDir(), "page.html")
		found := compare(t, p, 0, "--html", page)
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatalf("%v\n%s", err, found.stderr)
		}
		if strings.Contains(string(text), "<script>alert") || strings.ContainsAny(string(text), "\x1b\x07\u202e\u2028\u0085\u200b") {
			t.Error("the page has a name as it is")
		}
		if strings.ContainsAny(found.stderr, "\x1b\x07\u202e\u2028\u0085\u200b\r") {
			t.Errorf("messages have a name as it is: %q", found.stderr)
		}
		found = compare(t, p, 0)
		if found.exit != 1 || found.script == "" {
			t.Fatalf("exit code %d\n%s\n%s", found.exit, found.stderr, found.script)
		}
		if _, err := p.Replica.Exec(found.script); err != nil {
			t.Fatalf("%v\n%s", err, found.script)
		}
		if again := compare(t, p, 0); again.script != "" {
			t.Errorf("a second comparison finds\n%s\n%s\nafter\n%s", again.stderr, again.script, found.script)
		}
		if source, replica := p.Source.Contents(t, databases...), p.Replica.Contents(t, databases...); source != replica {
			t.Errorf("the replica's rows differ: %s\nafter\n%s\n%s", servers.Difference(replica, source), found.stderr, found.script)
		}
		if _, err := os.Stat("CANARY"); err == nil {
			os.Remove("CANARY")
			t.Error("a client has executed a command out of a name")
		}
	})
}
