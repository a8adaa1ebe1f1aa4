package decoder_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/logfile"
)

// sound returns the small logs that can be read to their end.
func sound(t *testing.T, limit int64) map[string][]byte {
	t.Helper()
	logs := make(map[string][]byte)
	for _, name := range realLogs(t, limit) {
		log := readFile(t, name)
		if _, err := walk(log); err == nil {
			logs[name] = log
		}
	}
	if len(logs) == 0 {
		t.Fatal("no log to damage")
	}
	return logs
}

// boundaries returns the offsets at which events of a sound log begin, and its length.
func boundaries(t *testing.T, log []byte) map[int]bool {
	t.Helper()
	f, err := logfile.NewReader(bytes.NewReader(log), "log")
	if err != nil {
		t.Fatal(err)
	}
	at := map[int]bool{int(f.Offset()): true}
	for {
		if _, _, err := f.Next(); err == io.EOF {
			return at
		} else if err != nil {
			t.Fatal(err)
		}
		at[int(f.Offset())] = true
	}
}

// A log that is cut anywhere but between events is called truncated, with the offset of the event that is cut.
func TestCutAtEveryByte(t *testing.T) {
	for name, log := range sound(t, 800) {
		whole := boundaries(t, log)
		for cut := range log {
			_, err := walk(log[:cut])
			switch {
			case cut < len(logfile.Magic):
				if !errors.Is(err, decoder.ErrNotALog) {
					t.Errorf("%s cut at %d: error %v, want %v", name, cut, err, decoder.ErrNotALog)
				}
			case whole[cut]:
				if err != nil {
					t.Errorf("%s cut between events at %d: error %v", name, cut, err)
				}
			default:
				checkTruncated(t, name, cut, err, whole)
			}
		}
	}
}

func checkTruncated(t *testing.T, name string, cut int, err error, whole map[int]bool) {
	t.Helper()
	var e *fault.Error
	if !errors.As(err, &e) || !errors.Is(err, decoder.ErrTruncated) {
		t.Errorf("%s cut at %d: error %v, want %v", name, cut, err, decoder.ErrTruncated)
		return
	}
	if !whole[int(e.Pos.Offset)] || int(e.Pos.Offset) > cut || e.Pos.File == "" || e.What == "" || e.Reason == nil {
		t.Errorf("%s cut at %d: the error does not say where and what to do: %+v", name, cut, e)
	}
}

// A flipped bit in a log with checksums is always found, but for the in-use flag of a format description, which a server
// sets and clears without a new checksum.
func TestFlippedBits(t *testing.T) {
	for name, log := range sound(t, 400) {
		free, checksummed := uncovered(t, log)
		for i := range log {
			for b := range 8 {
				log[i] ^= 1 << b
				_, err := walk(log) // without checksums it is enough that nothing panics
				if checksummed && err == nil && !(free[i] && b == 0) {
					t.Errorf("%s: bit %d of byte %d flipped, and no error", name, b, i)
				}
				log[i] ^= 1 << b
			}
		}
	}
}

// uncovered returns the offsets of the format descriptions' flags, and whether all events have checksums.
func uncovered(t *testing.T, log []byte) (flags map[int]bool, checksummed bool) {
	t.Helper()
	f, err := logfile.NewReader(bytes.NewReader(log), "log")
	if err != nil {
		t.Fatal(err)
	}
	flags, checksummed = make(map[int]bool), true
	for e, err := range decoder.NewReader(f).All() {
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == decoder.EventFormatDescription {
			flags[int(e.Pos.Offset)+17] = true
		}
		checksummed = checksummed && e.Format.Checksum == decoder.ChecksumCRC32
	}
	return flags, checksummed
}

// FuzzReader: whatever the bytes, reading ends, and ends with an error that names the file.
func FuzzReader(f *testing.F) {
	for _, name := range realLogs(f, 4<<10) {
		f.Add(readFile(f, name))
	}
	f.Fuzz(func(t *testing.T, log []byte) {
		_, err := walk(log)
		if err != nil && !strings.Contains(err.Error(), "log") {
			t.Errorf("the error does not name the file: %v", err)
		}
	})
}
