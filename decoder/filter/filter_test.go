package filter

import (
	"fmt"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/decoder/statement"
	"binmend/decoder/walk"
)

func TestPattern(t *testing.T) {
	for _, tc := range []struct {
		pattern string
		match   string
		not     string
	}{
		{"shop.orders", "shop.orders", "shop.orders2 shop2.orders shop.Orders"},
		{"orders", "shop.orders a.orders", "shop.orders2"},
		{"shop.*", "shop.orders shop.x", "shop2.orders"},
		{"*.log_????", "a.log_2024 b.log_2025", "a.log_202 a.log_20241"},
		{"s*p.*o*r*", "shop.orders sp.or", "shop.items"},
		{"*.日本?", "x.日本語", "x.日本"},
		{"`shop`.`orders`", "shop.orders", "shop.orders2"},
		{"`orders*`", "shop.orders*", "shop.orders1"},
		{"sh*.`a``b`", "shop.a`b", "shop.ab"},
		{"`shop`.*", "shop.a", "shop2.a"},
		{"`a``.b`", "x.a`.b", "x.a"},
		{"shop.a.b", "shop.a.b", "shop.a"},
	} {
		p, err := ParsePattern(tc.pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []bool{true, false} {
			names := tc.match
			if !want {
				names = tc.not
			}
			for _, name := range strings.Fields(names) {
				db, table, _ := strings.Cut(name, ".")
				if got := p.Matches(Table{db, table}); got != want {
					t.Errorf("%s matches %s: %v, want %v", tc.pattern, name, got, want)
				}
			}
		}
	}
	for _, bad := range []string{"", ".", "shop.", ".orders", "`a", "`a`b", "``", "`a`.", "`a`.`b", "`a`.`b`.c"} {
		if _, err := ParsePattern(bad); err == nil {
			t.Errorf("%q is taken for a pattern", bad)
		}
	}
}

func TestGTIDs(t *testing.T) {
	const uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562"
	for _, tc := range []struct{ set, in, out string }{
		{uuid + ":1-3:7", uuid + ":2 " + uuid + ":7", uuid + ":4 0-1-2 " + uuid + ":blue:2"},
		{uuid + ":blue:2-9", uuid + ":blue:3", uuid + ":3"},
		{"0-1-7", "0-1-7", "0-1-8 0-2-7 1-1-7 " + uuid + ":7"},
		{"0-1-7-12, 1-5-3", "0-1-7 0-1-12 1-5-3", "0-1-6 0-1-13 1-5-4"},
	} {
		set, err := ParseGTIDs(tc.set)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []bool{true, false} {
			ids := tc.in
			if !want {
				ids = tc.out
			}
			for _, text := range strings.Fields(ids) {
				id, err := gtid.Parse(text)
				if err != nil {
					t.Fatal(err)
				}
				if set.Contains(id) != want {
					t.Errorf("%s contains %s: %v, want %v", tc.set, id, !want, want)
				}
			}
		}
		if set.Contains(gtid.GTID{}) {
			t.Errorf("%s contains no GTID", tc.set)
		}
	}
	for _, bad := range []string{"", "0-1", "0-1-9-3", "0-1-2-3-4", "a-b-c", uuid, "4294967296-1-1"} {
		if _, err := ParseGTIDs(bad); err == nil {
			t.Errorf("%q is taken for a set of GTIDs", bad)
		}
	}
}

func TestStatements(t *testing.T) {
	tables := Filter{Tables: []Pattern{mustPattern(t, "shop.orders")}}
	databases := Filter{Databases: []string{"shop"}}
	for _, tc := range []struct {
		database, sql string
		table, inShop bool
		kind          Kinds
	}{
		{"shop", "ALTER TABLE orders ADD x INT", true, true, DDL},
		{"other", "alter table `shop` . `orders` add x int", true, true, DDL},
		{"other", "ALTER TABLE orders ADD x INT", false, false, DDL},
		{"shop", "INSERT INTO items VALUES ('orders')", false, true, Inserts},
		{"shop", "/* orders */ UPDATE items SET x = 1 -- orders\n", false, true, Updates},
		{"shop", "/*!50000 DELETE FROM orders */", true, true, Deletes},
		{"shop", "/*M!100100 REPLACE INTO orders VALUES (1) */", true, true, Inserts},
		{"", "CREATE DATABASE shop", false, true, DDL},
		{"shop", "INSERT INTO items SELECT 'it''s \\' orders' FROM `or``ders`", false, true, Inserts},
		{"shop", "(DELETE FROM `orders`)", true, true, Deletes},
		{"shop", "INSERT INTO items VALUES (\"orders\")", false, true, Inserts},
		{"shop", "WITH x AS (SELECT 1) UPDATE orders SET a = 1", true, true, Updates},
		{"other", "SET STATEMENT lock_wait_timeout=1 FOR DELETE FROM shop.orders", true, true, Deletes},
		{"shop", "INSERT INTO items VALUES (@orders)", false, true, Inserts},
		{"shop", "DROP TABLE a.b, shop.orders", true, true, DDL},
		{"shop", "DROP TABLE a.orders, b.orders", false, false, DDL},
		{"shop", "ALTER TABLE a.orders ADD shop INT", false, false, DDL},
		{"other", "CREATE TABLE a.orders LIKE shop.orders", false, false, DDL},
	} {
		q, writer := &decoder.Query{Database: []byte(tc.database), SQL: []byte(tc.sql)}, decoder.Version{}
		st := statement.Read(q, writer)
		if got := tables.wantsStatement(q, st, writer) == NoCondition; got != tc.table {
			t.Errorf("--table shop.orders wants %q in %s: %v, want %v", tc.sql, tc.database, got, tc.table)
		}
		if got := databases.wantsStatement(q, st, writer) == NoCondition; got != tc.inShop {
			t.Errorf("--database shop wants %q in %s: %v, want %v", tc.sql, tc.database, got, tc.inShop)
		}
		if got := kindsOf(st.Verb); got != tc.kind {
			t.Errorf("%q is of kind %d, want %d", tc.sql, got, tc.kind)
		}
	}
}

// TestDatabases: a statement on a database is of all its tables, and of no table with the database's name.
func TestDatabases(t *testing.T) {
	for pattern, want := range map[string]bool{"shop": false, "shop.shop": false, "shop.s*": false, "shop.*": true, "*": true, "s*.**": true, "other.*": false, "`shop`.*": true} {
		for _, sql := range []string{"CREATE DATABASE shop", "DROP SCHEMA IF EXISTS `shop`", "ALTER DATABASE shop COLLATE utf8mb4_bin", "ALTER DATABASE COLLATE utf8mb4_bin"} {
			q, writer := &decoder.Query{Database: []byte("shop"), SQL: []byte(sql)}, decoder.Version{}
			st := statement.Read(q, writer)
			f, without := Filter{Tables: []Pattern{mustPattern(t, pattern)}}, Filter{ExcludeTables: []Pattern{mustPattern(t, pattern)}}
			if got := f.wantsStatement(q, st, writer) == NoCondition; got != want {
				t.Errorf("--table %s wants %s: %v", pattern, sql, got)
			}
			if got := without.wantsStatement(q, st, writer) == NoCondition; got == want {
				t.Errorf("--exclude-table %s wants %s: %v", pattern, sql, got)
			}
		}
	}
}

// TestLeaves: DDL that a filter lets through and that needs none of its default database, a.
func TestLeaves(t *testing.T) {
	for sql, want := range map[string]bool{
		"CREATE TABLE b.t (id INT)":                                        true,
		"ALTER TABLE b.t ADD x INT, RENAME b.u":                            true,
		"RENAME TABLE b.t TO b.u, b.v TO b.w":                              true,
		"CREATE INDEX i ON b.t (x)":                                        true,
		"CREATE PROCEDURE b.p() INSERT INTO t VALUES (1)":                  true, // t is b.t
		"CREATE TRIGGER b.r BEFORE INSERT ON b.t FOR EACH ROW SET NEW.x=1": true,
		"DROP TRIGGER b.r":                                                 true,
		"CREATE TABLE t (id INT)":                                          false,
		"CREATE TABLE a.t (id INT)":                                        false,
		"CREATE TABLE b.t LIKE t":                                          false,
		"CREATE TABLE b.t SELECT * FROM t":                                 false,
		"ALTER TABLE b.t EXCHANGE PARTITION p WITH TABLE t":                false,
		"ALTER TABLE b.t CONVERT TO CHARACTER SET DEFAULT":                 false,
		"ALTER TABLE b.t ADD x INT DEFAULT NEXTVAL(s)":                     false,
		"ALTER TABLE b.t RENAME u":                                         false,
		"CREATE TRIGGER b.r BEFORE INSERT ON t FOR EACH ROW DO 1":          false,
		"CREATE VIEW b.v AS SELECT * FROM t":                               false,
		"INSERT INTO b.t SELECT * FROM t":                                  false,
	} {
		q, writer := &decoder.Query{Database: []byte("a"), SQL: []byte(sql)}, decoder.Version{}
		st := statement.Read(q, writer)
		f := Filter{Databases: []string{"b"}}
		if got := f.Leaves(q, st, writer); got != want {
			t.Errorf("%s: %v", sql, got)
		}
		if f = (Filter{}); f.Leaves(q, st, writer) {
			t.Errorf("%s: true without a filter", sql)
		}
	}
}

// TestLeftOut: DDL of a table that is wanted and of another one.
func TestLeftOut(t *testing.T) {
	for sql, want := range map[string]string{
		"DROP TABLE a.t, b.v":                             "a.t",
		"DROP TABLE IF EXISTS v, b.w, c.x":                "c.x",
		"RENAME TABLE b.v TO a.v":                         "a.v",
		"ALTER TABLE b.v RENAME a.v":                      "a.v",
		"DROP TABLE b.v, w":                               "",
		"DROP TABLE a.t":                                  "",
		"UPDATE a.t, b.v SET b.v.x = 1":                   "",
		"/* a.t */ RENAME TABLE b.v TO b.w -- a.t":        "",
		"DROP TEMPORARY TABLE IF EXISTS `a`.`t`, `b`.`v`": "a.t",
	} {
		q := &decoder.Query{Database: []byte("b"), SQL: []byte(sql)}
		for _, f := range []Filter{{Databases: []string{"b"}}, {Tables: []Pattern{mustPattern(t, "b.*")}}} {
			got, _ := f.LeftOut(q, decoder.Version{})
			if name := strings.TrimPrefix(got.String(), "."); name != want {
				t.Errorf("%s: %q is left out, want %q", sql, name, want)
			}
		}
	}
}

func mustPattern(t *testing.T, text string) Pattern {
	t.Helper()
	p, err := ParsePattern(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestStatementQuotes: the statement's own sql_mode says whether "…" is a name.
func TestStatementQuotes(t *testing.T) {
	q := &decoder.Query{Database: []byte("shop"), SQL: []byte(`DELETE FROM "orders" WHERE a = 'items'`), Status: []byte{1, 4, 0, 0, 0, 0, 0, 0, 0}}
	if got := fmt.Sprint(namesIn(q, decoder.Version{})); got != "[shop.orders shop.a]" {
		t.Errorf("got %s", got)
	}
}

// FuzzStatement: any text has an end, and names that are part of it.
func FuzzStatement(f *testing.F) {
	for _, sql := range []string{"DROP TABLE a.`b``c`", "/*!50000 x */ 'a\\'b'", "-- x\n\"y\"", "`", "/*", "a.", ".b"} {
		f.Add(sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		for _, name := range namesIn(&decoder.Query{SQL: []byte(sql)}, decoder.Version{}) {
			if len(name.Database)+len(name.Name) > len(sql) {
				t.Errorf("%q names %s", sql, name)
			}
		}
	})
}

// TestRun filters the log of a replica whose transactions are listed by TestRun's "everything".
func TestRun(t *testing.T) {
	for _, tc := range []struct {
		name   string
		filter Filter
		want   string // numbers of the transactions with what is kept of each: rows, statements
	}{
		{"everything", Filter{}, "1:0,1 2:0,1 3:0,1 4:0,1 5:1,0 6:1,0 7:1,0 8:6,0"},
		{"a table", Filter{Tables: []Pattern{mustPattern(t, "shop.visits")}}, "4:0,1 7:1,0 8:1,0"},
		{"no table", Filter{ExcludeTables: []Pattern{mustPattern(t, "*.*s")}}, "1:0,1"},
		{"another database", Filter{Databases: []string{"nowhere"}}, ""},
		{"deletes", Filter{Kinds: Deletes}, "8:2,0"},
		{"DDL and updates", Filter{Kinds: DDL | Updates}, "1:0,1 2:0,1 3:0,1 4:0,1 8:2,0"},
		{"GTIDs", Filter{Include: gtids(t, "b15e4f71-e566-11f1-89b6-02fc00000001:5-7"), Exclude: gtids(t, "b15e4f71-e566-11f1-89b6-02fc00000001:6")}, "5:1,0 7:1,0"},
		{"a server", Filter{ServerIDs: []uint32{1}}, "1:0,1 2:0,1 3:0,1 4:0,1 5:1,0 6:1,0 7:1,0 8:6,0"},
		{"another server", Filter{ServerIDs: []uint32{7}}, ""},
		{"another thread", Filter{ThreadIDs: []uint32{7}}, ""},
		{"later", Filter{Start: 4000000000}, ""},
		{"earlier", Filter{Stop: 1}, ""},
		{"rows", Filter{MinRows: 4}, "8:6,0"},
		{"bytes", Filter{MinBytes: 350}, "2:0,1 3:0,1 5:1,0 6:1,0 8:6,0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.filter.NeedsSizes() {
				sizes, err := tc.filter.Measure(open(t))
				if err != nil {
					t.Fatal(err)
				}
				tc.filter.Sizes = sizes
			}
			got, account := kept(t, &tc.filter)
			if got != tc.want {
				t.Errorf("kept %q, want %q\n%s", got, tc.want, account)
			}
			if account.IsEmpty() != (tc.want == "") {
				t.Errorf("IsEmpty is %v: %s", account.IsEmpty(), account)
			}
		})
	}
}

func gtids(t *testing.T, text string) *GTIDs {
	t.Helper()
	g, err := ParseGTIDs(text)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestAccount(t *testing.T) {
	_, account := kept(t, &Filter{Tables: []Pattern{mustPattern(t, "nothing")}, ServerIDs: []uint32{1}})
	want := "seen: 8 transactions from 2026-11-21 04:47:48 to 2026-11-21 04:47:48, 9 row events and 4 statements in those left; " +
		"the choice of tables removed 9 row events and 4 statements; tables seen: shop.customers, shop.orders, shop.visits"
	if account.String() != want {
		t.Errorf("found\n%s\nwant\n%s", account, want)
	}
}

// kept runs a filter over the log.
func kept(t *testing.T, f *Filter) (string, *Account) {
	t.Helper()
	w := open(t)
	run := f.NewRun()
	var list []string
	rows, statements := 0, 0
	for {
		e, step, err := w.Next()
		if err != nil {
			break
		}
		if step.Begins() {
			rows, statements = 0, 0
		}
		verdict, err := run.AddEvent(e, step, w.Transaction())
		if err != nil {
			t.Fatal(err)
		}
		if verdict == Stop {
			break
		}
		if verdict == Keep && e.IsRows() {
			rows++
		}
		if verdict == Keep && e.Type == decoder.EventQuery {
			if q, _ := e.Query(); statement.Read(&q, e.Format.Server).Kind != statement.Control {
				statements++
			}
		}
		if step.Ends() && rows+statements > 0 {
			list = append(list, fmt.Sprintf("%d:%d,%d", w.Transaction().Number, rows, statements))
		}
	}
	return strings.Join(list, " "), &run.Account
}

func open(t *testing.T) *walk.Walk {
	t.Helper()
	w, err := walk.Range{Logs: walk.Logs{Names: []string{"../../fixtures/mysql-9.7/mixed/relay.000002"}}}.Events()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}
