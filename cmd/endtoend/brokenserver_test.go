package endtoend

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"binmend/fixtures/servers"
)

// brokenServer is a server that stands in for the replicas of the corpus: it gets a replica's data, its relay logs and
// its positions, and then stops at the same transaction with the same error. Its source can't be reached.
type brokenServer struct {
	*servers.Server
	setup brokenSetup
}

func startBrokenServer(t *testing.T, setup brokenSetup) brokenServer {
	t.Helper()
	options := servers.Options{
		GTID:    setup.gtid,
		Workers: setup.workers,
		Args:    []string{"--server-id=2"}, // the source's is 1
	}
	if setup.line == servers.MySQL97 && !setup.gtid { // on by default
		options.Args = append(options.Args, "--gtid-mode=OFF", "--enforce-gtid-consistency=OFF")
	}
	return brokenServer{servers.Start(t, setup.line, options), setup}
}

// say runs a script in the words of MySQL 9.7, which the other lines don't know.
func (s brokenServer) say(t *testing.T, script string) string {
	t.Helper()
	return s.MustExec(t, s.words(script))
}

func (s brokenServer) words(script string) string {
	if s.setup.line == servers.MySQL97 {
		return script
	}
	return strings.NewReplacer(
		"CHANGE REPLICATION SOURCE", "CHANGE MASTER",
		"RESET BINARY LOGS AND GTIDS", "RESET MASTER",
		"SOURCE_", "MASTER_",
		"REPLICA", "SLAVE",
	).Replace(script)
}

// takeOver brings the server into the state of the case's replica when it stopped.
func (s brokenServer) takeOver(t *testing.T, c brokenCase) {
	t.Helper()
	s.forget(t)
	s.load(t, c.read(t, "replica-schema.sql"))
	s.load(t, c.read(t, "replica-data.sql"))
	if s.setup.gtid && s.setup.line.Flavor == servers.MySQL {
		executed := strings.ReplaceAll(pasted(t, c.status, "Executed_Gtid_Set"), "\n", "")
		s.say(t, "SET GLOBAL gtid_purged='"+executed+"'")
	}
	s.follow(t, c)
	s.say(t, "START REPLICA SQL_THREAD")
	want := pasted(t, c.status, "Last_SQL_Errno")
	if s.settle(t, c) || pasted(t, s.status(t), "Last_SQL_Errno") != want {
		t.Fatalf("want the replica to stop with error %s; its status:\n%s", want, s.status(t))
	}
}

// forget undoes the previous case.
func (s brokenServer) forget(t *testing.T) {
	t.Helper()
	s.say(t, "STOP REPLICA; RESET REPLICA ALL; DROP DATABASE IF EXISTS shop; DROP DATABASE IF EXISTS shop2;"+
		"RESET BINARY LOGS AND GTIDS")
	if s.setup.line.Flavor == servers.MariaDB {
		s.say(t, "SET GLOBAL gtid_slave_pos=''")
	}
}

func (s brokenServer) load(t *testing.T, dump string) {
	t.Helper()
	s.say(t, "SET sql_log_bin=0, foreign_key_checks=0;\n"+dump)
}

// follow gives the applier the case's relay logs. Their names go into the index of the server's own ones, relay.NNNNNN,
// which the server has open and reads again when it rotates them.
func (s brokenServer) follow(t *testing.T, c brokenCase) {
	t.Helper()
	from := ""
	if s.setup.line.Flavor == servers.MariaDB {
		from = ", MASTER_USE_GTID=no" // it would throw the relay logs away
	}
	s.say(t, fmt.Sprintf("CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=1, SOURCE_USER='nobody', "+
		"SOURCE_LOG_FILE='%s', SOURCE_LOG_POS=%s%s", pasted(t, c.status, "Relay_(?:Source|Master)_Log_File"),
		pasted(t, c.status, "Exec_(?:Source|Master)_Log_Pos"), from))
	var index strings.Builder
	for _, log := range c.relayLogs(t) {
		name := filepath.Base(log)
		s.write(t, name, c.read(t, name))
		index.WriteString("./" + name + "\n")
	}
	s.write(t, "relay.index", index.String())
	file, pos := c.relayStart(t)
	s.say(t, fmt.Sprintf("FLUSH LOCAL RELAY LOGS;\n"+
		"CHANGE REPLICATION SOURCE TO RELAY_LOG_FILE='%s', RELAY_LOG_POS=%s", file, pos))
}

// relayStart is where the failing transaction begins in the relay logs. The status names it, unless the applier has gone
// on to another file within the transaction.
func (c brokenCase) relayStart(t *testing.T) (file, pos string) {
	t.Helper()
	if c.restartsElsewhere() {
		return "relay-bin.000005", "700"
	}
	return pasted(t, c.status, "Relay_Log_File"), pasted(t, c.status, "Relay_Log_Pos")
}

func (s brokenServer) write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(s.Data(name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// settle waits until the applier has applied all of the case's relay logs, or has stopped. (SOURCE_POS_WAIT isn't woken by
// parallel appliers.)
func (s brokenServer) settle(t *testing.T, c brokenCase) (done bool) {
	t.Helper()
	const limit = time.Minute
	end := pasted(t, c.status, "Read_(?:Source|Master)_Log_Pos")
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		status := s.status(t)
		if pasted(t, status, "(?:Replica|Slave)_SQL_Running") == "No" {
			return false
		}
		if pasted(t, status, "Exec_(?:Source|Master)_Log_Pos") == end {
			return true
		}
	}
	t.Fatalf("the applier has neither stopped nor applied everything after %v:\n%s", limit, s.status(t))
	return false
}

// status is what a person pastes.
func (s brokenServer) status(t *testing.T) string {
	t.Helper()
	script := s.words("SHOW REPLICA STATUS;\n")
	if s.setup.line == servers.MySQL97 {
		script += "SELECT * FROM performance_schema.replication_applier_status_by_worker;\n"
	}
	client := s.Client("--vertical")
	client.Stdin = strings.NewReader(script)
	text, err := client.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (s brokenServer) contents(t *testing.T) []string {
	t.Helper()
	return strings.Split(s.Contents(t, "shop", "shop2"), "\n")
}

// sourceContents replaces all rows by those that the source had when it had written the case's logs, and returns them.
// The tables stay as they are: the logs may have altered them.
func (s brokenServer) sourceContents(t *testing.T, c brokenCase) []string {
	t.Helper()
	s.say(t, "STOP REPLICA")
	tables := s.say(t, "SELECT CONCAT('DELETE FROM `', table_schema, '`.`', table_name, '`;') AS '-- empty' "+
		"FROM information_schema.tables WHERE table_schema IN ('shop', 'shop2')")
	s.load(t, tables)
	s.load(t, c.read(t, "source-data.sql"))
	return s.contents(t)
}

// isGuard reports whether a script ended at one of its guards.
func isGuard(err error) bool {
	var client *servers.ClientError
	return errors.As(err, &client) && strings.Contains(client.Stderr, "Unknown column 'binmend: ")
}

// without are the lines of all that some has not. A line that is twice in all has to be twice in some.
func without(all, some []string) []string {
	some = slices.Clone(some)
	var rest []string
	for _, line := range all {
		if i := slices.Index(some, line); i >= 0 {
			some = slices.Delete(some, i, i+1)
		} else {
			rest = append(rest, line)
		}
	}
	return rest
}
