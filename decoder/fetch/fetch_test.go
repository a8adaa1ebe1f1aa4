package fetch_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"binmend/decoder"
	"binmend/decoder/fetch"
	"binmend/decoder/gtid"
	"binmend/decoder/logfile"
	"binmend/decoder/remote"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/fixtures/servers"
)

// TestPart fetches the fourth of five transactions by position and by GTID: its events stand where they stand on the
// source, and no others are there.
func TestPart(t *testing.T) {
	for _, line := range servers.AllLines() {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			s := servers.Start(t, line, servers.Options{GTID: true})
			s.MustExec(t, "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, v TEXT) ENGINE=InnoDB; "+
				"INSERT INTO d.t VALUES (1, REPEAT('x', 1000)); "+tagged(line)+"INSERT INTO d.t VALUES (2, 'wanted'); INSERT INTO d.t VALUES (3, 'later')")
			log := s.Binlogs(t)[0]
			all := transactions(t, walk.Logs{Names: []string{log}})
			want := all[3]
			for name, request := range requests(t, s, want) {
				logs, err := fetch.Part(connect(t, s), request, t.TempDir(), logfile.Opener{}, func(x txn.Transaction) bool { return x.GTID == want.GTID })
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				got := transactions(t, logs)
				if len(got) != 1 || got[0].GTID != want.GTID || got[0].Start.Offset != want.Start.Offset || got[0].End.Offset != want.End.Offset {
					t.Errorf("%s: got %+v\nwant %+v", name, got, want)
				}
				if len(logs.Names) != 1 || filepath.Base(logs.Names[0]) != filepath.Base(log) {
					t.Fatalf("%s: got the logs %v", name, logs.Names)
				}
				if !bytes.Equal(part(t, logs.Names[0], want), part(t, log, want)) {
					t.Errorf("%s: the bytes of the transaction differ", name)
				}
			}
		})
	}
}

// tagged gives the transactions after it tagged GTIDs, where there are such.
func tagged(line *servers.Line) string {
	if line == servers.MySQL97 {
		return "SET SESSION gtid_next = 'AUTOMATIC:nightly'; "
	}
	return ""
}

// requests are the ways to ask for a transaction.
func requests(t *testing.T, s *servers.Server, want txn.Transaction) map[string]remote.Request {
	t.Helper()
	all := map[string]remote.Request{"position": {File: filepath.Base(want.Start.File), Pos: want.Start.Offset}}
	if want.GTID.Flavor == gtid.MariaDB {
		before := want.GTID
		before.Seq--
		all["GTID"] = remote.Request{State: gtid.List{before}}
		return all
	}
	text, err := connect(t, s).Executed()
	if err != nil {
		t.Fatal(err)
	}
	executed, err := gtid.ParseSet(text)
	if err != nil {
		t.Fatal(err)
	}
	one := &gtid.Set{}
	one.Add(want.GTID)
	executed.Subtract(one)
	all["GTID"] = remote.Request{Executed: executed}
	return all
}

func connect(t *testing.T, s *servers.Server) *remote.Conn {
	t.Helper()
	c, err := remote.Connect(context.Background(), remote.Options{Network: "tcp", Address: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)), User: "repl"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// transactions are those of some logs.
func transactions(t *testing.T, logs walk.Logs) (all []txn.Transaction) {
	t.Helper()
	w, err := logs.From(decoder.Position{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for {
		_, step, err := w.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if step.Ends() {
			all = append(all, w.Transaction())
		}
	}
}

// part is the bytes of a file at a transaction.
func part(t *testing.T, name string, x txn.Transaction) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b[x.Start.Offset:x.End.Offset]
}
