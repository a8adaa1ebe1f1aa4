package replay

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/emit/sqltext"
)

// TestMisread: what some client may not send as it is, and what all of them do.
func TestMisread(t *testing.T) {
	for _, tc := range []struct {
		name, sql string
		mode      uint64
		refused   string // "" when it is not
	}{
		{"plain", "INSERT INTO t VALUES (1)", 0, ""},
		{"a backslash in quotes", `INSERT INTO t VALUES ('\! x', "\\", 'it''s \' \! x')`, 0, ""},
		{"a backslash in a comment", "SELECT 1 /* \\! x */ -- \\! y\n# \\! z", 0, ""},
		{"a backslash in back-quotes", "SELECT `\\! x` FROM t", 0, ""},
		{"quotes in a comment", "SELECT 1 -- it's\n, 2 /* \" */", 0, ""},
		{"a line's end of Windows", "CREATE PROCEDURE p()\r\nBEGIN\r\n-- x\r\nEND", 0, ""},
		{"a comment that servers execute", "/*!40000 ALTER TABLE `t` DISABLE KEYS */", 0, ""},
		{"a command's name that is none", "CREATE TABLE t (\nstatus INT,\nsources INT,\ngo INT)", 0, ""},
		{"NULL as it was written once", `INSERT INTO t VALUES (\N)`, 0, "\\N outside"},
		{"a command", `SELECT 1 \! touch x`, 0, "backslash"},
		{"a command after text that ends with a backslash", `INSERT INTO t VALUES ('a\') \! touch x -- '`, modeNoBackslashEscapes, "quoted"},
		{"text that goes on after a quote", `INSERT INTO t VALUES ('a\') \! touch x -- ')`, 0, ""},
		{"a backslash in a name that sql_mode makes one", `SELECT "\"" \! x"`, modeANSIQuotes, "quoted"},
		{"a backslash at the end of a name", "SELECT `a\\`", 0, "quoted"},
		{"a backslash at the end of a line", "SELECT 'a\\\nb'", 0, "quoted"},
		{"a command in a comment that servers execute", "SELECT 1 /*! \\! x */", 0, "backslash"},
		{"a command in a hint", "SELECT /*+ \\! x */ 1", 0, "backslash"},
		{"a command in MariaDB's comment", "SELECT 1 /*M! \\! x */", 0, "backslash"},
		{"a quoted name in a hint", "SELECT /*+ QB_NAME(`q`) */ 1", 0, ""},
		{"a command in quotes in a hint", "SELECT /*+ `a\ndelimiter x\n` */ 1", 0, "comment"},
		{"a delimiter in quotes in a hint", "SELECT /*+ `a;` */ 1", 0, "comment"},
		{"a backslash in quotes in a hint", "SELECT /*+ '\\! x' */ 1", 0, "comment"},
		{"a quote in a hint that is none to other servers", "SELECT /*+ ' */ 1", 0, "comment"},
		{"a comment that ends for some", "SELECT /*! '*/ \\! x' */ 1", 0, "comment"},
		{"an open quote", "SELECT '", 0, "never closed"},
		{"an open comment", "SELECT 1 /* ", 0, "never closed"},
		{"an open comment that servers execute", "SELECT 1 /*! ", 0, "never closed"},
		{"a comment of two dashes only to servers", "SELECT 1 --\x01 \\! x", 0, "comment"},
		{"two minus signs", "SELECT 1--1", 0, "comment"},
		{"a comment's end that clients skip", "SELECT 1 /*\n# */ , 2", 0, "comment"},
		{"a comment in a comment", "SELECT 1 /* /* */", 0, "comment"},
		{"a comment that ends like one that begins", "SELECT 1 /* x /*/", 0, "comment"},
		{"text between dollars", "CREATE FUNCTION f() RETURNS INT LANGUAGE JAVASCRIPT AS $js$ return 'it' + $x $js$", 0, ""},
		{"open text between dollars", "SELECT a$$", 0, "dollar"},
		{"text between dollars that ends in quotes for some", "SELECT $$ ' $$ '", 0, "dollar"},
		{"delimiter at the beginning", "delimiter //\nx", 0, "delimiter"},
		{"delimiter in a line", "SELECT 1 AS DELIMITER x", 0, "delimiter"},
		{"delimiter in text", "INSERT INTO t VALUES ('\ndelimiter x\n')", 0, ""},
		{"a command by its name", "system touch x", 0, "system"},
		{"a command after comments", "-- x\n/* y */ # z\n  SOURCE x", 0, "source"},
		{"a command in a later line", "SELECT 1\nsystem touch x", 0, "system"},
		{"a command alone in its line", "SELECT\nstatus\nFROM t", 0, "status"},
		{"a zero byte", "SELECT 1\x00\n", 0, "control"},
		{"a control character", "SELECT '\x1b[2J'", 0, "control"},
		{"a carriage return in text", "SELECT 'a\r\nb'", 0, "control"},
	} {
		err := misread([]byte(tc.sql), tc.mode)
		if (err == nil) != (tc.refused == "") || err != nil && !strings.Contains(err.Error(), tc.refused) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.refused)
		}
	}
}

// TestClientForm: text that hides backslashes and back-quotes goes out in hex, or in a character set that the client is told.
func TestClientForm(t *testing.T) {
	const gbk, sjis, latin1 = 28, 13, 8
	mysql := &decoder.Format{Server: decoder.Version{Flavor: decoder.MySQL, Major: 8}}
	mariaDB := &decoder.Format{Server: decoder.Version{Flavor: decoder.MariaDB, Major: 10, Minor: 11, Patch: 4}}
	for _, tc := range []struct {
		name      string
		format    *decoder.Format
		sql       string
		collation uint16
		want      string // "as it is", "hex", a character set, or a part of the error
	}{
		{"ASCII", mysql, "INSERT INTO t VALUES ('a')", gbk, "as it is"},
		{"no character that hides a backslash", mysql, "INSERT INTO t VALUES ('\xb0\xa1')", gbk, "as it is"},
		{"a character that ends in a backslash", mysql, "INSERT INTO t VALUES ('\xd5\\')", gbk, "hex"},
		{"katakana and a backslash", mysql, "CREATE TABLE t (a INT COMMENT '\xb1\\\\')", sjis, "hex"},
		{"the same bytes in another character set", mysql, "INSERT INTO t VALUES ('\xd5\\') \\! x -- '", latin1, "as it is"},
		{"an open quote", mysql, "INSERT INTO t VALUES ('", latin1, "never closed: no server"},
		{"an open quote after such a character", mysql, "INSERT INTO t VALUES ('\xd5\\", gbk, "never closed: no server"},
		{"NULL as it was written once", mysql, "INSERT INTO t VALUES (\\N)", latin1, "hex"},
		{"what servers do not prepare", mysql, "CREATE PROCEDURE p() SELECT '\xd5\\'", gbk, "gbk"},
		{"what MariaDB prepares", mariaDB, "CREATE PROCEDURE p() SELECT '\xd5\\'", gbk, "hex"},
		{"half a character", mysql, "CREATE PROCEDURE p() SELECT '\x81' \\! x '", gbk, "backslash"},
		{"an escaped half", mysql, "CREATE PROCEDURE p() SELECT '\\\x81\\'", gbk, "never closed"},
		{"a procedure with a command", mysql, "CREATE PROCEDURE p()\ndelimiter x", 45, "servers prepare no such statement"},
		{"a number that is no collation", mysql, "CREATE PROCEDURE p() SELECT '\x81\\'", 9999, "never closed"},
	} {
		r := renderer{options: &Options{}}
		s := decoder.Session{HasCollations: true, Collations: decoder.Collations{Client: tc.collation}}
		f, err := r.clientForm(tc.format, []byte(tc.sql), &s)
		got := "as it is"
		switch {
		case err != nil:
			got = err.Error()
		case f.prepared != nil:
			got = "hex"
		case f.charset != "":
			got = f.charset
		}
		if !strings.Contains(got, tc.want) {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

// TestCanPrepare: the kind of statement is found after options and comments.
func TestCanPrepare(t *testing.T) {
	mysql := sqltext.For(decoder.Version{Flavor: decoder.MySQL, Major: 8})
	for sql, want := range map[string]bool{
		"INSERT INTO t VALUES (1)":                                              true,
		"/* x */ -- y\n create\ttable t (a int)":                                true,
		"CREATE OR REPLACE ALGORITHM=MERGE DEFINER=`trigger`@`x` VIEW v AS x":   true,
		"CREATE DEFINER=root@localhost TRIGGER t BEFORE INSERT ON `TABLE` x":    false,
		"CREATE /*!50017 DEFINER=`a`@`b` */ /*!50003 PROCEDURE p() SELECT 1 */": false,
		"CREATE SPATIAL INDEX i ON t (g)":                                       true,
		"ALTER VIEW v AS SELECT 1":                                              false,
		"XA START 'x'":                                                          false,
		"":                                                                      false,
	} {
		if got := canPrepare(mysql, []byte(sql)); got != want {
			t.Errorf("%s: %v, want %v", sql, got, want)
		}
	}
}

// TestTerminated: how a statement ends.
func TestTerminated(t *testing.T) {
	for _, tc := range []struct{ sql, want string }{
		{"SELECT 1", "SELECT 1;\n"},
		{"SELECT 1 ;\n", "SELECT 1;\n"},
		{"SELECT 1 -- one", "SELECT 1 -- one\n;\n"},
		{"SELECT ';'", "DELIMITER //\nSELECT ';'\n//\nDELIMITER ;\n"},
		{"SELECT '; //'", "DELIMITER //1//\nSELECT '; //'\n//1//\nDELIMITER ;\n"},
	} {
		if got := terminated([]byte(tc.sql)); got != tc.want {
			t.Errorf("%q: found %q, want %q", tc.sql, got, tc.want)
		}
	}
}

// terminated is a statement with its end.
func terminated(sql []byte) string {
	var r renderer
	r.appendTerminated(sql)
	return string(r.text)
}

// TestDelimiterFor: the first delimiter that a statement does not hold is found in one pass.
func TestDelimiterFor(t *testing.T) {
	var many strings.Builder
	for n := range 200_000 {
		fmt.Fprintf(&many, "//%d", n)
	}
	for _, tc := range []struct{ sql, want string }{
		{"a;b", "//"}, {"a//b;", "//1//"}, {"//1//", "//2//"}, {"//2//", "//1//"}, {"//1//2//", "//3//"}, {"////1//;", "//2//"},
		{"//01//", "//2//"}, {"///1//", "//2//"}, {"//1/", "//1//"}, {"//123456789012//", "//1//"}, {many.String() + "//", "//200000//"},
	} {
		if got := delimiterFor([]byte(tc.sql)); got != tc.want || strings.Contains(tc.sql, got) {
			t.Errorf("%.40q: %s, want %s", tc.sql, got, tc.want)
		}
	}
}

// FuzzMisread: any statement has an end, and what no client misreads stands between its marks.
func FuzzMisread(f *testing.F) {
	f.Add([]byte("SELECT '\\'' /* x */ `a``b` -- y\n# z"), uint64(0))
	f.Fuzz(func(t *testing.T, sql []byte, mode uint64) {
		for charset := range pairsOf {
			if text, ok := masked(sql, charset); ok && len(text) != len(sql) {
				t.Errorf("%q has another length in %s", sql, charset)
			}
		}
		_ = canPrepare(sqltext.Dialect{}, sql)
		if misread(sql, mode) == nil && bytes.ContainsAny(sql, "\x00\x1b") {
			t.Errorf("%q passes", sql)
		}
		if got := terminated(sql); len(got) < len(bytes.TrimRight(sql, " \t\r\n;")) {
			t.Errorf("%q lost something: %q", sql, got)
		}
	})
}
