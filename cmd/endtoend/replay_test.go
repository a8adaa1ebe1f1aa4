package endtoend

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"binmend/cmd/app"
	"binmend/fixtures/servers"
)

// TestReplay makes the changes of testdata/replay, and of the breaks and values that TestBreaks knows, on a server. From its
// log alone "binmend sql" then has to take them back, to make them again, and to make all of it on another server.
func TestReplay(t *testing.T) {
	all := slices.Concat(loadBreaks(t, "testdata/replay"), loadBreaks(t, "testdata/values"), loadBreaks(t, "testdata/breaks"))
	for _, line := range servers.AllLines() {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			testReplay(t, line, slices.DeleteFunc(slices.Clone(all), func(b *breakage) bool { return !b.runsOn(line) || !b.isReplayed(line) }))
		})
	}
}

// isReplayed: the rows of history are made with the time at which they are made, and only MySQL 9.6 and later logs the rows
// that a foreign key deletes.
func (b *breakage) isReplayed(line *servers.Line) bool {
	return !strings.Contains(b.setup, "SYSTEM VERSIONING") && (line == servers.MySQL97 || !strings.Contains(b.setup, "ON DELETE CASCADE"))
}

func testReplay(t *testing.T, line *servers.Line, all []*breakage) {
	s := servers.Start(t, line, servers.Options{GTID: true})
	var databases []string
	for _, b := range all {
		s.MustExec(t, "CREATE DATABASE "+quoteName(b.database))
		b.run(t, s, b.setup)
		databases = append(databases, b.database)
	}
	schemaFile := filepath.Join(t.TempDir(), "schema.sql")
	if err := os.WriteFile(schemaFile, []byte(s.SchemaDump(t, databases...)), 0o600); err != nil {
		t.Fatal(err)
	}
	s.MustExec(t, "FLUSH BINARY LOGS")
	before := states(t, s, databases)
	for _, b := range all {
		b.run(t, s, b.change)
	}
	after := states(t, s, databases)
	logs := s.Binlogs(t)
	s.MustExec(t, "FLUSH BINARY LOGS") // later statements go to the next log
	changes := logs[len(logs)-1]
	for _, flags := range [][]string{{"--disable-log-bin"}, {"--batch=7"}, {"--full", "--disable-log-bin"}} {
		name := strings.Join(flags, " ")
		undo := replaySQL(t, append(flags, "--rollback", "--schema", schemaFile, changes)...)
		runSQL(t, s, "rollback "+name, undo)
		compareStates(t, "rollback "+name, databases, states(t, s, databases), before)
		redo := replaySQL(t, append(flags, "--schema", schemaFile, changes)...)
		runSQL(t, s, "forward "+name, redo)
		compareStates(t, "forward "+name, databases, states(t, s, databases), after)
	}
	live := bySource.ReplaceAllString(replaySQL(t, "-S", s.Socket, "-u", "root", changes), "")
	if file := bySource.ReplaceAllString(replaySQL(t, "--schema", schemaFile, changes), ""); live != file {
		t.Errorf("with the tables of the server the SQL differs from that with a dump of them:\n%s", difference(live, file))
	}
	fresh := servers.Start(t, line, servers.Options{GTID: true})
	whole := replaySQL(t, append([]string{"--gtids", "--type", "insert,update,delete,ddl"}, logs...)...)
	runSQL(t, fresh, "everything", whole)
	compareStates(t, "everything", databases, states(t, fresh, databases), after)
	compareGTIDs(t, fresh, s)
}

// bySource is what depends on where definitions come from. At the beginning of a long transaction a server has not been asked yet
// which tables have triggers, and a format description is written to be safe. A dump has a time, which may be too near.
var bySource = regexp.MustCompile("BINLOG '\nAAAAAA8[^']*';\n(SET SESSION GTID_NEXT='AUTOMATIC';\n)?|(?m:^-- RISK: (the definitions are from|nothing in) .*\n)")

// replaySQL runs "binmend sql".
func replaySQL(t *testing.T, args ...string) string {
	t.Helper()
	var out, stderr strings.Builder
	exit := app.Main(append([]string{"binmend", "sql"}, args...), app.Streams{In: strings.NewReader(""), Out: &out, Err: &stderr, Getenv: os.Getenv})
	if exit != 0 {
		t.Fatalf("binmend sql %s: exit code %d\n%s", strings.Join(args, " "), exit, stderr.String())
	}
	return out.String()
}

// runSQL feeds SQL to the line's client. What fails is shown with the SQL around it.
func runSQL(t *testing.T, s *servers.Server, name, script string) {
	t.Helper()
	if _, err := s.Exec(script); err != nil {
		kept := filepath.Join(os.TempDir(), "binmend-replay-"+strings.ReplaceAll(s.Install.Line.Name+" "+name, " ", "-")+".sql")
		if os.WriteFile(kept, []byte(script), 0o600) != nil {
			kept = "nowhere"
		}
		t.Fatalf("%s: %v\nthe SQL is in %s", name, err, kept)
	}
}

// states are the rows of each database, and the servers' own checksums of the tables.
func states(t *testing.T, s *servers.Server, databases []string) map[string]string {
	t.Helper()
	m := map[string]string{}
	for _, db := range databases {
		m[db] = s.Contents(t, db) + checksums(t, s, db)
	}
	return m
}

// checksums are what CHECKSUM TABLE says of each table of a database.
func checksums(t *testing.T, s *servers.Server, db string) string {
	t.Helper()
	rows, err := s.DB().Query("SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_type = 'BASE TABLE' ORDER BY 1", db)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, quoteName(db)+"."+quoteName(name))
	}
	if len(tables) == 0 {
		return ""
	}
	first, second := readChecksums(t, s, tables), readChecksums(t, s, tables)
	var b strings.Builder
	for i := range first {
		if first[i] == second[i] { // MySQL 9.7 gives a table with a multi-valued key another one each time
			fmt.Fprintf(&b, "checksum of %s\n", first[i])
		}
	}
	return b.String()
}

func readChecksums(t *testing.T, s *servers.Server, tables []string) []string {
	t.Helper()
	rows, err := s.DB().Query("CHECKSUM TABLE " + strings.Join(tables, ", "))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var name string
		var sum sql.NullString
		if err := rows.Scan(&name, &sum); err != nil {
			t.Fatal(err)
		}
		list = append(list, name+": "+sum.String)
	}
	return list
}

func compareStates(t *testing.T, what string, databases []string, got, want map[string]string) {
	t.Helper()
	for _, db := range databases {
		if got[db] != want[db] {
			t.Errorf("%s: the rows of %s differ:\n%s", what, db, difference(got[db], want[db]))
		}
	}
}

func difference(got, want string) string { return servers.Difference(got, want) }

// compareGTIDs makes sure that a server has the transactions of another one, under the same GTIDs.
func compareGTIDs(t *testing.T, got, want *servers.Server) {
	t.Helper()
	if got.Install.Line.Flavor == servers.MariaDB {
		return // the other one has logged further ones of the same domain
	}
	var missing string
	var executed string
	if err := got.DB().QueryRow("SELECT @@GLOBAL.gtid_executed").Scan(&executed); err != nil {
		t.Fatal(err)
	}
	if err := want.DB().QueryRow("SELECT GTID_SUBTRACT(?, @@GLOBAL.gtid_executed)", executed).Scan(&missing); err != nil {
		t.Fatal(err)
	}
	if missing != "" {
		t.Errorf("transactions got GTIDs that they did not have: %s", missing)
	}
}
