package endtoend

import (
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"binmend/fixtures/servers"
)

// TestBreaks breaks a replica in each of the ways of testdata/breaks, on every line and in its setups, and repairs it.
func TestBreaks(t *testing.T) {
	breaks := loadBreaks(t, "testdata/breaks")
	for _, line := range servers.AllLines() {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			for _, s := range setupsOf(line) {
				t.Run(s.name, func(t *testing.T) { testBreaks(t, line, s.options, breaks) })
			}
		})
	}
}

// TestValues takes each value and name of testdata/values through a real dump, log and client. How replication is set up
// makes no difference to them.
func TestValues(t *testing.T) {
	breaks := loadBreaks(t, "testdata/values")
	for _, line := range servers.AllLines() {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			testBreaks(t, line, servers.Options{GTID: true}, breaks)
		})
	}
}

func testBreaks(t *testing.T, line *servers.Line, options servers.Options, all []*breakage) {
	breaks := slices.DeleteFunc(slices.Clone(all), func(b *breakage) bool { return !b.runsOn(line) })
	p := servers.StartPair(t, line, options)
	schemaFile := prepare(t, p, breaks)
	for _, b := range breaks {
		if !t.Run(b.name, func(t *testing.T) { b.test(t, p, schemaFile) }) {
			p.Reset(t)
			schemaFile = prepare(t, p, breaks)
		}
	}
}

// prepare makes the tables of all breaks, so that they share a dump, and returns the name of the dump's file.
func prepare(t *testing.T, p *servers.Pair, breaks []*breakage) string {
	t.Helper()
	var databases []string
	for _, b := range breaks {
		p.Source.MustExec(t, "CREATE DATABASE "+quoteName(b.database))
		b.run(t, p.Source, b.setup)
		databases = append(databases, b.database)
	}
	p.Sync(t)
	return writeSchema(t, p, databases...)
}

// breakage is one way to break a replica: a file of testdata. Its tables have a database of their own. Nothing of
// the drift is left in the end, so that the whole database is compared.
type breakage struct {
	name     string
	about    string
	database string
	lines    []string // names of the lines that support it; none means all
	errnos   []int    // which of these stops the replica
	setup    string
	drift    string // on the replica
	change   string // on the source
}

func (b *breakage) runsOn(line *servers.Line) bool {
	return len(b.lines) == 0 || slices.Contains(b.lines, line.Name)
}

// run feeds a script to the client, which is connected to the database of the break. A script's own USE would be a command
// of the client, and not every client can read every name there.
func (b *breakage) run(t *testing.T, s *servers.Server, script string) {
	t.Helper()
	client := s.Client("--database=" + b.database)
	client.Stdin = strings.NewReader(script)
	if output, err := client.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", b.name, err, output)
	}
}

func (b *breakage) test(t *testing.T, p *servers.Pair, schemaFile string) {
	t.Log(b.about)
	b.run(t, p.Replica, "SET sql_log_bin = 0;\n"+b.drift)
	b.run(t, p.Source, b.change)
	stop := p.Settle(t)
	if !slices.Contains(b.errnos, stop.Errno) {
		t.Fatalf("want an error of %v, but %v", b.errnos, stop)
	}
	if again, _ := mend(t, p, stop, schemaFile); again.Errno != 0 {
		t.Fatalf("after the script: %v", again)
	}
	checkLogs(t, p)
	if source, replica := p.Source.Contents(t, b.database), p.Replica.Contents(t, b.database); source != replica {
		t.Errorf("the replica's rows differ.\nsource:\n%s\nreplica:\n%s", source, replica)
	}
}

func quoteName(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func loadBreaks(t *testing.T, folder string) []*breakage {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no breaks in %s: %v", folder, err)
	}
	var breaks []*breakage
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		breaks = append(breaks, parseBreak(t, name, archive))
	}
	return breaks
}

// setting matches a line of a break's head that is no prose: "error: 1062 1032" (what may stop the replica),
// "lines: MySQL 9.7, MariaDB 11.8" and "database: name".
var setting = regexp.MustCompile(`(?m)^(error|lines|database): (.*)\n`)

func parseBreak(t *testing.T, file string, archive *txtar.Archive) *breakage {
	t.Helper()
	name := strings.TrimSuffix(filepath.Base(file), ".txtar")
	b := &breakage{name: name, database: name, about: setting.ReplaceAllString(string(archive.Comment), "")}
	for _, m := range setting.FindAllStringSubmatch(string(archive.Comment), -1) {
		switch key, value := m[1], m[2]; key {
		case "error":
			for word := range strings.FieldsSeq(value) {
				errno, err := strconv.Atoi(word)
				if err != nil {
					t.Fatalf("%s: %v", file, err)
				}
				b.errnos = append(b.errnos, errno)
			}
		case "lines":
			b.lines = strings.Split(value, ", ")
		case "database":
			b.database = value
		}
	}
	parts := map[string]*string{"setup": &b.setup, "drift": &b.drift, "change": &b.change}
	for _, f := range archive.Files {
		part := parts[f.Name]
		if part == nil {
			t.Fatalf("%s: unknown part %q", file, f.Name)
		}
		*part = string(f.Data)
	}
	return b
}
