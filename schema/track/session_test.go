package track

import (
	"context"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/schema"
	"binmend/schema/dump"
)

// step is a statement of a session.
type step struct {
	session dump.Session
	sql     string
}

// TestTemporaryTables: DDL of a temporary table leaves the real table of that name alone.
func TestTemporaryTables(t *testing.T) {
	one, two := dump.Session{ServerID: 1, Thread: 1}, dump.Session{ServerID: 1, Thread: 2}
	other, restarted := dump.Session{ServerID: 2, Thread: 1}, dump.Session{ServerID: 1, Thread: 1, Started: 5}
	const real = "t(a) from CREATE TABLE at log:100"
	for _, c := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"ALTER TABLE", []step{{one, "CREATE TEMPORARY TABLE t (x INT)"}, {one, "ALTER TABLE t ADD PRIMARY KEY (x), ADD y INT"}}, real},
		{"CREATE INDEX", []step{{one, "CREATE TEMPORARY TABLE d.t LIKE u"}, {one, "CREATE INDEX i ON t (a)"}}, real},
		{"DROP INDEX", []step{{one, "create or replace temporary table `t` (x INT)"}, {one, "DROP INDEX i ON t"}}, real},
		{"DROP TABLE drops the temporary one", []step{{one, "CREATE TEMPORARY TABLE t (x INT)"}, {one, "DROP TABLE t"}}, real},
		{"and then the real one", []step{{one, "CREATE TEMPORARY TABLE t (x INT)"}, {one, "DROP TABLE t"}, {one, "DROP TABLE t"}},
			"error: table `d`.`t`: the log has no such table here since the DROP TABLE at log:400"},
		{"a name that goes", []step{{one, "CREATE TEMPORARY TABLE u (x INT)"}, {one, "ALTER TABLE u RENAME TO t, ADD z INT"}, {one, "ALTER TABLE t ADD y INT"}}, real},
		{"after its end", []step{{one, "CREATE TEMPORARY TABLE t (x INT)"}, {one, "DROP /*!40005 TEMPORARY */ TABLE IF EXISTS `t`"}, {one, "ALTER TABLE t ADD y INT"}},
			"t(a y) from CREATE TABLE at log:100, changed by ALTER TABLE at log:400"},
		{"of another thread", []step{{one, "CREATE TEMPORARY TABLE t (x INT)"}, {two, "ALTER TABLE t ADD y INT"}},
			"t(a y) from CREATE TABLE at log:100, changed by ALTER TABLE at log:300"},
		{"of another server", []step{{one, "CREATE TEMPORARY TABLE t (x INT)"}, {other, "ALTER TABLE t ADD y INT"}},
			"t(a y) from CREATE TABLE at log:100, changed by ALTER TABLE at log:300"},
		{"after a restart", []step{{one, "CREATE TEMPORARY TABLE t (x INT)"}, {restarted, "ALTER TABLE t ADD y INT"}},
			"t(a y) from CREATE TABLE at log:100, changed by ALTER TABLE at log:300"},
		{"a copy of it is not known", []step{{one, "CREATE TEMPORARY TABLE u (x INT)"}, {one, "DROP TABLE t"}, {one, "CREATE TABLE t LIKE u"}},
			"error: table `d`.`t`: the CREATE TABLE at log:400 is not understood: it copies a temporary table"},
	} {
		if got := followSessions(t, append([]step{{one, "CREATE TABLE t (a INT)"}}, c.steps...), "5.7.44-log", 0); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// followSessions applies statements and says what the table t is then.
func followSessions(t *testing.T, steps []step, server string, mode uint64) string {
	t.Helper()
	version, _ := decoder.ParseVersion(server)
	tracker := New(nil, Detect)
	for i, s := range steps {
		pos := decoder.Position{File: "log", Offset: int64(100 * (i + 1))}
		st := dump.Statement{Server: version, Database: "d", SQL: s.sql, SQLMode: mode, Session: s.session}
		if err := tracker.Apply(pos, st); err != nil {
			t.Error(err)
		}
	}
	found, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: "t"})
	if err != nil {
		return "error: " + err.Error()
	}
	text := brief(found)
	if s, doubtful := tracker.Doubt(dump.Name{Database: "d", Table: "t"}); doubtful {
		text += ", in doubt by the " + s.String()
	}
	return text
}

// TestSpellings: however a statement is written, the table that it changes is found.
func TestSpellings(t *testing.T) {
	const made, noEscapes, ansi = "t(a b) from CREATE TABLE at log:100", 1 << 20, 1 << 2
	const moved = "t(b a) from CREATE TABLE at log:100, changed by ALTER TABLE at log:200"
	for _, c := range []struct {
		sql    string
		server string
		mode   uint64
		want   string
	}{
		{"ALTER TABLE .t MODIFY b INT FIRST", "5.7.44", 0, moved},
		{"alter\ttable\nd.t modify b int first", "8.0.36", 0, moved},
		{"/* app */ -- it's\n ALTER TABLE t MODIFY b INT FIRST", "8.0.36", 0, moved},
		{`ALTER TABLE t MODIFY b INT COMMENT '\' FIRST`, "8.0.36", noEscapes, moved},
		{`ALTER TABLE "t" MODIFY "b" INT COMMENT 'a\'b' FIRST`, "8.0.36", ansi, moved},
		{"/*!50001 ALTER TABLE t MODIFY b INT FIRST */", "8.0.36", 0, moved},
		{"/*!50701 ALTER TABLE t MODIFY b INT FIRST */", "10.11.6-MariaDB", 0, made},
		{"/*M!100100 ALTER TABLE t MODIFY b INT FIRST */", "10.11.6-MariaDB", 0, moved},
		{"/*M!100100 ALTER TABLE t MODIFY b INT FIRST */", "8.0.36", 0, made},
		{"ALTER TABLE t SECONDARY_ENGINE=RAPID, MODIFY b INT NOT SECONDARY FIRST", "9.7.0", 0, moved},
		{"ALTER TABLE t MODIFY b INT NOT NULL NOT SECONDARY COMMENT 'x' FIRST, SECONDARY_ENGINE NULL", "8.0.36", 0, moved},
		{"ALTER TABLE t SECONDARY_ENGINE = NULL", "8.0.36", 0, made},
		{"ALTER TABLE t SECONDARY_LOAD", "8.0.36", 0, made},
		{"ALTER TABLE t AVG_ROW_LENGTH 7 COMPRESSION 'zlib'", "8.0.36", 0, made},
		{"ALTER TABLE t SHUFFLE 'it''s'", "8.0.36", 0, "error: table `d`.`t`: the ALTER TABLE at log:200 is not understood: it changes the table " +
			"in a way that is not understood here"},
	} {
		steps := []step{{sql: "CREATE TABLE t (a INT, b INT)"}, {sql: c.sql}}
		if got := followSessions(t, steps, c.server, c.mode); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s:\n got %s\nwant %s", c.server, c.sql, got, c.want)
		}
	}
}

// TestConvertWithoutText: MySQL before 5.7 leaves the default character set of a table when it converts it and there is no text that it
// would change.
func TestConvertWithoutText(t *testing.T) {
	for _, c := range []struct{ server, column, want string }{
		{"5.6.24", "a INT", "utf8mb4"}, {"5.7.44", "a INT", "latin1"}, {"5.6.24", "a CHAR(1)", "latin1"},
		{"5.6.24", "a CHAR(1) CHARACTER SET latin1", "utf8mb4"}, {"5.7.44", "a CHAR(1) CHARACTER SET latin1", "latin1"},
		{"5.6.24", "a CHAR(1) COLLATE latin1_bin", "latin1"}, {"10.11.6-MariaDB", "a INT", "latin1"},
	} {
		version, _ := decoder.ParseVersion(c.server)
		tracker := New(nil, Detect)
		for i, sql := range []string{"CREATE TABLE t (" + c.column + ") CHARACTER SET utf8mb4", "ALTER TABLE t CONVERT TO CHARACTER SET latin1", "ALTER TABLE t ADD b TEXT"} {
			if err := tracker.Apply(decoder.Position{File: "log", Offset: int64(100 * (i + 1))}, dump.Statement{Server: version, Database: "d", SQL: sql}); err != nil {
				t.Fatal(err)
			}
		}
		found, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: "t"})
		if err != nil || found.Columns[1].Charset != c.want {
			t.Errorf("%s, %s: %v, %v, want %s", c.server, c.column, found, err, c.want)
		}
	}
}

// TestIfNotExists: MySQL logs CREATE TABLE IF NOT EXISTS of a table that exists, MariaDB does not.
func TestIfNotExists(t *testing.T) {
	const create, doubt = "CREATE TABLE IF NOT EXISTS t (a INT)", ", in doubt by the CREATE TABLE IF NOT EXISTS at log:"
	for _, c := range []struct {
		name, server string
		before       []string
		want         string
	}{
		{"MySQL", "8.0.36", nil, "t(a) from CREATE TABLE at log:100" + doubt + "100"},
		{"MariaDB", "10.11.6-MariaDB", nil, "t(a) from CREATE TABLE at log:100"},
		{"after a DROP", "8.0.36", []string{"DROP TABLE IF EXISTS t"}, "t(a) from CREATE TABLE at log:200"},
		{"in a database of the log", "8.0.36", []string{"CREATE DATABASE d"}, "t(a) from CREATE TABLE at log:200"},
		{"in one that may have existed", "8.0.36", []string{"CREATE DATABASE IF NOT EXISTS d"}, "t(a) from CREATE TABLE at log:200" + doubt + "200"},
		{"a table of the log", "8.0.36", []string{"CREATE TABLE t (b INT)"}, "t(b) from CREATE TABLE at log:100"},
		{"a database that is replaced", "10.11.6-MariaDB", []string{"CREATE TABLE t (b INT)", "CREATE OR REPLACE DATABASE d"}, "t(a) from CREATE TABLE at log:300"},
	} {
		var steps []step
		for _, sql := range append(c.before, create) {
			steps = append(steps, step{sql: sql})
		}
		if got := followSessions(t, steps, c.server, 0); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestDatabaseIfNotExists: servers log CREATE DATABASE IF NOT EXISTS of a database that exists. A statement on one of its tables says that
// it does; else its character set is assumed.
func TestDatabaseIfNotExists(t *testing.T) {
	for _, c := range []struct {
		before        []string
		want, assumed string
	}{
		{nil, "latin2", "CREATE DATABASE IF NOT EXISTS at log:100"},
		{[]string{"CREATE DATABASE d CHARACTER SET latin1"}, "latin1", ""},
		{[]string{"CREATE TABLE d.u (b INT)"}, "", ""},
		{[]string{"DROP TABLE IF EXISTS d.u"}, "latin2", "CREATE DATABASE IF NOT EXISTS at log:200"},
		{[]string{"CREATE TABLE d.u (b INT)", "DROP DATABASE d"}, "latin2", "CREATE DATABASE IF NOT EXISTS at log:300"},
	} {
		tracker := New(nil, Detect)
		version, _ := decoder.ParseVersion("10.11.6-MariaDB")
		for i, sql := range append(c.before, "CREATE DATABASE IF NOT EXISTS d CHARACTER SET latin2", "CREATE TABLE d.t (a TEXT)", "CREATE TABLE d.own (a TEXT) CHARACTER SET latin7") {
			if err := tracker.Apply(decoder.Position{File: "log", Offset: int64(100 * (i + 1))}, dump.Statement{Server: version, SQL: sql}); err != nil {
				t.Fatal(err)
			}
		}
		found, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: "t"})
		s, isAssumed := tracker.Assumed(dump.Name{Database: "d", Table: "t"})
		if err != nil || found.Columns[0].Charset != c.want || isAssumed != (c.assumed != "") || isAssumed && s.String() != c.assumed {
			t.Errorf("%q: %v, %v, assumed by %s", c.before, found, err, s)
		}
		if s, isAssumed := tracker.Assumed(dump.Name{Database: "d", Table: "own"}); isAssumed {
			t.Errorf("%q: a table with a character set of its own is assumed by %s", c.before, s)
		}
	}
}

// TestTypesUnderMode: an sql_mode says what the name of a type means. Not every server that the tests run has them all.
func TestTypesUnderMode(t *testing.T) {
	const oracle, maxDB = 1 << 9, 1 << 12
	for _, c := range []struct {
		server string
		mode   uint64
		column string
		want   string
	}{
		{"5.7.44", maxDB, "timestamp", "datetime"},
		{"10.11.6-MariaDB", maxDB, "TIMESTAMP(3)", "datetime(3)"},
		{"8.4.0", maxDB, "timestamp", "timestamp"},
		{"11.8.6-MariaDB", oracle, "number(9,2)", "decimal(9,2)"},
		{"11.8.6-MariaDB", oracle, "NUMBER", "double"},
		{"11.8.6-MariaDB", oracle, "varchar2(10) charset latin1", "varchar(10)"},
		{"11.8.6-MariaDB", oracle, "clob charset latin1", "longtext"},
		{"11.8.6-MariaDB", oracle, "blob", "longblob"},
		{"11.8.6-MariaDB", oracle, "raw(5)", "varbinary(5)"},
		{"11.8.6-MariaDB", oracle, "date", "datetime"},
		{"5.7.44", oracle, "date", "date"},
	} {
		tracker := New(nil, Detect)
		version, _ := decoder.ParseVersion(c.server)
		st := dump.Statement{Server: version, Database: "d", SQL: "CREATE TABLE t (a " + c.column + ", `number` INT)", SQLMode: c.mode}
		if err := tracker.Apply(decoder.Position{File: "log"}, st); err != nil {
			t.Fatal(err)
		}
		found, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: "t"})
		if err != nil {
			t.Errorf("%s, %s: %v", c.server, c.column, err)
		} else if got := found.Columns[0].SQLType(); got != c.want {
			t.Errorf("%s, mode %d: %s is %s, want %s", c.server, c.mode, c.column, got, c.want)
		}
	}
}

// TestTextOfDatabase: CONVERT TO CHARACTER SET DEFAULT is that of the database, and TEXT(0) is TINYTEXT since MySQL 8.0.
func TestTextOfDatabase(t *testing.T) {
	tracker := New(nil, Detect)
	for i, sql := range []string{"CREATE DATABASE d CHAR SET latin1", "CREATE TABLE t (a VARCHAR(9) CHARACTER SET utf8mb4, b TEXT(0))",
		"ALTER TABLE t CONVERT TO CHARACTER SET DEFAULT"} {
		version, _ := decoder.ParseVersion("9.7.0")
		st := dump.Statement{Database: "d", SQL: sql, Server: version}
		if err := tracker.Apply(decoder.Position{File: "log", Offset: int64(100 * i)}, st); err != nil {
			t.Fatal(err)
		}
	}
	found, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: "t"})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := found.Columns[0], found.Columns[1]; a.Charset != "latin1" || b.Type != schema.TypeTinyText {
		t.Errorf("got %s %s, %s", a.SQLType(), a.Charset, b.SQLType())
	}
}

// TestConvertToDefault: what CONVERT TO CHARACTER SET DEFAULT takes of a table in another database than the session's default one.
func TestConvertToDefault(t *testing.T) {
	const cp1251 = 51
	for _, tc := range []struct {
		server, database string
		collation        uint16 // collation_database, if the log has it
		want             string
	}{
		{"5.6.24", "d", 0, "latin1"},
		{"9.7.0", "d", 0, "latin1"},
		{"9.7.0", "d", cp1251, "cp1251"},
		{"9.7.0", "", 0, "greek"}, // collation_server
		{"10.6.5-MariaDB", "d", 0, "latin1"},
		{"10.11.6-MariaDB", "d", 0, "gbk"},
		{"11.8.9-MariaDB", "d", cp1251, "gbk"},
	} {
		tracker := New(nil, Detect)
		version, _ := decoder.ParseVersion(tc.server)
		for i, sql := range []string{"CREATE DATABASE d CHARACTER SET latin1", "CREATE DATABASE e CHARACTER SET gbk", "CREATE TABLE e.t (a VARCHAR(9) CHARACTER SET utf8mb4)",
			"ALTER TABLE e.t CONVERT TO CHARACTER SET DEFAULT"} {
			st := dump.Statement{Database: tc.database, SQL: sql, Server: version, CollationDatabase: tc.collation, Collations: decoder.Collations{Client: 33, Connection: 33, Server: 25}}
			if err := tracker.Apply(decoder.Position{File: "log", Offset: int64(100 * i)}, st); err != nil {
				t.Fatal(err)
			}
		}
		found, err := tracker.Table(context.Background(), schema.Ref{Database: "e", Table: "t"})
		if err != nil {
			t.Errorf("%+v: %v", tc, err)
		} else if got := found.Columns[0].Charset; got != tc.want {
			t.Errorf("%+v: got %s", tc, got)
		}
	}
}

// TestConvertTakesAll: CONVERT TO CHARACTER SET counts for columns of the same statement, too, whatever character set they name, unless
// it is binary. So servers do.
func TestConvertTakesAll(t *testing.T) {
	tracker := New(nil, Detect)
	for i, sql := range []string{"CREATE TABLE t (a VARCHAR(9))", "ALTER TABLE t CONVERT TO CHARACTER SET cp1251, ADD b VARCHAR(9) CHARACTER SET latin1, " +
		"ADD c VARCHAR(9) COLLATE latin2_bin, ADD e ENUM('q') CHARACTER SET latin1, MODIFY a CHAR(3) UNICODE, ADD h VARCHAR(3) CHARACTER SET binary"} {
		if err := tracker.Apply(decoder.Position{File: "log", Offset: int64(100 * i)}, dump.Statement{Database: "d", SQL: sql}); err != nil {
			t.Fatal(err)
		}
	}
	found, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: "t"})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"cp1251", "cp1251", "cp1251", "cp1251", "binary"} {
		if c := &found.Columns[i]; c.Charset != want && !(want == "binary" && c.Type == schema.TypeVarbinary) {
			t.Errorf("%s: got %s %s, want %s", c.Name, c.SQLType(), c.Charset, want)
		}
	}
}

// TestGeneratedKeyStaysFirst: ALTER TABLE puts no column before a primary key that MySQL has made, as long as it is invisible.
func TestGeneratedKeyStaysFirst(t *testing.T) {
	for _, c := range []struct{ column, alter, want string }{
		{"my_row_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT INVISIBLE", "ADD c BIGINT UNSIGNED FIRST, MODIFY a INT FIRST", "my_row_id a c b"},
		{"my_row_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT", "ADD c BIGINT UNSIGNED FIRST", "c my_row_id a b"},
		{"id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT INVISIBLE", "ADD c BIGINT UNSIGNED FIRST", "c id a b"},
	} {
		tracker := New(nil, Detect)
		version, _ := decoder.ParseVersion("9.7.0")
		key, _, _ := strings.Cut(c.column, " ")
		for i, sql := range []string{"CREATE TABLE t (" + c.column + ", a INT, b INT, PRIMARY KEY (" + key + "))", "ALTER TABLE t " + c.alter} {
			st := dump.Statement{Database: "d", SQL: sql, Server: version}
			if err := tracker.Apply(decoder.Position{File: "log", Offset: int64(100 * i)}, st); err != nil {
				t.Fatal(err)
			}
		}
		found, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: "t"})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for i := range found.Columns {
			names = append(names, found.Columns[i].Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s; %s: columns %s, want %s", c.column, c.alter, got, c.want)
		}
	}
}

// TestConvertedMembers: CONVERT TO reads the bytes of members in the new character set. Those that are no text there have no name.
func TestConvertedMembers(t *testing.T) {
	for _, tc := range []struct{ column, to, want string }{
		{"ENUM('é','x') CHARACTER SET utf8mb4", "latin1", "Ã© x"}, {"ENUM('é','x') CHARACTER SET latin1", "utf8mb4", "? x"}, {"SET('é','表') CHARACTER SET latin1", "cp1251", "й ?"},
		{"ENUM('é','x') CHARACTER SET utf8mb3", "utf8mb4", "é x"}, {"ENUM('ab','c') CHARACTER SET latin1", "ucs2", "慢 ?"}, {"ENUM('é') CHARACTER SET binary", "latin1", "é"},
		{"ENUM('ab','Ā') CHARACTER SET ucs2", "latin1", "? ?"},
	} {
		tracker := New(nil, Detect)
		for i, sql := range []string{"CREATE TABLE t (e " + tc.column + ")", "ALTER TABLE t CONVERT TO CHARACTER SET " + tc.to} {
			if err := tracker.Apply(decoder.Position{File: "log", Offset: int64(100 * i)}, dump.Statement{Database: "d", SQL: sql}); err != nil {
				t.Fatal(err)
			}
		}
		found, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: "t"})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(found.Columns[0].Members, " "); got != tc.want {
			t.Errorf("%s to %s: got %q, want %q", tc.column, tc.to, got, tc.want)
		}
	}
}
