package statement_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/statement"
)

var (
	mysql80 = decoder.Version{Flavor: decoder.MySQL, Major: 8, Minor: 0, Patch: 36}
	maria   = decoder.Version{Flavor: decoder.MariaDB, Major: 10, Minor: 11, Patch: 6}
)

// verbs has a statement of every kind, and what it is.
var verbs = []struct{ sql, want string }{
	{"BEGIN", "control BEGIN"},
	{"BEGIN WORK", "control BEGIN"},
	{"START TRANSACTION READ WRITE", "control BEGIN"},
	{"COMMIT", "control COMMIT"},
	{"COMMIT WORK", "control COMMIT"},
	{"ROLLBACK", "control ROLLBACK"},
	{"ROLLBACK TO `s`", "control ROLLBACK TO"},
	{"ROLLBACK WORK TO SAVEPOINT s", "control ROLLBACK TO"},
	{"SAVEPOINT s", "control SAVEPOINT"},
	{"RELEASE SAVEPOINT s", "control RELEASE"},
	{"XA START X'61',X'',1", "control XA START"},
	{"XA BEGIN 'a'", "control XA START"},
	{"XA END 'a'", "control XA END"},
	{"XA PREPARE 'a'", "control XA PREPARE"},
	{"XA COMMIT 'a' ONE PHASE", "control XA COMMIT"},
	{"XA ROLLBACK 'a'", "control XA ROLLBACK"},

	{"CREATE TABLE t (a INT)", "DDL CREATE TABLE"},
	{"CREATE TABLE t (a INT) START TRANSACTION", "DDL CREATE TABLE, opens a transaction"},
	{"CREATE TABLE t (a INT) START TRANSACTION DEFAULT CHARSET=latin1 COMMENT='of a SELECT'", "DDL CREATE TABLE, opens a transaction"},
	{"CREATE TABLE t (a INT COMMENT 'START TRANSACTION')", "DDL CREATE TABLE"},
	{"CREATE TABLE t SELECT 1 AS a", "DDL CREATE TABLE, from a SELECT, changes rows"},
	{"CREATE TABLE t (a INT) (SELECT 1 AS a)", "DDL CREATE TABLE, from a SELECT, changes rows"},
	{"CREATE TABLE t AS WITH c AS (SELECT 1) SELECT * FROM c", "DDL CREATE TABLE, from a SELECT, changes rows"},
	{"CREATE TABLE t AS TABLE u", "DDL CREATE TABLE, from a SELECT, changes rows"},
	{"CREATE TABLE t (a INT COMMENT 'a lone table') Start/**/Transaction;", "DDL CREATE TABLE, opens a transaction"},
	{"CREATE TABLE t(a INT)select 1", "DDL CREATE TABLE, from a SELECT, changes rows"},
	{"CREATE TABLE t AS\nTaBlE u", "DDL CREATE TABLE, from a SELECT, changes rows"},
	{"CREATE TABLE t/*!values row(1)*/", "DDL CREATE TABLE, from a SELECT, changes rows"},
	{"CREATE TABLE t VALUES ROW(1)", "DDL CREATE TABLE, from a SELECT, changes rows"},
	{"CREATE TABLE t (a INT) PARTITION BY RANGE (a) (PARTITION p VALUES LESS THAN (1), PARTITION q VALUES IN (2))", "DDL CREATE TABLE"},
	{"CREATE TABLE t (`select` INT)", "DDL CREATE TABLE"},
	{"CREATE TEMPORARY TABLE t (a INT)", "DDL CREATE TEMPORARY TABLE"},
	{"CREATE OR REPLACE TEMPORARY TABLE t (a INT)", "DDL CREATE TEMPORARY TABLE, or replace"},
	{"CREATE TABLE IF NOT EXISTS t LIKE u", "DDL CREATE TABLE, if not exists"},
	{"CREATE DATABASE d", "DDL CREATE DATABASE"},
	{"CREATE SCHEMA IF NOT EXISTS d", "DDL CREATE DATABASE, if not exists"},
	{"CREATE UNIQUE INDEX i ON t (a)", "DDL CREATE INDEX"},
	{"CREATE SPATIAL INDEX i ON t (a)", "DDL CREATE INDEX"},
	{"CREATE OR REPLACE ALGORITHM=MERGE DEFINER=`table`@`%` SQL SECURITY INVOKER VIEW v AS SELECT 1", "DDL CREATE VIEW, or replace"},
	{"CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`localhost` SQL SECURITY DEFINER VIEW `v` AS SELECT 1", "DDL CREATE VIEW"},
	{"CREATE DEFINER=view@localhost PROCEDURE p() SELECT 1", "DDL CREATE PROCEDURE"},
	{"CREATE DEFINER=CURRENT_USER() TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET @a=1", "DDL CREATE TRIGGER"},
	{"CREATE AGGREGATE FUNCTION f RETURNS INT SONAME 'f.so'", "DDL CREATE FUNCTION"},
	{"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1", "DDL CREATE EVENT"},
	{"CREATE SEQUENCE s", "DDL CREATE SEQUENCE"},
	{"CREATE PACKAGE BODY p AS END", "DDL CREATE PACKAGE"},
	{"CREATE SPATIAL REFERENCE SYSTEM 4120 NAME 'x'", "DDL CREATE SPATIAL REFERENCE SYSTEM"},
	{"CREATE USER u", "account CREATE USER"},
	{"ALTER TABLE t ADD b INT", "DDL ALTER TABLE"},
	{"ALTER TABLE IF EXISTS t DROP COLUMN b, CONVERT TO CHARACTER SET latin1", "DDL ALTER TABLE, if exists"},
	{"ALTER TABLE t ADD PARTITION (PARTITION p VALUES IN (1))", "DDL ALTER TABLE"},
	{"ALTER TABLE t DROP PARTITION p", "DDL ALTER TABLE, changes rows"},
	{"ALTER TABLE t TRUNCATE PARTITION ALL", "DDL ALTER TABLE, changes rows"},
	{"ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u", "DDL ALTER TABLE, changes rows"},
	{"ALTER TABLE t CONVERT PARTITION p TO TABLE u", "DDL ALTER TABLE, changes rows"},
	{"ALTER TABLE t DISCARD TABLESPACE", "DDL ALTER TABLE, changes rows"},
	{"ALTER IGNORE TABLE t ADD UNIQUE (a)", "DDL ALTER TABLE, changes rows"},
	{"ALTER DATABASE CHAR SET latin1", "DDL ALTER DATABASE"},
	{"ALTER USER u ACCOUNT LOCK", "account ALTER USER"},
	{"DROP TABLE IF EXISTS a, b", "DDL DROP TABLE, if exists"},
	{"DROP /*!40005 TEMPORARY */ TABLE IF EXISTS `t`", "DDL DROP TEMPORARY TABLE, if exists"},
	{"DROP INDEX i ON t", "DDL DROP INDEX"},
	{"DROP ROLE r", "account DROP ROLE"},
	{"RENAME TABLE a TO b", "DDL RENAME TABLE"},
	{"RENAME USER a TO b", "account RENAME USER"},
	{"TRUNCATE t", "DDL TRUNCATE TABLE, changes rows"},
	{"TRUNCATE TABLE t", "DDL TRUNCATE TABLE, changes rows"},

	{"INSERT INTO t VALUES (1)", "DML INSERT, changes rows"},
	{"REPLACE t VALUES (1)", "DML REPLACE, changes rows"},
	{"UPDATE t SET a = 1", "DML UPDATE, changes rows"},
	{"DELETE FROM t", "DML DELETE, changes rows"},
	{"LOAD DATA INFILE 'a' INTO TABLE t", "DML LOAD DATA, changes rows"},
	{"CALL p()", "DML CALL, changes rows"},
	{"DO f()", "DML DO, changes rows"},
	{"SELECT f()", "DML SELECT, changes rows"},
	{"WITH a (delete_) AS (SELECT 1), b AS (SELECT 2) UPDATE t SET a = 1", "DML UPDATE, changes rows"},
	{"WITH RECURSIVE a AS (SELECT 1) DELETE FROM t", "DML DELETE, changes rows"},
	{"ANALYZE UPDATE t SET a = 1", "DML ANALYZE, changes rows"},

	{"GRANT ALL ON *.* TO a", "account GRANT"},
	{"REVOKE ALL ON *.* FROM a", "account REVOKE"},
	{"SET PASSWORD FOR a = 'b'", "account SET"},
	{"SET DEFAULT ROLE r TO u", "account SET"},
	{"SET @a = 1", "admin SET"},
	{"ANALYZE LOCAL TABLE t", "admin ANALYZE"},
	{"OPTIMIZE TABLE t", "admin OPTIMIZE"},
	{"FLUSH TABLES", "admin FLUSH"},
	{"IMPORT TABLE FROM 'a.sdi'", "admin IMPORT, changes rows"},
	{"LOAD INDEX INTO CACHE t", "admin LOAD INDEX"},

	{"SET STATEMENT lock_wait_timeout=5 FOR ALTER TABLE t DROP b", "DDL ALTER TABLE, wrapped"},
	{"SET STATEMENT a=substring('x' FROM 1 FOR 2), b='FOR' FOR INSERT INTO t VALUES (1)", "DML INSERT, changes rows, wrapped"},
}

// describe writes a statement as the table above does.
func describe(st statement.Statement) string {
	text := st.Kind.String() + " " + st.String()
	for _, f := range []struct {
		is   bool
		text string
	}{
		{st.OrReplace, "or replace"}, {st.IfExists, "if exists"}, {st.IfNotExists, "if not exists"},
		{st.OpensTransaction, "opens a transaction"}, {st.FromSelect, "from a SELECT"}, {st.ChangesRows, "changes rows"},
		{st.Body > 0, "wrapped"},
	} {
		if f.is {
			text += ", " + f.text
		}
	}
	return text
}

// lead stands before a statement, and tail after it, in ways that change nothing for a server.
var leads = []struct {
	lead, tail string
	writer     decoder.Version
}{
	{"", "", mysql80},
	{" \t\r\n\v\f", " \n", mysql80},
	{"/* app=checkout */ ", "", mysql80},
	{"/**/", "/**/", mysql80},
	{"-- a line\n", "", mysql80},
	{"--\tDROP\n--\n", " --", mysql80},
	{"# it's one quote\n\t", "# \"", maria},
	{"/*! ", "*/", mysql80},
	{"/*!50001", "*/", mysql80},
	{"/*!50001 ", " */", mysql80},
	{"/*!99999 DROP TABLE x, /* and */ y */", "", mysql80},
	{"/*!100100 DROP TABLE x */", "", mysql80},
	{"/*M!100100 DROP TABLE x */", "", mysql80},
	{"/*M!100100 ", "*/", maria},
	{"/*M! ", "*/", maria},
	{"/*!50701 DROP TABLE x */", "", maria},
	{"/*+ MAX_EXECUTION_TIME(1) */", "", mysql80},
	{"SET STATEMENT x=1 FOR ", "", maria},
}

func TestClassify(t *testing.T) {
	for _, v := range verbs {
		if got := describe(statement.Classify([]byte(v.sql), statement.Context{Writer: mysql80})); got != v.want {
			t.Errorf("%s:\n got %s\nwant %s", v.sql, got, v.want)
		}
	}
}

// TestClassifySpelling: what stands before a statement, its case and what stands between its words change nothing.
func TestClassifySpelling(t *testing.T) {
	for _, v := range verbs {
		for _, l := range leads {
			for _, blank := range []string{" ", "\n", "\t", "/**/", "/* a 'comment' */", "-- a\n", "#\r\n"} {
				wrapped := strings.HasPrefix(l.lead, "SET STATEMENT")
				body := strings.Replace(v.sql, " ", blank, 1)
				if strings.Contains(v.sql, "/*") && strings.HasPrefix(l.lead, "/*!") || wrapped && strings.Contains(v.want, "wrapped") {
					continue // servers do not nest these
				}
				sql := l.lead + oddCase(body) + l.tail
				want := v.want
				if wrapped {
					want += ", wrapped"
				}
				if got := describe(statement.Classify([]byte(sql), statement.Context{Writer: l.writer})); got != want {
					t.Errorf("%q:\n got %s\nwant %s", sql, got, want)
				}
			}
		}
	}
}

// oddCase changes the case of every second letter; quoted text stays.
func oddCase(sql string) string {
	b := []byte(sql)
	var quote byte
	for i, c := range b {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
		case c == '\'' || c == '`' || c == '"':
			quote = c
		case i%2 == 0:
			b[i] = strings.ToLower(string(c))[0]
		}
	}
	return string(b)
}

func TestClassifyOthers(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"", "unknown OTHER"},
		{"/* unfinished", "unknown OTHER"},
		{"`CREATE` TABLE", "unknown OTHER"},
		{"CREATEXXXXXXXXXXXXXXXXXXXXXXX", "unknown OTHER"},
		{"\x00\xff", "unknown OTHER"},
		{"BEGIN NOT ATOMIC DELETE FROM t; END", "unknown OTHER"},
		{"XA", "unknown OTHER"},
		{"((((SELECT 1))))", "DML SELECT, changes rows"},
		{"(INSERT INTO t VALUES (1))", "DML INSERT, changes rows"},
		{"SET STATEMENT a=1", "admin SET"},
		{"WITH a AS (SELECT 1)", "DML WITH, changes rows"},
		{"CREATE", "DDL CREATE"},
		{"/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER r AFTER INSERT ON t FOR EACH ROW DELETE FROM u */", "DDL CREATE TRIGGER"},
	} {
		if got := describe(statement.Classify([]byte(c.sql), statement.Context{Writer: mysql80})); got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.sql, got, c.want)
		}
	}
}

func TestObjects(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"ALTER TABLE t ADD b INT", "t"},
		{"ALTER TABLE .t ADD b INT", "t"},
		{"ALTER TABLE d.2020 ADD b INT", "d.2020"},
		{"ALTER TABLE d.select ADD b INT", "d.select"},
		{"ALTER TABLE 3e ADD b INT", "3e"},
		{"ALTER TABLE `a``b` . `c.d` ADD b INT", "a`b.c.d"},
		{"ALTER TABLE t ADD b INT, RENAME INDEX i TO j, RENAME TO u", "t u"},
		{"ALTER TABLE t RENAME = d.u", "t d.u"},
		{"ALTER TABLE IF EXISTS t NOWAIT ADD b INT", "t"},
		{"CREATE TABLE IF NOT EXISTS d.t LIKE u", "d.t"},
		{"CREATE INDEX i USING BTREE ON t (a)", "t"},
		{"CREATE INDEX IF NOT EXISTS i ON t (a)", "t"},
		{"DROP INDEX i ON d.t", "d.t"},
		{"DROP TABLE IF EXISTS a, /* , x */ d.b CASCADE", "a d.b"},
		{"DROP /*!40005 TEMPORARY */ TABLE a", "a"},
		{"/*!50001 DROP TABLE a*/", "a"},
		{"RENAME TABLE a TO b, c WAIT 1 TO d.c", "a b c d.c"},
		{"TRUNCATE d.t", "d.t"},
		{"DROP DATABASE IF EXISTS d", "d"},
		{"ALTER DATABASE d CHARACTER SET gbk", "d"},
		{"ALTER DATABASE `default` COLLATE gbk_bin", "default"},
		{"ALTER DATABASE comment COMMENT 'x'", "comment"},
		{"ALTER DATABASE CHARACTER SET gbk", ""},
		{"ALTER SCHEMA DEFAULT COLLATE gbk_bin", ""},
		{"ALTER DATABASE COMMENT = 'x'", ""},
		{"CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET @a=1", "r"},
		{"SET STATEMENT a=1 FOR DROP TABLE x", "x"},
		{"INSERT INTO t VALUES (1)", ""},
		{"DROP TABLE", ""},
	} {
		text, context := []byte(c.sql), statement.Context{Writer: maria}
		var names []string
		for n := range statement.Classify(text, context).Objects(text, context) {
			names = append(names, strings.TrimPrefix(n.Database+"."+n.Name, "."))
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%q: got %q, want %q", c.sql, got, c.want)
		}
	}
}

// TestPartner: the other table of an ALTER TABLE that moves rows between two.
func TestPartner(t *testing.T) {
	for sql, want := range map[string]string{
		"ALTER TABLE p EXCHANGE PARTITION p0 WITH TABLE t":                              ".t",
		"ALTER TABLE d.table EXCHANGE PARTITION p0 WITH TABLE e.`t` WITHOUT VALIDATION": "e.t",
		"ALTER TABLE p CONVERT PARTITION p0 TO TABLE d.t":                               "d.t",
		"ALTER TABLE p CONVERT TABLE t TO PARTITION p1 VALUES LESS THAN (5)":            ".t",
		"ALTER TABLE p DROP PARTITION p0":                                               ".",
		"ALTER TABLE p DISCARD TABLESPACE":                                              ".",
		"ALTER TABLE p CONVERT TO CHARACTER SET utf8mb4":                                ".",
		"DROP TABLE t": ".",
	} {
		text, context := []byte(sql), statement.Context{Writer: maria}
		p := statement.Classify(text, context).Partner(text, context)
		if got := p.Database + "." + p.Name; got != want {
			t.Errorf("%q: got %q, want %q", sql, got, want)
		}
	}
}

// TestTwoPhaseAlter: of the two events of an ALTER only the one of its success has an effect.
func TestTwoPhaseAlter(t *testing.T) {
	for status, without := range map[string]bool{"": false, "\x82\x02": true, "\x82\x04\x01\x00\x00\x00\x00\x00\x00\x00": false,
		"\x82\x08\x01\x00\x00\x00\x00\x00\x00\x00": true} {
		q := decoder.Query{SQL: []byte("ALTER TABLE t ADD b INT"), Status: []byte(status)}
		if got := statement.Read(&q, maria).HasNoEffect(); got != without {
			t.Errorf("status variables %x: without effect %v, want %v", status, got, without)
		}
	}
}

// TestClassifyAllocatesNothing: logs in statement format have millions of statements.
func TestClassifyAllocatesNothing(t *testing.T) {
	for _, sql := range []string{"BEGIN", "COMMIT", "/* a comment */ INSERT INTO t VALUES (1)", "ALTER TABLE t ADD COLUMN b INT",
		"SET STATEMENT a=1 FOR CREATE TABLE t (a INT)"} {
		text := []byte(sql)
		if n := testing.AllocsPerRun(100, func() { statement.Classify(text, statement.Context{Writer: maria}) }); n > 0 {
			t.Errorf("%s: %v allocations", sql, n)
		}
	}
}

// TestClassifyTakesHostileText: these texts end, and soon: a reading that is not linear in them takes minutes.
func TestClassifyTakesHostileText(t *testing.T) {
	for _, piece := range []string{"(", "/*!", "SET STATEMENT a=1 FOR ", "$", "$a$", "/*+`", "VALUES ", "WITH ", "0x", "1e", "@", ".", "/*"} {
		for _, lead := range []string{"", "CREATE TABLE t ", "ALTER TABLE t ", "SELECT"} {
			text := []byte(lead + strings.Repeat(piece, 1<<16))
			statement.Classify(text, statement.Context{})
		}
	}
}

func FuzzStatement(f *testing.F) {
	for _, v := range verbs {
		f.Add([]byte(v.sql), uint8(0))
	}
	for _, l := range leads {
		f.Add([]byte(l.lead+"INSERT"+l.tail), uint8(5))
	}
	f.Fuzz(func(t *testing.T, text []byte, mode uint8) {
		checkStatement(t, text, contexts[int(mode)%len(contexts)])
	})
}

// TestStatementProperties runs what the fuzzer checks over texts put together from what scanners stumble over.
func TestStatementProperties(t *testing.T) {
	pieces := []string{"'", `"`, "`", `\`, "/*", "*/", "/*!", "/*!50001", "/*M!", "/*+", "--", "-- ", "#", "\n", ".", "@", "$$", "0x", "1e",
		"1.", "\x81\x5c", "\xd6`", "\xa0", "(", ")", ";", "CREATE", "TABLE", "SET STATEMENT", "FOR", "SELECT", "t", " ", "\x00"}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		var text []byte
		for range r.IntN(12) {
			text = append(text, pieces[r.IntN(len(pieces))]...)
		}
		checkStatement(t, text, contexts[r.IntN(len(contexts))])
	}
}

var contexts = []statement.Context{
	{}, {Writer: mysql80}, {Writer: maria}, {Writer: mysql80, SQLMode: statement.ANSIQuotes},
	{Writer: maria, SQLMode: statement.NoBackslashEscapes}, {Writer: mysql80, Client: 13}, {Writer: maria, Client: 28},
	{Client: 1}, {Client: 248}, {Client: 8}, {Writer: decoder.Version{Flavor: decoder.MySQL, Major: 9, Minor: 7}},
}

// checkStatement: tokens and blanks tile the text, names and strings have a value, and a second reading says the same.
func checkStatement(t *testing.T, text []byte, context statement.Context) {
	t.Helper()
	s := statement.NewScanner(text, context)
	at := 0
	for {
		token := s.Scan()
		if gap := text[at:token.Start]; len(bytes.Trim(bytes.ReplaceAll(gap, []byte{0xa0}, nil), " \t\r\n\v\f")) > 0 {
			t.Fatalf("%q: %q stands between tokens", text, gap)
		}
		if at = token.End; token.Kind == statement.End {
			break
		}
		if token.Start >= token.End {
			t.Fatalf("%q: an empty %s at %d", text, token.Kind, token.Start)
		}
		if token.Unclosed && s.Err() == nil {
			t.Fatalf("%q: no error for the %s at %d that does not close", text, token.Kind, token.Start)
		}
		s.Name(token)
		if token.Kind == statement.String {
			s.AppendString(nil, token)
		}
	}
	if at != len(text) {
		t.Fatalf("%q: the tokens end at %d of %d", text, at, len(text))
	}
	first := statement.Classify(text, context)
	first.Objects(text, context)
	if again := statement.Classify(text, context); again != first {
		t.Fatalf("%q: %s, then %s", text, describe(first), describe(again))
	}
	if first.Body > len(text) {
		t.Fatalf("%q: the statement begins at %d", text, first.Body)
	}
}

func TestTarget(t *testing.T) {
	for sql, want := range map[string]string{
		"INSERT INTO a SELECT * FROM b":                 "a",
		"insert ignore into `d`.`a b` (x) values (1)":   "d.a b",
		"REPLACE LOW_PRIORITY a VALUES (1)":             "a",
		"INSERT /* INTO b */ HIGH_PRIORITY a SET x = 1": "a",
		"INSERT DELAYED IGNORE INTO d.a TABLE b":        "d.a",
		"UPDATE a SET x = 1":                            "",
		"DELETE FROM a":                                 "",
		"CREATE TABLE a SELECT * FROM b":                "",
		"INSERT INTO 'a' VALUES (1)":                    "",
		"WITH x AS (SELECT 1) DELETE a FROM a JOIN x":   "",
	} {
		context := statement.Context{}
		n := statement.Classify([]byte(sql), context).Target([]byte(sql), context)
		got := n.Name
		if n.Database != "" {
			got = n.Database + "." + got
		}
		if got != want {
			t.Errorf("%s: %q, want %q", sql, got, want)
		}
	}
}
