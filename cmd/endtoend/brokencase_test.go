package endtoend

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"binmend/cmd/app"
	"binmend/fixtures/servers"
)

// brokenCorpus has a folder for each replica that had really stopped.
const brokenCorpus = "../../../shared/corpus/broken-replicas"

// brokenCase is what such a replica left behind: pasted status, schema and data dumps, relay logs, and the source's log.
type brokenCase struct {
	dir    string
	setup  brokenSetup
	status string // SHOW REPLICA STATUS, and the worker table where the server has one
}

// brokenSetup is how a replica was set up.
type brokenSetup struct {
	line    *servers.Line
	gtid    bool
	workers int
}

// openBrokenCases reads the cases that the corpus has.
func openBrokenCases(t *testing.T) []brokenCase {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(brokenCorpus, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(dirs) == 0 {
		t.Skip("no corpus of broken replicas at " + brokenCorpus)
	}
	var cases []brokenCase
	for _, dir := range dirs {
		cases = append(cases, openBrokenCase(t, dir))
	}
	return cases
}

func openBrokenCase(t *testing.T, dir string) brokenCase {
	t.Helper()
	c := brokenCase{dir: dir}
	c.status = c.read(t, "show-replica-status.txt")
	if workers := "ps.replication_applier_status_by_worker.txt"; len(c.glob(t, workers)) > 0 {
		c.status += c.read(t, workers)
	}
	c.setup = brokenSetup{line: c.line(t), gtid: c.is("-gtidon-"), workers: 1}
	if c.is("-mts-") && !c.restartsElsewhere() {
		c.setup.workers = 4
	}
	return c
}

// restartsElsewhere reports whether the replica goes on at another place than where it stopped. A MariaDB with parallel
// appliers forgets where a transaction began that spans relay logs: with GTID it fetches the transaction again, which
// needs a source; with positions it goes on in the middle of it, and fails. A single applier goes on at the beginning.
func (c brokenCase) restartsElsewhere() bool {
	return c.setup.line.Flavor == servers.MariaDB && c.is("-big-txn-")
}

// line finds the replica's line in the folder's name, which is LINE-… or cross-LINE-source-LINE-replica.
func (c brokenCase) line(t *testing.T) *servers.Line {
	t.Helper()
	words := strings.Split(strings.TrimSuffix(c.name(), "-replica"), "-")
	word := words[0]
	if c.isCross() {
		word = words[len(words)-1]
	}
	line := map[string]*servers.Line{
		"my56":  servers.MySQL56,
		"my97":  servers.MySQL97,
		"m1011": servers.MariaDB1011,
		"m118":  servers.MariaDB118,
	}[word]
	if line == nil {
		t.Fatalf("%s: the name begins with no server line", c.name())
	}
	return line
}

func (c brokenCase) name() string { return filepath.Base(c.dir) }

// is reports whether the folder's name has a word in it, such as "-minimal-".
func (c brokenCase) is(word string) bool { return strings.Contains(c.name(), word) }

// isCross reports whether source and replica are of different lines.
func (c brokenCase) isCross() bool { return strings.HasPrefix(c.name(), "cross-") }

func (c brokenCase) path(name string) string { return filepath.Join(c.dir, name) }

func (c brokenCase) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(c.path(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (c brokenCase) glob(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(c.path(pattern))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// relayLogs and sourceLogs are the paths of the logs, oldest first.
func (c brokenCase) relayLogs(t *testing.T) []string  { return c.glob(t, "relay-bin.0*") }
func (c brokenCase) sourceLogs(t *testing.T) []string { return c.glob(t, "source-bin.0*") }

// fixStatus runs "binmend fix" as one does on the replica: with the pasted status and the relay logs.
func (c brokenCase) fixStatus(t *testing.T, status string) fixRun {
	t.Helper()
	return c.fix(status, append([]string{"--status", "-"}, c.relayLogs(t)...))
}

// fixSource runs "binmend fix" with the source's log and flags that say which transaction is meant.
func (c brokenCase) fixSource(t *testing.T, flags ...string) fixRun {
	t.Helper()
	return c.fix("", append(flags, c.sourceLogs(t)...))
}

func (c brokenCase) fix(stdin string, args []string) fixRun {
	var stdout, stderr bytes.Buffer
	exit := app.Main(slices.Concat([]string{"binmend", "fix", "--schema", c.path("replica-schema.sql")}, args), app.Streams{
		In: strings.NewReader(stdin), Out: &stdout, Err: &stderr,
		Getenv: func(string) string { return "" },
	})
	return fixRun{exit: exit, script: stdout.String(), stderr: stderr.String()}
}

// statements are the lines of a script that are neither empty nor comments.
func statements(script string) []string {
	var all []string
	for line := range strings.Lines(script) {
		line = strings.TrimSuffix(line, "\n")
		if line != "" && !strings.HasPrefix(line, "--") {
			all = append(all, line)
		}
	}
	return all
}

// repairs are the statements of a script that change rows.
func repairs(script string) []string {
	return slices.DeleteFunc(statements(script), func(s string) bool {
		return !strings.HasPrefix(s, "DELETE ") && !strings.HasPrefix(s, "REPLACE ")
	})
}

// pasted finds a line "name: value" in a pasted status, by the first of the names that it has.
func pasted(t *testing.T, status string, names ...string) string {
	t.Helper()
	m := regexp.MustCompile(`(?m)^ *(?:` + strings.Join(names, "|") + `): (.*(?:,\n.*)*)$`).FindStringSubmatch(status)
	if m == nil {
		t.Fatalf("no %s in the status:\n%s", strings.Join(names, " or "), status)
	}
	return m[1]
}
