package pull_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"binmend/decoder/pull"
	"binmend/fixtures/servers"
)

// fullDisk is a disk with room for some more bytes.
type fullDisk struct {
	pull.File
	room *atomic.Int64
}

func (f fullDisk) Write(b []byte) (int, error) {
	left := f.room.Add(-int64(len(b)))
	if left >= 0 {
		return f.File.Write(b)
	}
	n, err := f.File.Write(b[:max(0, int64(len(b))+left)])
	f.room.Store(0)
	if err == nil {
		err = syscall.ENOSPC
	}
	return n, err
}

// TestFullDisk: a run ends at a full disk, says so, and the next one goes on; with Follow it waits for room.
func TestFullDisk(t *testing.T) {
	s := servers.Start(t, servers.MariaDB118, servers.Options{})
	s.MustExec(t, schema+"INSERT INTO d.t (v) VALUES (REPEAT('x', 100000)); FLUSH BINARY LOGS; INSERT INTO d.t (v) VALUES (REPEAT('y', 100000))")
	var room atomic.Int64
	defer pull.HookFiles(func(f pull.File) pull.File { return fullDisk{f, &room} })()
	for _, bytesFree := range []int64{0, 3, 4, 100, 50000, 150000} {
		dir := t.TempDir()
		room.Store(bytesFree)
		err := pull.Run(context.Background(), pull.Options{Source: source(s), Dir: dir, Observer: &silent{}})
		if err == nil || strings.Count(err.Error(), "the folder's disk is full") != 1 {
			t.Errorf("%d bytes free: %v", bytesFree, err)
		}
		room.Store(0)
		w := &watcher{}
		stop := follow(t, pull.Options{Source: source(s), Dir: dir, Observer: w})
		waitFor(t, "the disk is full", func() bool { _, retried := w.get(); return len(retried) > 0 })
		room.Store(1 << 30)
		caughtUp(t, s, w)
		stop()
		checkCopy(t, s, dir)
	}
}

// badDisk is a disk whose sync fails once and drops what was written since the last sync.
type badDisk struct {
	pull.File
	name   string
	fails  *atomic.Bool
	synced *atomic.Int64
}

func (f badDisk) Sync() error {
	info, err := os.Stat(f.name)
	if err != nil {
		return err
	}
	if !f.fails.CompareAndSwap(true, false) {
		f.synced.Store(info.Size())
		return f.File.Sync()
	}
	b := make([]byte, info.Size()-f.synced.Load())
	file, err := os.OpenFile(f.name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.WriteAt(b, f.synced.Load()); err != nil {
		return err
	}
	return syscall.ENOSPC
}

// TestFailedSync: what a failed sync may have lost is fetched again, and was not acknowledged.
func TestFailedSync(t *testing.T) {
	s := servers.Start(t, servers.MariaDB118, servers.Options{})
	s.MustExec(t, schema)
	s.TurnOnSemiSync(t)
	dir := t.TempDir()
	var fails atomic.Bool
	var synced atomic.Int64
	defer pull.HookFiles(func(f pull.File) pull.File {
		return badDisk{f, filepath.Join(dir, "bin.000001"), &fails, &synced}
	})()
	w := &watcher{}
	stop := follow(t, pull.Options{Source: source(s), Dir: dir, SemiSync: true, Observer: w})
	for n := range 5 {
		fails.Store(true)
		s.MustExec(t, "INSERT INTO d.t (v) VALUES (REPEAT('x', 5000))")
		if _, retried := w.get(); len(retried) != n+1 {
			t.Fatalf("committed after %d syncs had failed, want %d", len(retried), n+1)
		}
	}
	caughtUp(t, s, w)
	stop()
	checkCopy(t, s, dir)
	checkAllAcknowledged(t, s)
}

// slowDisk is a disk that syncs only when it is let.
type slowDisk struct {
	pull.File
	wait   <-chan struct{}
	synced *atomic.Int64
}

func (f slowDisk) Sync() error {
	<-f.wait
	f.synced.Add(1)
	return f.File.Sync()
}

// TestAckFollowsSync: no commit returns while the disk does not sync.
func TestAckFollowsSync(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL97, servers.MariaDB1011, servers.MariaDB118} {
		t.Run(line.String(), func(t *testing.T) {
			s := servers.Start(t, line, servers.Options{})
			s.MustExec(t, schema)
			s.TurnOnSemiSync(t)
			let := make(chan struct{}, 1000)
			for range 100 {
				let <- struct{}{}
			}
			var synced atomic.Int64
			defer pull.HookFiles(func(f pull.File) pull.File { return slowDisk{f, let, &synced} })()
			w, dir := &watcher{}, t.TempDir()
			stop := follow(t, pull.Options{Source: source(s), Dir: dir, SemiSync: true, Observer: w})
			s.MustExec(t, "INSERT INTO d.t (v) VALUES ('acknowledged')")
			for len(let) > 0 {
				<-let
			}
			done := make(chan error, 1)
			go func() {
				_, err := s.DB().Exec("INSERT INTO d.t (v) VALUES ('waits')")
				done <- err
			}()
			caughtUpOrWaits(t, s, dir)
			before := synced.Load()
			select {
			case err := <-done:
				t.Fatalf("committed before the disk has synced, %v", err)
			default:
			}
			if synced.Load() != before {
				t.Fatal("it has synced")
			}
			for range 100 {
				let <- struct{}{}
			}
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			stop()
			checkAllAcknowledged(t, s)
		})
	}
}

// caughtUpOrWaits waits until the folder's file has all that the source's has, whether synced or not.
func caughtUpOrWaits(t *testing.T, s *servers.Server, dir string) {
	t.Helper()
	waitFor(t, "the events are in the folder", func() bool {
		want, err := os.ReadFile(s.Data("bin.000001"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, "bin.000001"))
		return err == nil && len(got) == len(want) && bytes.Contains(got, []byte("waits"))
	})
}

// TestLargeEvent copies an event of 17 MB, which comes in two packets, in little memory.
func TestLargeEvent(t *testing.T) {
	eachLine(t, func(t *testing.T, line *servers.Line) {
		s := servers.Start(t, line, servers.Options{Args: []string{"--max-allowed-packet=64M"}})
		s.MustExec(t, schema+"CREATE TABLE d.m (v LONGTEXT) ENGINE=MyISAM; INSERT INTO d.m VALUES (REPEAT('x', 17000000))")
		dir := t.TempDir()
		copyAll(t, s, dir)
		checkCopy(t, s, dir)
	})
}

// TestMemory copies an event of 17 MB without ever having it in memory.
func TestMemory(t *testing.T) {
	s := servers.Start(t, servers.MariaDB118, servers.Options{Args: []string{"--max-allowed-packet=64M"}})
	s.MustExec(t, schema+"CREATE TABLE d.m (v LONGTEXT) ENGINE=MyISAM; INSERT INTO d.m VALUES (REPEAT('x', 17000000))")
	dir := t.TempDir()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	copyAll(t, s, dir)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
		t.Errorf("%d bytes were allocated", used)
	}
}
