package app

import (
	"bufio"
	"context"
	"encoding/binary"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder/serve"
)

// sourceLog is a log of nothing but a format description, out of a relay log.
func sourceLog(t *testing.T) []byte {
	t.Helper()
	log, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed", "relay.000002"))
	if err != nil {
		t.Fatal(err)
	}
	const magic, lengthAt, flagsAt, relay = 4, 9, 17, 0x40
	event := log[magic:][:binary.LittleEndian.Uint32(log[magic+lengthAt:])]
	event[flagsAt] &^= relay
	end := len(event) - crc32.Size
	binary.LittleEndian.PutUint32(event[end:], crc32.ChecksumIEEE(event[:end]))
	return log[:magic+len(event)]
}

// TestServeEnds: a server runs until it is told to end, and that is no failure.
func TestServeEnds(t *testing.T) {
	dir := t.TempDir()
	account, err := serve.AccountLine("repl", serve.CachingSHA2, "secret")
	if err != nil {
		t.Fatal(err)
	}
	users := filepath.Join(dir, "users")
	for name, content := range map[string]string{users: account + "\n", filepath.Join(dir, "bin.000001"): string(sourceLog(t))} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	messages, w := io.Pipe()
	exit := make(chan int, 1)
	go func() {
		exit <- run(ctx, []string{"serve", "--users", users, "--listen", "127.0.0.1:0", dir}, Streams{Out: io.Discard, Err: w, Getenv: func(string) string { return "" }})
		w.Close()
	}()
	lines := bufio.NewScanner(messages)
	if !lines.Scan() || !strings.Contains(lines.Text(), "msg=listening address=127.0.0.1:") {
		t.Errorf("the first line is %q", lines.Text())
	}
	cancel()
	for lines.Scan() {
		t.Errorf("and then %q", lines.Text())
	}
	if code := <-exit; code != exitDone {
		t.Errorf("exit code %d", code)
	}
}
