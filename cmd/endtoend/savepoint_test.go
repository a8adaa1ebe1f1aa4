package endtoend

import (
	"os"
	"path/filepath"
	"testing"

	"binmend/fixtures/servers"
)

// TestRollbackOverSavepoint: what takes a transaction back leaves out what the source rolled back to a savepoint, but for what stayed
// in a table that knows no transactions.
func TestRollbackOverSavepoint(t *testing.T) {
	eachLine(t, func(t *testing.T, line *servers.Line) {
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
		undo := binmend(t, "", "sql", "--rollback", "--schema", schema, logs[len(logs)-2])
		if undo.exit != 0 {
			t.Fatalf("exit code %d: %s\n%s", undo.exit, undo.stderr, undo.script)
		}
		s.MustExec(t, undo.script)
		if after := s.Contents(t, "d"); after != before {
			t.Errorf("after\n%s\nleft\n%s\nwant\n%s", undo.script, after, before)
		}
	})
}
