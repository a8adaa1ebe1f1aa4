package walk

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/fixtures/octets"
)

// TestOrder: logs are put into the order in which their server wrote them, and those that are missing are named, whatever
// their files are called. A log is written here as FILE=NUMBER: its server's number, which the Rotate event at its end tells,
// or FILE=NUMBER! without that event, as the server's last log is. FILE=NUMBER~ is a log without GTIDs, FILE=NUMBER? one without either, and
// FILE=NUMBER* one of those that began with its server's start.
func TestOrder(t *testing.T) {
	for _, tc := range []struct{ name, given, want, breaks string }{
		{"as written", "relay.000001=1 relay.000002=2 relay.000003=3!", "relay.000001 relay.000002 relay.000003", ""},
		{"backwards", "relay.000003=3! relay.000002=2 relay.000001=1", "relay.000001 relay.000002 relay.000003", ""},
		{"by number, not by letters", "relay.1000000=1000000! relay.999999=999999", "relay.999999 relay.1000000", ""},
		{"one missing", "relay.000002=2 relay.000004=4!", "relay.000002 relay.000004", "relay.000003 is missing between relay.000002 and relay.000004"},
		{"three missing, backwards", "relay.000006=6! relay.000002=2", "relay.000002 relay.000006",
			"relay.000003, relay.000004, relay.000005 are missing between relay.000002 and relay.000006"},
		{"many missing", "relay.000002=2 relay.000009=9", "relay.000002 relay.000009", "relay.000003 to relay.000008 are missing between relay.000002 and relay.000009"},
		{"renamed", "b=1 a=2 c=3", "b a c", ""},
		{"renamed and backwards", "c=3 a=2 b=1", "b a c", ""},
		{"renamed, with one missing", "a=4 b=2", "b a", "relay.000003 is missing between b and a"},
		{"renamed by other numbers", "old.000001=7 old.000002=6", "old.000002 old.000001", ""},
		{"renamed, the last one without a number", "last=3! first=1 second=2", "first second last", ""},
		{"renamed, with one missing before the last", "last=4! first=1 second=2", "first second last",
			"a log with 01000000-0000-0000-0000-000000000000:3 is missing between second and last"},
		{"without GTIDs, the last one", "last=3? second=2~ first=1~", "first second last", ""},
		{"without GTIDs, with one missing before the last", "last=4? second=2~ first=1~", "first second last",
			"a log is missing between second and last: the earlier one ended by beginning another at 2023-11-14 23:03:20, the later one began at 2023-11-14 23:20:00"},
		{"without GTIDs, with one missing before the server's start", "last=3* second=2~ first=1~", "first second last",
			"a log is missing between second and last: the earlier one ended by beginning another at 2023-11-14 23:03:20, the later one began when its server started"},
		{"compressed", "relay.000003.gz=3! relay.000002.gz=2 relay.000001=1", "relay.000001 relay.000002.gz relay.000003.gz", ""},
		{"a crashed server", "relay.000003=3 relay.000002=2! relay.000001=1", "relay.000001 relay.000002 relay.000003", ""},
		{"two names", "other.000002=2! relay.000002=2! relay.000001=1!", "other.000002 relay.000001 relay.000002", ""},
		{"twice", "relay.000002=2 copy=2", "relay.000002 copy", "relay.000002 and copy are the same log"},
		{"twice by one name", "relay.000002=2 relay.000002=2", "relay.000002 relay.000002", "relay.000002 and relay.000002 are the same log"},
		{"a copy in another folder", "relay.000002=2 copies/relay.000002=2 relay.000003=3", "relay.000002 relay.000002 relay.000003",
			"relay.000002 and relay.000002 are the same log"},
		{"one that is no log", "relay.000002=2 relay.000001=0", "relay.000001 relay.000002", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			var logs Logs
			for _, given := range strings.Fields(tc.given) {
				name, number, _ := strings.Cut(given, "=")
				if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
					t.Fatal(err)
				}
				writeLog(t, filepath.Join(dir, name), number)
				logs.Names = append(logs.Names, filepath.Join(dir, name))
			}
			order := logs.Order()
			got, breaks := "", ""
			for _, name := range order.Logs.Names {
				got += " " + filepath.Base(name)
			}
			for _, b := range order.Breaks {
				breaks += b.String()
			}
			if got != " "+tc.want || breaks != tc.breaks {
				t.Errorf("order%s, breaks %q\nwant  %s, breaks %q", got, breaks, tc.want, tc.breaks)
			}
			if asGiven := strings.Join(order.Logs.Names, " ") == strings.Join(logs.Names, " "); order.Reordered == asGiven {
				t.Errorf("Reordered is %v, in the order%s of %s", order.Reordered, got, tc.given)
			}
		})
	}
}

// TestAround: the run of logs that holds one of them ends where logs are missing.
func TestAround(t *testing.T) {
	dir := t.TempDir()
	var logs Logs
	for _, number := range []string{"1", "2", "4", "7", "8"} {
		name := filepath.Join(dir, "relay.00000"+number)
		writeLog(t, name, number)
		logs.Names = append(logs.Names, name)
	}
	logs.Names = append(logs.Names, logs.Names[4])
	order := logs.Order()
	for _, tc := range []struct{ name, run, end string }{
		{"relay.000001", "relay.000001 relay.000002", "relay.000003 is missing between relay.000002 and relay.000004"},
		{"relay.000004", "relay.000004", "relay.000005, relay.000006 are missing between relay.000004 and relay.000007"},
		{"relay.000008", "relay.000007 relay.000008", "relay.000008 and relay.000008 are the same log"},
	} {
		run, end := order.Around(tc.name)
		got, why := "", ""
		for _, name := range run.Names {
			got += " " + filepath.Base(name)
		}
		if end != nil {
			why = end.String()
		}
		if got != " "+tc.run || why != tc.end {
			t.Errorf("around %s:%s, %q; want %s, %q", tc.name, got, why, tc.run, tc.end)
		}
	}
}

// writeLog writes the relay log with a number, with a real server's format description; "0" is a file that is no log. Each has a
// transaction, and is written in the 1,000 seconds after the one before.
func writeLog(t *testing.T, name, number string) {
	t.Helper()
	real, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed", "relay.000001"))
	if err != nil {
		t.Fatal(err)
	}
	digits := strings.TrimRight(number, "!~?*")
	kind := number[len(digits):]
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	began := uint32(1_700_000_000 + 1000*n)
	log := formatEvent(bytes.Clone(real), began, kind == "*")
	if kind == "" || kind == "!" {
		earlier := &gtid.Set{}
		id := gtid.GTID{Flavor: gtid.MySQL, TSID: gtid.TSID{UUID: gtid.UUID{1}}}
		for id.Seq = 1; id.Seq < min(n, 10); id.Seq++ {
			earlier.Add(id)
		}
		log = appendEvent(log, decoder.EventPreviousGtids, began, earlier.AppendBinary(nil))
		transaction := append([]byte{1}, id.TSID.UUID[:]...)
		log = appendEvent(log, decoder.EventGtid, began, append(binary.LittleEndian.AppendUint64(transaction, id.Seq), make([]byte, 24)...))
	}
	if kind == "" || kind == "~" {
		next := fmt.Sprintf("relay.%06d", n+1)
		log = appendEvent(log, decoder.EventRotate, began+1000, append([]byte{4, 0, 0, 0, 0, 0, 0, 0}, next...))
	}
	if n == 0 {
		log = []byte("not a log")
	}
	if strings.HasSuffix(name, ".gz") {
		log = octets.Gzip(log)
	}
	if err := os.WriteFile(name, log, 0o600); err != nil {
		t.Fatal(err)
	}
}

// formatEvent is the beginning of a log, of a time, up to its format description; started is of a log that a server began when
// it started.
func formatEvent(log []byte, at uint32, started bool) []byte {
	log = log[:magicLength+binary.LittleEndian.Uint32(log[magicLength+9:])]
	event := log[magicLength:]
	binary.LittleEndian.PutUint32(event, at)
	const created = headerLength + 2 + 50
	binary.LittleEndian.PutUint32(event[created:], 0)
	if started {
		binary.LittleEndian.PutUint32(event[created:], at)
	}
	event[17] &^= 1 // nobody is writing it
	end := len(event) - checksumLen
	binary.LittleEndian.PutUint32(event[end:], crc32.ChecksumIEEE(event[:end]))
	return log
}

// appendEvent adds an event that a replica writes into its relay log itself.
func appendEvent(log []byte, t decoder.EventType, at uint32, body []byte) []byte {
	begin, length := len(log), headerLength+len(body)+checksumLen
	log = binary.LittleEndian.AppendUint32(log, at)
	log = append(log, byte(t), 2, 0, 0, 0)
	log = binary.LittleEndian.AppendUint32(log, uint32(length))
	log = binary.LittleEndian.AppendUint32(log, uint32(begin+length))
	log = binary.LittleEndian.AppendUint16(log, decoder.FlagRelayLog)
	log = append(log, body...)
	return binary.LittleEndian.AppendUint32(log, crc32.ChecksumIEEE(log[begin:]))
}

// TestOrderOfRenamed: logs of real servers, the newest of them under another name, have no break but where one before it is missing.
func TestOrderOfRenamed(t *testing.T) {
	var newest []string
	for _, pattern := range []string{filepath.Join("..", "..", "fixtures", "m*", "*", "*.0*"), filepath.Join("..", "..", "..", "shared", "corpus", "*", "*", "*.0*")} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range (Logs{Names: names}).Series() {
			if s.IsNumbered() && len(s.Names) > 2 {
				newest = append(newest, s.Names...)
			}
		}
	}
	for _, s := range (Logs{Names: newest}).Series() {
		n := len(s.Names)
		renamed := filepath.Join(t.TempDir(), "newest")
		log, err := os.ReadFile(s.Names[n-1])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(renamed, log, 0o600); err != nil {
			t.Fatal(err)
		}
		if order := (Logs{Names: append(slices.Clone(s.Names[:n-1]), renamed)}).Order(); len(order.Breaks) > 0 || order.Reordered {
			t.Errorf("%s: %v, sorted: %v", s.Names[n-1], order.Breaks, order.Logs.Names)
		}
		// The relay logs of MariaDB say nothing of it where they are all of one second.
		order := (Logs{Names: append(slices.Clone(s.Names[:n-2]), renamed)}).Order()
		if len(order.Breaks) != 1 && !strings.Contains(s.Names[0], string(filepath.Separator)+"m1") {
			t.Errorf("%s is missing: %v", s.Names[n-2], order.Breaks)
		}
	}
}

// TestIsOfAnother: server ids tell that two logs are of two servers; one server may have relay logs of several names.
func TestIsOfAnother(t *testing.T) {
	binary, relay := &Head{Writer: 1}, &Head{Writer: 1, Relay: true}
	for _, tc := range []struct {
		name  string
		a, b  member
		isTwo bool
	}{
		{"relay logs of two channels", member{stem: "a", placed: true, head: relay}, member{stem: "b", placed: true, head: relay}, false},
		{"relay logs of two replicas", member{stem: "a", placed: true, head: relay}, member{stem: "a", placed: true, head: &Head{Writer: 2, Relay: true}}, true},
		{"relay and binary log of a replica", member{stem: "a", placed: true, head: relay}, member{stem: "b", placed: true, head: binary}, false},
		{"relay log of a replica and binary log of its source", member{stem: "a", placed: true, head: relay}, member{stem: "b", placed: true, head: &Head{Writer: 2}}, true},
		{"binary logs of one name in two folders", member{stem: "a", placed: true, head: binary}, member{stem: "a", placed: true, head: binary}, true},
		{"one that can't be read", member{stem: "a", placed: true, head: binary}, member{stem: "b", placed: true}, false},
	} {
		if got := tc.a.isOfAnother(&tc.b); got != tc.isTwo {
			t.Errorf("%s: of two servers: %v", tc.name, got)
		}
	}
}
