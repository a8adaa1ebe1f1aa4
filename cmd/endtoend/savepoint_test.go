package endtoend

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestRollbackOverSavepoint: what takes a transaction back leaves out what the source rolled back to a savepoint, but for what stayed
// in a table that knows no transactions.
func TestRollbackOverSavepoint(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		s := servers.Start(t, line, servers.Options{})
		s.MustExec(t, "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, v INT) ENGINE=InnoDB; CREATE TABLE d.m (id INT PRIMARY KEY) ENGINE=MyISAM; "+
			"INSERT INTO d.t VALUES (1, 10), (2, 20), (7, 70); INSERT INTO d.m VALUES (1)")
		before := s.Contents(t, "d")
		s.MustExec(t, "FLUSH BINARY LOGS; BEGIN; INSERT INTO d.t VALUES (3, 30); INSERT INTO d.m VALUES (2); SAVEPOINT `a b`; UPDATE d.t SET v = 11 WHERE id = 1; SAVEPOINT s; "+
			"DELETE FROM d.t WHERE id = 7; INSERT INTO d.m VALUES (3); ROLLBACK TO `a b`; UPDATE d.t SET v = 21 WHERE id = 2; COMMIT; "+
			"INSERT INTO d.t VALUES (4, 40); FLUSH BINARY LOGS")
		schema := filepath.Join(t.TempDir(), "schema.sql")
		if err := os.WriteFile(schema, []byte(s.SchemaDump(t, "d")), 0o600); err != nil {
			t.Fatal(err)
		}
		logs := s.Binlogs(t)
		undoLog(t, s, schema, logs[len(logs)-2], before)
	})
}

// undoLog takes the changes of a log back and compares what the server has then.
func undoLog(t *testing.T, s *servers.Server, schema, log, before string) {
	t.Helper()
	undo := binmend(t, "", "sql", "--rollback", "--schema", schema, log)
	if undo.exit != 0 {
		t.Fatalf("exit code %d: %s\n%s", undo.exit, undo.stderr, undo.script)
	}
	s.MustExec(t, undo.script)
	if after := s.Contents(t, "d"); after != before {
		t.Errorf("after\n%s\nleft\n%s\nwant\n%s", undo.script, after, before)
	}
}

// TestRollbackOverRolledBack: a transaction that ended in ROLLBACK is in the log because a temporary table was made in it, or because
// it was prepared. What takes the log back leaves out its rows, but for those of a table that knows no transactions.
func TestRollbackOverRolledBack(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		s := servers.Start(t, line, servers.Options{})
		s.MustExec(t, "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, v INT) ENGINE=InnoDB; CREATE TABLE d.m (id INT PRIMARY KEY) ENGINE=MyISAM; "+
			"INSERT INTO d.t VALUES (1, 10), (2, 20); INSERT INTO d.m VALUES (1)")
		before := s.Contents(t, "d")
		s.MustExec(t, "FLUSH BINARY LOGS; INSERT INTO d.t VALUES (3, 30); SET SESSION binlog_format=ROW; BEGIN; UPDATE d.t SET v = 11 WHERE id = 1; INSERT INTO d.m VALUES (2); "+
			"CREATE TEMPORARY TABLE d.x (id INT); INSERT INTO d.x VALUES (1); DELETE FROM d.t WHERE id = 2; INSERT INTO d.m VALUES (3); ROLLBACK; "+
			"XA START 'a'; DELETE FROM d.t WHERE id = 1; INSERT INTO d.m VALUES (4); XA END 'a'; XA PREPARE 'a'; XA ROLLBACK 'a'; DROP TEMPORARY TABLE IF EXISTS d.x; INSERT INTO d.t VALUES (4, 40); FLUSH BINARY LOGS")
		schema := filepath.Join(t.TempDir(), "schema.sql")
		if err := os.WriteFile(schema, []byte(s.SchemaDump(t, "d")), 0o600); err != nil {
			t.Fatal(err)
		}
		logs := s.Binlogs(t)
		events := binmend(t, "", "events", logs[len(logs)-2])
		if !strings.Contains(events.script, "ROLLBACK") && line != servers.MySQL56 { // whose log has no such transaction with rows alone
			t.Fatalf("no transaction of the log ended in ROLLBACK:\n%s", events.script)
		}
		undoLog(t, s, schema, logs[len(logs)-2], before)
	})
}
