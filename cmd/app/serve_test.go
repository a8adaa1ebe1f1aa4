package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder/serve"
	"binmend/fixtures/forms"
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
	serveUntilTold(t, "listening address=127.0.0.1:", "--users", users, dir)
	form, err := forms.Of("serve")
	if err != nil {
		t.Fatal(err)
	}
	line := serveUntilTold(t, `"msg":"listening","version":1,"address":"127.0.0.1:`, "--json", "--users", users, dir)
	if n, err := form.Check(line); n != 1 || err != nil {
		t.Errorf("%s: %d values, %v", line, n, err)
	}
}

// serveUntilTold serves until one line is there, which it looks at.
func serveUntilTold(t *testing.T, want string, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	said, w := io.Pipe()
	exit := make(chan int, 1)
	go func() {
		exit <- run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...), Streams{Out: w, Err: w, Getenv: func(string) string { return "" }})
		w.Close()
	}()
	lines := bufio.NewScanner(said)
	if !lines.Scan() || !strings.Contains(lines.Text(), want) {
		t.Errorf("the first line is %q", lines.Text())
	}
	line := bytes.Clone(lines.Bytes())
	cancel()
	for lines.Scan() {
		t.Errorf("and then %q", lines.Text())
	}
	if code := <-exit; code != exitDone {
		t.Errorf("exit code %d", code)
	}
	return line
}
