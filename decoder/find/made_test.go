package find

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/decoder/walk"
)

// madeLog is a binary log that a test puts together; its format description is a real server's.
type madeLog struct {
	bytes.Buffer
	time uint32
}

const madeServer = 7

// newMadeLog begins a log of the server that wrote the named fixture.
func newMadeLog(t *testing.T, line string, time uint32) *madeLog {
	t.Helper()
	log, err := os.ReadFile(filepath.Join("..", "..", "fixtures", line, "mixed", "relay.000001"))
	if err != nil {
		t.Fatal(err)
	}
	m := &madeLog{time: time}
	m.Write(log[:4])
	length := binary.LittleEndian.Uint32(log[4+9:])
	m.addEvent(decoder.EventFormatDescription, log[4+19:4+length-4])
	return m
}

func (m *madeLog) addEvent(t decoder.EventType, body []byte) {
	length := uint32(19 + len(body) + 4)
	event := binary.LittleEndian.AppendUint32(nil, m.time)
	event = append(event, byte(t))
	event = binary.LittleEndian.AppendUint32(event, madeServer)
	event = binary.LittleEndian.AppendUint32(event, length)
	event = binary.LittleEndian.AppendUint32(event, uint32(m.Len())+length)
	event = append(event, 0, 0)
	event = append(event, body...)
	m.Write(binary.LittleEndian.AppendUint32(event, crc32.ChecksumIEEE(event)))
}

// statement adds a transaction that is one statement.
func (m *madeLog) statement(id gtid.GTID, sql string) {
	if id.Flavor == gtid.MariaDB {
		body := binary.LittleEndian.AppendUint64(nil, id.Seq)
		body = binary.LittleEndian.AppendUint32(body, id.Domain)
		m.addEvent(decoder.EventMariaGtid, append(body, decoder.MariaGtidStandalone, 0, 0, 0, 0, 0, 0))
	} else {
		body := append([]byte{1}, id.TSID.UUID[:]...)
		m.addEvent(decoder.EventGtid, binary.LittleEndian.AppendUint64(body, id.Seq))
	}
	query := binary.LittleEndian.AppendUint32(nil, 12) // thread
	query = append(query, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	m.addEvent(decoder.EventQuery, append(query, sql...))
}

// before adds what says that the transactions up to the given one were logged before this log.
func (m *madeLog) before(last gtid.GTID) {
	if last.Flavor == gtid.MariaDB {
		body := binary.LittleEndian.AppendUint32(nil, 1)
		body = binary.LittleEndian.AppendUint32(body, last.Domain)
		body = binary.LittleEndian.AppendUint32(body, last.Server)
		m.addEvent(decoder.EventMariaGtidList, binary.LittleEndian.AppendUint64(body, last.Seq))
		return
	}
	body := binary.LittleEndian.AppendUint64(nil, 1)
	body = append(body, last.TSID.UUID[:]...)
	for _, n := range []uint64{1, 1, last.Seq + 1} { // one interval
		body = binary.LittleEndian.AppendUint64(body, n)
	}
	m.addEvent(decoder.EventPreviousGtids, body)
}

// Each of a hundred logs has perLog transactions, one every madeStep seconds, numbered from 1 on after those of logs that
// are gone.
const (
	madeLogs  = 100
	perLog    = 5
	madeGone  = 50
	madeStep  = 60
	madeBegin = 1_700_000_000
)

// hundredLogs writes the logs and counts which of them are opened.
func hundredLogs(t *testing.T, line string, id gtid.GTID) (logs walk.Logs, opened map[string]bool) {
	t.Helper()
	dir := t.TempDir()
	opened = map[string]bool{}
	logs.Opener.Opened = func(name string) { opened[name] = true }
	id.Seq = madeGone
	now := uint32(madeBegin)
	for n := range madeLogs {
		m := newMadeLog(t, line, now)
		m.before(id)
		for range perLog {
			now += madeStep
			m.time = now
			id.Seq++
			m.statement(id, fmt.Sprintf("CREATE DATABASE db%d", id.Seq))
		}
		name := filepath.Join(dir, fmt.Sprintf("binlog.%06d", n+1))
		if err := os.WriteFile(name, m.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		logs.Names = append(logs.Names, name)
	}
	return logs, opened
}
