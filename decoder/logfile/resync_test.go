package logfile_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/fixtures/octets"
)

// checkedEvent makes an event that ends in its checksum.
func checkedEvent(kind decoder.EventType, length int) []byte {
	raw := rawEventOf(kind, length)
	binary.LittleEndian.PutUint32(raw[length-4:], crc32.ChecksumIEEE(raw[:length-4]))
	return raw
}

// TestResync goes on after damage of each kind, in a file, in a compressed file and in a pipe.
func TestResync(t *testing.T) {
	first, second, third := checkedEvent(decoder.EventTableMap, 40), checkedEvent(decoder.EventWriteRows, 70000), checkedEvent(decoder.EventXid, 31)
	noise := make([]byte, 200_000)
	random := rand.NewChaCha8([32]byte{7})
	random.Read(noise)
	overrun := bytes.Clone(first)
	binary.LittleEndian.PutUint32(overrun[9:], uint32(len(first)+len(second)+5)) // ends inside the third event
	for _, tc := range []struct {
		name string
		log  []byte
		from int64
		want int64
	}{
		{"nothing is damaged", logOf(first, second, third), 4, 44},
		{"a byte", logOf(flip(first, 25), second, third), 4, 44},
		{"a length that goes too far", logOf(overrun, second, third), 4, 44},
		{"a length beyond the end", logOf(withLength(first, 1<<30), second, third), 4, 44},
		{"noise", logOf(first, noise, second, third), 44, 44 + int64(len(noise))},
		{"zero bytes", logOf(first, make([]byte, 3<<20), third), 44, 44 + 3<<20},
		{"nothing follows", logOf(first, noise), 44, -1},
		{"half an event follows", logOf(first, noise, second[:1000]), 44, -1},
	} {
		onDisk, err := logfile.Open(saved(t, "log", tc.log))
		if err != nil {
			t.Fatal(err)
		}
		defer onDisk.Close()
		packed, err := logfile.Open(saved(t, "log.zst", octets.Zstd(tc.log)))
		if err != nil {
			t.Fatal(err)
		}
		defer packed.Close()
		piped, err := logfile.NewReader(pipe(tc.log), "log")
		if err != nil {
			t.Fatal(err)
		}
		for way, f := range map[string]*logfile.File{"disk": onDisk, "zstd": packed, "pipe": piped} {
			for f.Offset() <= tc.from { // as a reader does that meets the damage
				if _, _, err := f.Next(); err != nil {
					break
				}
			}
			got, err := f.Resync(decoder.Position{File: "log", Offset: tc.from})
			if tc.want < 0 {
				if _, _, next := f.Next(); err != io.EOF || next != io.EOF {
					t.Errorf("%s, %s: at %d, %v; want the end, then %v", tc.name, way, got, err, next)
				}
				continue
			}
			if err != nil || got != tc.want {
				t.Errorf("%s, %s: goes on at %d, %v; want %d", tc.name, way, got, err, tc.want)
			}
			if raw, pos, err := f.Next(); err != nil || pos.Offset != tc.want || !decoder.EndsInChecksum(raw) {
				t.Errorf("%s, %s: the event after it is at %d, %v", tc.name, way, pos.Offset, err)
			}
		}
	}
}

func flip(raw []byte, at int) []byte {
	raw = bytes.Clone(raw)
	raw[at] ^= 1
	return raw
}

func withLength(raw []byte, length uint32) []byte {
	raw = bytes.Clone(raw)
	binary.LittleEndian.PutUint32(raw[9:], length)
	return raw
}

// A file that was made to look like events all over ends the search, and what it costs is bounded.
func TestResyncGivesUp(t *testing.T) {
	hostile := make([]byte, 8<<20)
	for at := 0; at+19 < len(hostile); at += 19 {
		hostile[at+4] = byte(decoder.EventXid)
		binary.LittleEndian.PutUint32(hostile[at+9:], 4<<20)
	}
	f, err := logfile.NewReader(bytes.NewReader(logOf(hostile)), "log")
	if err != nil {
		t.Fatal(err)
	}
	if at, err := f.Resync(decoder.Position{File: "log", Offset: 4}); err != io.EOF {
		t.Errorf("at %d, %v", at, err)
	}
}

// Damage of the compressed file itself is where reading ends.
func TestResyncInDamagedGzip(t *testing.T) {
	packed := octets.Gzip(logOf(checkedEvent(decoder.EventTableMap, 40), checkedEvent(decoder.EventXid, 31)))
	f, err := logfile.NewReader(bytes.NewReader(packed[:len(packed)-12]), "log")
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, _, err = f.Next()
	}
	if at, err := f.Resync(decoder.Position{File: "log", Offset: f.Offset()}); err != io.EOF {
		t.Errorf("at %d, %v", at, err)
	}
	if _, _, err := f.Next(); err != io.EOF {
		t.Errorf("after it: %v", err)
	}
}

// FuzzResync: in whatever bytes, what Resync finds is an event that its checksum proves, after the damage.
func FuzzResync(f *testing.F) {
	first, second := checkedEvent(decoder.EventTableMap, 40), checkedEvent(decoder.EventXid, 31)
	f.Add(logOf(first, second), uint16(4))
	f.Add(logOf(first, make([]byte, 100), second), uint16(44))
	f.Add(logOf(withLength(first, 60), second), uint16(4))
	f.Fuzz(func(t *testing.T, log []byte, from uint16) {
		if !bytes.HasPrefix(log, logfile.Magic) {
			t.Skip("not a log that begins as it is")
		}
		r, err := logfile.NewReader(bytes.NewReader(log), "log")
		if err != nil {
			t.Skip(err)
		}
		at, err := r.Resync(decoder.Position{File: "log", Offset: int64(from)})
		if err != nil {
			return
		}
		raw, pos, err := r.Next()
		if err != nil || pos.Offset != at || !decoder.EndsInChecksum(raw) || !bytes.Equal(raw, log[at:at+int64(len(raw))]) {
			t.Fatalf("from %d to %d: %x, %v", from, at, raw, err)
		}
	})
}
