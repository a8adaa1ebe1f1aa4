package statement_test

import (
	"testing"

	"binmend/decoder"
	"binmend/decoder/statement"
)

func TestWithoutLogging(t *testing.T) {
	context := statement.Context{Writer: decoder.Version{Flavor: decoder.MariaDB, Major: 11}}
	for _, c := range []struct{ sql, want string }{
		{"SET STATEMENT binlog_format=STATEMENT FOR INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)"},
		{"set statement Binlog_Format = 'row' , sort_buffer_size=if(1, 2, 3) for update t set a = 1", "set statement sort_buffer_size=if(1, 2, 3) FOR update t set a = 1"},
		{"SET STATEMENT a=1, `binlog_format`=ROW, b=(SELECT 'x' FOR UPDATE) FOR DELETE FROM t", "SET STATEMENT a=1, b=(SELECT 'x' FOR UPDATE) FOR DELETE FROM t"},
		{"/* c */ SET /* d */ STATEMENT binlog_format=ROW FOR SELECT 1", "SELECT 1"},
		{"SET STATEMENT max_statement_time=1 FOR SELECT 'binlog_format'", "SET STATEMENT max_statement_time=1 FOR SELECT 'binlog_format'"},
		{"SET STATEMENT binlog_format=ROW FOR SET STATEMENT binlog_direct_non_transactional_updates=1 FOR SELECT 1", "SELECT 1"},
		{"SET PASSWORD = 'x'", "SET PASSWORD = 'x'"},
		{"SET STATEMENT", "SET STATEMENT"},
		{"SET STATEMENT binlog_format=ROW", "SET STATEMENT binlog_format=ROW"},
		{"INSERT INTO t VALUES ('SET STATEMENT binlog_format=ROW FOR')", "INSERT INTO t VALUES ('SET STATEMENT binlog_format=ROW FOR')"},
	} {
		if got := statement.WithoutLogging([]byte(c.sql), context); string(got) != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.sql, got, c.want)
		}
	}
}

// TestHasOwnMode: a statement whose text may mean something else under the sql_mode that SET STATEMENT gives it is told from others.
func TestHasOwnMode(t *testing.T) {
	context := statement.Context{Writer: decoder.Version{Flavor: decoder.MariaDB, Major: 11, Minor: 8}}
	for text, want := range map[string]bool{
		"set statement sql_mode='PIPES_AS_CONCAT' for create table t (a int as (b || 'x'))":             true,
		"SET STATEMENT max_statement_time=1, SQL_MODE = 'ANSI_QUOTES'\nFOR ALTER TABLE t ADD \"x\" INT": true,
		"SET STATEMENT sql_mode='' FOR CREATE TABLE t (a INT)":                                          false,
		"SET STATEMENT max_statement_time=1 FOR CREATE TABLE t (a ENUM('a\\\\'))":                       false,
		"CREATE TABLE t (a VARCHAR(99) DEFAULT 'SET STATEMENT sql_mode=1 FOR |')":                       false,
		"SET sql_mode='' /* no statement FOR | */":                                                      false,
	} {
		if got := statement.Classify([]byte(text), context).HasOwnMode([]byte(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
