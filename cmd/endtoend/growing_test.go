package endtoend

import (
	"context"
	"fmt"
	"testing"
	"time"

	"binmend/decoder"
	"binmend/decoder/pull"
	"binmend/decoder/remote"
	"binmend/fixtures/servers"
)

// quiet is an observer of pull that says nothing.
type quiet struct{}

func (quiet) Connected(remote.Source, uint32, decoder.Position) {}
func (quiet) Received(pull.Progress)                            {}
func (quiet) Finished(string, int64)                            {}
func (quiet) Retrying(error, time.Duration)                     {}

// TestGrowingFolder runs the commands that read logs on a folder that pull fills at the same time.
func TestGrowingFolder(t *testing.T) {
	s := servers.Start(t, servers.MySQL97, servers.Options{GTID: true})
	s.MustExec(t, shop+"ALTER TABLE shop.customers MODIFY note LONGTEXT")
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	pulled := make(chan error, 1)
	go func() {
		pulled <- pull.Run(ctx, pull.Options{Dir: dir, Follow: true, Observer: quiet{},
			Source: remote.Options{Network: "tcp", Address: fmt.Sprint("127.0.0.1:", s.Port), User: "repl"}})
	}()
	written := make(chan error, 1)
	go func() {
		for id := 100; ctx.Err() == nil; id++ {
			if _, err := s.DB().Exec("INSERT INTO shop.customers VALUES (?, ?, REPEAT('x', ?))", id, id, 60_000*(1+id%3*12)); err != nil {
				written <- err
				return
			}
		}
		written <- nil
	}()
	waitForRow(t, dir)
	var uuid string
	if err := s.DB().QueryRow("SELECT @@server_uuid").Scan(&uuid); err != nil {
		t.Fatal(err)
	}
	for n := range 10 {
		for _, args := range [][]string{
			{"events", dir}, {"events", "--transactions", dir}, {"stats", dir}, {"find", "--table", "shop.customers", "--key", "id=100", dir},
			{"fix", "--gtid", uuid + ":5", dir},
		} {
			if got := binmend(t, "", args...); got.exit != 0 {
				t.Errorf("%d %v: exit code %d\n%.300s", n, args, got.exit, got.stderr)
			}
		}
	}
	cancel()
	for _, end := range []chan error{written, pulled} {
		<-end
	}
}

// waitForRow waits until the folder has the first row.
func waitForRow(t *testing.T, dir string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		got := binmend(t, "", "find", "--table", "shop.customers", "--key", "id=100", dir)
		if got.exit == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("exit code %d\n%s", got.exit, got.stderr)
		}
	}
}
