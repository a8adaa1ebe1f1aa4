package endtoend

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"binmend/fixtures/servers"
)

// follower is a command that follows a server's log in a process of its own.
type follower struct {
	args []string
	cmd  *exec.Cmd

	mu          sync.Mutex
	out, stderr strings.Builder
}

type lockedWriter struct {
	mu *sync.Mutex
	to *strings.Builder
}

func (w lockedWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(b)
}

func (f *follower) said() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.out.String()
}

func startFollower(t *testing.T, args ...string) *follower {
	t.Helper()
	f := &follower{args: args, cmd: exec.Command(os.Args[0], args...)}
	f.cmd.Env = []string{asProgram + "=1", "HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	f.cmd.Stdout, f.cmd.Stderr = lockedWriter{&f.mu, &f.out}, lockedWriter{&f.mu, &f.stderr}
	if err := f.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.cmd.Process.Kill(); f.cmd.Wait() })
	return f
}

// waitFor waits until the output has a text.
func (f *follower) waitFor(t *testing.T, text string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !strings.Contains(f.said(), text); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%v: no %q for a minute:\n%s\n%s", f.args, text, f.said(), &f.stderr)
		}
	}
}

// waitForRest waits until there was no output for a while.
func (f *follower) waitForRest() {
	for before := -1; before < len(f.said()); time.Sleep(time.Second) {
		before = len(f.said())
	}
}

// session are the lines with which sql prepares and leaves a session, which it does whenever it waits, and the one that names the logs.
var session = regexp.MustCompile(`(?m)^(SET .*|-- The changes of these logs: .*|)\n`)

// TestFollow: what a command prints of a server's logs while the server writes them is what it prints of the logs as files, whatever
// becomes of the tables meanwhile. Ctrl-C ends it in order.
func TestFollow(t *testing.T) {
	rounds := []string{
		"INSERT INTO d.t VALUES (3, 'held', 30, 300); UPDATE d.t SET state = 'paid' WHERE id = 1",
		"ALTER TABLE d.t MODIFY state ENUM('new', 'held', 'late', 'paid'); UPDATE d.t SET state = 'late' WHERE id = 2; INSERT INTO d.t VALUES (4, 'paid', 40, 400)",
		"ALTER TABLE d.t MODIFY price INT AFTER id; DELETE FROM d.t WHERE id = 1; FLUSH BINARY LOGS; UPDATE d.t SET price = 401 WHERE id = 4",
		"CREATE TABLE d.u (a INT PRIMARY KEY, e SET('x', 'y')); INSERT INTO d.u VALUES (1, 'y'); ALTER TABLE d.u MODIFY e SET('z', 'y', 'x'); INSERT INTO d.u VALUES (2, 'y,x')",
		"START TRANSACTION; INSERT INTO d.t (id) VALUES (90); SAVEPOINT s; INSERT INTO d.t (id) VALUES (91); INSERT INTO d.old VALUES (2); ROLLBACK TO s; COMMIT; FLUSH BINARY LOGS",
		"DROP TABLE d.u; INSERT INTO d.old VALUES (777777)",
	}
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		s := servers.Start(t, line, servers.Options{})
		s.MustExec(t, "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, state ENUM('new', 'paid'), cost INT, price INT) ENGINE=InnoDB; CREATE TABLE d.old (id INT PRIMARY KEY) ENGINE=MyISAM; "+
			"INSERT INTO d.t VALUES (1, 'new', 10, 100); FLUSH BINARY LOGS; ALTER TABLE d.t MODIFY state ENUM('new', 'held', 'paid'); INSERT INTO d.t VALUES (2, 'paid', 20, 200)")
		second := filepath.Base(s.Binlogs(t)[1])
		connection := []string{"-S", s.Socket, "-u", "root"}
		before := filepath.Join(t.TempDir(), "before.sql")
		if err := os.WriteFile(before, []byte("USE d; CREATE TABLE t (id INT PRIMARY KEY, state ENUM('new', 'paid'), cost INT, price INT); CREATE TABLE old (id INT PRIMARY KEY);"), 0o600); err != nil {
			t.Fatal(err)
		}
		var followers []*follower
		commands := [][]string{{"events"}, {"events", "--transactions", "--json"}, {"sql"}, {"export"}, {"export", "--where", "id > 1"},
			{"find", "--query", "alter"}, {"find", "--table", "d.t", "--key", "id=2"}, {"stats", "--json"}}
		for _, command := range commands {
			followers = append(followers, startFollower(t, append(append(command, connection...), "--from-log", second, "--follow")...))
		}
		followers[3].waitFor(t, `"id":2`)
		for _, round := range rounds {
			s.MustExec(t, round)
			time.Sleep(150 * time.Millisecond)
		}
		followers[0].waitFor(t, "d.old: insert of 1 row\n")
		followers[2].waitFor(t, "777777")
		followers[3].waitFor(t, "777777")
		for _, f := range followers {
			f.waitForRest()
		}
		for i, f := range followers {
			if err := f.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if f.cmd.Wait(); f.cmd.ProcessState.ExitCode() != 0 {
				t.Errorf("%v: exit code %d: %s", commands[i], f.cmd.ProcessState.ExitCode(), &f.stderr)
			}
			command := commands[i]
			if !slices.Contains(command, "--query") { // which reads no rows
				command = append(command, "--schema", before, "--schema-at", "start")
			}
			files := binmend(t, "", append(command, s.Binlogs(t)[1:]...)...)
			files.script = strings.ReplaceAll(files.script, filepath.Dir(s.Binlogs(t)[0])+"/", "")
			got, want := session.ReplaceAllString(f.said(), ""), session.ReplaceAllString(files.script, "")
			if got != want || want == "" {
				t.Errorf("%v: followed\n%s\nof files, exit code %d, %s\n%s", commands[i], got, files.exit, files.stderr, want)
			}
		}
	})
}
