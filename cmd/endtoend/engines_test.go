package endtoend

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"binmend/fixtures/servers"
)

var python = flag.String("engines", "", "read exports with all engines by this Python, which has fixtures/engines/requirements.txt (make engines)")

// engines are those that `binmend help engines` has a query for.
var engines = []string{"duckdb", "polars", "pyarrow", "clickhouse", "spark"}

// alteredTable changes while it has rows: each type becomes another one, columns come, go and get other names. Other tables have names
// that engines may take for numbers, and columns with names that are not those of programs.
const alteredTable = `
CREATE TABLE altered (id INT UNSIGNED PRIMARY KEY, a INT UNSIGNED, b TINYINT, c DECIMAL(5,2), d DATE, e VARCHAR(10), f FLOAT, g INT,
	h DATETIME, i BIGINT UNSIGNED, k VARBINARY(9), gone INT) ENGINE=InnoDB;
INSERT INTO altered VALUES (1, 4294967295, 127, -999.99, '2024-02-29', 'x', -0.5, -7, '2024-01-01 00:00:00', 18446744073709551615, x'00FF', 1),
	(2, NULL, NULL, NULL, '9999-12-31', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
FLUSH BINARY LOGS;
ALTER TABLE altered MODIFY a BIGINT, MODIFY b SMALLINT UNSIGNED, MODIFY c DECIMAL(10,4), MODIFY d DATETIME(3), MODIFY e TEXT,
	MODIFY f DOUBLE, MODIFY g VARCHAR(20), CHANGE h h2 DATETIME(6), MODIFY k VARBINARY(20), DROP gone, ADD added INT NOT NULL DEFAULT 5 FIRST;
INSERT INTO altered (id, a, b, c, d, e, f, g, h2, i) VALUES (3, -5, 65535, 123456.7891, '2024-03-01 10:11:12.131', '[1, 2]', 1e300, 'seven',
	'2024-01-01 00:00:00.000001', 7);
FLUSH BINARY LOGS;
ALTER TABLE altered MODIFY i DECIMAL(30,5), RENAME TO changed;
UPDATE changed SET i = -1.5, b = 1 WHERE id = 3;
ALTER TABLE changed RENAME TO altered;
FLUSH BINARY LOGS;
DELETE FROM altered WHERE id = 1;
TRUNCATE TABLE altered;
INSERT INTO altered (id, d) VALUES (9, '0000-00-00 00:00:00');
SET sql_mode = 'ANSI_QUOTES';
CREATE TABLE t1 (id INT PRIMARY KEY);
CREATE TABLE "007" (id INT PRIMARY KEY);
CREATE TABLE T1 ("ß" INT, "ss" VARCHAR(9), "a.b" INT, "before" INT, "table" INT);
INSERT INTO t1 VALUES (1);
INSERT INTO "007" VALUES (7);
INSERT INTO T1 VALUES (1, 'x', 2, 3, 4);
FLUSH BINARY LOGS;
`

// TestEngines: every engine reads every table of an export, of all logs at once and of each alone, by its one query, as NDJSON has it,
// and their sums are the server's.
func TestEngines(t *testing.T) {
	if *python == "" {
		t.Skip("make engines installs the engines, 1.7 GB, and runs this")
	}
	for _, line := range []*servers.Line{servers.MySQL97, servers.MariaDB118} {
		t.Run(line.Name, func(t *testing.T) {
			s := servers.Shared(t, line, servers.Options{GTID: true})
			s.MustExec(t, exportScript(exportedOn(line))+alteredTable)
			dir := t.TempDir()
			logs := s.Binlogs(t)
			run := binmend(t, "", slices.Concat([]string{"export", "--format", "parquet", "--output-dir", filepath.Join(dir, "changes"), "--database", "shop"}, logs)...)
			lines := binmend(t, "", slices.Concat([]string{"export", "--database", "shop"}, logs)...)
			if run.exit != 0 || lines.exit != 0 {
				t.Fatalf("exit codes %d and %d: %s%s", run.exit, lines.exit, run.stderr, lines.stderr)
			}
			if err := os.WriteFile(filepath.Join(dir, "changes.ndjson"), []byte(lines.script), 0o600); err != nil {
				t.Fatal(err)
			}
			e := exportCheck{T: t, server: s, dir: dir}
			want := e.ask("SELECT COUNT(*), SUM(amount), SUM(qty) FROM shop.orders")[0]
			single := exportEach(t, logs)
			for _, engine := range engines {
				t.Run(engine, func(t *testing.T) {
					readBy(t, engine, dir, want)
					readBy(t, engine, single, want)
				})
			}
		})
	}
}

// exportEach exports each log alone, as binmend help scale has it, and all of them as NDJSON.
func exportEach(t *testing.T, logs []string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	defs := filepath.Join(dir, "defs")
	exported := func(args ...string) string {
		run := binmend(t, "", args...)
		if run.exit != 0 {
			t.Fatalf("%q: exit code %d: %s", args, run.exit, run.stderr)
		}
		return run.script
	}
	exported(slices.Concat([]string{"schema", "--at-each-log", "--output-dir", defs}, logs)...)
	for _, log := range slices.Backward(logs) {
		exported("export", "--source", "db7", "--schema", filepath.Join(defs, filepath.Base(log)+".sql"), "--schema-at", "start",
			"--output-dir", filepath.Join(dir, "changes"), "--append", "--database", "shop", log)
	}
	lines := exported(slices.Concat([]string{"export", "--source", "db7", "--database", "shop"}, logs)...)
	if err := os.WriteFile(filepath.Join(dir, "changes.ndjson"), []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// readBy reads the export with an engine, which holds it to NDJSON, and compares the sums of a table.
func readBy(t *testing.T, engine, dir string, want []string) {
	cmd := exec.Command(*python, filepath.Join("..", "..", "fixtures", "engines", "read.py"), engine, filepath.Join(dir, "changes"), filepath.Join(dir, "changes.ndjson"))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("%v\n%s", err, &stderr)
	}
	for text := range bytes.Lines(out) {
		var got struct{ Table, Rows, Amount, Qty string }
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		t.Logf("%s", bytes.TrimSpace(text))
		if got.Table == "orders" && !slices.Equal([]string{got.Rows, got.Amount, got.Qty}, want) {
			t.Errorf("orders: %q, the server has %q", got, want)
		}
	}
}
