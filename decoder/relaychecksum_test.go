package decoder_test

import (
	"testing"

	"binmend/decoder"
	"binmend/fixtures/servers"
)

// A relay log holds events of both servers, each with the checksums of its own format description, whichever of the two
// writes checksums and whenever that changes.
func TestRelayLogChecksums(t *testing.T) {
	for _, line := range servers.Lines() {
		t.Run(line.Name, func(t *testing.T) {
			p := servers.StartPair(t, line, servers.Options{})
			p.Source.MustExec(t, "CREATE DATABASE d; CREATE TABLE d.t (a INT)")
			rows := 0
			insert := func() {
				p.Source.MustExec(t, "INSERT INTO d.t VALUES (1), (2), (3)")
				rows += 3
			}
			for _, change := range []struct {
				server *servers.Server
				set    string
			}{
				{p.Replica, "NONE"}, {p.Source, "NONE"}, {p.Replica, "CRC32"}, {p.Source, "CRC32"}, {p.Source, "NONE"},
			} {
				insert()
				p.Sync(t)
				change.server.MustExec(t, "SET GLOBAL binlog_checksum = "+change.set)
				insert()
				p.StopReplica(t)
				insert()
				p.StartReplica(t)
				p.Sync(t)
				insert()
				p.Replica.MustExec(t, "FLUSH RELAY LOGS")
			}
			p.Sync(t)
			p.Replica.MustExec(t, "SET GLOBAL binlog_checksum = CRC32")
			if got := countRows(t, p.Source.Binlogs(t))[decoder.Insert]; got != rows {
				t.Errorf("%d rows in the source's logs, want %d", got, rows)
			}
			if got := countRows(t, p.Replica.RelayLogs(t))[decoder.Insert]; got == 0 {
				t.Errorf("no rows in the relay logs")
			}
			if got := countRows(t, p.Replica.Binlogs(t))[decoder.Insert]; got != rows {
				t.Errorf("%d rows in the replica's logs, want %d", got, rows)
			}
		})
	}
}
