package live_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"binmend/fixtures/servers"
	"binmend/schema"
	"binmend/schema/dump"
	"binmend/schema/live"
)

func connect(t *testing.T, options live.Options) *live.Server {
	t.Helper()
	s, err := live.Connect(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

const tables = "CREATE DATABASE `a``b`;\nUSE `a``b`;\n" + `
CREATE TABLE parent (id INT UNSIGNED PRIMARY KEY);
CREATE TABLE plain (id INT UNSIGNED NOT NULL AUTO_INCREMENT, n VARCHAR(20) CHARACTER SET latin1 DEFAULT 'a''b\\c', e ENUM('ä','b;') NOT NULL,
  d DECIMAL(10,3), t DATETIME(3), PRIMARY KEY (id), UNIQUE KEY u (n(5), e), KEY k (d), p INT UNSIGNED,
  CONSTRAINT f FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE) DEFAULT CHARSET=utf8;
CREATE TABLE keyless (x INT, y BLOB) ENGINE=MyISAM;
CREATE TABLE ` + "`ta``ble`" + ` (ключ INT PRIMARY KEY);
CREATE TRIGGER tr BEFORE INSERT ON plain FOR EACH ROW SET NEW.d = 1;
CREATE TRIGGER ts AFTER DELETE ON plain FOR EACH ROW DELETE FROM keyless;
CREATE VIEW v AS SELECT 1;
`

// Tables from a server are those that its dump has.
func TestTables(t *testing.T) {
	ctx := context.Background()
	for _, line := range servers.Lines() {
		t.Run(line.String(), func(t *testing.T) {
			server := servers.Shared(t, line, servers.Options{})
			server.MustExec(t, tables)
			dumped, err := dump.Load(strings.NewReader(server.SchemaDump(t, "a`b")), "dump")
			if err != nil {
				t.Fatal(err)
			}
			found := connect(t, live.Options{Socket: server.Socket, User: "root"}).Tables()
			for _, name := range []string{"parent", "plain", "keyless", "ta`ble"} {
				ref := schema.Ref{Database: "a`b", Table: name}
				got, err := found.Table(ctx, ref)
				if err != nil {
					t.Fatal(err)
				}
				want, err := dumped.Table(ctx, ref)
				if err != nil {
					t.Fatal(err)
				}
				same := *want
				same.Source, same.ReferredBy = live.Source, got.ReferredBy // which a dump's other tables tell
				if line.Dump == "" {
					same.Triggers = got.Triggers // the dump is SHOW CREATE TABLE
				}
				if !reflect.DeepEqual(got, &same) {
					t.Errorf("%s:\ngot  %+v\nwant %+v", name, *got, same)
				}
				if again, _ := found.Table(ctx, ref); again != got {
					t.Errorf("%s is asked for twice", name)
				}
			}
			if plain, _ := found.Table(ctx, schema.Ref{Database: "a`b", Table: "plain"}); len(plain.Triggers) != 2 {
				t.Errorf("triggers %q", plain.Triggers)
			}
			if parent, _ := found.Table(ctx, schema.Ref{Database: "a`b", Table: "parent"}); len(parent.ReferredBy) != 1 || parent.ReferredBy[0].Table != "plain" {
				t.Errorf("references to parent: %+v", parent.ReferredBy)
			}
			for _, name := range []dump.Name{{Database: "a`b", Table: "none"}, {Database: "none", Table: "t"}} {
				_, err := found.Table(ctx, schema.Ref{Database: name.Database, Table: name.Table})
				if !errors.Is(err, live.ErrNoTable) {
					t.Errorf("%v: got %v", name, err)
				}
			}
			if _, err := found.Table(ctx, schema.Ref{Database: "a`b", Table: "v"}); err == nil || !strings.Contains(err.Error(), "no table") {
				t.Errorf("a view: got %v", err)
			}
		})
	}
}

// A name in double quotes is no string then: SHOW CREATE TABLE is not read.
func TestTablesInANSIQuotes(t *testing.T) {
	server := servers.Start(t, servers.MariaDB1011, servers.Options{Args: []string{"--sql-mode=ANSI_QUOTES"}})
	found := connect(t, live.Options{Socket: server.Socket, User: "root"}).Tables()
	_, err := found.Table(context.Background(), schema.Ref{Database: "mysql", Table: "db"})
	if err == nil || !strings.Contains(err.Error(), "ANSI_QUOTES") {
		t.Errorf("got %v", err)
	}
}

// A server that answers in another character set than it was asked for would give wrong names.
func TestCharset(t *testing.T) {
	server := servers.Start(t, servers.MariaDB1011, servers.Options{
		Args: []string{"--skip-character-set-client-handshake", "--character-set-server=latin1"}})
	_, err := live.Connect(context.Background(), live.Options{Socket: server.Socket, User: "root"})
	if err == nil || !strings.Contains(err.Error(), `expected answers in utf8mb4, found "latin1"`) {
		t.Errorf("got %v", err)
	}
}
