package walk

import (
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/gtid"
)

// TestOrder: logs are put into the order in which their server wrote them, and those that are missing are named, whatever
// their files are called. A log is written here as FILE=NUMBER: its server's number, which the Rotate event at its end tells,
// or FILE=NUMBER! without that event, as the server's last log is.
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
		{"compressed", "relay.000003.gz=3! relay.000002.gz=2 relay.000001=1", "relay.000001 relay.000002.gz relay.000003.gz", ""},
		{"a crashed server", "relay.000003=3 relay.000002=2! relay.000001=1", "relay.000001 relay.000002 relay.000003", ""},
		{"two names", "other.000002=2! relay.000002=2! relay.000001=1!", "other.000002 relay.000001 relay.000002", ""},
		{"twice", "relay.000002=2 copy=2", "relay.000002 copy", "relay.000002 and copy are the same log"},
		{"one that is no log", "relay.000002=2 relay.000001=0", "relay.000001 relay.000002", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			var logs Logs
			for _, given := range strings.Fields(tc.given) {
				name, number, _ := strings.Cut(given, "=")
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
			if asGiven := strings.Join(order.Logs.Names, " ") == strings.Join(logs.Names, " "); order.Sorted == asGiven {
				t.Errorf("Sorted is %v, in the order%s of %s", order.Sorted, got, tc.given)
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
	order := logs.Order()
	for _, tc := range []struct{ name, run, end string }{
		{"relay.000001", "relay.000001 relay.000002", "relay.000003 is missing between relay.000002 and relay.000004"},
		{"relay.000004", "relay.000004", "relay.000005, relay.000006 are missing between relay.000004 and relay.000007"},
		{"relay.000008", "relay.000007 relay.000008", ""},
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

// writeLog writes the relay log with a number, with a real server's format description; "0" is a file that is no log.
func writeLog(t *testing.T, name, number string) {
	t.Helper()
	real, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed", "relay.000001"))
	if err != nil {
		t.Fatal(err)
	}
	log := real[:magicLength+binary.LittleEndian.Uint32(real[magicLength+9:])]
	number, isLast := strings.CutSuffix(number, "!")
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	earlier := &gtid.Set{}
	for seq := uint64(1); seq < min(n, 10); seq++ {
		earlier.Add(gtid.GTID{Flavor: gtid.MySQL, TSID: gtid.TSID{UUID: gtid.UUID{1}}, Seq: seq})
	}
	log = appendEvent(log, decoder.EventPreviousGtids, earlier.AppendBinary(nil))
	if !isLast {
		next := fmt.Sprintf("relay.%06d", n+1)
		log = appendEvent(log, decoder.EventRotate, append([]byte{4, 0, 0, 0, 0, 0, 0, 0}, next...))
	}
	if n == 0 {
		log = []byte("not a log")
	}
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if strings.HasSuffix(name, ".gz") {
		w := gzip.NewWriter(f)
		defer w.Close()
		_, err = w.Write(log)
	} else {
		_, err = f.Write(log)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// appendEvent adds an event that a replica writes into its relay log itself.
func appendEvent(log []byte, t decoder.EventType, body []byte) []byte {
	begin, length := len(log), headerLength+len(body)+checksumLen
	log = append(log, 0, 0, 0, 0, byte(t), 2, 0, 0, 0)
	log = binary.LittleEndian.AppendUint32(log, uint32(length))
	log = binary.LittleEndian.AppendUint32(log, uint32(begin+length))
	log = binary.LittleEndian.AppendUint16(log, decoder.FlagRelayLog)
	log = append(log, body...)
	return binary.LittleEndian.AppendUint32(log, crc32.ChecksumIEEE(log[begin:]))
}
