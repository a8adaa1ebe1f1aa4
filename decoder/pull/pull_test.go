package pull_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"binmend/decoder"
	"binmend/decoder/pull"
	"binmend/decoder/remote"
	"binmend/fixtures/servers"
)

// source is how the tests reach a server as a replica.
func source(s *servers.Server) remote.Options {
	return remote.Options{Network: "tcp", Address: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)), User: "repl"}
}

// eachLine runs a test on every line.
func eachLine(t *testing.T, test func(*testing.T, *servers.Line)) {
	t.Helper()
	servers.On(t, servers.AllLines(), test)
}

// silent is an observer that remembers what it is told.
type silent struct{ finished []string }

func (*silent) Connected(remote.Source, uint32, decoder.Position) {}
func (*silent) Received(pull.Progress)                            {}
func (s *silent) Finished(log string, _ int64)                    { s.finished = append(s.finished, log) }
func (*silent) Retrying(error, time.Duration)                     {}

// copyAll pulls up to the end of the source's log.
func copyAll(t *testing.T, s *servers.Server, dir string) {
	t.Helper()
	if err := pull.Run(context.Background(), pull.Options{Source: source(s), Dir: dir, Observer: &silent{}}); err != nil {
		t.Fatal(err)
	}
}

// inUse is the offset of the byte with the in-use flag: in the flags of the format description, the first event.
const inUse = 4 + 17

// checkCopy compares a folder with the logs of the server, byte for byte; only the flag that the last log is in use is not
// copied.
func checkCopy(t *testing.T, s *servers.Server, dir string) {
	t.Helper()
	logs := s.Binlogs(t)
	for i, name := range logs {
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, filepath.Base(name)))
		if err != nil {
			t.Error(err)
			continue
		}
		if i == len(logs)-1 {
			want[inUse] &^= 1
			want = withoutCheckpoint(want, len(got))
		}
		if !bytes.Equal(got, want) {
			at := 0
			for at < min(len(got), len(want)) && got[at] == want[at] {
				at++
			}
			t.Errorf("%s: %d bytes, the source's has %d; they differ from %d on", filepath.Base(name), len(got), len(want), at)
		}
	}
	index, err := os.ReadFile(filepath.Join(dir, "bin.index"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(s.Data("bin.index"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.ReplaceAll(index, []byte("./"), nil), bytes.ReplaceAll(want, []byte("./"), nil)) {
		t.Errorf("index:\n%swant\n%s", index, want)
	}
}

// withoutCheckpoint cuts off a Binlog_checkpoint event at an offset of a log: a MariaDB adds one when it likes to.
func withoutCheckpoint(log []byte, at int) []byte {
	if at+19 > len(log) || decoder.ParseHeader(log[at:]).Type != decoder.EventMariaBinlogCheckpoint {
		return log
	}
	return log[:at]
}

const schema = `CREATE DATABASE d;
CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v LONGTEXT) ENGINE=InnoDB;
`

// TestCopy: a folder is the server's logs, at the first run and at each further one.
func TestCopy(t *testing.T) {
	eachLine(t, func(t *testing.T, line *servers.Line) {
		s := servers.Start(t, line, servers.Options{GTID: true})
		dir := filepath.Join(t.TempDir(), "logs")
		copyAll(t, s, dir)
		for range 3 {
			s.MustExec(t, "CREATE DATABASE IF NOT EXISTS d; CREATE TABLE IF NOT EXISTS d.t (id INT PRIMARY KEY AUTO_INCREMENT, v LONGTEXT) ENGINE=InnoDB; "+
				"INSERT INTO d.t (v) VALUES (REPEAT('x', 100000)); FLUSH BINARY LOGS; INSERT INTO d.t (v) VALUES ('y')")
			copyAll(t, s, dir)
			checkCopy(t, s, dir)
			copyAll(t, s, dir)
			checkCopy(t, s, dir)
			s.MustExec(t, "FLUSH BINARY LOGS")
		}
	})
}
