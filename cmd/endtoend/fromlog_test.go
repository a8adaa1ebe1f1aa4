package endtoend

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestFromLog: a command prints the same for a server's logs read over the connection as for the same logs as files.
func TestFromLog(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		s := servers.Start(t, line, servers.Options{GTID: line != servers.MySQL56})
		s.MustExec(t, "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT) ENGINE=InnoDB; INSERT INTO d.t VALUES (1, 'a'), (2, 'b'); FLUSH BINARY LOGS; "+
			"UPDATE d.t SET v = 'c' WHERE id = 1; ALTER TABLE d.t ADD w INT FIRST; DELETE FROM d.t WHERE id = 2; FLUSH BINARY LOGS; INSERT INTO d.t VALUES (5, 3, 'e');")
		s.WaitCheckpoint(t)
		logs := s.Binlogs(t)
		server := []string{"-S", s.Socket, "-u", "root"}
		for _, command := range [][]string{{"events"}, {"events", "--transactions"}, {"events", "--json"}, {"sql"}, {"sql", "--rollback"}, {"stats"}, {"stats", "--json"},
			{"export"}, {"find", "--query", "alter"}, {"find", "--table", "d.t", "--key", "id=2"}, {"sql", "--where", "id=1"}} {
			over := binmend(t, "", slices.Concat(command, server, []string{"--from-log", filepath.Base(logs[0])})...)
			if !slices.Contains(command, "--query") { // which reads no rows, and needs no connection for files
				command = append(command, server...)
			}
			files := binmend(t, "", append(command, logs...)...)
			files.script = strings.ReplaceAll(files.script, filepath.Dir(logs[0])+"/", "")
			if over.script != files.script || over.exit != files.exit || over.script == "" {
				t.Errorf("%v: over the connection, exit code %d, %s\n%s\nof files, exit code %d, %s\n%s", command, over.exit, over.stderr, over.script, files.exit, files.stderr, files.script)
			}
		}
	})
}
