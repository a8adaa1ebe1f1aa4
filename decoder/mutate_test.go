package decoder_test

import (
	"bytes"
	"flag"
	"maps"
	"math/rand/v2"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/fixtures/damage"
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
		original, other := originals[random.IntN(len(originals))], originals[random.IntN(len(originals))]
		log := damage.Mutate(random, original, other)
		if random.IntN(2) == 0 {
			damage.Mend(log)
			walk(log)
			continue
		}
		if _, err := walk(log); err == nil && !unharmed(log, original, other) {
			t.Fatalf("a damaged log was read without an error\noriginal %x\ndamaged  %x", original, log)
		}
	}
}

// unharmed reports whether a log that was read without an error holds only whole events of the originals: a damage that takes
// or repeats whole events is not for the decoder to find but for package check, by their positions. The flags that no
// checksum covers do not count, nor a log without checksums.
func unharmed(log []byte, originals ...[]byte) bool {
	events, checksummed := bodies(log)
	if !checksummed {
		return true
	}
	known := map[string]bool{}
	for _, original := range originals {
		of, _ := bodies(original)
		maps.Copy(known, of)
	}
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
		damage.Mend(log)
		walk(log)
	})
}
