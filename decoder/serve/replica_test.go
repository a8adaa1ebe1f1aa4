package serve_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"binmend/decoder"
	"binmend/decoder/pull"
	"binmend/decoder/remote"
	"binmend/decoder/serve"
	"binmend/fixtures/servers"
)

const password = "s3cr#t pass'word"

// pluginOf is the plugin that a line's replicas log in with.
func pluginOf(line *servers.Line) serve.Plugin {
	if line.Client == "mysql" { // which speaks no native password
		return serve.CachingSHA2
	}
	return serve.NativePassword
}

// users is an account file with the user mend.
func users(t testing.TB, plugin serve.Plugin) *serve.Accounts {
	t.Helper()
	line, err := serve.AccountLine("mend", plugin, password)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(name, []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	accounts, err := serve.ReadAccounts(name)
	if err != nil {
		t.Fatal(err)
	}
	return accounts
}

// startServe serves a folder until the test ends, and returns its port.
func startServe(t testing.TB, o serve.Options) int {
	t.Helper()
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	server, err := serve.New(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- server.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return l.Addr().(*net.TCPAddr).Port
}

// attach makes a stopped replica follow the server at a port. from is where: see byGTID and byPosition.
func attach(t testing.TB, replica *servers.Server, port int, from string) {
	t.Helper()
	attachAs(t, replica, port, password, from)
}

func attachAs(t testing.TB, replica *servers.Server, port int, password, from string) {
	t.Helper()
	w, more := "MASTER", ""
	switch line := replica.Install.Line; {
	case line == servers.MySQL97, line == servers.MySQL8031:
		w, more = "SOURCE", "SOURCE_SSL=0, GET_SOURCE_PUBLIC_KEY=1, "
	case line == servers.MySQL8015:
		more = "MASTER_SSL=0, GET_MASTER_PUBLIC_KEY=1, "
	case line.Flavor == servers.MariaDB:
		more = "MASTER_SSL=0, MASTER_SSL_VERIFY_SERVER_CERT=0, "
	}
	change := "CHANGE MASTER TO "
	if w == "SOURCE" {
		change = "CHANGE REPLICATION SOURCE TO "
	}
	change += fmt.Sprintf("@_HOST='127.0.0.1', @_PORT=%d, @_USER='mend', @_PASSWORD='%s', @_CONNECT_RETRY=1, @_HEARTBEAT_PERIOD=1, %s%s",
		port, strings.ReplaceAll(password, "'", "''"), more, from)
	replica.MustExec(t, strings.ReplaceAll(change, "@_", w+"_"))
}

// byGTID is the end of a CHANGE statement that begins after what the replica has.
func byGTID(line *servers.Line) string {
	if line.Flavor == servers.MariaDB {
		return "MASTER_USE_GTID=slave_pos"
	}
	return "@_AUTO_POSITION=1"
}

// byPosition is the end of a CHANGE statement that begins at a position.
func byPosition(line *servers.Line, file string, position string) string {
	from := fmt.Sprintf("@_LOG_FILE='%s', @_LOG_POS=%s", file, position)
	if line.Flavor == servers.MariaDB {
		from += ", MASTER_USE_GTID=no"
	}
	return from
}

// puller is 'binmend pull --stop-never' in this process.
type puller struct {
	pulled chan struct{} // has something when all that the source has is in the folder
	stop   context.CancelFunc
	done   chan error
}

func (*puller) Connected(remote.Source, uint32, decoder.Position) {}
func (*puller) Finished(string, int64)                            {}
func (*puller) Retrying(error, time.Duration)                     {}

func (p *puller) Received(progress pull.Progress) {
	if progress.Idle {
		select {
		case p.pulled <- struct{}{}:
		default:
		}
	}
}

// startPull pulls a source's logs into a folder, and returns when the folder has what there is.
func startPull(t testing.TB, source *servers.Server, dir string, semiSync bool) *puller {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	p := &puller{pulled: make(chan struct{}, 1), stop: stop, done: make(chan error, 1)}
	o := pull.Options{Dir: dir, Follow: true, SemiSync: semiSync, Observer: p,
		Source: remote.Options{Network: "tcp", Address: fmt.Sprintf("127.0.0.1:%d", source.Port), User: "repl"}}
	go func() { p.done <- pull.Run(ctx, o) }()
	p.wait(t)
	return p
}

// wait waits until the folder has what the source has written so far.
func (p *puller) wait(t testing.TB) {
	t.Helper()
	select { // what was seen before
	case <-p.pulled:
	default:
	}
	select {
	case <-p.pulled:
	case err := <-p.done:
		t.Fatalf("pull: %v", err)
	case <-time.After(time.Minute):
		t.Fatal("pull is not up to date after a minute")
	}
}

// end stops pulling.
func (p *puller) end() {
	p.stop()
	<-p.done
}

// durable makes a server's commits survive kill -9.
const durable = "--innodb-flush-log-at-trx-commit=1"

// eachLine runs a test on every line; a short run has one of each flavour.
func eachLine(t *testing.T, test func(*testing.T, *servers.Line)) {
	lines := servers.AllLines()
	if testing.Short() {
		lines = []*servers.Line{servers.MySQL97, servers.MariaDB118}
	}
	servers.On(t, lines, test)
}

// TestStory is what this package is for. A replica stops; the source goes on and dies; the replica gets what it lacks from
// the copied logs, and goes on from the source when that is back.
func TestStory(t *testing.T) {
	eachLine(t, func(t *testing.T, line *servers.Line) {
		t.Run("by GTID", func(t *testing.T) { story(t, line, true) })
		if slices.Contains(servers.Lines(), line) {
			t.Run("by position", func(t *testing.T) { story(t, line, false) })
		}
	})
}

func story(t *testing.T, line *servers.Line, byGTIDs bool) {
	args := []string{durable}
	if line.Client == "mysql" { // what a replica needs to log in to it without TLS
		args = append(args, "--caching-sha2-password-auto-generate-rsa-keys=ON")
	}
	p := servers.StartPair(t, line, servers.Options{GTID: byGTIDs, Args: args})
	createUser(t, p.Source)
	p.Source.MustExec(t, "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, v LONGTEXT); INSERT INTO d.t VALUES (0, 'first')")
	p.Sync(t)
	p.StopReplica(t)
	dir := t.TempDir()
	semiSync := p.Source.TurnOnSemiSync(t)
	copied := startPull(t, p.Source, dir, semiSync)
	work := startWork(p.Source)
	work.waitFor(t, 40)
	p.Source.MustExec(t, "FLUSH LOGS")
	work.waitFor(t, 80)
	if !semiSync { // nobody waits for the copy: it has to be complete by itself
		work.stop()
		copied.wait(t)
	}
	p.Source.Kill(t)
	told := work.stop()
	copied.end()

	port := startServe(t, serve.Options{Dir: dir, Accounts: users(t, pluginOf(line))})
	attach(t, p.Replica, port, whereItIs(t, p.Replica, byGTIDs))
	p.StartReplica(t)
	waitFor(t, p.Replica, "SELECT COUNT(*) FROM d.t WHERE id IN ("+strings.Join(told, ",")+")", fmt.Sprint(len(told)))

	p.Source.StartAgain(t)
	p.StopReplica(t)
	attach(t, p.Replica, p.Source.Port, whereItIs(t, p.Replica, byGTIDs))
	p.StartReplica(t)
	p.Source.MustExec(t, "INSERT INTO d.t VALUES (1000000, 'last')")
	waitFor(t, p.Replica, "SELECT COUNT(*) FROM d.t WHERE id = 1000000", "1")
	equal(t, p)
}

// work is a client that inserts rows, each in a transaction of its own, until the source dies.
type work struct {
	cancel context.CancelFunc
	done   chan struct{}
	mu     sync.Mutex
	told   []string // ids of the rows whose commit returned
}

func startWork(s *servers.Server) *work {
	ctx, cancel := context.WithCancel(context.Background())
	w := &work{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for id := 1; ctx.Err() == nil; id++ {
			if _, err := s.DB().Exec("INSERT INTO d.t VALUES (?, REPEAT('x', ?))", id, id*id); err != nil {
				return
			}
			w.mu.Lock()
			w.told = append(w.told, fmt.Sprint(id))
			w.mu.Unlock()
		}
	}()
	return w
}

// waitFor waits for the nth commit.
func (w *work) waitFor(t testing.TB, n int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		w.mu.Lock()
		have := len(w.told)
		w.mu.Unlock()
		if have >= n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d commits after a minute", have, n)
		}
	}
}

// stop ends the work and returns the rows whose commit returned.
func (w *work) stop() []string {
	w.cancel()
	<-w.done
	return w.told
}

// createUser makes the user that replicas log in as on a real source too.
func createUser(t testing.TB, source *servers.Server) {
	t.Helper()
	quoted := strings.ReplaceAll(password, "'", "''")
	source.MustExec(t, "CREATE USER mend IDENTIFIED BY '"+quoted+"'; GRANT REPLICATION SLAVE ON *.* TO mend")
}

// whereItIs is the end of a CHANGE statement that lets a replica go on where it stopped.
func whereItIs(t testing.TB, replica *servers.Server, byGTIDs bool) string {
	t.Helper()
	line := replica.Install.Line
	if byGTIDs {
		return byGTID(line)
	}
	status := column(t, replica)
	return byPosition(line, status("Relay_Master_Log_File", "Relay_Source_Log_File"), status("Exec_Master_Log_Pos", "Exec_Source_Log_Pos"))
}

// equal fails when source and replica do not hold the same rows.
func equal(t testing.TB, p *servers.Pair) {
	t.Helper()
	if source, replica := p.Source.Contents(t, "d"), p.Replica.Contents(t, "d"); source != replica {
		t.Errorf("the replica's rows differ.\nsource:\n%.2000s\nreplica:\n%.2000s", source, replica)
	}
}

// column asks for the replica's status and returns a function for its columns, by their old or new name.
func column(t testing.TB, replica *servers.Server) func(names ...string) string {
	t.Helper()
	statement := "SHOW SLAVE STATUS"
	if replica.Install.Line == servers.MySQL97 {
		statement = "SHOW REPLICA STATUS"
	}
	lines := strings.Split(replica.MustExec(t, statement), "\n")
	names, values := strings.Split(lines[0], "\t"), strings.Split(lines[1], "\t")
	return func(wanted ...string) string {
		for i, name := range names {
			for _, w := range wanted {
				if name == w {
					return values[i]
				}
			}
		}
		t.Fatalf("no column %v in %v", wanted, names)
		return ""
	}
}

// waitFor asks a server until it answers as wanted.
func waitFor(t testing.TB, s *servers.Server, question, want string) {
	t.Helper()
	got := ""
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if err := s.DB().QueryRow(question).Scan(&got); err == nil && got == want {
			return
		}
	}
	status := column(t, s)
	t.Fatalf("%s: want %s, found %s\nreceiver: %s %s\napplier: %s", question, want, got,
		status("Last_IO_Errno"), status("Last_IO_Error"), status("Last_SQL_Error"))
}
