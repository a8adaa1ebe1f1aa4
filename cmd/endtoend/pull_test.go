package endtoend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"binmend/decoder"
	"binmend/decoder/pull"
	"binmend/decoder/remote"
	"binmend/fixtures/servers"
)

// TestPull copies a source's logs with the least privilege, twice, and compares them.
func TestPull(t *testing.T) {
	servers.On(t, servers.AllLines(), func(t *testing.T, line *servers.Line) {
		p := startSource(t, line, servers.Options{GTID: true})
		dir := filepath.Join(t.TempDir(), "logs")
		pull := func(dir string, more ...string) fixRun {
			args := []string{"pull", "-h", "127.0.0.1", "-P", portOf(p.Source), "-u", "reader", "-preaders", "--get-server-public-key", "--dir", dir}
			return binmend(t, "", append(args, more...)...)
		}
		for _, change := range []string{shop, "FLUSH BINARY LOGS; INSERT INTO shop.customers VALUES (3, 'c', REPEAT('x', 60000)); FLUSH BINARY LOGS"} {
			p.Source.MustExec(t, change)
			got := pull(dir)
			if got.exit != 0 || got.script != "" {
				t.Fatalf("exit code %d\n%s", got.exit, got.stderr)
			}
			if !strings.Contains(got.stderr, "up to date at bin.0") {
				t.Errorf("said:\n%s", got.stderr)
			}
		}
		logs := p.Source.Binlogs(t)
		for _, name := range logs[:len(logs)-1] {
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(dir, filepath.Base(name)))
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s differs, %v", filepath.Base(name), err)
			}
		}
		p.Replica.MustExec(t, "FLUSH BINARY LOGS; FLUSH BINARY LOGS")
		for name, c := range map[string]struct {
			dir  string
			args []string
			want string
		}{
			"wrong password":  {dir, []string{"-pwrong"}, "1045"},
			"no privilege":    {dir, []string{"-uguest", "-pguests"}, "hint: let the account read the log: GRANT REPLICATION SLAVE ON *.*"},
			"another server":  {dir, []string{"-P", portOf(p.Replica), "-urepl", "--password="}, "the source's log is not the one in " + dir},
			"no semi-sync":    {dir, []string{"--stop-never", "--semi-sync"}, "has no semi-synchronous replication"},
			"no such log":     {t.TempDir(), []string{"bin.000099"}, "1236"},
			"inside an event": {t.TempDir(), []string{"bin.000001", "-j", "130"}, "no event of bin.000001 begins at 130"},
		} {
			if name == "no semi-sync" && line.Flavor == servers.MariaDB {
				continue // it is always there
			}
			got := pull(c.dir, c.args...)
			if got.exit != 2 || !strings.Contains(got.stderr, c.want) {
				t.Errorf("%s: exit code %d, want 2 with %q\n%s", name, got.exit, c.want, got.stderr)
			}
		}
	})
}

// TestFolderGrows reads the folder of a copy with other commands while it grows.
func TestFolderGrows(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		s := servers.Start(t, line, servers.Options{GTID: true})
		s.MustExec(t, shop)
		dir := t.TempDir()
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 2)
		go func() {
			ended <- pull.Run(ctx, pull.Options{Source: remote.Options{Network: "tcp", Address: "127.0.0.1:" + portOf(s), User: "repl"},
				Dir: dir, Follow: true, Observer: unobserved{}})
		}()
		go func() {
			var err error
			for n := 100; err == nil && ctx.Err() == nil; n++ {
				_, err = s.DB().Exec("INSERT INTO shop.customers VALUES (?, ?, REPEAT('x', ?))", n, fmt.Sprint(n), n%60000)
				if n%200 == 0 && err == nil {
					_, err = s.DB().Exec("FLUSH BINARY LOGS")
				}
			}
			ended <- err
		}()
		for logs, deadline := 0, time.Now().Add(time.Minute); logs < 4; {
			entries, err := os.ReadDir(dir)
			if err != nil || time.Now().After(deadline) {
				t.Fatalf("%d logs after a minute, %v", logs, err)
			}
			if logs = len(entries) - 2; logs < 2 { // an index and a lock are there as well
				continue
			}
			for _, args := range [][]string{{"stats", dir}, {"events", "--transactions", dir}, {"find", "--table", "shop.customers", "--key", "id=1", dir}} {
				if got := binmend(t, "", args...); got.exit != 0 {
					t.Fatalf("%v with %d logs: exit code %d\n%s", args, logs, got.exit, got.stderr)
				}
			}
		}
		stop()
		for range 2 {
			if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
	})
}

// unobserved is an observer that does not look.
type unobserved struct{}

func (unobserved) Connected(remote.Source, uint32, decoder.Position) {}
func (unobserved) Received(pull.Progress)                            {}
func (unobserved) Finished(string, int64)                            {}
func (unobserved) Retrying(error, time.Duration)                     {}
