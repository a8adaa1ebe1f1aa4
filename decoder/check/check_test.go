package check

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
)

// sample is a sound binary-compatible log of the project: a relay log of MySQL 9.7.
var sample = filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed", "relay.000002")

// TestDamage damages a sound log in each of the ways that a disk, a copy or a crash does.
func TestDamage(t *testing.T) {
	log, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	events := offsets(t, log)
	row := events[len(events)-4]  // an event in the middle of the last transaction
	last := events[len(events)-2] // the last event
	begin := lastBegin(t, log)
	for _, tc := range []struct {
		name   string
		damage func(log []byte) []byte
		at     int64
		says   string
		safe   int64
		resync int64 // where reading goes on with Resync; 0: it does not
	}{
		{"a bit in an event's body", func(b []byte) []byte { b[row+20] ^= 4; return b }, row, "CRC-32", begin, events[len(events)-3]},
		{"cut inside an event", func(b []byte) []byte { return b[:last+9] }, last, "the file ends after", begin, 0},
		{"cut between the events of a transaction", func(b []byte) []byte { return b[:last] }, 0, "", begin, 0},
		{"zero bytes behind the last event", func(b []byte) []byte { return append(b, make([]byte, 4096)...) }, int64(len(log)), "zero bytes", int64(len(log)), 0},
		{"a length of 5", func(b []byte) []byte { copy(b[row+9:], []byte{5, 0, 0, 0}); return b }, row, "at least 19 bytes", begin, events[len(events)-3]},
		{"a length of 2 GiB", func(b []byte) []byte { copy(b[row+9:], []byte{255, 255, 255, 127}); return b }, row, "2147483647 bytes", begin, events[len(events)-3]},
		{"an event of an earlier transaction in the last one", func(b []byte) []byte {
			xid := bytes.Clone(b[begin-31 : begin])
			return append(b[:row:row], append(xid, b[row:]...)...)
		}, row, "in the source's log", begin, 0},
		{"another file's magic number", func(b []byte) []byte { copy(b, "\x7fELF"); return b }, 0, "fe 62 69 6e", 0, 0},
		{"an archive", func(b []byte) []byte { copy(b, "PK\x03\x04"); return b }, 0, "compressed with zip", 0, 0},
		{"nothing but the magic number", func(b []byte) []byte { return b[:4] }, 4, "no event", 4, 0},
		{"an empty file", func(b []byte) []byte { return nil }, 0, "an empty file", 0, 0},
		{"the beginning is missing", func(b []byte) []byte { return append(b[:4:4], b[row:]...) }, 4, "Format_desc", 4, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "relay.000002")
			if err := os.WriteFile(name, tc.damage(bytes.Clone(log)), 0o600); err != nil {
				t.Fatal(err)
			}
			report := checkFile(t, &Checker{}, name)
			if tc.says != "" {
				if len(report.Findings) == 0 {
					t.Fatal("nothing found")
				}
				f := report.Findings[0]
				if f.Severity != Damage || f.Pos.Offset != tc.at || !strings.Contains(f.What, tc.says) {
					t.Errorf("found %s at %d: %s; want damage at %d: …%s…", f.Severity, f.Pos.Offset, f.What, tc.at, tc.says)
				}
			}
			if report.Safe != tc.safe {
				t.Errorf("safe up to %d, want %d", report.Safe, tc.safe)
			}
			forced := checkFile(t, &Checker{Resync: true}, name)
			if want := max(0, tc.resync-tc.at); forced.Skipped != want {
				t.Errorf("with Resync %d bytes were passed over, want %d", forced.Skipped, want)
			}
		})
	}
}

func checkFile(t *testing.T, c *Checker, name string) *Report {
	t.Helper()
	report, err := c.File(name)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// offsets returns where each event begins, and the end of the log.
func offsets(t *testing.T, log []byte) (at []int64) {
	t.Helper()
	f, err := logfile.NewReader(bytes.NewReader(log), "log")
	if err != nil {
		t.Fatal(err)
	}
	for {
		at = append(at, f.Offset())
		if _, _, err := f.Next(); err != nil {
			return at
		}
	}
}

func lastBegin(t *testing.T, log []byte) (offset int64) {
	t.Helper()
	f, err := logfile.NewReader(bytes.NewReader(log), "log")
	if err != nil {
		t.Fatal(err)
	}
	for e, err := range decoder.NewReader(f).All() {
		if err != nil {
			t.Fatal(err)
		}
		if e.IsGtid() {
			offset = e.Pos.Offset
		}
	}
	return offset
}

// TestSoundLogs: what servers left behind in good order has no damage and no gap, file after file.
func TestSoundLogs(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join("..", "..", "fixtures", "m*", "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no logs: %v", err)
	}
	more, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "corpus", "broken-replicas", "*"))
	for _, dir := range append(dirs, more...) {
		checkInOrder(t, filepath.Join(dir, "relay*.0*"))
		checkInOrder(t, filepath.Join(dir, "source-bin.0*"))
	}
}

func checkInOrder(t *testing.T, pattern string) {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	c := Checker{}
	for _, name := range names {
		if report := checkFile(t, &c, name); report.Worst() > Note {
			t.Errorf("%s: %v", name, report.Findings)
		}
	}
}

// TestGap: a file that is left out between two is noticed, by name and by GTIDs.
func TestGap(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "corpus", "broken-replicas", "my56-gtidon-mts-big-txn-relay-rotates")
	names, err := filepath.Glob(filepath.Join(dir, "relay-bin.0*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(names) < 3 {
		t.Skip("no corpus of broken replicas beside the project")
	}
	c := Checker{}
	checkFile(t, &c, names[0])
	report := checkFile(t, &c, names[2])
	if report.Worst() != Gap {
		t.Errorf("%s after %s: %v; want a gap", names[2], names[0], report.Findings)
	}
}

// TestCorpusDamage: every damaged file of the corpus has its finding.
func TestCorpusDamage(t *testing.T) {
	names, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "corpus", "corrupt", "made", "*.binlog"))
	if len(names) == 0 {
		t.Skip("no corpus of damaged logs beside the project")
	}
	for _, name := range names {
		if strings.Contains(name, "-one-event-twice") || strings.Contains(name, "-table-map-missing") {
			continue // each event is sound; decoding the rows tells
		}
		report := checkFile(t, &Checker{}, name)
		relayCut := strings.Contains(name, "relay-my97-cut-after-table-map")
		if report.Worst() != Damage && !relayCut {
			t.Errorf("%s: no damage found: %s", filepath.Base(name), fmt.Sprint(report.Findings))
		}
	}
}

// TestOldLogs: what servers up to 5.1 left behind has no damage either, though the positions in it follow other rules.
func TestOldLogs(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "corpus", "mysql-5.[012]", "*"))
	if err != nil || len(names) == 0 {
		t.Skip("no corpus of real logs beside the project")
	}
	for _, name := range names {
		for _, f := range checkFile(t, &Checker{}, name).Findings {
			if f.Severity == Damage {
				t.Errorf("%s: at %d: %s", name, f.Pos.Offset, f.What)
			}
		}
	}
}

// TestManyFindings: after missing bytes every event is a finding; the report holds the first of them and counts the rest.
func TestManyFindings(t *testing.T) {
	log, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	events := offsets(t, log)
	format := bytes.Clone(log[events[0]:events[1]])
	format[17] &^= decoder.FlagRelayLog
	b := append([]byte("\xfebin"), checksummed(format)...)
	event := make([]byte, 30)
	event[4], event[9], event[13], event[17] = byte(decoder.EventIgnorable), 30, 7, decoder.FlagIgnorable
	b = append(b, bytes.Repeat(checksummed(event), 250)...)
	name := filepath.Join(t.TempDir(), "binlog.000001")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	report := checkFile(t, &Checker{}, name)
	if len(report.Findings) != maxFindings || report.More != 250-maxFindings || report.Worst() != Damage {
		t.Errorf("%d findings and %d more, the worst %s", len(report.Findings), report.More, report.Worst())
	}
}

// checksummed makes the checksum of an event right.
func checksummed(event []byte) []byte {
	end := len(event) - 4
	return binary.LittleEndian.AppendUint32(event[:end:end], crc32.ChecksumIEEE(event[:end]))
}

// TestAfterTheEnd: an event after the one that ends a binary log is damage, whatever position it claims.
func TestAfterTheEnd(t *testing.T) {
	relay, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	format := bytes.Clone(relay[4 : 4+binary.LittleEndian.Uint32(relay[4+9:])])
	event := func(kind byte, position uint32) []byte {
		e := make([]byte, 23)
		e[4], e[9] = kind, 23
		binary.LittleEndian.PutUint32(e[13:], position)
		return checksummed(e)
	}
	format[17] = 0 // of a binary log
	log := append(bytes.Clone(relay[:4]), checksummed(format)...)
	log = append(log, event(3, uint32(len(log)+23))...) // Stop
	name := filepath.Join(t.TempDir(), "binlog.000001")
	for damaged, content := range map[bool][]byte{false: log, true: append(bytes.Clone(log), event(3, 0)...)} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if r := checkFile(t, &Checker{}, name); (r.Worst() == Damage) != damaged {
			t.Errorf("%d bytes: %+v, want damage: %v", len(content), r.Findings, damaged)
		}
	}
}

// TestInUse: a log that its server had open when it was copied is whole; that is worth a note, unless its end is there.
func TestInUse(t *testing.T) {
	log, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	log[4+17] |= decoder.FlagInUse // no checksum covers it
	name := filepath.Join(t.TempDir(), "relay.000002")
	if err := os.WriteFile(name, log, 0o600); err != nil {
		t.Fatal(err)
	}
	report := checkFile(t, &Checker{}, name)
	if len(report.Findings) != 1 || report.Worst() != Note || !strings.Contains(report.Findings[0].What, "had the file open") {
		t.Errorf("found %+v", report.Findings)
	}
}
