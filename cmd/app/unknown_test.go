package app

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder"
)

// TestUnknownEvents: an event of a type that no known server writes is named in the script and makes exit code 1, unless
// the server marked it as one that may be ignored. check names it too; it is no damage.
func TestUnknownEvents(t *testing.T) {
	dir := filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed")
	log, err := os.ReadFile(filepath.Join(dir, "relay.000002"))
	if err != nil {
		t.Fatal(err)
	}
	const xid = 31 // bytes of the last event
	for _, tc := range []struct {
		flags uint16
		exit  int
	}{{0, exitFindings}, {decoder.FlagIgnorable, exitDone}} {
		damaged := append(bytes.Clone(log[:len(log)-xid]), unknownEvent(tc.flags)...)
		damaged = append(damaged, log[len(log)-xid:]...)
		name := filepath.Join(t.TempDir(), "relay.000002")
		if err := os.WriteFile(name, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		var script, messages bytes.Buffer
		exit := Main([]string{"binmend", "fix", "--start-position", "2662", "--schema", filepath.Join(dir, "schema.sql"), name},
			Streams{In: strings.NewReader(""), Out: &script, Err: &messages, Getenv: os.Getenv})
		if named := strings.Contains(script.String(), "event type 200"); exit != tc.exit || named != (tc.flags == 0) {
			t.Errorf("flags %#x: exit code %d, want %d; named in the script: %v\n%s", tc.flags, exit, tc.exit, named, messages.String())
		}
		var report bytes.Buffer
		exit = Main([]string{"binmend", "check", name}, Streams{In: strings.NewReader(""), Out: &report, Err: &messages, Getenv: os.Getenv})
		if named := strings.Contains(report.String(), "event type 200"); exit != exitDone || named != (tc.flags == 0) {
			t.Errorf("flags %#x: check: exit code %d; named: %v\n%s", tc.flags, exit, named, &report)
		}
		listUnknown(t, name, tc.flags)
	}
}

// listUnknown: what lists events, or counts them, says what it could not read. What gives changes, or chooses among them, ends there: it would give less than
// there is.
func listUnknown(t *testing.T, log string, flags uint16) {
	for line, want := range map[string]int{
		"events": exitFindings, "stats": exitFindings, "stats --database shop": exitFindings,
		"sql": exitFailed, "sql --rollback --start-position 2662": exitFailed, "export": exitFailed, "events --transactions": exitFailed, "events --database shop": exitFailed,
		"find --query create": exitFailed, "schema": exitFailed, "schema --json": exitFailed, "find --table shop.orders --key id=3": exitFailed,
		"sql --stop-position 2662": exitDone, "export --start-datetime 2026-11-21 --stop-position 2662": exitDone,
	} {
		if flags == decoder.FlagIgnorable {
			want = exitDone
		}
		var out, messages bytes.Buffer
		exit := Main(append(append([]string{"binmend"}, strings.Fields(line)...), log), Streams{In: strings.NewReader(""), Out: &out, Err: &messages, Getenv: os.Getenv})
		named := strings.Contains(out.String()+messages.String(), "no known server writes it, and it is not marked as one to ignore")
		if exit != want || named != (want != exitDone) || strings.Contains(out.String(), "-- whole") && want != exitDone {
			t.Errorf("flags %#x: %s: exit code %d, want %d; named: %v\n%s", flags, line, exit, want, named, &messages)
		}
	}
}

func unknownEvent(flags uint16) []byte {
	e := make([]byte, 19, 32)
	e[4] = 200
	binary.LittleEndian.PutUint32(e[9:], 19+5+4)
	binary.LittleEndian.PutUint16(e[17:], flags)
	e = append(e, "hello"...)
	return binary.LittleEndian.AppendUint32(e, crc32.ChecksumIEEE(e))
}

// TestNewerServers: a server of a later series than binmend was written for may do what is not known here. A note says so, once.
func TestNewerServers(t *testing.T) {
	dir := filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed")
	log, err := os.ReadFile(filepath.Join(dir, "relay.000002"))
	if err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]int{"9.7.4-2": 0, "9.9.99": 0, "12.3.1-MariaDB": 0, "10.0.1": 1, "99.99.99": 1, "13.0.1-MariaDB": 1} {
		name := filepath.Join(t.TempDir(), "relay.000002")
		if err := os.WriteFile(name, writtenBy(log, version), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{"sql", "sql --start-position 2662", "export", "fix --start-position 2662", "find --table shop.orders --key id=3"} {
			var out, messages bytes.Buffer
			line := append(append([]string{"binmend"}, strings.Fields(line)...), "--schema", filepath.Join(dir, "schema.sql"), name)
			Main(line, Streams{In: strings.NewReader(""), Out: &out, Err: &messages, Getenv: os.Getenv})
			if got := strings.Count(out.String()+messages.String(), "a later series than binmend"); got != want {
				t.Errorf("%s, %s: %d notes, want %d\n%s", version, line[1:], got, want, &messages)
			}
		}
	}
}

// writtenBy is a log whose format descriptions name another version of the server.
func writtenBy(log []byte, version string) []byte {
	log = bytes.Clone(log)
	for at := 4; at < len(log); {
		end := at + int(binary.LittleEndian.Uint32(log[at+9:]))
		if log[at+4] == byte(decoder.EventFormatDescription) && bytes.HasPrefix(log[at+21:], []byte("9.7")) {
			copy(log[at+21:at+71], append([]byte(version), make([]byte, 50)...))
			binary.LittleEndian.PutUint32(log[end-4:], crc32.ChecksumIEEE(log[at:end-4]))
		}
		at = end
	}
	return log
}
