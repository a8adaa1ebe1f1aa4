package endtoend

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"binmend/cmd/app"
	"binmend/fixtures/servers"
)

// fixRun is what a run of "binmend fix" printed.
type fixRun struct {
	exit           int
	script, stderr string
	status         string                              // the replica's, before
	execute        func(script string) (string, error) // nil: the line's client, as root
}

// fix runs "binmend fix" with what a person has: the pasted status, a schema file and the relay logs.
func fix(t *testing.T, p *servers.Pair, status, schemaFile string, flags ...string) fixRun {
	t.Helper()
	statusFile := filepath.Join(t.TempDir(), "status.txt")
	if err := os.WriteFile(statusFile, []byte(status), 0o600); err != nil {
		t.Fatal(err)
	}
	args := slices.Concat([]string{"binmend", "fix", "--status", statusFile, "--schema", schemaFile}, flags, p.Replica.RelayLogs(t))
	var script, stderr strings.Builder
	exit := app.Main(args, app.Streams{In: strings.NewReader(""), Out: &script, Err: &stderr, Getenv: os.Getenv})
	return fixRun{exit: exit, script: script.String(), stderr: stderr.String(), status: status}
}

// received matches how far a replica has read the source's log.
var received = regexp.MustCompile(`(?m)^ *(?:Master|Source)_Log_File: (.*)\n *Read_(?:Master|Source)_Log_Pos: (.*)$`)

// receive waits until the replica has received all that the source has logged, and returns its status: the applier may
// stop at the begin of a transaction of which the end is still on its way.
func receive(t *testing.T, p *servers.Pair) (status string) {
	t.Helper()
	logs := p.Source.Binlogs(t)
	last := logs[len(logs)-1]
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		status = p.Status(t)
		info, err := os.Stat(last)
		if err != nil {
			t.Fatal(err)
		}
		at := received.FindStringSubmatch(status)
		if at != nil && at[1] == filepath.Base(last) && at[2] == strconv.FormatInt(info.Size(), 10) {
			return status
		}
	}
	t.Fatalf("the replica has not received all of %s:\n%s", last, status)
	return ""
}

// fixLive runs "binmend fix" with nothing but a connection.
func fixLive(t *testing.T, p *servers.Pair, flags ...string) fixRun {
	t.Helper()
	status := receive(t, p)
	run := binmend(t, "", append([]string{"fix", "-S", p.Replica.Socket, "-u", "root"}, flags...)...)
	run.status = status
	return run
}

// sourceLog matches the place of the transaction that a script is for. The status may name an earlier one.
var sourceLog = regexp.MustCompile(`(?m)^-- Source log: +([^ ,\n]+)`)

// mend repairs a replica that has stopped, with what a person has at hand. It returns what happens then, and the place of
// the transaction that had stopped the replica.
func mend(t *testing.T, p *servers.Pair, stop servers.Stop, schemaFile string) (again servers.Stop, place string) {
	t.Helper()
	return mendBy(t, p, stop, func(t *testing.T) fixRun { return fix(t, p, receive(t, p), schemaFile) })
}

// mendBy repairs a replica that has stopped: fix's script goes through the line's real client as it is. A test that fails
// shows the script.
func mendBy(t *testing.T, p *servers.Pair, stop servers.Stop, fix func(t *testing.T) fixRun) (again servers.Stop, place string) {
	t.Helper()
	run := fix(t)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the replica had stopped: %v\nits status:\n%s\nthe script:\n%s", stop, run.status, run.script)
		}
	})
	if run.exit != 0 || run.stderr != "" {
		t.Fatalf("fix: want exit code 0 and an empty standard error, got %d and:\n%s", run.exit, run.stderr)
	}
	if cure := "SET GLOBAL slave_rows_search_algorithms='TABLE_SCAN,INDEX_SCAN';"; strings.Contains(run.script, "slave_rows_search_algorithms") {
		p.Replica.MustExec(t, cure) // as the RISK line says; see TestRewrittenRow
	}
	execute := p.Replica.Exec
	if run.execute != nil {
		execute = run.execute
	}
	stdout, err := execute(run.script)
	if err != nil {
		t.Fatalf("the script: %v", err)
	}
	if stdout != "" {
		t.Errorf("the script is not silent: %s", stdout)
	}
	at := sourceLog.FindStringSubmatch(run.script)
	if at == nil {
		t.Fatal("the script does not tell where its transaction is")
	}
	return p.Settle(t), at[1]
}

// writeSchema writes what the line's dump program says of the databases on the replica, and returns the file's name.
func writeSchema(t *testing.T, p *servers.Pair, databases ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "schema.sql")
	if err := os.WriteFile(name, []byte(p.Replica.SchemaDump(t, databases...)), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// checkLogs makes sure that a repair wrote nothing to the replica's binlog: it has the source's transactions only.
func checkLogs(t *testing.T, p *servers.Pair) {
	t.Helper()
	query := "SELECT @@GLOBAL.gtid_executed"
	if p.Source.Install.Line.Flavor == servers.MariaDB {
		query = "SELECT @@GLOBAL.gtid_binlog_pos"
	}
	var source, replica string
	if err := p.Source.DB().QueryRow(query).Scan(&source); err != nil {
		t.Fatal(err)
	}
	if err := p.Replica.DB().QueryRow(query).Scan(&replica); err != nil {
		t.Fatal(err)
	}
	if source != replica {
		t.Errorf("the replica has other GTIDs in its binlog than the source:\nsource  %s\nreplica %s", source, replica)
	}
}

// setup is how replication is set up for a group of tests.
type setup struct {
	name    string
	options servers.Options
}

// smallLogs lets a transaction of some kilobytes take several relay logs.
var smallLogs = []string{"--max-relay-log-size=4096"}

var setups = []setup{
	{"positions, one applier", servers.Options{Args: smallLogs}},
	{"positions, four appliers", servers.Options{Args: smallLogs, Workers: 4}},
	{"GTID, one applier", servers.Options{Args: smallLogs, GTID: true}},
	{"GTID, four appliers", servers.Options{Args: smallLogs, GTID: true, Workers: 4}},
}

// setupsOf are the setups that a line is tested in: all on one line, two that differ in everything on those that stand for their
// neighbours, and the hardest one on the neighbours.
func setupsOf(line *servers.Line) []setup {
	switch line {
	case servers.MySQL97:
		return setups
	case servers.MySQL56, servers.MariaDB1011:
		return []setup{setups[0], setups[3]}
	case servers.MariaDB118:
		return setups[1:3]
	}
	return setups[3:]
}
