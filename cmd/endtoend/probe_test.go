package endtoend

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"binmend/fixtures/servers"
)

// TestProbeFindsNothing probes replicas that have not drifted: whatever the values are, no statement is left.
func TestProbeFindsNothing(t *testing.T) {
	all := slices.Concat(loadBreaks(t, "testdata/breaks"), loadBreaks(t, "testdata/values"))
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		p := servers.StartPair(t, line, servers.Options{GTID: true})
		for _, b := range all {
			// JSON dates and decimals can't be told from texts and numbers: their rows stay.
			if b.runsOn(line) && b.name != "json" && !t.Run(b.name, func(t *testing.T) { b.testProbeFindsNothing(t, p) }) {
				p.Reset(t)
			}
		}
	})
}

// relayPlace matches where the applier is in its relay logs.
var relayPlace = regexp.MustCompile(`(?m)^ *Relay_Log_File: (.*)\n *Relay_Log_Pos: (.*)$`)

func (b *breakage) testProbeFindsNothing(t *testing.T, p *servers.Pair) {
	p.Source.MustExec(t, "CREATE DATABASE "+quoteName(b.database))
	b.run(t, p.Source, b.setup)
	p.Sync(t)
	p.Replica.MustExec(t, stopApplier(p.Replica))
	b.run(t, p.Source, b.change)
	at := relayPlace.FindStringSubmatch(receive(t, p))
	logs := p.Replica.RelayLogs(t)
	first := slices.IndexFunc(logs, func(name string) bool { return filepath.Base(name) == filepath.Base(at[1]) })
	args := []string{"fix", "-S", p.Replica.Socket, "-u", "root", "--probe", "--start-position", at[2], "--stop-position", "999999999"}
	got := binmend(t, "", append(args, logs[first:]...)...)
	if got.exit != 1 || !strings.Contains(got.stderr, "no row has to be changed") {
		t.Errorf("exit code %d\n%s\n%s", got.exit, got.stderr, got.script)
	}
	p.StartReplica(t)
	p.Sync(t)
}

// TestProbeStatements counts the questions of a plan of 6,000 rows, half of which have drifted, and reads the general log
// for anything but questions.
func TestProbeStatements(t *testing.T) {
	servers.On(t, servers.AllLines(), func(t *testing.T, line *servers.Line) {
		const rows = 6_000
		p := servers.StartPair(t, line, servers.Options{GTID: true})
		createDoctor(t, p.Replica)
		p.Source.MustExec(t, "CREATE DATABASE shop; USE shop; CREATE TABLE n (d INT); INSERT INTO n VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9); "+
			"CREATE TABLE big (id INT PRIMARY KEY, code VARCHAR(20) UNIQUE, v INT) ENGINE=InnoDB; "+
			"INSERT INTO big SELECT i, CONCAT('code', i), i FROM (SELECT a.d + 10*b.d + 100*c.d + 1000*e.d + 10000*f.d AS i "+
			"FROM n a, n b, n c, n e, n f) x WHERE i < 6000")
		p.Sync(t)
		p.Drift(t, "DELETE FROM shop.big WHERE id % 4 = 1; UPDATE shop.big SET v = -1 WHERE id % 4 = 2")
		p.Source.MustExec(t, "UPDATE shop.big SET v = v + 1")
		p.WaitError(t, 1032)
		receive(t, p)
		p.Replica.MustExec(t, "SET GLOBAL log_output = 'TABLE', GLOBAL general_log = ON")
		fixed := binmend(t, "", "fix", "-S", p.Replica.Socket, "-u", "doctor", "-p", "--probe")
		p.Replica.MustExec(t, "SET GLOBAL general_log = OFF")
		if n := strings.Count(fixed.script, "\nREPLACE INTO "); fixed.exit != 0 || n != rows/2 {
			t.Errorf("exit code %d, %d statements\n%s", fixed.exit, n, fixed.stderr)
		}
		asked := 0
		for _, entry := range questions(t, p.Replica) {
			if strings.Contains(entry, "`big` WHERE ") {
				asked++
			}
		}
		if asked == 0 || asked >= rows/500 {
			t.Errorf("%d questions for %d rows", asked, rows)
		}
		if _, err := p.Replica.Exec(fixed.script); err != nil {
			t.Fatal(err)
		}
		p.Sync(t)
		if p.Source.MustExec(t, "CHECKSUM TABLE shop.big") != p.Replica.MustExec(t, "CHECKSUM TABLE shop.big") {
			t.Error("the replica's rows differ")
		}
	})
}

func stopApplier(s *servers.Server) string {
	if s.Install.Line == servers.MySQL97 {
		return "STOP REPLICA SQL_THREAD"
	}
	return "STOP SLAVE SQL_THREAD"
}

// TestProbeKilled kills the server while it is probed: nothing is printed, and the message says what happened.
func TestProbeKilled(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		p := servers.StartPair(t, line, servers.Options{})
		breakShop(t, p)
		var pidFile string
		if err := p.Replica.DB().QueryRow("SELECT @@pid_file").Scan(&pidFile); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(pidFile)
		if err != nil {
			t.Fatal(err)
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		lock, err := p.Replica.DB().Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := lock.ExecContext(t.Context(), "LOCK TABLES shop.customers WRITE"); err != nil {
			t.Fatal(err)
		}
		done := make(chan fixRun)
		go func() { done <- binmend(t, "", "fix", "-S", p.Replica.Socket, "-u", "root", "--probe") }()
		waitRows(t, p.Replica, "SELECT COUNT(*) > 0 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT 0, `id`%'", 1)
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		got := <-done
		if got.exit != 2 || got.script != "" || !strings.Contains(got.stderr, "probing shop.customers: "+p.Replica.Socket+": reading rows: ") ||
			!strings.Contains(got.stderr, "hint: the connection is lost; nothing was changed on the server") {
			t.Errorf("exit code %d\n%s\n%s", got.exit, got.stderr, got.script)
		}
	})
}
