package endtoend

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestExportOfVersionedTable: of a system-versioned table whose period has no names, the records are those of the current rows: a DELETE, which is
// logged as an UPDATE that ends the row, is one, and the old rows that an UPDATE inserts are none.
func TestExportOfVersionedTable(t *testing.T) {
	for line, versioned := range map[*servers.Line]string{servers.MariaDB1011: ") WITH SYSTEM VERSIONING", servers.MariaDB118: " WITH SYSTEM VERSIONING)"} {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			s := servers.Start(t, line, servers.Options{})
			s.MustExec(t, `FLUSH BINARY LOGS; CREATE DATABASE v; USE v; CREATE TABLE t (id INT PRIMARY KEY, n INT`+versioned+`;
INSERT INTO t VALUES (1, 1), (2, 2); UPDATE t SET n = n + 10; DELETE FROM t WHERE id = 1; REPLACE INTO t VALUES (2, 5); INSERT INTO t VALUES (1, 7);`)
			logs := s.Binlogs(t)
			run := binmend(t, "", "export", "--type", "insert,update,delete", logs[len(logs)-1])
			rows := map[int]int{}
			var changes []string
			for line := range strings.Lines(run.script) {
				var r struct {
					Change        string
					Before, After *struct{ ID, N int }
				}
				if err := json.Unmarshal([]byte(line), &r); err != nil {
					t.Fatal(err)
				}
				if changes = append(changes, r.Change); r.Before != nil {
					delete(rows, r.Before.ID)
				}
				if r.After != nil {
					rows[r.After.ID] = r.After.N
				}
			}
			if got := fmt.Sprint(rows); run.exit != 0 || got != "map[1:7 2:5]" || strings.Join(changes[:5], " ") != "insert insert update update delete" {
				t.Errorf("exit code %d, rows %s, changes %v\n%s%s", run.exit, got, changes, run.script, run.stderr)
			}
			found := binmend(t, "", "find", "--table", "v.t", "--key", "id=1", logs[len(logs)-1])
			if strings.Count(found.script, "INSERT v.t") != 2 || strings.Count(found.script, "DELETE v.t") != 1 {
				t.Errorf("find: %s%s", found.script, found.stderr)
			}
		})
	}
}
