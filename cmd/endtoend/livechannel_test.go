package endtoend

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"binmend/fixtures/servers"
)

// secondSource makes the replica follow another source, in a channel or connection of its own, and returns that source.
func secondSource(t *testing.T, p *servers.Pair, channel string) *servers.Server {
	t.Helper()
	line := p.Replica.Install.Line
	source := servers.Start(t, line, servers.Options{Args: append(inDomain(line, "7"), "--server-id=7")})
	script := fmt.Sprintf("CHANGE MASTER '%s' TO MASTER_HOST='127.0.0.1', MASTER_PORT=%d, MASTER_USER='repl', MASTER_SSL=0, "+
		"MASTER_SSL_VERIFY_SERVER_CERT=0, MASTER_LOG_FILE='bin.000001', MASTER_LOG_POS=4; START SLAVE '%s'", channel, source.Port, channel)
	if line.Flavor == servers.MySQL {
		script = fmt.Sprintf("CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=%d, SOURCE_USER='repl', SOURCE_SSL=0, "+
			"SOURCE_LOG_FILE='bin.000001', SOURCE_LOG_POS=4 FOR CHANNEL '%s'; START REPLICA FOR CHANNEL '%s'", source.Port, channel, channel)
	}
	p.Replica.MustExec(t, script)
	return source
}

// inDomain are the options of a server whose GTIDs have a domain of their own; MySQL has none.
func inDomain(line *servers.Line, domain string) []string {
	if line.Flavor == servers.MySQL {
		return nil
	}
	return []string{"--gtid-domain-id=" + domain}
}

// waitChannel waits until what the replica says of its channels matches.
func waitChannel(t *testing.T, s *servers.Server, wanted *regexp.Regexp) {
	t.Helper()
	query := "SHOW ALL SLAVES STATUS"
	if s.Install.Line.Flavor == servers.MySQL {
		query = "SHOW REPLICA STATUS"
	}
	var out []byte
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		var err error
		if out, err = s.Client("--vertical", "--execute="+query).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if wanted.Match(out) {
			return
		}
	}
	t.Fatalf("want %v, found\n%s", wanted, out)
}

// TestFixLiveChannels repairs the channel that has failed, by its own relay logs and with commands that name it.
func TestFixLiveChannels(t *testing.T) {
	const channel = "ops-1"
	for _, line := range []*servers.Line{servers.MySQL97, servers.MariaDB1011, servers.MariaDB118} {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			p := servers.StartPair(t, line, servers.Options{Args: inDomain(line, "3")})
			createDoctor(t, p.Replica)
			p.Source.MustExec(t, strings.ReplaceAll(shop, "shop", "healthy"))
			p.Sync(t)
			source := secondSource(t, p, channel)
			source.MustExec(t, shop)
			waitChannel(t, p.Replica, executedAll(t, source))
			p.Drift(t, "INSERT INTO shop.customers VALUES (4, 'x', '')")
			source.MustExec(t, "INSERT INTO shop.customers VALUES (4, 'dee@example.org', '')")
			waitChannel(t, p.Replica, regexp.MustCompile(`Last_SQL_Errno: 1062`))
			fixed := binmend(t, "", "fix", "-S", p.Replica.Socket, "-u", "doctor", "-p")
			if fixed.exit != 0 || fixed.stderr != "" || !strings.Contains(fixed.script, channel) {
				t.Fatalf("exit code %d\n%s\n%s", fixed.exit, fixed.stderr, fixed.script)
			}
			if _, err := p.Replica.Exec(fixed.script); err != nil {
				t.Fatalf("%v\n%s", err, fixed.script)
			}
			waitChannel(t, p.Replica, executedAll(t, source))
			if want, got := source.Contents(t, "shop"), p.Replica.Contents(t, "shop"); want != got {
				t.Errorf("the replica's rows differ.\nsource:\n%s\nreplica:\n%s", want, got)
			}
			p.Sync(t)
		})
	}
}

// TestWatchChannels: when several channels have failed, fix asks which one is meant, and watch writes a script for each. The
// name of a channel is not the name of a file.
func TestWatchChannels(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL97, servers.MariaDB1011, servers.MariaDB118} {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			channel := "..a b;$(id)é" // with a / the server itself finds no name for its files
			if line.Flavor == servers.MariaDB {
				channel = "a-b;$(id)" // a name is part of the names of the connection's files there
			}
			p := servers.StartPair(t, line, servers.Options{Args: inDomain(line, "3")})
			createDoctor(t, p.Replica)
			second := secondSource(t, p, channel)
			second.MustExec(t, shop)
			waitChannel(t, p.Replica, executedAll(t, second))
			p.Source.MustExec(t, strings.ReplaceAll(shop, "shop", "own"))
			p.Sync(t)
			p.Drift(t, "DELETE FROM own.customers; INSERT INTO shop.customers VALUES (4, 'x', ''); GRANT SELECT, TRIGGER ON own.* TO doctor@localhost")
			p.Source.MustExec(t, "DELETE FROM own.customers WHERE id = 1")
			second.MustExec(t, "INSERT INTO shop.customers VALUES (4, 'dee@example.org', '')")
			waitChannel(t, p.Replica, regexp.MustCompile(`Last_SQL_Errno: 1032`))
			waitChannel(t, p.Replica, regexp.MustCompile(`Last_SQL_Errno: 1062`))

			fix := []string{"fix", "-S", p.Replica.Socket, "-u", "doctor", "-p"}
			if got := binmend(t, "", fix...); got.exit != 2 || !strings.Contains(got.stderr, "several channels have an error") {
				t.Errorf("no channel given: exit code %d\n%s", got.exit, got.stderr)
			}
			for name, table := range map[string]string{"": "`own`.`customers`", channel: "`shop`.`customers`"} {
				got := binmend(t, "", append(fix, "--channel="+name)...)
				if got.exit != 0 || !strings.Contains(got.script, table) {
					t.Errorf("channel %q: exit code %d\n%s\n%s", name, got.exit, got.stderr, got.script)
				}
			}

			dir := t.TempDir()
			once := func() int {
				return startProgram(t, account, append(watchArgs(dir, p.Replica.Socket), "--once")...).exit()
			}
			if code := once(); code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			names := scripts(t, dir)
			if len(names) != 2 || !strings.HasPrefix(names[0], stem(p.Replica)+"+") || strings.ContainsAny(names[0], " ;$(") {
				t.Fatalf("files %q, want a script for each channel", names)
			}
			for _, name := range names {
				script, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := p.Replica.Exec(string(script)); err != nil {
					t.Fatalf("%v\n%s", err, script)
				}
			}
			waitChannel(t, p.Replica, executedAll(t, second))
			p.Sync(t)
			if code := once(); code != 0 {
				t.Errorf("after the repair: exit code %d, want 0", code)
			}
		})
	}
}

// TestWatchOddNames: nothing that a channel, a source's host, a table, a value in an error's text are called reaches a log, the line
// for Nagios or the name of a file as it is, a client as a command, or the lines of metrics, whose labels have exact values in quotes.
func TestWatchOddNames(t *testing.T) {
	const channel = "a;\"$(touch CANARY) -- <b>" // a part of the names of the channel's files
	p := servers.StartPair(t, servers.MySQL97, servers.Options{})
	createDoctor(t, p.Replica)
	source := servers.Start(t, servers.MySQL97, servers.Options{Args: []string{"--server-id=7"}})
	run := func(s *servers.Server, sql string) {
		t.Helper()
		if _, err := s.DB().Exec(sql); err != nil {
			t.Fatal(err)
		}
	}
	of := " FOR CHANNEL '" + channel + "'"
	run(p.Replica, fmt.Sprintf("CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=%d, SOURCE_USER='repl', SOURCE_SSL=0, "+
		"SOURCE_LOG_FILE='bin.000001', SOURCE_LOG_POS=4%s", source.Port, of))
	run(p.Replica, "START REPLICA"+of)
	run(source, "CREATE DATABASE shop")
	run(source, "CREATE TABLE shop.`\u202et\n\\! touch CANARY\nt` (id INT PRIMARY KEY, `\u2028u` VARCHAR(60), UNIQUE KEY `k\n\u202e` (`\u2028u`))")
	waitChannel(t, p.Replica, executedAll(t, source))
	const insert = "INSERT INTO shop.`\u202et\n\\! touch CANARY\nt` VALUES (%d, '\x1b]0;value\x07\n\u0085<b>')"
	run(p.Replica, fmt.Sprintf(insert, 9))
	run(source, fmt.Sprintf(insert, 1))
	waitChannel(t, p.Replica, regexp.MustCompile(`Last_SQL_Errno: 1062`))
	run(p.Replica, `CHANGE REPLICATION SOURCE TO SOURCE_HOST='h`+"\x1b"+`[31m"<b>', SOURCE_USER='repl' FOR CHANNEL 'no`+"\x1b[31m\u202e"+`where'`)
	run(p.Replica, "START REPLICA IO_THREAD FOR CHANNEL 'no\x1b[31m\u202ewhere'")
	waitChannel(t, p.Replica, regexp.MustCompile(`Last_IO_Errno: 20`))

	dir := t.TempDir()
	metrics := filepath.Join(dir, "metrics.prom")
	w := startProgram(t, account, append(watchArgs(dir, p.Replica.Socket), "--once", "--nagios", "--textfile", metrics)...)
	status := w.line()
	w.exit()
	text, err := os.ReadFile(metrics)
	if err != nil {
		t.Fatal(err)
	}
	os.Remove(metrics)
	names := scripts(t, dir)
	for what, said := range map[string]string{"log": w.said(), "Nagios": status, "files": strings.Join(names, " ")} {
		if strings.ContainsAny(said, "\x1b\x07\r\u2028\u202e\u0085") {
			t.Errorf("%s: %q", what, said)
		}
	}
	for line := range strings.Lines(w.said()) {
		if !strings.HasPrefix(line, "time=") && strings.TrimSpace(line) != "" {
			t.Errorf("a line of the log that is none: %q", line)
		}
	}
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "binmend_") {
			t.Errorf("a line of metrics that is none: %q", line)
		}
	}
	if len(names) != 1 {
		t.Fatalf("scripts %q, want one\n%s", names, w.said())
	}
	script, err := os.ReadFile(filepath.Join(dir, names[0]))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Replica.Exec(string(script)); err != nil {
		t.Fatalf("%v\n%s", err, script)
	}
	waitChannel(t, p.Replica, executedAll(t, source))
	if want, got := source.Contents(t, "shop"), p.Replica.Contents(t, "shop"); want != got {
		t.Errorf("the replica's rows differ: %s\nafter\n%s", servers.Difference(got, want), script)
	}
	if _, err := os.Stat("CANARY"); err == nil {
		os.Remove("CANARY")
		t.Error("a command out of a name was executed")
	}
}

// executedAll matches the status of a channel that has applied the whole log of its source.
func executedAll(t *testing.T, source *servers.Server) *regexp.Regexp {
	t.Helper()
	logs := source.Binlogs(t)
	info, err := os.Stat(logs[len(logs)-1])
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(fmt.Sprintf(`_Port: %d\n(?:[^*\n].*\n)*? *Exec_\w+_Log_Pos: %d\n`, source.Port, info.Size()))
}
