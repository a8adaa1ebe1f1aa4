package watch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"binmend/emit/watch"
	"binmend/schema/replica"
)

// stage is a replica as a test wants it to be. It is looked at in the bubble of a synctest, where time is not real.
type stage struct {
	mu       sync.Mutex
	statuses []*replica.Status
	down     error // of connecting
	repair   func(context.Context, io.Writer) (remark string, err error)
	asked    []time.Duration // when it was connected to, since the begin
	begin    time.Time
}

func newStage(statuses ...*replica.Status) *stage {
	return &stage{statuses: statuses, begin: time.Now()}
}

// show changes what the replica says of itself.
func (s *stage) show(statuses ...*replica.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.statuses, s.down = statuses, nil
}

// fall makes it unreachable.
func (s *stage) fall(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = why
}

func (s *stage) at(address string) watch.Instance {
	return watch.Instance{Address: address, Connect: func(context.Context) (watch.Replica, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked = append(s.asked, time.Since(s.begin))
		return s, s.down
	}}
}

func (s *stage) Status(context.Context) ([]*replica.Status, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.statuses, nil
}

func (s *stage) Close() error { return nil }

func (s *stage) Repair(ctx context.Context, status *replica.Status, w watch.Output) (string, error) {
	if s.repair != nil {
		return s.repair(ctx, w)
	}
	_, err := fmt.Fprintf(w, "-- %s, %d\n", status.Channel, status.SQLError.Number)
	return "", err
}

// running and stopped are what a channel says of itself; the error is at a position of the source's log.
func running(channel string) *replica.Status {
	return &replica.Status{Channel: channel, IORunning: "Yes", SQLRunning: "Yes"}
}

func stopped(channel string, errno int, pos uint64) *replica.Status {
	return &replica.Status{Channel: channel, IORunning: "Yes", SQLRunning: "No",
		SQLError: replica.ThreadError{Number: errno, Message: "it failed"}, Exec: replica.Place{File: "bin.000001", Pos: pos}}
}

// watching is a watcher that a test started.
type watching struct {
	dir     string
	log     bytes.Buffer
	scripts []string // that were told of
	watcher *watch.Watcher
	stop    func()
}

// start watches instances every ten seconds.
func start(t *testing.T, dir string, change func(*watch.Config), instances ...watch.Instance) *watching {
	t.Helper()
	w := &watching{dir: dir}
	config := watch.Config{Dir: dir, Interval: 10 * time.Second, Log: &w.log}
	config.Written = func(path string) { w.scripts = append(w.scripts, filepath.Base(path)) }
	if change != nil {
		change(&config)
	}
	var err error
	if w.watcher, err = watch.New(config, instances); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		w.watcher.Run(ctx)
		close(ended)
	}()
	w.stop = func() {
		cancel()
		<-ended
		if err := w.watcher.Close(); err != nil {
			t.Error(err)
		}
	}
	return w
}

// after lets time pass.
func after(seconds int) {
	time.Sleep(time.Duration(seconds) * time.Second)
	synctest.Wait()
}

// expectFiles compares the names in a folder, without logs and locks.
func expectFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); ext != ".log" && ext != ".lock" {
			got = append(got, e.Name())
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("files:\ngot  %q\nwant %q", got, want)
	}
}

// TestScripts lets a replica stop, run and stop again. Each error gets one script. Time begins at midnight of 2000-01-01.
func TestScripts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(running(""))
		w := start(t, t.TempDir(), nil, s.at("db1:3306"))
		defer w.stop()
		const (
			first  = "db1_3306.20000101T000010Z.1062.bin.000001_1042.sql"
			second = "db1_3306.20000101T000150Z.1032.bin.000001_1042.sql"
			third  = "db1_3306.20000101T000210Z.1032.bin.000001_2099.sql"
		)
		after(5)
		expectFiles(t, w.dir)
		s.show(stopped("", 1062, 1042))
		after(20)
		expectFiles(t, w.dir, first)
		after(35)
		s.show(running(""))
		after(20)
		s.show(stopped("", 1062, 1042)) // the same again: its script is there
		after(20)
		expectFiles(t, w.dir, first)
		s.show(stopped("", 1032, 1042))
		after(20)
		s.show(stopped("", 1032, 2099))
		after(20)
		expectFiles(t, w.dir, first, second, third)
		if want := []string{first, second, third}; !slices.Equal(w.scripts, want) {
			t.Errorf("told of %q, want %q", w.scripts, want)
		}
		text, err := os.ReadFile(filepath.Join(w.dir, first))
		if info, _ := os.Stat(filepath.Join(w.dir, first)); err != nil || string(text) != "-- , 1062\n" || info.Mode() != 0o600 {
			t.Errorf("the script is %q, %v, %v", text, info.Mode(), err)
		}
	})
}

// TestLog is what a person reads afterwards.
func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(running(""))
		w := start(t, t.TempDir(), func(c *watch.Config) {
			c.Hint = func(error) string { return "start it" }
			c.Notify = func(context.Context, string) error {
				return errors.New("exit status 1")
			}
		}, s.at("/run/my sqld.sock"))
		after(5)
		failing := stopped("ops\n\x1b[31m", 1062, 1042)
		failing.SQLError.Message = "Duplicate entry '\x1b]0;\n' for key 'u'"
		s.repair = func(_ context.Context, w io.Writer) (string, error) {
			if time.Since(s.begin) < 30*time.Second {
				return "", errors.New("the logs end before the transaction does")
			}
			return "2 statements are not covered", nil
		}
		s.show(failing)
		after(60)
		s.fall(errors.New("connection refused"))
		after(60)
		s.show(running("ops\n\x1b[31m"))
		after(120)
		w.stop()
		const script = `DIR/_run_my%20sqld.sock+ops%0A%1B%5B31m.20000101T000040Z.1062.bin.000001_1042.sql`
		want := `time=2000-01-01T00:00:00Z level=INFO msg=watching interval=10s
time=2000-01-01T00:00:10Z level=WARN msg=stopped channel="ops\n\x1b[31m" thread=applier error=1062 at=bin.000001:1042 message="Duplicate entry '\x1b]0;\n' for key 'u'"
time=2000-01-01T00:00:10Z level=WARN msg="no script" cause="the logs end before the transaction does" hint="start it"
time=2000-01-01T00:00:40Z level=INFO msg="script written" script=` + script + ` remark="2 statements are not covered"
time=2000-01-01T00:00:40Z level=ERROR msg="not notified" script=` + script + ` cause="exit status 1"
time=2000-01-01T00:01:10Z level=WARN msg="not reached" cause="connection refused" hint="start it"
time=2000-01-01T00:02:20Z level=INFO msg="reached again" after=1m10s
time=2000-01-01T00:02:20Z level=INFO msg="the error is gone" channel="ops\n\x1b[31m" receiver=Yes applier=Yes
time=2000-01-01T00:04:05Z level=INFO msg="no longer watching"
`
		log, err := os.ReadFile(filepath.Join(w.dir, "_run_my%20sqld.sock.log"))
		if err != nil {
			t.Fatal(err)
		}
		for text, where := range map[string]string{string(log): "", w.log.String(): ` instance="/run/my sqld.sock"`} {
			text = strings.ReplaceAll(strings.ReplaceAll(text, w.dir, "DIR"), where, "")
			if text != want {
				t.Errorf("got\n%s\nwant\n%s", text, want)
			}
		}
	})
}

// TestBackoff: a replica that does not answer is asked later and later, and as before once it answers.
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(running(""))
		s.fall(errors.New("connection refused"))
		w := start(t, t.TempDir(), nil, s.at("db1:3306"))
		after(520)
		s.show(running(""))
		after(120)
		w.stop()
		var got []int
		for _, d := range s.asked {
			got = append(got, int(d.Seconds()))
		}
		if want := []int{0, 10, 30, 70, 150, 270, 390, 510, 630, 640}; !slices.Equal(got, want) {
			t.Errorf("asked after %v seconds, want %v", got, want)
		}
		if told := strings.Count(w.log.String(), "not reached"); told != 1 {
			t.Errorf("told %d times:\n%s", told, &w.log)
		}
	})
}

// TestRestart: a watcher that is started anew knows the script of the error that stands, and no older one.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		s := newStage(stopped("", 1062, 1042))
		run := func() {
			w := start(t, dir, nil, s.at("db1:3306"))
			after(15)
			w.stop()
		}
		const (
			first  = "db1_3306.20000101T000000Z.1062.bin.000001_1042.sql"
			second = "db1_3306.20000101T000030Z.1032.bin.000001_1042.sql"
			third  = "db1_3306.20000101T000045Z.1062.bin.000001_1042.sql"
			fourth = "db1_3306.20000101T000100Z.1062.bin.000001_1042.sql"
		)
		run()
		run()
		expectFiles(t, dir, first)
		s.show(stopped("", 1032, 1042))
		run()
		s.show(stopped("", 1062, 1042))
		run()
		expectFiles(t, dir, first, second, third)
		if err := os.Rename(filepath.Join(dir, third), filepath.Join(t.TempDir(), third)); err != nil {
			t.Fatal(err)
		}
		run() // what is moved away is wanted again
		expectFiles(t, dir, first, second, fourth)
	})
}

// TestChannels: each failed channel has a script of its own; what another instance has left does not count.
func TestChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		one, other := newStage(running("a"), stopped("", 1062, 4), stopped("1062", 1062, 4)), newStage(stopped("", 1062, 4))
		w := start(t, dir, nil, one.at("db1:3306"), other.at("db1:33066"))
		after(25)
		one.show(stopped("a.b", 1032, 4), stopped("", 1062, 4), stopped("1062", 1062, 5))
		after(10)
		w.stop()
		expectFiles(t, dir,
			"db1_3306+1062.20000101T000000Z.1062.bin.000001_4.sql",
			"db1_3306+1062.20000101T000030Z.1062.bin.000001_5.sql",
			"db1_3306+a%2Eb.20000101T000030Z.1032.bin.000001_4.sql",
			"db1_3306.20000101T000000Z.1062.bin.000001_4.sql",
			"db1_33066.20000101T000000Z.1062.bin.000001_4.sql")
	})
}

// TestOneChannel watches one channel by its name.
func TestOneChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(stopped("", 1062, 4), stopped("ops", 1032, 4))
		w := start(t, t.TempDir(), func(c *watch.Config) { c.Channel = "OPS" }, s.at("db1:3306"))
		after(5)
		expectFiles(t, w.dir, "db1_3306+ops.20000101T000000Z.1032.bin.000001_4.sql")
		s.show(stopped("", 1062, 4))
		after(30)
		w.stop()
		if !strings.Contains(w.log.String(), `msg="not reached" instance=db1:3306 cause="the status has no channel 'OPS'`) {
			t.Error(w.log.String())
		}
	})
}

// TestNotStopped: threads that try again, or are yet to end, have not stopped.
func TestNotStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		connecting, ending, receiver := running(""), stopped("", 1062, 4), running("")
		connecting.IORunning = "Connecting"
		connecting.IOError = replica.ThreadError{Number: 2003, Message: "attempt 1"}
		ending.SQLRunning = "Yes"
		receiver.IORunning = "No"
		receiver.IOError = replica.ThreadError{Number: 1236, Message: "purged"}
		receiver.Read = replica.Place{File: "bin.000007", Pos: 8}
		s := newStage(connecting)
		w := start(t, t.TempDir(), nil, s.at("db1:3306"))
		defer w.stop()
		after(15)
		s.show(ending)
		after(10)
		expectFiles(t, w.dir)
		s.show(receiver)
		after(10)
		expectFiles(t, w.dir, "db1_3306.20000101T000030Z.1236.bin.000007_8.sql")
	})
}

// TestInterrupted: a script that is being written when the watcher has to end leaves nothing.
func TestInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(stopped("", 1062, 4))
		s.repair = func(ctx context.Context, w io.Writer) (string, error) {
			fmt.Fprint(w, strings.Repeat("half ", 100_000))
			<-ctx.Done()
			return "", ctx.Err()
		}
		w := start(t, t.TempDir(), nil, s.at("db1:3306"))
		after(1)
		w.stop()
		expectFiles(t, w.dir)
	})
}

// TestKilled: what a killed watcher has left is cleared away, and nothing else.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	left := []string{
		".db1_3306.20000101T000000Z.1062.bin.000001_4.sql123", ".db1_3306+a.20000101T000000Z.1062.bin.000001_4.sql7",
		".db1_33066.20000101T000000Z.1062.bin.000001_4.sql1", "db1_3306.20000101T000000Z.1062.bin.000001_4.sql", ".db1_3306",
	}
	for _, name := range left {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w, err := watch.New(watch.Config{Dir: dir, Log: io.Discard}, []watch.Instance{newStage().at("db1:3306")})
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	expectFiles(t, dir, left[4], left[2], left[3])
}

// TestOnce looks at all instances, and tells what it found.
func TestOnce(t *testing.T) {
	silent, broken := newStage(), newStage(stopped("", 1062, 4))
	silent.fall(errors.New("connection refused"))
	broken.repair = func(context.Context, io.Writer) (string, error) { return "", errors.New("no log") }
	for _, c := range []struct {
		name      string
		instances []watch.Instance
		found     bool
		err       string
		files     int
	}{
		{"nothing", []watch.Instance{newStage(running("")).at("a:1")}, false, "", 0},
		{"an error", []watch.Instance{newStage(running("")).at("a:1"), newStage(stopped("", 1062, 4)).at("b:1")}, true, "", 1},
		{"no answer", []watch.Instance{silent.at("a:1"), newStage(stopped("", 1062, 4)).at("b:1")}, true, "a:1: connection refused", 1},
		{"no script", []watch.Instance{broken.at("a:1")}, true, "a:1: no log", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			w, err := watch.New(watch.Config{Dir: dir, Log: io.Discard}, c.instances)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			err = w.Once(t.Context())
			if text := fmt.Sprint(err); w.Found() != c.found || (err == nil) != (c.err == "") || err != nil && text != c.err {
				t.Errorf("found %v, error %q; want %v, %q", w.Found(), text, c.found, c.err)
			}
			scripts, _ := filepath.Glob(filepath.Join(dir, "*.sql"))
			if len(scripts) != c.files {
				t.Errorf("scripts %q, want %d", scripts, c.files)
			}
		})
	}
}

// TestLock: an instance is watched once for a folder.
func TestLock(t *testing.T) {
	dir := t.TempDir()
	open := func(dir string, addresses ...string) (*watch.Watcher, error) {
		var instances []watch.Instance
		for _, a := range addresses {
			instances = append(instances, newStage().at(a))
		}
		return watch.New(watch.Config{Dir: dir, Log: io.Discard}, instances)
	}
	first, err := open(dir, "db1:3306")
	if err != nil {
		t.Fatal(err)
	}
	_, err = open(dir, "db2:3306", "db1:3306")
	if !errors.Is(err, watch.ErrLocked) || !strings.HasPrefix(err.Error(), "db1:3306 is ") || !strings.HasSuffix(err.Error(), filepath.Join(dir, "db1_3306.lock")) {
		t.Errorf("got %v, want %v of db1:3306", err, watch.ErrLocked)
	}
	second, err := open(dir, "db2:3306") // which the refused one has let go
	if err != nil {
		t.Fatal(err)
	}
	second.Close()
	first.Close()
	again, err := open(dir, "db1:3306")
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
	if _, err := open(dir, "/run/a.sock", "/run/../run/a.sock"); !errors.Is(err, watch.ErrTwice) {
		t.Errorf("got %v, want %v", err, watch.ErrTwice)
	}
}
