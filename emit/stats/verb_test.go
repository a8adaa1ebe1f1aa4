package stats

import "testing"

func TestVerbOf(t *testing.T) {
	for _, c := range []struct {
		sql  string
		want verb
	}{
		{"BEGIN", verb{"BEGIN", control}},
		{"xa start X'61',X'',1", verb{"XA", control}},
		{"CREATE TABLE t (a INT)", verb{"CREATE TABLE", ddl}},
		{"create or replace definer=`a b`@`%` sql security invoker view v as select 1", verb{"CREATE VIEW", ddl}},
		{"CREATE DEFINER=`table`@`localhost` PROCEDURE p() SELECT 1", verb{"CREATE PROCEDURE", ddl}},
		{"CREATE UNIQUE INDEX i ON t (a)", verb{"CREATE INDEX", ddl}},
		{"/* from the \"app\" */ -- and\n# more\n  ALTER TABLE t ADD b INT", verb{"ALTER TABLE", ddl}},
		{"ALTER/**/TABLE t ENGINE=InnoDB", verb{"ALTER TABLE", ddl}},
		{"/*!50003 CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET @a=1 */", verb{"CREATE TRIGGER", ddl}},
		{"/*M!100100 DROP */ TABLE t", verb{"DROP TABLE", ddl}},
		{"DROP /*!40005 TEMPORARY */ TABLE IF EXISTS `t`", verb{"DROP TEMPORARY TABLE", temporary}},
		{"CREATE TEMPORARY TABLE t (a INT)", verb{"CREATE TEMPORARY TABLE", temporary}},
		{"TRUNCATE t", verb{"TRUNCATE", ddl}},
		{"RENAME USER a TO b", verb{"RENAME USER", ddl}},
		{"insert into t values (1)", verb{"INSERT", dml}},
		{"(SELECT 1)", verb{"SELECT", dml}},
		{"GRANT ALL ON *.* TO a", verb{"GRANT", admin}},
		{"SET PASSWORD FOR a = 'b'", verb{"SET", admin}},
		{"", verb{"OTHER", other}},
		{"/* unfinished", verb{"OTHER", other}},
		{"`CREATE` TABLE", verb{"OTHER", other}},
		{"CREATEXXXXXXXXXXXXXXXXXXXXXXX", verb{"OTHER", other}},
		{"\x00\xff", verb{"OTHER", other}},
	} {
		if got := verbOf([]byte(c.sql)); got != c.want {
			t.Errorf("%q: %v %s, want %v %s", c.sql, got.kind, got.name, c.want.kind, c.want.name)
		}
	}
}

// TestVerbsCostNothing: logs in statement format have millions of statements.
func TestVerbsCostNothing(t *testing.T) {
	sql := []byte("/* a comment */ INSERT INTO t VALUES (1)")
	if n := testing.AllocsPerRun(100, func() { verbOf(sql) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
