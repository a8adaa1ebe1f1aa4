package decoder_test

import (
	"bytes"
	"flag"
	"hash/crc32"
	"math/rand/v2"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
)

var mutations = flag.Int("mutations", 20_000, "how many damaged logs TestMutatedLogs reads")

// TestMutatedLogs damages real logs at random, some of them with their checksums made right again, so that the damage gets
// past them. No log may make the decoder panic or go on for ever, and none may be read without an error when its checksums
// tell of damage. `make fuzz` reads a million.
func TestMutatedLogs(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	originals := make([][]byte, 0, 100)
	for _, name := range realLogs(t, 2<<10) {
		log := readFile(t, name)
		if _, err := walk(log); err == nil && bytes.Contains(log, logfile.Magic) {
			originals = append(originals, log)
		}
	}
	for range *mutations {
		original := originals[random.IntN(len(originals))]
		log := mutate(random, original)
		if random.IntN(2) == 0 {
			mend(log)
			walk(log)
			continue
		}
		if _, err := walk(log); err == nil && !unharmed(log, original) {
			t.Fatalf("a damaged log was read without an error\noriginal %x\ndamaged  %x", original, log)
		}
	}
}

// mutate changes some bytes, or moves, repeats or drops a piece.
func mutate(random *rand.Rand, original []byte) []byte {
	log := bytes.Clone(original)
	for range 1 + random.IntN(4) {
		at := random.IntN(len(log))
		n := min(1+random.IntN(40), len(log)-at)
		switch random.IntN(5) {
		case 0:
			log[at] ^= 1 << random.IntN(8)
		case 1:
			log[at] = byte(random.Uint32())
		case 2:
			for i := range n {
				log[at+i] = 0xff
			}
		case 3:
			copy(log[at:], log[random.IntN(len(log)):])
		case 4:
			if len(log) > 200 {
				log = append(log[:at], log[at+n:]...)
			}
		}
	}
	return log
}

// mend makes the checksum of each event right, as far as the lengths lead.
func mend(log []byte) {
	for at := 4; at+19 <= len(log); {
		length := int(uint32(log[at+9]) | uint32(log[at+10])<<8 | uint32(log[at+11])<<16 | uint32(log[at+12])<<24)
		if length < 23 || length > len(log)-at {
			return
		}
		end := at + length
		sum := crc32.ChecksumIEEE(log[at : end-4])
		log[end-4], log[end-3], log[end-2], log[end-1] = byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24)
		at = end
	}
}

// unharmed says whether a log that was read without an error holds only whole events of the original: a damage that takes
// or repeats whole events is not for the decoder to find but for package check, by their positions. The flags that no
// checksum covers do not count, nor a log without checksums.
func unharmed(log, original []byte) bool {
	events, checksummed := bodies(log)
	if !checksummed {
		return true
	}
	known, _ := bodies(original)
	for event := range events {
		if !known[event] {
			return false
		}
	}
	return true
}

// bodies returns the events' types and bodies, and whether all events have checksums.
func bodies(log []byte) (events map[string]bool, checksummed bool) {
	events, checksummed = make(map[string]bool), true
	f, err := logfile.NewReader(bytes.NewReader(log), "log")
	if err != nil {
		return events, false
	}
	for e, err := range decoder.NewReader(f).All() {
		if err != nil {
			return events, false
		}
		checksummed = checksummed && e.Format.Checksum == decoder.ChecksumCRC32
		events[e.Type.String()+string(e.Body)] = true
	}
	return events, checksummed
}

// FuzzEvents fuzzes what the checksums protect, event bodies and cells among them: they are made right before reading.
func FuzzEvents(f *testing.F) {
	for _, name := range realLogs(f, 4<<10) {
		f.Add(readFile(f, name))
	}
	f.Fuzz(func(t *testing.T, log []byte) {
		mend(log)
		walk(log)
	})
}
