package pull_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/decoder/pull"
	"binmend/decoder/txn"
	"binmend/fixtures/servers"
)

// The test binary is a process to kill as well: with these variables it copies until it is killed.
const (
	childAddress = "BINMEND_TEST_PULL_ADDRESS"
	childDir     = "BINMEND_TEST_PULL_DIR"
	childSemi    = "BINMEND_TEST_PULL_SEMISYNC"
)

func TestMain(m *testing.M) {
	if address := os.Getenv(childAddress); address != "" {
		o := pull.Options{Dir: os.Getenv(childDir), Follow: true, SemiSync: os.Getenv(childSemi) != "", Observer: &silent{}}
		o.Source.Network, o.Source.Address, o.Source.User = "tcp", address, "repl"
		fmt.Fprintln(os.Stderr, pull.Run(context.Background(), o))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// startChild starts a process that copies.
func startChild(t *testing.T, s *servers.Server, dir string, semiSync bool) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childAddress+"="+source(s).Address, childDir+"="+dir)
	if semiSync {
		cmd.Env = append(cmd.Env, childSemi+"=1")
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// kills is how often the process is killed on each line; on the four lines it is 52 times.
const kills = 13

// TestKilled kills a copying process with -9 at random moments while clients write. What a client was told is committed, and
// so was acknowledged, is in the folder at every moment; and at the end the folder is the source's logs.
func TestKilled(t *testing.T) {
	eachLine(t, func(t *testing.T, line *servers.Line) {
		s := servers.Start(t, line, servers.Options{GTID: true})
		s.MustExec(t, schema)
		semiSync := s.TurnOnSemiSync(t)
		dir := t.TempDir()
		load := startLoad(t, s)
		for n := range kills {
			child := startChild(t, s, dir, semiSync)
			load.waitForMore(t, 1+rand.IntN(40))
			if n%4 == 3 {
				s.MustExec(t, "FLUSH BINARY LOGS")
			}
			load.waitForMore(t, 1+rand.IntN(10))
			told := load.committed()
			child.Process.Kill()
			child.Wait()
			if semiSync {
				checkHas(t, dir, told)
			}
		}
		last := startChild(t, s, dir, semiSync) // lets go of the clients that wait for an acknowledgement
		load.stop(t)
		last.Process.Kill()
		last.Wait()
		copyAll(t, s, dir)
		checkCopy(t, s, dir)
		checkHas(t, dir, load.committed())
		if semiSync {
			checkAllAcknowledged(t, s)
		}
	})
}

// checkAllAcknowledged makes sure that no commit went on without an acknowledgement.
func checkAllAcknowledged(t *testing.T, s *servers.Server) {
	t.Helper()
	status := s.MustExec(t, "SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync%'")
	for line := range strings.Lines(status) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if strings.HasSuffix(name, "_no_tx") && value != "0" || strings.HasSuffix(name, "_yes_tx") && value == "0" {
			t.Errorf("acknowledgements:\n%s", status)
		}
	}
}

// load is clients that insert rows, each in a transaction of its own.
type load struct {
	cancel  context.CancelFunc
	clients sync.WaitGroup
	mu      sync.Mutex
	ids     []int
	err     error
}

const clients = 4

func startLoad(t *testing.T, s *servers.Server) *load {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	l := &load{cancel: cancel}
	for client := range clients {
		l.clients.Go(func() { l.insert(ctx, s.DB(), client) })
	}
	t.Cleanup(func() { cancel() })
	return l
}

func (l *load) insert(ctx context.Context, db *sql.DB, client int) {
	for n := client; ctx.Err() == nil; n += clients {
		_, err := db.Exec("INSERT INTO d.t VALUES (?, REPEAT('x', ?))", n+1, rand.IntN(1<<rand.IntN(19)))
		l.mu.Lock()
		if err == nil {
			l.ids = append(l.ids, n+1)
		} else if l.err == nil {
			l.err = err
		}
		l.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// committed are the ids of the rows whose commit returned.
func (l *load) committed() []int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ids[:len(l.ids):len(l.ids)]
}

// waitForMore waits for n more commits.
func (l *load) waitForMore(t *testing.T, n int) {
	t.Helper()
	want := len(l.committed()) + n
	for deadline := time.Now().Add(time.Minute); len(l.committed()) < want; time.Sleep(time.Millisecond) {
		l.mu.Lock()
		err := l.err
		l.mu.Unlock()
		if err != nil {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatalf("after a minute there are %d commits, want %d", len(l.committed()), want)
		}
	}
}

func (l *load) stop(t *testing.T) {
	t.Helper()
	l.cancel()
	l.clients.Wait()
	if l.err != nil {
		t.Fatal(l.err)
	}
}

// checkHas makes sure that whole transactions in the folder have inserted the ids.
func checkHas(t *testing.T, dir string, ids []int) {
	t.Helper()
	have := idsIn(t, dir)
	for _, id := range ids {
		if !have[fmt.Sprint(id)] {
			t.Errorf("row %d was committed and is not in the folder, which has %d", id, len(have))
		}
	}
}

// idsIn are the ids in the folder's whole transactions. The last log may end inside an event.
func idsIn(t *testing.T, dir string) map[string]bool {
	t.Helper()
	index, err := os.ReadFile(filepath.Join(dir, "bin.index"))
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	names := strings.Fields(string(index))
	for i, name := range names {
		if err := readIDs(filepath.Join(dir, name), have); err != nil && i < len(names)-1 {
			t.Errorf("%s: %v", name, err)
		}
	}
	return have
}

func readIDs(name string, have map[string]bool) error {
	src := logfile.OpenFiles(name)
	defer src.Close()
	r := decoder.NewReader(src)
	var tracker txn.Tracker
	var open []string
	for {
		e, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		step, err := tracker.AddEvent(e)
		if err != nil {
			return err
		}
		if e.IsRows() {
			if open, err = appendIDs(open, e); err != nil {
				return err
			}
		}
		if step.Ends() {
			for _, id := range open {
				have[id] = true
			}
			open = open[:0]
		}
	}
}

func appendIDs(ids []string, e *decoder.Event) ([]string, error) {
	rows, err := e.Rows()
	if err != nil {
		return ids, err
	}
	for {
		row, err := rows.Next()
		if err == io.EOF {
			return ids, nil
		}
		if err != nil {
			return ids, err
		}
		id, err := row.After[0].AppendText(nil)
		if err != nil {
			return ids, err
		}
		ids = append(ids, string(id))
	}
}
