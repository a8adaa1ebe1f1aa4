package find

import (
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"

	"binmend/decoder"
	"binmend/decoder/walk"
)

// TestLogOver4GiB: after 4 GiB an event's own position has wrapped, but the offset in the file has not. The log is a real one
// with a sparse stretch of ignorable events put before its last transaction.
func TestLogOver4GiB(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 4 GiB")
	}
	log, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed", "relay.000002"))
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "relay.000002")
	logs := walk.Logs{Names: []string{name}}
	last := lastTransaction(t, log)
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	offset := writeSparse(t, f, log[:last])
	if _, err := f.WriteAt(log[last:], offset); err != nil {
		t.Fatal(err)
	}
	if offset < 1<<32 {
		t.Fatalf("the last transaction begins at %d", offset)
	}
	inside := decoder.Position{File: name, Offset: offset + 79} // after the GTID event
	byPosition, err := At(logs, inside)
	if err != nil || byPosition.Start.Offset != offset {
		t.Errorf("by position: %s, %v; want offset %d", byPosition.Start, err, offset)
	}
	byGTID, err := ByGTID(logs, byPosition.GTID, decoder.Position{})
	if err != nil || byGTID.Start.Offset != offset || byGTID.End.Offset != offset+int64(len(log)-last) {
		t.Errorf("by GTID: %s to %s, %v", byGTID.Start, byGTID.End, err)
	}
}

// lastTransaction is the offset of the last GTID event.
func lastTransaction(t *testing.T, log []byte) (offset int) {
	t.Helper()
	for at := 4; at < len(log); at += int(binary.LittleEndian.Uint32(log[at+9:])) {
		if decoder.EventType(log[at+4]) == decoder.EventGtid {
			offset = at
		}
	}
	return offset
}

// writeSparse writes the beginning of a log and 65 events of 64 MiB whose bodies are holes. It returns where they end.
func writeSparse(t *testing.T, f *os.File, begin []byte) (offset int64) {
	t.Helper()
	const length = 64 << 20
	event := make([]byte, length)
	event[4] = byte(decoder.EventIgnorable)
	binary.LittleEndian.PutUint32(event[9:], length)
	event[17] = decoder.FlagIgnorable
	sum := binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(event[:length-4]))
	offset = int64(len(begin))
	write := func(b []byte, at int64) {
		if _, err := f.WriteAt(b, at); err != nil {
			t.Fatal(err)
		}
	}
	write(begin, 0)
	for range 65 {
		write(event[:19], offset)
		write(sum, offset+length-4)
		offset += length
	}
	return offset
}
