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
			if _, err := found.Table(ctx, schema.Ref{Database: "a`b", Table: "v"}); err == nil || !strings.Contains(err.Error(), "is not a table") {
				t.Errorf("a view: got %v", err)
			}
		})
	}
}

// TestTablesOfOddServers: neither a global sql_mode, in which names are quoted as strings are, options left out and a backslash is
// none, nor a server's own character set changes what a session reads.
func TestTablesOfOddServers(t *testing.T) {
	const table = `CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, ` + "`\"é€`" + ` ENUM('it''s', 'é', '\\') CHARACTER SET utf8mb4 DEFAULT 'é', n INT UNSIGNED) AUTO_INCREMENT=7 DEFAULT CHARSET=latin1`
	for _, line := range servers.AllLines() {
		t.Run(line.String(), func(t *testing.T) {
			mode := "ANSI,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH"
			if line.Flavor == servers.MariaDB || line == servers.MySQL56 || line == servers.MySQL57 {
				mode += ",ORACLE,NO_FIELD_OPTIONS"
			}
			options := []string{"--sql-mode=" + mode, "--character-set-server=latin1"}
			if line != servers.MySQL97 { // it takes the client's
				options = append(options, "--skip-character-set-client-handshake")
			}
			plain, odd := servers.Shared(t, line, servers.Options{}), servers.Start(t, line, servers.Options{Args: options})
			var found [2]*schema.Table
			for i, server := range []*servers.Server{plain, odd} {
				server.MustExec(t, "SET NAMES utf8mb4; SET sql_mode = ''; CREATE DATABASE d; USE d; "+table)
				var err error
				found[i], err = connect(t, live.Options{Socket: server.Socket, User: "root"}).Tables().Table(t.Context(), schema.Ref{Database: "d", Table: "t"})
				if err != nil {
					t.Fatal(err)
				}
			}
			if !reflect.DeepEqual(found[0].Columns, found[1].Columns) {
				t.Errorf("got  %+v\nwant %+v", found[1].Columns, found[0].Columns)
			}
		})
	}
}
