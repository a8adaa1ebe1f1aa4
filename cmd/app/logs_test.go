package app

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/fixtures/servers"
	"binmend/schema/replica"
)

var update = flag.Bool("update", false, "write testdata anew: the logs, with real servers, and what scripts expect")

// The replica of testdata/logs: one row of shop.item is gone and another holds a value that the source gives away, so the
// transaction would fail twice.
const (
	itemTable = `CREATE DATABASE shop; USE shop;
CREATE TABLE item (id INT PRIMARY KEY, code VARCHAR(20) NOT NULL, price DECIMAL(8,2), UNIQUE KEY code (code)) ENGINE=InnoDB;
INSERT INTO item VALUES (1,'apple',1.50), (2,'pear',2.25), (3,'plum',0.75);`
	itemDrift = `DELETE FROM shop.item WHERE id=2; INSERT INTO shop.item VALUES (77,'cherry',9.99);`
	itemBreak = `USE shop; BEGIN; UPDATE item SET price=price+1 WHERE id IN (1,2); INSERT INTO item VALUES (4,'cherry',3.00); COMMIT;`
)

// TestWriteLogs writes testdata/logs/LINE: what a person has when that replica has stopped.
func TestWriteLogs(t *testing.T) {
	if !*update {
		t.Skip("testdata/logs is written with -update only")
	}
	for _, line := range servers.Lines() {
		t.Run(line.Name, func(t *testing.T) {
			p := servers.StartPair(t, line, servers.Options{GTID: line != servers.MySQL56, Workers: 1})
			p.Source.MustExec(t, itemTable)
			p.Sync(t)
			p.Drift(t, itemDrift)
			p.Source.MustExec(t, itemBreak)
			p.WaitError(t, 1032)

			dir := filepath.Join("testdata", "logs", strings.ReplaceAll(strings.ToLower(line.Name), " ", "-"))
			status := p.Status(t)
			write(t, dir, "status.txt", status)
			write(t, dir, "schema.sql", p.Replica.SchemaDump(t, "shop"))
			all, err := replica.Parse(status)
			if err != nil {
				t.Fatal(err)
			}
			log, err := os.ReadFile(p.Replica.Data(filepath.Base(all[0].Relay.File)))
			if err != nil {
				t.Fatal(err)
			}
			write(t, dir, "relay.000002", string(log))
		})
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
