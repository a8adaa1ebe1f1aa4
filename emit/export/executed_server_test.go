package export_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"binmend/decoder"
	"binmend/decoder/walk"
	"binmend/emit/export"
	"binmend/fixtures/servers"
	"binmend/schema/changes"
	"binmend/schema/dump"
)

// TestExecuted: a dump without a date says by its GTIDs which ALTER it is from after, as the programs of the lines write them.
func TestExecuted(t *testing.T) {
	mysql := [][]string{{"--set-gtid-purged=ON"}, {"--set-gtid-purged=COMMENTED"}}
	mariadb := [][]string{{"--master-data=1", "--gtid"}, {"--master-data=2"}}
	for line, forms := range map[*servers.Line][][]string{servers.MySQL97: mysql, servers.MySQL8031: mysql, servers.MariaDB1011: mariadb, servers.MariaDB118: mariadb} {
		t.Run(line.String(), func(t *testing.T) {
			s := servers.Shared(t, line, servers.Options{GTID: true})
			s.MustExec(t, "CREATE DATABASE ran; CREATE TABLE ran.t (id INT, a INT, b INT); INSERT INTO ran.t VALUES (1, 2, 3); FLUSH BINARY LOGS; "+
				"INSERT INTO ran.t VALUES (2, 20, 30); ALTER TABLE ran.t RENAME COLUMN a TO b, RENAME COLUMN b TO a")
			var dumps []string
			for _, form := range forms {
				args := slices.Concat(form, []string{"--no-data", "--skip-dump-date", "--databases", "ran"})
				if line == servers.MySQL8031 {
					args = append(args, "--column-statistics=0")
				}
				text, err := s.Tool(line.Dump, args...).Output()
				if err != nil {
					t.Fatal(err)
				}
				dumps = append(dumps, string(text))
			}
			s.MustExec(t, "INSERT INTO ran.t VALUES (3, 300, 200); FLUSH BINARY LOGS")
			logs := s.Binlogs(t)
			log := logs[len(logs)-2]
			for i, text := range dumps {
				out, d := readWith(t, text, log)
				for _, want := range []string{`{"id":2,"a":20,"b":30}`, `{"id":3,"b":300,"a":200}`} {
					if !strings.Contains(out, want) {
						t.Errorf("%v: no %s in %s", forms[i], want, out)
					}
				}
				if len(d.Risks) != 1 || !strings.Contains(d.Risks[0], "after these rows or not long before") {
					t.Errorf("%v: risks: %q", forms[i], d.Risks)
				}
				without := regexp.MustCompile(`(?i)GTID_(PURGED|SLAVE_POS)`).ReplaceAllString(text, "x")
				if out, d := readWith(t, without, log); strings.Contains(out, `"id":2`) || without == text {
					t.Errorf("%v: without GTIDs: %s, risks %q", forms[i], out, d.Risks)
				}
			}
		})
	}
}

// TestDumpIsOfItsBeginning: mariadb-dump prints GTIDs after the tables that it knew before them.
func TestDumpIsOfItsBeginning(t *testing.T) {
	for _, line := range []*servers.Line{servers.MariaDB1011, servers.MariaDB118} {
		t.Run(line.String(), func(t *testing.T) {
			s := servers.Shared(t, line, servers.Options{})
			s.MustExec(t, "CREATE DATABASE slow; CREATE TABLE slow.t (id INT); INSERT INTO slow.t VALUES (1)")
			holder, err := s.DB().Conn(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			defer holder.Close()
			position := func(rows interface{ Scan(...any) error }) (text string) {
				if err := rows.Scan(&text); err != nil {
					t.Fatal(err)
				}
				return text
			}
			before := position(s.DB().QueryRow("SELECT @@gtid_binlog_pos"))
			if _, err := holder.ExecContext(context.Background(), "LOCK TABLES slow.t WRITE"); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			c := s.Tool(line.Dump, "--single-transaction", "--master-data=2", "--skip-dump-date", "--databases", "slow")
			c.Stdout = &out
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			for waiting := 0; waiting == 0; time.Sleep(20 * time.Millisecond) {
				if err := s.DB().QueryRow("SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for table%'").Scan(&waiting); err != nil {
					t.Fatal(err)
				}
			}
			s.MustExec(t, "CREATE TABLE slow.u (id INT)")
			if _, err := holder.ExecContext(context.Background(), "UNLOCK TABLES"); err != nil {
				t.Fatal(err)
			}
			if err := c.Wait(); err != nil {
				t.Fatal(err)
			}
			if after := position(s.DB().QueryRow("SELECT @@gtid_binlog_pos")); after == before || !strings.Contains(out.String(), "gtid_slave_pos='"+before+"'") {
				t.Errorf("before the dump %s, after it %s:\n%s", before, after, out.String())
			}
		})
	}
}

// readWith exports what can be read of a log with a schema file.
func readWith(t *testing.T, text, log string) (string, *changes.Definitions) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "dump.sql")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := dump.LoadFiles(name)
	if err != nil {
		t.Fatal(err)
	}
	d := &changes.Definitions{Files: files, Logs: walk.Logs{Names: []string{log}}}
	w, err := d.Logs.From(decoder.Position{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var out bytes.Buffer
	_, err = export.NDJSON(context.Background(), &out, changes.NewStream(changes.Options{Events: w, Definitions: d}), export.Options{Workers: 1})
	if err != nil {
		t.Log(err)
	}
	return out.String(), d
}
