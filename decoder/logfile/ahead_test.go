package logfile_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
)

// randomEvents makes events of up to most bytes, about size bytes in all.
func randomEvents(random *rand.Rand, size, most int) (events [][]byte) {
	for size > 0 {
		length := 19 + random.IntN(most)
		raw := rawEventOf(decoder.EventQuery, length)
		raw[5] = byte(len(events))
		events, size = append(events, raw), size-length
	}
	return events
}

// A log that is read ahead gives the same events, whatever their size.
func TestReadAhead(t *testing.T) {
	for name, most := range map[string]int{"small": 300, "medium": 60 << 10, "large": 500 << 10, "larger than a piece": 3 << 20} {
		random := rand.New(rand.NewPCG(1, uint64(most)))
		events := randomEvents(random, 16<<20, most)
		f, err := logfile.Open(saved(t, "log", logOf(events...)))
		if err != nil {
			t.Fatal(err)
		}
		offset := int64(len(logfile.Magic))
		for i, want := range events {
			raw, pos, err := f.Next()
			if err != nil || pos.Offset != offset || !bytes.Equal(raw, want) {
				t.Fatalf("%s: event %d of %d bytes at %d: error %v, offset %d", name, i, len(want), offset, err, pos.Offset)
			}
			offset += int64(len(want))
		}
		if _, _, err := f.Next(); err != io.EOF {
			t.Errorf("%s: error %v at the end", name, err)
		}
		f.Close()
	}
}

// SeekTo goes anywhere, whatever has been read ahead.
func TestSeekAfterReadAhead(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 3))
	events := randomEvents(random, 12<<20, 2000)
	var starts []int64
	offset := int64(len(logfile.Magic))
	for _, e := range events {
		starts, offset = append(starts, offset), offset+int64(len(e))
	}
	f := open(t, saved(t, "log", logOf(events...)))
	for range 50 {
		from := random.IntN(len(events))
		if err := f.SeekTo(starts[from]); err != nil {
			t.Fatal(err)
		}
		for i := from; i < min(from+random.IntN(6000), len(events)); i++ {
			raw, pos, err := f.Next()
			if err != nil || pos.Offset != starts[i] || !bytes.Equal(raw, events[i]) {
				t.Fatalf("event %d after a seek to %d: error %v, offset %d", i, from, err, pos.Offset)
			}
		}
	}
}

// The end of a log that is being written is where it ends when it is reached, not where it ended when it was read ahead.
func TestReadAheadOfGrowingLog(t *testing.T) {
	events := randomEvents(rand.New(rand.NewPCG(4, 5)), 8<<20, 2000)
	whole := logOf(events...)
	var ends []int64
	for _, size := range []int{1 << 20, 2<<20 - 5, 3 << 20, 4 << 20, 5<<20 + 7, len(whole)} {
		ends = append(ends, int64(size))
	}
	name := saved(t, "log", whole[:ends[0]])
	f := open(t, name)
	offset := int64(len(logfile.Magic))
	for _, want := range events {
		if end := offset + int64(len(want)); end > ends[0] { // the server writes on
			next := slices.IndexFunc(ends, func(e int64) bool { return e >= end })
			ends = ends[next:]
			if err := os.WriteFile(name, whole[:ends[0]], 0o600); err != nil {
				t.Fatal(err)
			}
		}
		raw, pos, err := f.Next()
		if err != nil || pos.Offset != offset || !bytes.Equal(raw, want) {
			t.Fatalf("event at %d: error %v, offset %d", offset, err, pos.Offset)
		}
		offset += int64(len(want))
	}
}

// Checked is true for no event whose checksum is wrong, wherever it stands and however it is reached, and for nearly all that are right
// and read one after the other.
func TestCheckedAhead(t *testing.T) {
	for name, most := range map[string]int{"small": 300, "medium": 60 << 10, "large": 500 << 10, "larger than a piece": 3 << 20} {
		random := rand.New(rand.NewPCG(6, uint64(most)))
		events := randomEvents(random, 16<<20, most)
		for i, raw := range events {
			events[i] = append(raw, "CRC."...)
			seal(events[i])
		}
		for at := random.IntN(len(events)/5 + 1); at+2 < len(events); at += 1 + random.IntN(len(events)/5+1) {
			inner := events[at+1]
			if len(inner) > 60 { // what looks like an event, and ends in its checksum, inside another
				seal(inner[25 : 25+20+random.IntN(len(inner)-60)])
				seal(inner)
			}
			events[at][19+random.IntN(len(events[at])-19)] ^= 1
		}
		f := open(t, saved(t, "log", logOf(events...)))
		right, checked := 0, 0
		read := func(until int64) {
			for {
				raw, pos, err := f.Next()
				if err != nil || pos.Offset > until {
					return
				}
				isRight := decoder.EndsInChecksum(raw)
				if f.Checked() {
					checked++
					if !isRight {
						t.Fatalf("%s: the event at %d is said to be right", name, pos.Offset)
					}
				}
				if isRight {
					right++
				}
			}
		}
		read(16 << 20)
		if most < 1000 && checked < right/2 {
			t.Errorf("%s: %d of %d events were checked ahead", name, checked, right)
		}
		for range 5 {
			at := random.Int64N(12 << 20)
			if err := f.SeekTo(at); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				found, err := f.Resync(decoder.Position{Offset: f.Offset()})
				if err != nil {
					break
				}
				read(found + random.Int64N(4<<20))
			}
		}
	}
}

// seal writes the length of an event into its header and its checksum behind it.
func seal(raw []byte) {
	end := len(raw) - 4
	raw[4] = byte(decoder.EventQuery)
	binary.LittleEndian.PutUint16(raw[17:], 0)
	binary.LittleEndian.PutUint32(raw[9:], uint32(len(raw)))
	binary.LittleEndian.PutUint32(raw[end:], crc32.ChecksumIEEE(raw[:end]))
}
