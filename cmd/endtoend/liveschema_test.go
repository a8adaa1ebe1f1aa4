package endtoend

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

const variousTables = "CREATE TABLE shop.`od``d` (`a;\nb` INT, b VARCHAR(20), PRIMARY KEY (`a;\nb`), UNIQUE KEY p (b(5)));\n" +
	"CREATE TABLE shop.parts (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 3;\n" +
	"CREATE TABLE shop.keyless (x INT);\nCREATE VIEW shop.v AS SELECT 1;\n"

// TestSchemaLive shows the tables of a server as a dump of them shows, and where they disagree with a log.
func TestSchemaLive(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		s := servers.Start(t, line, servers.Options{})
		s.MustExec(t, shop+variousTables)
		createDoctor(t, s)
		dumped := filepath.Join(t.TempDir(), "schema.sql")
		if err := os.WriteFile(dumped, []byte(s.SchemaDump(t, "shop")), 0o600); err != nil {
			t.Fatal(err)
		}
		of := func(args ...string) fixRun {
			return binmend(t, "", append([]string{"schema"}, args...)...)
		}
		account := []string{"-S", s.Socket, "-u", "doctor", "-p"}
		fromFile := regexp.MustCompile(`from .*schema\.sql:\d+\)`)
		want := sortTables(fromFile.ReplaceAllString(of("--schema", dumped).script, "from live server)"))
		if got := of(account...); got.exit != 0 || sortTables(got.script) != want || strings.Count(want, "shop.") != 4 {
			t.Errorf("exit code %d\n%s\ngot\n%s\nwant\n%s", got.exit, got.stderr, got.script, want)
		}
		s.MustExec(t, "INSERT INTO shop.parts VALUES (1)")
		logs := s.Binlogs(t)
		if got := of(append(account, logs...)...); got.exit != 0 || strings.Count(got.script, "shop.") != 2 {
			t.Errorf("of a log: exit code %d\n%s\n%s", got.exit, got.stderr, got.script)
		}
		s.MustExec(t, "ALTER TABLE shop.customers DROP COLUMN note; DROP TABLE shop.parts")
		got := of(append(account, logs...)...)
		if got.exit != 1 || strings.Count(got.script, "\n") != 2 || !strings.Contains(got.script, "the server has no table `shop`.`parts`") {
			t.Errorf("of altered tables: exit code %d\n%s\n%s", got.exit, got.stderr, got.script)
		}
		if got := of(append(account, "--schema", dumped)...); got.exit != 64 {
			t.Errorf("with a dump: exit code %d\n%s", got.exit, got.stderr)
		}
	})
}

// sortTables sorts what "binmend schema" prints by table.
func sortTables(text string) string {
	var tables []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "  ") && len(tables) > 0 {
			tables[len(tables)-1] += line
		} else {
			tables = append(tables, line)
		}
	}
	return strings.Join(slices.Sorted(slices.Values(tables)), "")
}
