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
