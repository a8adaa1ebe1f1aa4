package pull_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/decoder/logfile"
	"binmend/decoder/pull"
	"binmend/fixtures/servers"
)

// TestTornTail damages the end of the last log as a crash does, and goes on: the folder is the source's logs again, and
// what was no mere cut is kept beside.
func TestTornTail(t *testing.T) {
	eachLine(t, func(t *testing.T, line *servers.Line) {
		s := servers.Start(t, line, servers.Options{GTID: true})
		s.MustExec(t, schema+"INSERT INTO d.t (v) VALUES ('first'); FLUSH BINARY LOGS; INSERT INTO d.t (v) VALUES (REPEAT('x', 5000)); "+
			"INSERT INTO d.t (v) VALUES ('last')")
		dir := t.TempDir()
		copyAll(t, s, dir)
		last := filepath.Join(dir, "bin.000002")
		whole, err := os.ReadFile(last)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name   string
			damage func() []byte
			kept   bool
		}{
			{"nothing", func() []byte { return whole }, false},
			{"an empty file", func() []byte { return nil }, false},
			{"half a magic number", func() []byte { return whole[:2] }, false},
			{"the magic number alone", func() []byte { return whole[:4] }, false},
			{"a cut in the format description", func() []byte { return whole[:60] }, false},
			{"a cut in the last event", func() []byte { return whole[:len(whole)-1] }, false},
			{"a cut in a header", func() []byte { return whole[:len(whole)-25] }, false},
			{"a cut in a large event", func() []byte { return whole[:4000] }, false},
			{"a cut anywhere", func() []byte { return whole[:rand.IntN(len(whole))] }, false},
			{"blocks that were never written", func() []byte { return append(bytes.Clone(whole), make([]byte, 4096)...) }, true},
			{"a block in the middle that was never written", func() []byte {
				b := bytes.Clone(whole)
				clear(b[1000:2000])
				return b
			}, true},
			{"other bytes", func() []byte { return append(bytes.Clone(whole), "not a log"...) }, false},
		} {
			damaged := c.damage()
			if err := os.WriteFile(last, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			copyAll(t, s, dir)
			checkCopy(t, s, dir)
			kept, err := filepath.Glob(last + ".damaged-*")
			if err != nil || (len(kept) > 0) != c.kept {
				t.Errorf("%s: kept %v, %v", c.name, kept, err)
			}
			for _, name := range kept {
				b, err := os.ReadFile(name)
				if err != nil || !bytes.HasSuffix(damaged, b) {
					t.Errorf("%s: %s has %d bytes that are not the end of the log, %v", c.name, name, len(b), err)
				}
				os.Remove(name)
			}
			if t.Failed() {
				t.Fatalf("after %s", c.name)
			}
		}
	})
}

// TestHalfBegun is killed at the steps of beginning a log: the file is there and the index does not have it yet, or the
// index has it and the file is empty.
func TestHalfBegun(t *testing.T) {
	s := servers.Start(t, servers.MariaDB118, servers.Options{})
	dir := t.TempDir()
	copyAll(t, s, dir)
	s.MustExec(t, "FLUSH BINARY LOGS")
	for _, content := range []string{"", "\xfebin"} {
		if err := os.WriteFile(filepath.Join(dir, "bin.000002"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		copyAll(t, s, dir)
		checkCopy(t, s, dir)
		if err := os.WriteFile(filepath.Join(dir, "bin.index"), []byte("./bin.000001\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	err := pull.Run(context.Background(), pull.Options{Source: source(s), Dir: dir, Observer: &silent{}})
	if err == nil || !strings.Contains(err.Error(), "bin.000002 is there already") {
		t.Errorf("a log that the index does not have: %v", err)
	}
}

// TestFirstHalfBegun is killed while it begins the first log: the file is there and no index is. The source begins no second
// one, and the folder gets its index all the same.
func TestFirstHalfBegun(t *testing.T) {
	s := servers.Start(t, servers.MySQL56, servers.Options{})
	s.MustExec(t, schema)
	for _, content := range []string{"", "\xfeb", "\xfebin"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "bin.000001"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		copyAll(t, s, dir)
		checkCopy(t, s, dir)
	}
}

// TestWithoutIndex goes on in a folder that mysqlbinlog --raw left, which has no index.
func TestWithoutIndex(t *testing.T) {
	s := servers.Start(t, servers.MySQL97, servers.Options{})
	s.MustExec(t, schema+"FLUSH BINARY LOGS; INSERT INTO d.t (v) VALUES ('x')")
	dir := t.TempDir()
	read := s.Tool("mysqlbinlog", "--read-from-remote-server", "--raw", "--to-last-log", "--result-file="+dir+"/", "bin.000001")
	if out, err := read.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s.MustExec(t, "INSERT INTO d.t (v) VALUES ('y'); FLUSH BINARY LOGS")
	copyAll(t, s, dir)
	checkCopy(t, s, dir)
}

// watcher is an observer that tells when something happens.
type watcher struct {
	silent
	mu      sync.Mutex
	retried []error
	pos     decoder.Position
}

func (w *watcher) Retrying(err error, _ time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.retried = append(w.retried, err)
}

func (w *watcher) Received(p pull.Progress) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pos = p.Pos
}

func (w *watcher) get() (decoder.Position, []error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pos, w.retried
}

// follow copies in the background until the test ends. stop ends it earlier.
func follow(t *testing.T, o pull.Options) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	o.Follow = true
	go func() { ended <- pull.Run(ctx, o) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { stop() })
	return stop
}

// waitFor polls until something is so.
func waitFor(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after a minute still not: %s", what)
		}
	}
}

// caughtUp waits until the folder has the whole of the server's last log.
func caughtUp(t *testing.T, s *servers.Server, w *watcher) {
	t.Helper()
	logs := s.Binlogs(t)
	last := logs[len(logs)-1]
	waitFor(t, "the folder is at the end of "+last, func() bool {
		info, err := os.Stat(last)
		pos, _ := w.get()
		return err == nil && pos.File == filepath.Base(last) && pos.Offset == info.Size()
	})
}

// TestSourceGoesAway follows a source that is killed and shut down, that rotates its logs, and a copy that was away
// meanwhile.
func TestSourceGoesAway(t *testing.T) {
	eachLine(t, func(t *testing.T, line *servers.Line) {
		s := servers.Start(t, line, servers.Options{GTID: true})
		s.MustExec(t, schema)
		dir := t.TempDir()
		for _, end := range []func(testing.TB){s.Kill, s.ShutDown} {
			w := &watcher{}
			stop := follow(t, pull.Options{Source: source(s), Dir: dir, Observer: w})
			s.MustExec(t, "INSERT INTO d.t (v) VALUES (REPEAT('x', 3000)); FLUSH BINARY LOGS; INSERT INTO d.t (v) VALUES ('y')")
			caughtUp(t, s, w)
			end(t)
			waitFor(t, "the copy has noticed", func() bool { _, retried := w.get(); return len(retried) > 1 })
			s.StartAgain(t)
			s.MustExec(t, "INSERT INTO d.t (v) VALUES ('after')")
			caughtUp(t, s, w)
			if err := stop(); !errors.Is(err, context.Canceled) {
				t.Errorf("stopped: %v", err)
			}
			checkCopy(t, s, dir)
			s.MustExec(t, "FLUSH BINARY LOGS; INSERT INTO d.t (v) VALUES ('away'); FLUSH BINARY LOGS; INSERT INTO d.t (v) VALUES ('away')")
		}
		copyAll(t, s, dir)
		checkCopy(t, s, dir)
	})
}

// TestOneFolder: a folder is for one source and one process.
func TestOneFolder(t *testing.T) {
	s := servers.Start(t, servers.MySQL97, servers.Options{GTID: true})
	s.MustExec(t, schema+"FLUSH BINARY LOGS; INSERT INTO d.t (v) VALUES ('x')")
	dir, w := t.TempDir(), &watcher{}
	run := func() error {
		return pull.Run(context.Background(), pull.Options{Source: source(s), Dir: dir, Observer: &silent{}})
	}
	stop := follow(t, pull.Options{Source: source(s), Dir: dir, Observer: w})
	caughtUp(t, s, w)
	if err := run(); err == nil || !strings.Contains(err.Error(), "is taken: another process") {
		t.Errorf("a second process: %v", err)
	}
	stop()
	before := snapshot(t, dir)
	s.MustExec(t, "RESET BINARY LOGS AND GTIDS; INSERT INTO d.t (v) VALUES ('1'), ('2'), ('3'); FLUSH BINARY LOGS; INSERT INTO d.t (v) VALUES ('x')")
	if err := run(); err == nil || !strings.Contains(err.Error(), "the source's log is not the one in") {
		t.Errorf("logs that were begun anew: %v", err)
	}
	if after := snapshot(t, dir); after != before {
		t.Errorf("the folder changed:\n%s\nbefore:\n%s", after, before)
	}
}

// snapshot is the content of a folder.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(e.Name() + "\n" + string(b) + "\n")
	}
	return all.String()
}

// TestBegin begins with the log that is asked for.
func TestBegin(t *testing.T) {
	eachLine(t, func(t *testing.T, line *servers.Line) {
		s := servers.Start(t, line, servers.Options{GTID: true})
		s.MustExec(t, schema+"FLUSH BINARY LOGS; INSERT INTO d.t (v) VALUES ('2'); FLUSH BINARY LOGS; INSERT INTO d.t (v) VALUES ('3')")
		for name, begin := range map[string]pull.Begin{
			"by file":     {File: "bin.000002"},
			"by position": {File: "bin.000002", Position: firstTransaction(t, s.Binlogs(t)[1])},
			"by GTID":     beginAfter(t, s, 2),
		} {
			dir := t.TempDir()
			if err := pull.Run(context.Background(), pull.Options{Source: source(s), Dir: dir, Begin: begin, Observer: &silent{}}); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			names, err := logfile.List(dir)
			if err != nil || len(names) != 2 || filepath.Base(names[0]) != "bin.000002" {
				t.Errorf("%s: the folder has %v, %v", name, names, err)
			}
			got, err := os.ReadFile(names[0])
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(s.Binlogs(t)[1])
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: bin.000002 has %d bytes, want %d, %v", name, len(got), len(want), err)
			}
		}
	})
}

// TestBeginAfter begins with a position that its log does not have.
func TestBeginAfter(t *testing.T) {
	s := servers.Start(t, servers.MariaDB118, servers.Options{})
	s.MustExec(t, schema)
	for range 2 {
		err := pull.Run(context.Background(), pull.Options{Source: source(s), Dir: t.TempDir(), Begin: pull.Begin{File: "bin.000001", Position: 1 << 20}, Observer: &silent{}})
		if err == nil || !strings.Contains(err.Error(), "and was to have an event at 1048576") {
			t.Errorf("got %v", err)
		}
		s.MustExec(t, "FLUSH BINARY LOGS")
	}
}

// firstTransaction is where the first transaction of a log begins.
func firstTransaction(t *testing.T, name string) int64 {
	t.Helper()
	f, err := logfile.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := decoder.NewReader(f)
	for {
		e, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if !logfile.IsPrologue(e.Type) {
			return e.Pos.Offset
		}
	}
}

// beginAfter begins after the first n transactions of the server.
func beginAfter(t *testing.T, s *servers.Server, n uint64) pull.Begin {
	t.Helper()
	if s.Install.Line.Flavor == servers.MariaDB {
		return pull.Begin{State: gtid.List{{Flavor: gtid.MariaDB, Server: 1, Seq: n}}}
	}
	var uuid string
	if err := s.DB().QueryRow("SELECT @@server_uuid").Scan(&uuid); err != nil {
		t.Fatal(err)
	}
	id, err := gtid.ParseUUID(uuid)
	if err != nil {
		t.Fatal(err)
	}
	set := &gtid.Set{}
	for i := range n {
		set.Add(gtid.GTID{Flavor: gtid.MySQL, TSID: gtid.TSID{UUID: id}, Seq: i + 1})
	}
	return pull.Begin{Executed: set}
}
