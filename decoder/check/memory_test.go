package check

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"

	"binmend/decoder"
	"binmend/decoder/gtid"
)

// TestDoesNotAllocate: ten times the transactions cost no memory.
func TestDoesNotAllocate(t *testing.T) {
	allocations := func(n int) float64 {
		name := filepath.Join(t.TempDir(), "relay.000002")
		if err := os.WriteFile(name, repeated(t, n), 0o600); err != nil {
			t.Fatal(err)
		}
		return testing.AllocsPerRun(2, func() {
			c := Checker{}
			if report := checkFile(t, &c, name); report.Transactions < n || report.Worst() > Note {
				t.Fatalf("%d transactions, %v", report.Transactions, report.Findings)
			}
		})
	}
	const pieces = 12 // of the file that are read ahead, some allocations each
	if few, many := allocations(1000), allocations(10_000); many > few+20+pieces*6 {
		t.Errorf("%v allocations for 1,000 transactions, %v for 10,000", few, many)
	}
}

// repeated is the sample with its last transaction n more times, under the numbers that follow.
func repeated(t *testing.T, n int) []byte {
	t.Helper()
	log, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	const headerLength, lengthOffset, checksumLength = 19, 9, 4
	begin := lastBegin(t, log)
	last := bytes.Clone(log[begin:])
	event := last[:binary.LittleEndian.Uint32(last[lengthOffset:])]
	if decoder.EventType(event[4]) != decoder.EventGtid {
		t.Fatal("the transaction has no GTID")
	}
	number, sum := event[headerLength+17:], event[len(event)-checksumLength:]
	for range n {
		binary.LittleEndian.PutUint64(number, binary.LittleEndian.Uint64(number)+1)
		binary.LittleEndian.PutUint32(sum, crc32.ChecksumIEEE(event[:len(event)-checksumLength]))
		log = append(log, last...)
	}
	return log
}

// TestManyDomains: a log in which each transaction has a domain of its own does not fill the memory.
func TestManyDomains(t *testing.T) {
	c := &chain{}
	for domain := range uint32(maxDomains + 10) {
		c.transaction(gtid.GTID{Flavor: gtid.MariaDB, Domain: domain, Server: 1, Seq: 1})
	}
	c.transaction(gtid.GTID{Flavor: gtid.MariaDB, Domain: 7, Server: 1, Seq: 2})
	if len(c.last) != maxDomains || c.last[7].Seq != 2 {
		t.Errorf("%d domains, the last of one is %s", len(c.last), c.last[7])
	}
}
