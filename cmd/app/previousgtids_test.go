package app

import (
	"encoding/binary"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A Previous_gtids event that can't be read counts as damage for every command that lists what a log holds.
func TestBrokenPreviousGtids(t *testing.T) {
	log, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed", "relay.000002"))
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = 127, 158
	event := log[begin:end]
	event[19] = 3 // sources
	binary.LittleEndian.PutUint32(event[len(event)-4:], crc32.ChecksumIEEE(event[:len(event)-4]))
	name := filepath.Join(t.TempDir(), "relay.000002")
	if err := os.WriteFile(name, log, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"check", "events", "events --json", "stats", "stats --json"} {
		out, err := exec.Command("binmend", append(strings.Fields(command), name)...).Output()
		failed, ok := err.(*exec.ExitError)
		if !ok || failed.ExitCode() != 1 || !strings.Contains(string(out), "3 sources do not fit in 0 bytes") {
			t.Errorf("%s: %v, want exit code 1 and the reason in\n%s", command, err, out)
		}
	}
}
