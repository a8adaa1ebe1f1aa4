package endtoend

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"binmend/fixtures/servers"
)

// service is a replica as RDS runs it: its own procedures stop, start and skip, and nobody has SUPER.
type service struct {
	line        *servers.Line
	gtid        bool
	slave       string // in STOP, START and SHOW … STATUS
	change      string // begins a statement that sets the place in the source's log, without GTIDs
	file, pos   string // its options
	counter     string // system variable
	nextLog     string // procedure
	grants      string // beside those that all have
	asksForText bool   // the account can't ask for the status: a procedure shows it
}

// services are the lines with what RDS documents of each: its procedures, and the privileges of its master user.
var services = []service{
	{line: servers.MySQL57, slave: "SLAVE", change: "CHANGE MASTER TO MASTER_AUTO_POSITION=0, ", file: "MASTER_LOG_FILE", pos: "MASTER_LOG_POS",
		counter: "sql_slave_skip_counter", nextLog: "rds_next_master_log"},
	{line: servers.MySQL8031, gtid: true, slave: "REPLICA", change: "CHANGE REPLICATION SOURCE TO SOURCE_AUTO_POSITION=0, ", file: "SOURCE_LOG_FILE",
		pos: "SOURCE_LOG_POS", counter: "sql_replica_skip_counter", nextLog: "rds_next_master_log"},
	{line: servers.MySQL97, gtid: true, slave: "REPLICA", change: "CHANGE REPLICATION SOURCE TO SOURCE_AUTO_POSITION=0, ", file: "SOURCE_LOG_FILE",
		pos: "SOURCE_LOG_POS", counter: "sql_replica_skip_counter", nextLog: "rds_next_source_log",
		grants: ", CREATE ROLE, DROP ROLE, APPLICATION_PASSWORD_ADMIN, ROLE_ADMIN, SET_ANY_DEFINER, XA_RECOVER_ADMIN"},
	{line: servers.MariaDB1011, gtid: true, slave: "SLAVE", change: "CHANGE MASTER TO MASTER_USE_GTID=no, ", file: "MASTER_LOG_FILE", pos: "MASTER_LOG_POS",
		counter: "sql_slave_skip_counter", nextLog: "rds_next_master_log", asksForText: true},
}

// masterGrants are the privileges that the master user of RDS has on *.* in all of them.
const masterGrants = "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES, CREATE TEMPORARY TABLES, " +
	"LOCK TABLES, EXECUTE, REPLICATION CLIENT, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER, REPLICATION SLAVE"

// setup makes the account, and procedures that have the names of RDS's and do what it says of them.
func (s *service) setup() string {
	body := func(name, argument, statements string) string {
		return "CREATE PROCEDURE mysql." + name + "(" + argument + ") SQL SECURITY DEFINER BEGIN " + statements + " END //\n"
	}
	skip := "SET GTID_NEXT = id; START TRANSACTION; COMMIT; SET GTID_NEXT = 'AUTOMATIC';"
	if s.line.Flavor == servers.MariaDB {
		skip = "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'RDS for MariaDB has no such procedure';"
	}
	stop, start := "STOP "+s.slave+"; ", "START "+s.slave+";"
	next := "SET @c = CONCAT('" + s.change + s.file + "=''bin.', LPAD(n + 1, 6, '0'), ''', " + s.pos + "=4'); PREPARE c FROM @c; EXECUTE c; "
	return "SET sql_log_bin = 0;\nDELIMITER //\n" +
		body("rds_stop_replication", "", stop) + body("rds_start_replication", "", start) +
		body("rds_skip_repl_error", "", stop+"SET GLOBAL "+s.counter+" = 1; "+start) +
		body("rds_skip_transaction_with_gtid", "IN id VARCHAR(100)", skip) +
		body("rds_replica_status", "", "SHOW "+s.slave+" STATUS;") +
		body(s.nextLog, "IN n INT", stop+next+start) +
		"DELIMITER ;\nCREATE USER doctor@localhost IDENTIFIED BY 's3cr#t pass''word';\n" +
		"GRANT " + masterGrants + s.grants + " ON *.* TO doctor@localhost WITH GRANT OPTION;\n"
}

// fix runs "binmend fix" as the account, with the source's log: nobody can copy the relay logs.
func (s *service) fix(t *testing.T, p *servers.Pair, flags ...string) fixRun {
	t.Helper()
	dir := t.TempDir()
	args := append([]string{"fix", "-S", p.Replica.Socket, "-u", "doctor", "-p", "--source-socket", p.Source.Socket, "--source-user", "root",
		"--source-password=", "--relay-log-dir", dir}, flags...)
	if s.asksForText {
		client := p.Replica.Client("--user=doctor", "--password="+secret, "--vertical", "-e", "CALL mysql.rds_replica_status")
		out, err := client.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		name := filepath.Join(dir, "status.txt")
		if err := os.WriteFile(name, out, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--status", name)
	}
	run := binmend(t, "", args...)
	run.execute = func(script string) (string, error) {
		if said, ok := runAs(t, p.Replica, script); !ok {
			return "", errors.New(said)
		}
		return "", nil
	}
	return run
}

// TestManaged: on a service of RDS's kind, an account with the grants that RDS documents repairs the replica by the procedures,
// whatever has drifted; so it skips a transaction, and goes on with the source's next log.
func TestManaged(t *testing.T) {
	for i := range services {
		s := &services[i]
		t.Run(s.line.String(), func(t *testing.T) {
			t.Parallel()
			seed := drawnSeed()
			t.Logf("repeat with: go test ./cmd/endtoend -run '%s' -seed %d", t.Name(), seed)
			c := startChaos(t, s.line, servers.Options{GTID: s.gtid, Workers: 4}, seed)
			c.pair.Replica.MustExec(t, s.setup())
			c.isLogged = true
			c.fix = func(t *testing.T) fixRun {
				status := receive(t, c.pair)
				run := s.fix(t, c.pair)
				run.status = status
				return run
			}
			t.Run("chaos", func(t *testing.T) { c.run(t, *chaosCount/4) })
			t.Log(c.chaosCounts)
			c.pair.Reset(t)
			t.Run("plain", func(t *testing.T) { s.testPlain(t, c.pair) })
			t.Run("skip", func(t *testing.T) { s.testSkip(t, c.pair) })
			t.Run("next log", func(t *testing.T) { s.testNextLog(t, c.pair) })
		})
	}
}

// testPlain: the script for a plain server fails there before it has changed anything, and so does any under read_only, as it says.
func (s *service) testPlain(t *testing.T, p *servers.Pair) {
	breakShop(t, p)
	before := p.Replica.Contents(t, "shop")
	run := s.fix(t, p, "--platform", "plain")
	if _, err := run.execute(run.script); err == nil || !strings.Contains(strings.ToLower(err.Error()), "denied") {
		t.Errorf("the account ran the plain script, or failed otherwise: %v\n%s", err, run.script)
	}
	p.Replica.MustExec(t, "SET GLOBAL read_only = 1")
	run = s.fix(t, p)
	if _, err := run.execute(run.script); err == nil || !strings.Contains(err.Error(), "read-only") || !strings.Contains(run.script, "RISK: read_only is on") {
		t.Errorf("under read_only the client said %v, and the script:\n%s", err, run.script)
	}
	p.Replica.MustExec(t, "SET GLOBAL read_only = 0")
	if p.Replica.Contents(t, "shop") != before {
		t.Error("a script that failed has changed rows")
	}
}

// testSkip skips the transaction that testPlain has left.
func (s *service) testSkip(t *testing.T, p *servers.Pair) {
	run := s.fix(t, p, "--json")
	var said struct{ Ways []way }
	if err := json.Unmarshal([]byte(run.script), &said); err != nil || len(said.Ways) == 0 {
		t.Fatalf("%v\n%s%s", err, run.script, run.stderr)
	}
	p.Source.MustExec(t, "INSERT INTO shop.customers VALUES (77, 'later', '')")
	if _, err := run.execute(strings.Join(said.Ways[0].Lines, "\n")); err != nil {
		t.Fatalf("%q: %v", said.Ways[0].Lines, err)
	}
	waitBehind(t, p, "shop.customers WHERE id = 77", said.Ways[0].Title)
}

// testNextLog has the receiver ask for a place after the end of the source's log, as if the source had lost that.
func (s *service) testNextLog(t *testing.T, p *servers.Pair) {
	p.Reset(t)
	p.Source.MustExec(t, "DROP DATABASE IF EXISTS shop; CREATE DATABASE shop; CREATE TABLE shop.later (id INT PRIMARY KEY)")
	p.Sync(t)
	p.StopReplica(t)
	p.Replica.MustExec(t, s.change+s.file+"='bin.000001', "+s.pos+"=99999999; START "+s.slave)
	p.Source.MustExec(t, "FLUSH BINARY LOGS; INSERT INTO shop.later VALUES (7)")
	for end := time.Now().Add(time.Minute); !failed.MatchString(p.Status(t)); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the receiver does not fail:\n", p.Status(t))
		}
	}
	run := s.fix(t, p)
	call := "CALL mysql." + s.nextLog + "(1);"
	if run.exit != 1 || !strings.Contains(run.script, "\n-- "+call+"\n") {
		t.Fatalf("exit code %d, no %s\n%s%s", run.exit, call, run.script, run.stderr)
	}
	if _, err := run.execute(call); err != nil {
		t.Fatal(err)
	}
	waitBehind(t, p, "shop.later", call)
}
