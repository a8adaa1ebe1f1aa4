package serve

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/fixtures/octets"
)

// twoLogs are those of MySQL: A:1-2 in the first one, A:3 and B:1 in the second.
func twoLogs(t testing.TB) []*builder {
	return []*builder{
		newLog(t, mysqlVersion, decoder.ChecksumCRC32).previous("").transaction(uuidA + ":1").transaction(uuidA + ":2").rotate("bin.000002"),
		newLog(t, mysqlVersion, decoder.ChecksumCRC32).previous(uuidA + ":1-2").transaction(uuidA + ":3").transaction(uuidB + ":1"),
	}
}

// mariaLogs have domain 0 from servers 1 and 2, and domain 5.
func mariaLogs(t testing.TB) []*builder {
	return []*builder{
		newLog(t, mariaVersion, decoder.ChecksumCRC32).list("").transaction("0-1-1").transaction("5-1-1").transaction("0-2-2").rotate("bin.000002"),
		newLog(t, mariaVersion, decoder.ChecksumCRC32).list("0-1-1,0-2-2,5-1-1").transaction("0-2-3").transaction("5-1-2").transaction("0-2-5"),
	}
}

// lines are those of a dump without the prologue of each log, in one line.
func summary(dump string) string {
	var kept []string
	for line := range strings.Lines(dump) {
		line = strings.TrimSpace(line)
		switch word, _, _ := strings.Cut(line, " "); word {
		case "artificial", "Format", "Previous_gtids", "Gtid_list", "Xid", "Rotate":
		default:
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, ", ")
}

func TestDumpByPosition(t *testing.T) {
	for _, tc := range []struct {
		name string
		ask  ask
		want string
	}{
		{"from the beginning", ask{file: "bin.000001", position: 4}, `artificial Rotate bin.000001:4
Format created 7, to 127
Previous_gtids to 158
aaaaaaaa-a:1
Xid to 254
aaaaaaaa-a:2
Xid to 350
Rotate bin.000002:4
artificial Rotate bin.000002:4
Format created 7, to 127
Previous_gtids to 198
aaaaaaaa-a:3
Xid to 294
bbbbbbbb-b:1
Xid to 390
`},
		{"without a file: from the first one", ask{position: 254}, `artificial Rotate bin.000001:254
Format created 0, to 0
aaaaaaaa-a:2
Xid to 350
Rotate bin.000002:4
artificial Rotate bin.000002:4
Format created 7, to 127
Previous_gtids to 198
aaaaaaaa-a:3
Xid to 294
bbbbbbbb-b:1
Xid to 390
`},
		{"from the end", ask{file: "bin.000002", position: 390}, `artificial Rotate bin.000002:390
Format created 0, to 0
`},
		{"with GTIDs to leave out as well", ask{file: "bin.000002", position: 4, executed: uuidA + ":1-3"}, `artificial Rotate bin.000002:4
Format created 7, to 127
Previous_gtids to 198
Heartbeat bin.000002:294
bbbbbbbb-b:1
Xid to 390
`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := run(t, Options{Dir: folder(t, twoLogs(t)...)}).mustConnect(t)
			tc.ask.send(t, c)
			if got := newStream(c).all(); got != tc.want {
				t.Errorf("got\n%swant\n%s", got, tc.want)
			}
		})
	}
}

func TestDumpBySet(t *testing.T) {
	for _, tc := range []struct{ name, executed, want string }{
		{"a new replica", "-", `artificial Rotate bin.000001:4
Format created 7, to 127
Previous_gtids to 158
aaaaaaaa-a:1
Xid to 254
aaaaaaaa-a:2
Xid to 350
Rotate bin.000002:4
artificial Rotate bin.000002:4
Format created 7, to 127
Previous_gtids to 198
aaaaaaaa-a:3
Xid to 294
bbbbbbbb-b:1
Xid to 390
`},
		{"a gap", uuidA + ":2-3", `artificial Rotate bin.000001:4
Format created 7, to 127
Previous_gtids to 158
aaaaaaaa-a:1
Xid to 254
Heartbeat bin.000001:350
Rotate bin.000002:4
artificial Rotate bin.000002:4
Format created 7, to 127
Previous_gtids to 198
Heartbeat bin.000002:294
bbbbbbbb-b:1
Xid to 390
`},
		{"begins in the last log", uuidA + ":1-2," + uuidB + ":1", `artificial Rotate bin.000002:4
Format created 7, to 127
Previous_gtids to 198
aaaaaaaa-a:3
Xid to 294
Heartbeat bin.000002:390
`},
		{"has the first transaction of the log", uuidA + ":1-3", `artificial Rotate bin.000002:4
Format created 0, to 0
Previous_gtids to 198
Heartbeat bin.000002:294
bbbbbbbb-b:1
Xid to 390
`},
		{"has more than the logs", uuidA + ":1-9," + uuidB + ":1-9", `artificial Rotate bin.000002:4
Format created 0, to 0
Previous_gtids to 198
Heartbeat bin.000002:390
`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := run(t, Options{Dir: folder(t, twoLogs(t)...)}).mustConnect(t)
			ask{executed: tc.executed}.send(t, c)
			if got := newStream(c).all(); got != tc.want {
				t.Errorf("got\n%swant\n%s", got, tc.want)
			}
		})
	}
}

func TestDumpByList(t *testing.T) {
	for _, tc := range []struct{ name, state, want string }{
		{"a new replica", "-", `artificial Rotate bin.000001:4
Format created 7, to 127
Gtid_list  to 154
0-1-1
Xid to 227
5-1-1
Xid to 300
0-2-2
Xid to 373
Rotate bin.000002:4
artificial Rotate bin.000002:4
Format created 7, to 127
Gtid_list 0-1-1,0-2-2,5-1-1 to 202
0-2-3
Xid to 275
5-1-2
Xid to 348
0-2-5
Xid to 421
`},
		{"one domain is at the end of the first log", "0-2-2,5-1-2", `artificial Rotate bin.000002:4
Format created 0, to 127
Gtid_list 0-1-1,0-2-2,5-1-1 to 202
0-2-3
Xid to 275
Gtid_list 0-1-1,0-2-3,5-1-2 to 348
0-2-5
Xid to 421
`},
		{"one server of a domain", "0-1-1,5-1-1", `artificial Rotate bin.000001:4
Format created 0, to 127
Gtid_list  to 154
Gtid_list 0-1-1 to 227
Gtid_list 0-1-1,5-1-1 to 300
0-2-2
Xid to 373
Rotate bin.000002:4
artificial Rotate bin.000002:4
Format created 7, to 127
Gtid_list 0-1-1,0-2-2,5-1-1 to 202
0-2-3
Xid to 275
5-1-2
Xid to 348
0-2-5
Xid to 421
`},
		{"a domain that the replica lacks", "0-2-5", `artificial Rotate bin.000001:4
Format created 0, to 127
Gtid_list  to 154
5-1-1
Xid to 300
Rotate bin.000002:4
artificial Rotate bin.000002:4
Format created 7, to 127
Gtid_list 0-1-1,0-2-2,5-1-1 to 202
5-1-2
Xid to 348
Gtid_list 0-1-1,0-2-5,5-1-2 to 421
`},
		{"a domain that the logs lack", "0-2-5,5-1-2,7-3-9", `artificial Rotate bin.000002:4
Format created 0, to 127
Gtid_list 0-1-1,0-2-2,5-1-1 to 202
Gtid_list 0-1-1,0-2-3,5-1-2 to 348
Gtid_list 0-1-1,0-2-5,5-1-2 to 421
`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := run(t, Options{Dir: folder(t, mariaLogs(t)...)}).mustConnect(t)
			ask{position: 4, state: tc.state}.send(t, c)
			if got := newStream(c).all(); got != tc.want {
				t.Errorf("got\n%swant\n%s", got, tc.want)
			}
		})
	}
}

// TestDumpRefuses has an error 1236 for everything that can't be served rightly. What comes before it is right.
func TestDumpRefuses(t *testing.T) {
	damaged := func(t testing.TB) []*builder {
		logs := twoLogs(t)
		logs[0].log.Bytes()[240] ^= 1
		return logs
	}
	torn := func(t testing.TB) []*builder {
		logs := twoLogs(t)
		logs[0].log.Truncate(300)
		return logs
	}
	for _, tc := range []struct {
		name string
		logs func(testing.TB) []*builder
		ask  ask
		sent string // transactions before it
		want string
	}{
		{"an unknown file", twoLogs, ask{file: "bin.000009", position: 4}, "", `"bin.000009" is not here; the logs are bin.000001 to bin.000002`},
		{"a path", twoLogs, ask{file: "../../etc/passwd", position: 4}, "", `"passwd" is not here`},
		{"a position before the first event", twoLogs, ask{file: "bin.000001", position: 3}, "", "position < 4"},
		{"a position after the end", twoLogs, ask{file: "bin.000002", position: 391}, "", "position > file size: bin.000002 has 390 bytes here, not 391"},
		{"a position inside an event", twoLogs, ask{file: "bin.000001", position: 255}, "", "no event begins at position 255 of bin.000001; the next one begins at 319"},
		{"GTIDs that are purged", func(t testing.TB) []*builder { return twoLogs(t)[1:] }, ask{executed: uuidA + ":1"}, "", "purged required binary logs: transactions that the replica lacks were logged before the oldest log here: " + uuidA + ":2"},
		{"GTIDs of logs without", func(t testing.TB) []*builder {
			return []*builder{newLog(t, "5.6.24", decoder.ChecksumCRC32).event(decoder.EventXid, make([]byte, 8))}
		}, ask{executed: uuidA + ":1"}, "", "bin.000001 has no Previous_gtids event"},
		{"an anonymous transaction by GTID", func(t testing.TB) []*builder {
			return []*builder{newLog(t, mysqlVersion, decoder.ChecksumCRC32).previous("").event(decoder.EventAnonymousGtid, make([]byte, 42))}
		}, ask{executed: "-"}, "", "anonymous transaction when AUTO_POSITION = 1, at file bin.000001, position 158"},
		{"a log is missing by its name", func(t testing.TB) []*builder {
			logs := twoLogs(t)
			return []*builder{newLog(t, mysqlVersion, decoder.ChecksumCRC32).previous("").rotate("bin.000009"), logs[1]}
		}, ask{file: "bin.000001", position: 4}, "", "a log is missing between bin.000001 and bin.000002: bin.000009 follows the first one"},
		{"a log is missing by its GTIDs", func(t testing.TB) []*builder {
			return []*builder{twoLogs(t)[0], newLog(t, mysqlVersion, decoder.ChecksumCRC32).previous(uuidA + ":1-7").transaction(uuidA + ":8")}
		}, ask{executed: "-"}, "aaaaaaaa-a:1, aaaaaaaa-a:2", "it says that transactions " + uuidA + ":3-7 were logged before it"},
		{"a damaged event", damaged, ask{file: "bin.000001", position: 4}, "aaaaaaaa-a:1", "bin.000001: offset 223: Xid event: bad checksum"},
		{"a torn log that is not the last", torn, ask{file: "bin.000001", position: 4}, "aaaaaaaa-a:1", "bin.000001: offset 254: expected an event of 65 bytes, the file ends after 46 of them"},
		{"MariaDB's logs for a client that can't read them", mariaLogs, ask{file: "bin.000001", position: 4}, "", "the client does not read MariaDB's GTIDs"},
		{"MariaDB's position that is purged", func(t testing.TB) []*builder { return mariaLogs(t)[1:] }, ask{position: 4, state: "0-1-1"}, "", "Probably the replica state is too old"},
		{"MariaDB's position that the logs lack", mariaLogs, ask{position: 4, state: "0-2-9,5-1-1"}, "", "GTID 0-2-9, which is not in the source's binlog: they end at 0-2-5, the replica is ahead of them"},
		{"MariaDB's position of a diverged replica", mariaLogs, ask{position: 4, state: "0-9-3,5-1-1"}, "", "diverged due to executing extra erroneous transactions"},
		{"MariaDB's position in a hole", mariaLogs, ask{position: 4, state: "0-2-4,5-1-1", set: "SET @slave_gtid_strict_mode=1"}, "5-1-2", "missing the GTID 0-2-4 requested by the replica"},
		{"UNTIL a MariaDB position", mariaLogs, ask{position: 4, state: "0-2-3", set: "SET @slave_until_gtid='0-2-5'"}, "", "UNTIL master_gtid_pos is not served"},
		{"a client that knows no checksums", twoLogs, ask{file: "bin.000001", position: 4, set: "SET @source_binlog_checksum=NULL; SET @master_binlog_checksum=NULL"}, "", "can not handle replication events with the checksum"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := run(t, Options{Dir: folder(t, tc.logs(t)...)}).mustConnect(t)
			tc.ask.send(t, c)
			s := newStream(c)
			s.bare = strings.Contains(tc.ask.set, "=NULL")
			got := summary(s.all())
			sent, message, _ := strings.Cut(got, "ERROR ")
			if sent = strings.TrimSuffix(sent, ", "); sent != tc.sent || !strings.HasPrefix(message, "1236 ") || !strings.Contains(message, tc.want) {
				t.Errorf("got  %s\nwant %s, ERROR 1236 …%s", got, tc.sent, tc.want)
			}
		})
	}
}

// TestDumpFollows reads a log that grows byte by byte, and the next one that is made after it.
func TestDumpFollows(t *testing.T) {
	logs := twoLogs(t)
	whole, dir := logs[0].log.Bytes(), t.TempDir()
	write(t, dir, 1, whole[:140])
	c := run(t, Options{Dir: dir}).mustConnect(t)
	ask{executed: "-", waits: true}.send(t, c)
	go func() {
		for n := 141; n <= len(whole); n++ {
			appendTo(t, filepath.Join(dir, logName(1)), whole[n-1:n])
		}
		write(t, dir, 2, nil)
		appendTo(t, filepath.Join(dir, logName(2)), logs[1].log.Bytes())
	}()
	s, want := newStream(c), "Previous_gtids to 158|aaaaaaaa-a:1|Xid to 254|aaaaaaaa-a:2|Xid to 350|Rotate bin.000002:4|"+
		"artificial Rotate bin.000002:4|Format created 7, to 127|Previous_gtids to 198|aaaaaaaa-a:3|Xid to 294|bbbbbbbb-b:1|Xid to 390"
	for _, line := range strings.Split("artificial Rotate bin.000001:4|Format created 7, to 127|"+want, "|") {
		if got, err := s.next(); err != nil || got != line {
			t.Fatalf("got %q and error %v, want %q", got, err, line)
		}
	}
}

func appendTo(t testing.TB, name string, b []byte) {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.Write(b)
		f.Close()
	}
	if err != nil {
		t.Error(err)
	}
}

// TestHeartbeat waits for two in a row, of each kind.
func TestHeartbeat(t *testing.T) {
	for _, tc := range []struct {
		name  string
		logs  func(testing.TB) []*builder
		flags uint16
		set   string
		want  string
	}{
		{"MySQL before 8.0.26", twoLogs, 0, "", "Heartbeat bin.000002:390"},
		{"MySQL 8.0.26 and later", twoLogs, dumpHeartbeatV2, "", "Heartbeat 2 010a62696e2e3030303030320203fc860100"},
		{"MariaDB, with annotated rows", mariaLogs, dumpAnnotate, "SET @mariadb_slave_capability=4", "Heartbeat bin.000002:421"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := folder(t, tc.logs(t)...)
			c := run(t, Options{Dir: dir}).mustConnect(t)
			end, err := os.Stat(filepath.Join(dir, logName(2)))
			if err != nil {
				t.Fatal(err)
			}
			more := strings.TrimPrefix(tc.set+"; SET @master_heartbeat_period=1000000, @source_heartbeat_period=1000000", "; ")
			ask{file: "bin.000002", position: uint32(end.Size()), flags: tc.flags, waits: true, set: more}.send(t, c)
			s := newStream(c)
			for i, want := range []string{"", "", tc.want, tc.want} {
				if got, err := s.next(); err != nil || want != "" && got != want {
					t.Fatalf("event %d: got %q and error %v, want %q", i, got, err, want)
				}
			}
		})
	}
}

// TestCompressed serves old logs that somebody has compressed, under the names that they had.
func TestCompressed(t *testing.T) {
	logs := twoLogs(t)
	dir := folder(t, logs...)
	plain := filepath.Join(dir, logName(1))
	if err := os.WriteFile(plain+".gz", octets.Gzip(logs[0].log.Bytes()), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(plain); err != nil {
		t.Fatal(err)
	}
	r := run(t, Options{Dir: dir})
	for _, a := range []ask{{executed: uuidA + ":1"}, {file: "bin.000001", position: 254}} {
		c := r.mustConnect(t)
		a.send(t, c)
		if got, want := summary(newStream(c).all()), "aaaaaaaa-a:2, aaaaaaaa-a:3, bbbbbbbb-b:1"; strings.TrimPrefix(got, "Heartbeat bin.000001:254, ") != want {
			t.Errorf("%+v: got %s, want %s", a, got, want)
		}
	}
}
