package serve

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"binmend/decoder"
	"binmend/decoder/gtid"
)

// These functions build logs of little transactions, so that a test can say in a line what is in each.

const (
	uuidA = "aaaaaaaa-0000-0000-0000-00000000000a"
	uuidB = "bbbbbbbb-0000-0000-0000-00000000000b"
)

// builder writes one log.
type builder struct {
	t    testing.TB
	make artificial
	log  bytes.Buffer
}

// newLog begins a log of a server with its format description.
func newLog(t testing.TB, version string, sum decoder.Checksum) *builder {
	t.Helper()
	b := &builder{t: t, make: artificial{serverID: 1, checksum: sum}}
	b.log.Write([]byte{0xfe, 'b', 'i', 'n'})
	body := make([]byte, 2+50+4+1)
	body[0] = 4
	copy(body[2:], version)
	body[52] = 7 // created
	body[56] = headerLength
	for kind := decoder.EventType(1); kind <= decoder.EventGtidTagged; kind++ {
		length := byte(8)
		if kind == decoder.EventQuery {
			length = 13
		}
		body = append(body, length)
	}
	body = append(body, byte(sum))
	if sum == decoder.ChecksumNone {
		body = append(body, make([]byte, checksumLength)...)
	}
	return b.event(decoder.EventFormatDescription, body)
}

// event appends an event.
func (b *builder) event(kind decoder.EventType, body []byte) *builder {
	b.make.begin(kind, 0, 0)
	b.make.event = append(b.make.event, body...)
	b.make.end()
	binary.LittleEndian.PutUint32(b.make.event[endLogPosOffset:], uint32(b.log.Len()+len(b.make.event)))
	if b.make.checksum == decoder.ChecksumCRC32 {
		sign(b.make.event)
	}
	if kind == decoder.EventFormatDescription && b.make.checksum == decoder.ChecksumNone {
		sign(b.make.event)
	}
	b.log.Write(b.make.event)
	return b
}

// previous appends a Previous_gtids event.
func (b *builder) previous(text string) *builder {
	set, err := gtid.ParseSet(text)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.event(decoder.EventPreviousGtids, encodeSet(set))
}

// encodeSet writes an untagged set as Previous_gtids events and COM_BINLOG_DUMP_GTID have it.
func encodeSet(set *gtid.Set) []byte {
	var body []byte
	sources := uint64(0)
	for tsid, intervals := range set.Intervals {
		sources++
		body = append(body, tsid.UUID[:]...)
		body = binary.LittleEndian.AppendUint64(body, uint64(len(intervals)))
		for _, iv := range intervals {
			body = binary.LittleEndian.AppendUint64(body, iv.First)
			body = binary.LittleEndian.AppendUint64(body, iv.Last+1)
		}
	}
	return append(binary.LittleEndian.AppendUint64(nil, sources), body...)
}

// transaction appends one with a GTID: GTID event, BEGIN, XID.
func (b *builder) transaction(text string) *builder {
	id, err := gtid.Parse(text)
	if err != nil {
		b.t.Fatal(err)
	}
	if id.Flavor == gtid.MariaDB {
		body := binary.LittleEndian.AppendUint64(nil, id.Seq)
		body = binary.LittleEndian.AppendUint32(body, id.Domain)
		server := b.make.serverID
		b.make.serverID = id.Server
		b.event(decoder.EventMariaGtid, append(body, 0, 0, 0, 0, 0, 0, 0))
		b.make.serverID = server
	} else {
		body := append([]byte{1}, id.TSID.UUID[:]...)
		b.event(decoder.EventGtid, append(binary.LittleEndian.AppendUint64(body, id.Seq), 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0))
	}
	return b.event(decoder.EventXid, make([]byte, 8))
}

// list appends a Gtid_list event.
func (b *builder) list(text string) *builder {
	list, err := gtid.ParseList(text)
	if err != nil {
		b.t.Fatal(err)
	}
	body := binary.LittleEndian.AppendUint32(nil, uint32(len(list)))
	for _, g := range list {
		body = binary.LittleEndian.AppendUint32(body, g.Domain)
		body = binary.LittleEndian.AppendUint32(body, g.Server)
		body = binary.LittleEndian.AppendUint64(body, g.Seq)
	}
	return b.event(decoder.EventMariaGtidList, body)
}

// rotate appends the Rotate event that ends a log.
func (b *builder) rotate(next string) *builder {
	return b.event(decoder.EventRotate, append(binary.LittleEndian.AppendUint64(nil, magicLength), next...))
}

const (
	mysqlVersion = "9.7.0"
	mariaVersion = "11.8.2-MariaDB-log"
)

// folder writes logs, named bin.000001 and so on, and their index file.
func folder(t testing.TB, logs ...*builder) string {
	t.Helper()
	dir := t.TempDir()
	for i, log := range logs {
		write(t, dir, i+1, log.log.Bytes())
	}
	return dir
}

// write writes the nth log, and the names of all up to it into the index file.
func write(t testing.TB, dir string, n int, log []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, logName(n)), log, 0o644); err != nil {
		t.Fatal(err)
	}
	var index bytes.Buffer
	for i := 1; i <= n; i++ {
		index.WriteString("./" + logName(i) + "\n")
	}
	if err := os.WriteFile(filepath.Join(dir, "bin.index"), index.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func logName(n int) string { return "bin.00000" + string(rune('0'+n)) }
