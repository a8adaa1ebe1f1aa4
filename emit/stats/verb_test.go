package stats

import (
	"testing"

	"binmend/decoder/statement"
)

func TestVerbOf(t *testing.T) {
	for _, c := range []struct {
		sql, name string
		kind      kind
	}{
		{"BEGIN", "BEGIN", control},
		{"xa start X'61',X'',1", "XA START", control},
		{"CREATE TABLE t (a INT)", "CREATE TABLE", ddl},
		{"create or replace definer=`a b`@`%` sql security invoker view v as select 1", "CREATE VIEW", ddl},
		{"/* from the \"app\" */ -- and\n# more\n  ALTER TABLE t ADD b INT", "ALTER TABLE", ddl},
		{"SET STATEMENT lock_wait_timeout=1 FOR ALTER TABLE t ADD b INT", "ALTER TABLE", ddl},
		{"DROP /*!40005 TEMPORARY */ TABLE IF EXISTS `t`", "DROP TEMPORARY TABLE", temporary},
		{"TRUNCATE t", "TRUNCATE TABLE", ddl},
		{"CREATE USER u", "CREATE USER", ddl},
		{"insert into t values (1)", "INSERT", dml},
		{"LOAD DATA INFILE 'a' INTO TABLE t", "LOAD DATA", dml},
		{"ANALYZE UPDATE t SET a = 1", "ANALYZE", dml},
		{"ANALYZE TABLE t", "ANALYZE", admin},
		{"GRANT ALL ON *.* TO a", "GRANT", admin},
		{"SET PASSWORD FOR a = 'b'", "SET", admin},
		{"", "OTHER", other},
		{"`CREATE` TABLE", "OTHER", other},
	} {
		v := verbOf(statement.Classify([]byte(c.sql), statement.Context{}))
		if v.String() != c.name || v.kind != c.kind {
			t.Errorf("%q: %s %s, want %s %s", c.sql, v.kind, v, c.kind, c.name)
		}
	}
}
