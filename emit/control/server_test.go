package control_test

import (
	"fmt"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/emit/control"
	"binmend/fixtures/servers"
	"binmend/schema/replica"
)

// TestAlternativesOnServers breaks a replica with a row that it has already, takes one of the ways past the transaction
// through the line's own client, and expects the replica to go on with the next transaction.
func TestAlternativesOnServers(t *testing.T) {
	for _, line := range servers.Lines() {
		for _, setup := range []struct {
			name    string
			options servers.Options
		}{
			{"positions", servers.Options{}},
			{"GTIDs", servers.Options{GTID: true}},
			{"GTIDs, four appliers", servers.Options{GTID: true, Workers: 4}},
		} {
			t.Run(line.String()+"/"+setup.name, func(t *testing.T) {
				pair := servers.SharedPair(t, line, setup.options)
				titles := alternatives(t, pair)
				for _, title := range titles {
					if line == servers.MySQL56 && setup.options.Workers > 1 && strings.HasPrefix(title, "Go") {
						continue // where another worker has gone ahead the server refuses CHANGE MASTER, as the way's price says
					}
					t.Run(title, func(t *testing.T) { pair.Reset(t); takeAlternative(t, pair, title) })
				}
			})
		}
	}
}

// runnable are the alternatives that a client can run, by how their titles begin. Those that fetch the transaction again
// are run after the row in the way is gone.
var runnable = []string{"Skip", "Let the applier pass", "Fetch again", "Go back", "Go on"}

func alternatives(t *testing.T, pair *servers.Pair) []string {
	t.Helper()
	var titles []string
	for _, a := range breakReplica(t, pair).Alternatives() {
		for _, prefix := range runnable {
			if strings.HasPrefix(a.Title, prefix) {
				titles = append(titles, a.Title)
			}
		}
	}
	return titles
}

func takeAlternative(t *testing.T, pair *servers.Pair, title string) {
	c := breakReplica(t, pair)
	for _, a := range c.Alternatives() {
		if a.Title != title {
			continue
		}
		if strings.HasPrefix(title, "Fetch") || strings.HasPrefix(title, "Go back") {
			pair.Drift(t, "DELETE FROM shop.t WHERE id = 2;")
		}
		var script string
		for _, line := range a.Lines {
			if strings.Contains(line, "STRICT") {
				pair.Replica.MustExec(t, script)
				catchUp(t, pair)
				script = ""
			}
			if !strings.HasPrefix(line, "#") {
				script += line + "\n"
			}
		}
		pair.Replica.MustExec(t, script)
		catchUp(t, pair)
		if got := pair.Replica.MustExec(t, "SELECT COUNT(*) FROM shop.t WHERE id = 3;"); !strings.Contains(got, "1") {
			t.Errorf("the replica did not go on with the next transaction:\n%s", pair.Status(t))
		}
		return
	}
	t.Errorf("no alternative %q", title)
}

// catchUp waits until the replica's applier is where the source is now. A transaction that was left out stays missing
// from its GTIDs, so those can't tell.
func catchUp(t *testing.T, pair *servers.Pair) {
	t.Helper()
	wait, end := "MASTER_POS_WAIT", position(t, pair.Source)
	if pair.Source.Install.Line == servers.MySQL97 {
		wait = "SOURCE_POS_WAIT"
	}
	got := value(t, pair.Replica, fmt.Sprintf("SELECT %s('%s', %d, 60)", wait, end.File, end.Pos))
	if strings.HasPrefix(got, "NULL") || strings.HasPrefix(got, "-1") {
		t.Fatalf("the replica does not get to %s:%d: %s\n%s", end.File, end.Pos, got, pair.Status(t))
	}
}

// breakReplica stops the replica with 1062 and returns the commands for it.
func breakReplica(t *testing.T, pair *servers.Pair) *control.Commands {
	t.Helper()
	pair.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v VARCHAR(10)); INSERT INTO shop.t VALUES (1, 'one');")
	pair.Sync(t)
	pair.Drift(t, "INSERT INTO shop.t VALUES (2, 'replica');")
	pair.Source.MustExec(t, "INSERT INTO shop.t VALUES (2, 'source');")
	next := position(t, pair.Source)
	gtid := lastGTID(t, pair.Source)
	pair.Source.MustExec(t, "INSERT INTO shop.t VALUES (3, 'three');")
	pair.WaitError(t, 1062)
	all, err := replica.Parse(pair.Status(t))
	if err != nil {
		t.Fatal(err)
	}
	status := all[0]
	failure, err := status.Failure()
	if err != nil {
		t.Fatal(err)
	}
	in := control.Input{
		Version: version(t, pair.Replica), Errno: 1062, Message: failure.Message, GTID: gtid, UsesGTID: status.UsesGTID(),
		Failing: control.Coordinates{File: status.Exec.File, Pos: status.Exec.Pos}, Next: next,
	}
	if in.Version.Flavor == decoder.MariaDB {
		in.SlavePos = strings.TrimSpace(value(t, pair.Replica, "SELECT @@GLOBAL.gtid_slave_pos"))
	}
	c, err := control.For(in)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func position(t *testing.T, s *servers.Server) control.Coordinates {
	t.Helper()
	statement := "SHOW MASTER STATUS"
	if s.Install.Line == servers.MySQL97 {
		statement = "SHOW BINARY LOG STATUS"
	}
	var at control.Coordinates
	if _, err := fmt.Sscanf(value(t, s, statement), "%s\t%d", &at.File, &at.Pos); err != nil {
		t.Fatal(err)
	}
	return at
}

// lastGTID is that of the source's last transaction, "" when it has none.
func lastGTID(t *testing.T, s *servers.Server) string {
	t.Helper()
	if s.Install.Line.Flavor == servers.MariaDB {
		return value(t, s, "SELECT @@GLOBAL.gtid_binlog_pos")
	}
	set := strings.ReplaceAll(value(t, s, "SELECT @@GLOBAL.gtid_executed"), `\n`, "")
	source, numbers, ok := strings.Cut(set, ":")
	if !ok {
		return ""
	}
	return source + ":" + numbers[strings.LastIndexByte(numbers, '-')+1:]
}

// value is the first line of a result.
func value(t *testing.T, s *servers.Server, statement string) string {
	t.Helper()
	lines := strings.Split(s.MustExec(t, statement+";"), "\n")
	if len(lines) < 2 {
		return ""
	}
	return lines[1]
}

func version(t *testing.T, s *servers.Server) decoder.Version {
	t.Helper()
	v := decoder.Version{Text: value(t, s, "SELECT @@version")}
	if s.Install.Line.Flavor == servers.MariaDB {
		v.Flavor = decoder.MariaDB
	}
	if _, err := fmt.Sscanf(v.Text, "%d.%d.%d", &v.Major, &v.Minor, &v.Patch); err != nil {
		t.Fatalf("version %q: %v", v.Text, err)
	}
	return v
}
