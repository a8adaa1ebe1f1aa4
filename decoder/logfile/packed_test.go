package logfile_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/logfile"
	"binmend/fixtures/octets"
)

// packedLogs compresses a log in each way that tools do.
func packedLogs(t testing.TB, log []byte) map[string][]byte {
	half := len(log) / 2
	skippable := []byte{0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'}
	return map[string][]byte{
		"gzip":                        octets.Gzip(log),
		"gzip of several members":     append(octets.Gzip(log[:half]), octets.Gzip(log[half:])...),
		"gzip, an empty member":       append(octets.Gzip(nil), octets.Gzip(log)...),
		"zstd":                        octets.Zstd(log),
		"zstd of several frames":      append(octets.Zstd(log[:half]), octets.Zstd(log[half:])...),
		"zstd, a frame to be skipped": append(skippable, octets.Zstd(log)...),
	}
}

// A compressed log is the log, whatever its name, from a disk or from a pipe.
func TestPackedLogs(t *testing.T) {
	events := manyEvents()
	log := logOf(events...)
	for name, packed := range packedLogs(t, log) {
		t.Run(name, func(t *testing.T) {
			onDisk, err := logfile.Open(saved(t, "bin.000001", packed))
			if err != nil {
				t.Fatal(err)
			}
			defer onDisk.Close()
			piped, err := logfile.NewReader(pipe(packed), "bin.000001")
			if err != nil {
				t.Fatal(err)
			}
			defer piped.Close()
			for _, f := range []*logfile.File{onDisk, piped} {
				offset := int64(len(logfile.Magic))
				for i, want := range events {
					raw, pos, err := f.Next()
					if err != nil || !bytes.Equal(raw, want) || pos.Offset != offset {
						t.Fatalf("event %d: %d bytes at %v, %v; want %d at %d", i, len(raw), pos, err, len(want), offset)
					}
					offset += int64(len(want))
				}
				if _, _, err := f.Next(); err != io.EOF {
					t.Errorf("error %v at the end", err)
				}
				if got := f.Progress(); got != int64(len(packed)) {
					t.Errorf("read %d bytes of %d", got, len(packed))
				}
				if f.Size() != -1 {
					t.Errorf("the log has %d bytes, which nobody can know", f.Size())
				}
			}
			if !onDisk.CanSeek() || piped.CanSeek() {
				t.Errorf("seeks on disk: %v, from a pipe: %v", onDisk.CanSeek(), piped.CanSeek())
			}
			seekAround(t, onDisk, events)
		})
	}
}

// seekAround goes to every event of a log, the last first.
func seekAround(t *testing.T, f *logfile.File, events [][]byte) {
	t.Helper()
	for i := len(events) - 1; i >= 0; i-- {
		at := offsetOf(events, i)
		if err := f.SeekTo(at); err != nil {
			t.Fatal(err)
		}
		raw, pos, err := f.Next()
		if err != nil || !bytes.Equal(raw, events[i]) || pos.Offset != at {
			t.Errorf("sought to event %d: %d bytes at %v, %v; want %d at %d", i, len(raw), pos, err, len(events[i]), at)
		}
	}
	if _, err := f.ReadAt(make([]byte, 1), 4); err == nil {
		t.Error("bytes at any place of a compressed log")
	}
}

// A compressed file that is cut anywhere gives whole events up to an error that names the log's offset.
func TestPackedLogCut(t *testing.T) {
	var events [][]byte
	for range 50 {
		events = append(events, rawEventOf(decoder.EventXid, 31))
	}
	for name, packed := range packedLogs(t, logOf(events...)) {
		if strings.Contains(name, "several") || strings.Contains(name, ",") {
			continue // between two members or frames is an end as well
		}
		for length := 4; length < len(packed); length++ {
			f, err := logfile.NewReader(bytes.NewReader(packed[:length]), "bin.000001")
			whole := int64(0)
			for err == nil {
				if _, _, err = f.Next(); err == nil {
					whole++
				}
			}
			var e *fault.Error
			if !errors.As(err, &e) || !errors.Is(err, decoder.ErrTruncated) || e.Reason == nil || whole > 0 && e.Pos.Offset < 4+31*whole {
				t.Fatalf("%s, %d bytes of %d: %d events, then error %v", name, length, len(packed), whole, err)
			}
		}
	}
}

// Damage of a compressed file and damage of the log in it are different errors.
func TestBadPackedLog(t *testing.T) {
	log := logOf(rawEventOf(decoder.EventXid, 1000), rawEventOf(decoder.EventXid, 31))
	gz := octets.Gzip(log)
	flipped := bytes.Clone(gz)
	flipped[len(gz)-8] ^= 1 // the checksum of the member
	for _, tc := range []struct {
		name    string
		content []byte
		reason  error
		what    string
	}{
		{"nothing in it", octets.Gzip(nil), logfile.ErrEmpty, "an empty file"},
		{"a text in it", octets.Zstd([]byte("# at 4\n")), decoder.ErrNotALog, `found "# at"`},
		{"a compressed log in it", octets.Gzip(gz), decoder.ErrNotALog, `found "\x1f\x8b`},
		{"damaged", flipped, logfile.ErrPackedDamaged, "the gzip file is damaged: gzip: invalid checksum"},
		{"a text after it", append(bytes.Clone(gz), "a text, no member"...), logfile.ErrPackedDamaged, "the gzip file is damaged: "},
		{"xz", []byte("\xfd7zXZ\x00"), logfile.ErrOtherPacking, "found one compressed with xz"},
		{"a large window", octets.Zstd(append(log, make([]byte, 65<<20)...), zstd.WithWindowSize(64<<20)), logfile.ErrWindow, "at most 32 MiB"},
	} {
		f, err := logfile.NewReader(bytes.NewReader(tc.content), "log")
		for err == nil {
			_, _, err = f.Next()
		}
		checkError(t, tc.name, err, tc.reason, tc.what)
	}
}

// A log that its server encrypted may be compressed as well.
func TestPackedAndEncrypted(t *testing.T) {
	for _, s := range sealedLogs(t) {
		f, err := s.right.Open(saved(t, "relay.000002.zst", octets.Zstd(s.encrypted)))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		want, err := s.right.Open(saved(t, "relay.000002", s.encrypted))
		if err != nil {
			t.Fatal(err)
		}
		defer want.Close()
		for range 2 { // the second time after a seek to the beginning
			for {
				a, apos, aerr := f.Next()
				b, bpos, berr := want.Next()
				if !bytes.Equal(a, b) || apos.Offset != bpos.Offset || aerr != berr {
					t.Fatalf("%s: %x at %d, %v; want %x at %d, %v", s.name, a, apos.Offset, aerr, b, bpos.Offset, berr)
				}
				if aerr == io.EOF {
					break
				}
			}
			for _, file := range []*logfile.File{f, want} {
				if err := file.SeekTo(4); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// An error of the disk is no error of the compressed file.
func TestPackedReadError(t *testing.T) {
	packed := octets.Gzip(logOf(manyEvents()...))
	broken := io.MultiReader(bytes.NewReader(packed[:len(packed)/2]), brokenDisk{})
	f, err := logfile.NewReader(broken, "log")
	for err == nil {
		_, _, err = f.Next()
	}
	if !errors.Is(err, os.ErrPermission) || errors.Is(err, decoder.ErrCorrupt) {
		t.Errorf("error %v", err)
	}
}

type brokenDisk struct{}

func (brokenDisk) Read([]byte) (int, error) { return 0, os.ErrPermission }

// FuzzPacked: whatever the compressed bytes, reading ends, and ends with an error that says where.
func FuzzPacked(f *testing.F) {
	log := logOf(rawEventOf(decoder.EventXid, 31), rawEventOf(decoder.EventStop, 19))
	for _, packed := range packedLogs(f, log) {
		f.Add(packed)
	}
	f.Fuzz(func(t *testing.T, packed []byte) {
		r, err := logfile.NewReader(bytes.NewReader(packed), "log")
		for read := 0; err == nil && read < 64<<20; {
			var raw []byte
			raw, _, err = r.Next()
			read += len(raw)
		}
		var known *fault.Error
		if err != nil && err != io.EOF && !errors.As(err, &known) {
			t.Fatalf("error %v says not where", err)
		}
	})
}
