package endtoend

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"binmend/emit/list"
	"binmend/fixtures/servers"
)

// TestFindErrantWrite: a replica stops with a duplicate key, and its own binary logs tell who wrote the row in the way, from its
// first key on.
func TestFindErrantWrite(t *testing.T) {
	for _, line := range servers.AllLines() {
		t.Run(line.String(), func(t *testing.T) {
			options := servers.Options{GTID: true}
			if line.Flavor == servers.MariaDB {
				options.Args = []string{"--log-slave-updates"}
			}
			p := servers.SharedPair(t, line, options)
			p.Source.MustExec(t, shop)
			for _, name := range []string{"cy", "dee", "eve"} {
				p.Source.MustExec(t, "UPDATE shop.customers SET note = '"+name+"' WHERE id = 1; FLUSH LOGS")
			}
			p.Sync(t)
			p.Replica.MustExec(t, "FLUSH LOGS; INSERT INTO shop.customers VALUES (9, 'errant@example.org', ''); UPDATE shop.customers SET id = 4 WHERE id = 9")
			p.Source.MustExec(t, "INSERT INTO shop.customers VALUES (4, 'dee@example.org', '')")
			p.WaitError(t, 1062)

			for _, key := range []string{"id=9", "id=4"} {
				got := history(t, p.Replica, key)
				if !strings.Contains(got, "UPDATE shop.customers, id = 9 -> id = 4\n    ~ id  9 -> 4\n") {
					t.Errorf("--key %s: no change to the new key:\n%s", key, got)
				}
				if wrote, marked := strings.Count(got, "UTC, server 2"), strings.Count(got, "  ERRANT: written on server 2 itself, a replica"); wrote == 0 || marked != wrote {
					t.Errorf("--key %s: the writer is not told:\n%s", key, got)
				}
			}
			got := history(t, p.Replica, "id=1")
			if strings.Contains(got, "ERRANT") || strings.Count(got, "UPDATE shop.customers, id = 1\n") != 3 {
				t.Errorf("the source's row: got\n%s", got)
			}
		})
	}
}

// history is that of a row in a server's binary logs, without the statements that name its table.
func history(t *testing.T, s *servers.Server, key string) string {
	t.Helper()
	run := binmend(t, "", append([]string{"find", "--table", "shop.customers", "--key", key, "--type", "insert,update,delete"}, s.Binlogs(t)...)...)
	if run.exit != 0 {
		t.Fatalf("exit code %d: %s", run.exit, run.stderr)
	}
	return regexp.MustCompile(`(?m)^\S+/`).ReplaceAllString(run.script, "")
}

// TestFindHistoryIsWhole: the histories of rows whose keys change end in the table's contents.
func TestFindHistoryIsWhole(t *testing.T) {
	const keys = 6
	for _, line := range servers.AllLines() {
		t.Run(line.String(), func(t *testing.T) {
			s := servers.Shared(t, line, servers.Options{})
			random := rand.New(rand.NewPCG(1, 7))
			script := []string{"CREATE DATABASE shop; CREATE TABLE shop.walk (id INT PRIMARY KEY, v INT, w INT)"}
			for i := range 150 {
				script = append(script, wander(random, keys, i))
			}
			s.MustExec(t, strings.Join(script, ";\n"))
			want := map[string]map[string]string{}
			for line := range strings.Lines(s.MustExec(t, "SELECT id, v, w FROM shop.walk")) {
				if r := strings.Fields(line); r[0] != "id" {
					want["id = "+r[0]] = map[string]string{"id": r[0], "v": r[1], "w": r[2]}
				}
			}
			if len(want) == 0 {
				t.Fatal("the table is empty")
			}
			for key := range keys {
				run := binmend(t, "", append([]string{"find", "--json", "--table", "shop.walk", "--key", fmt.Sprintf("id=%d", key),
					"--type", "insert,update,delete"}, s.Binlogs(t)...)...)
				if run.exit != 0 {
					t.Fatalf("exit code %d: %s", run.exit, run.stderr)
				}
				rows := fold(t, run.script)
				if name := fmt.Sprintf("id = %d", key); want[name] != nil && rows[name] == nil {
					t.Errorf("--key id=%d: the row that the table holds is not in\n%s", key, run.script)
				}
				for name, row := range rows {
					for column, value := range row {
						if want[name][column] != value {
							t.Errorf("--key id=%d: %s ends with %s = %s, the table has %v", key, name, column, value, want[name])
						}
					}
				}
			}
		})
	}
}

// wander is a statement that changes a row, if it is there.
func wander(random *rand.Rand, keys, value int) string {
	id, to := random.IntN(keys), random.IntN(keys)
	switch random.IntN(5) {
	case 0, 1:
		return fmt.Sprintf("INSERT IGNORE INTO shop.walk VALUES (%d, %d, %d)", id, value, value)
	case 2:
		return fmt.Sprintf("UPDATE shop.walk SET v = %d WHERE id = %d", value, id)
	case 3:
		return fmt.Sprintf("UPDATE IGNORE shop.walk SET id = %d, w = %d WHERE id = %d", to, value, id)
	}
	return fmt.Sprintf("DELETE FROM shop.walk WHERE id = %d", id)
}

// fold applies the changes of a history, and returns what is known about the remaining rows, by key.
func fold(t *testing.T, history string) map[string]map[string]string {
	t.Helper()
	rows := map[string]map[string]string{}
	for line := range strings.Lines(history) {
		var c struct {
			list.Change
			Columns []struct {
				Name  string
				After *string
			}
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		row := rows[c.Key]
		delete(rows, c.Key)
		if c.Kind == "delete" {
			continue
		}
		if row == nil {
			row = map[string]string{}
		}
		for _, column := range c.Columns {
			row[column.Name] = *column.After
		}
		rows[cmp.Or(c.NewKey, c.Key)] = row
	}
	return rows
}
