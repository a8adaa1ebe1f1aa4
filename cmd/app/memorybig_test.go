package app

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binmend/fixtures/octets"
)

// columnType is a type of a table map: its number and its metadata.
type columnType struct {
	number   byte
	metadata []byte
	sql      string
}

var (
	longBlob = columnType{252, []byte{4}, "LONGBLOB"}
	longText = columnType{252, []byte{4}, "LONGTEXT CHARACTER SET utf8mb4"}
	latin1   = columnType{252, []byte{4}, "LONGTEXT CHARACTER SET latin1"}
	document = columnType{245, []byte{4}, "JSON"}
	shrunk   = columnType{140, []byte{4}, "LONGTEXT COMPRESSED"}
)

// bigTable maps a table of an INT and a column of large values.
func bigTable(id uint64, c columnType) []byte {
	return slices.Concat(post(id), []byte("\x04shop\x00\x01t\x00"), lenEnc(2), []byte{3, c.number}, lenEnc(len(c.metadata)), c.metadata, []byte{3})
}

// bigRow is a row of bigTable, with its number as its id.
func bigRow(id int, value []byte) []byte {
	return slices.Concat([]byte{0}, binary.LittleEndian.AppendUint32(nil, uint32(id)), binary.LittleEndian.AppendUint32(nil, uint32(len(value))), value)
}

// bigLog is a log of rows with large values: transactions of a number of events of a number of rows.
func bigLog(t *testing.T, line string, c columnType, value []byte, transactions, events, rows int) []byte {
	b := newLogBuilder(t, line)
	b.addEvent(queryEvent, query("CREATE TABLE t (c0 INT PRIMARY KEY, v "+c.sql+")"))
	kind := byte(rowsEvent)
	if b.mariadb {
		kind = 23
	}
	id := 0
	for range transactions {
		list := [][]byte{event(tableMapEvent, true, bigTable(7, c))}
		for n := range events {
			head := b.insertHead(7, 2)
			if n < events-1 {
				head[6] = 0 // the statement goes on
			}
			parts := [][]byte{head}
			for range rows {
				id++
				parts = append(parts, bigRow(id, value))
			}
			list = append(list, event(kind, true, parts...))
		}
		b.transaction(list...)
	}
	return b.Bytes()
}

// bigUpdate is a log of an UPDATE of a large value.
func bigUpdate(t *testing.T, c columnType, before, after []byte) []byte {
	b := newLogBuilder(t, "mysql-9.7")
	b.addEvent(queryEvent, query("CREATE TABLE t (c0 INT PRIMARY KEY, v "+c.sql+")"))
	head := slices.Concat(b.insertHead(7, 2), []byte{0xff})
	b.transaction(event(tableMapEvent, true, bigTable(7, c)), event(31, true, head, bigRow(1, before), bigRow(1, after)))
	return b.Bytes()
}

// zlibbed is bytes as MariaDB compresses them: the head says how long they are.
func zlibbed(head byte, data []byte) []byte {
	return slices.Concat([]byte{head | 4}, binary.BigEndian.AppendUint32(nil, uint32(len(data))), octets.Zlib(data))
}

// jsonString is a binary JSON string of n bytes.
func jsonString(n int, of string) []byte {
	b := []byte{12}
	for l := n; ; l >>= 7 {
		if l < 128 {
			b = append(b, byte(l))
			break
		}
		b = append(b, byte(l)|0x80)
	}
	return append(b, strings.Repeat(of, n/len(of))...)
}

const megabyte = 1_000_000

// bigCases are of large values and statements, and of many columns and tables. What the definitions of 1,000 tables take counts with
// the event.
var bigCases = []memoryCase{
	{"LONGBLOBs of 50 MB", 50 * megabyte, 2 * 48, func(t *testing.T) []byte {
		return bigLog(t, "mysql-9.7", longBlob, make([]byte, 50*megabyte), 2, 1, 1)
	}},
	{"an event of LONGBLOBs of 1 MB", 50 * megabyte, 8, func(t *testing.T) []byte {
		return bigLog(t, "mysql-9.7", longBlob, make([]byte, megabyte), 1, 1, 50)
	}},
	{"LONGTEXTs with backslashes", 50 * megabyte, 2 * 48, func(t *testing.T) []byte {
		return bigLog(t, "mysql-9.7", longText, bytes.Repeat([]byte("a\\\n\x01\""), 10*megabyte), 1, 1, 1)
	}},
	{"LONGTEXTs of 50 MB in latin1", 50 * megabyte, 5 * 48, func(t *testing.T) []byte {
		return bigLog(t, "mysql-9.7", latin1, bytes.Repeat([]byte("caf\xe9 "), 10*megabyte), 1, 1, 1)
	}},
	{"JSON strings of 30 MB", 30 * megabyte, 9 * 29, func(t *testing.T) []byte {
		return bigLog(t, "mysql-9.7", document, jsonString(30*megabyte, "\x01\"\\a"), 1, 1, 1)
	}},
	{"values of a COMPRESSED column", 40 * megabyte, 3 * 39, func(t *testing.T) []byte {
		return bigLog(t, "mariadb-11.8", shrunk, zlibbed(0x80, bytes.Repeat([]byte("it's "), 8*megabyte)), 2, 1, 2)
	}},
	{"an UPDATE of a LONGBLOB", 50 * megabyte, 48, func(t *testing.T) []byte {
		return bigUpdate(t, longBlob, make([]byte, 25*megabyte), bytes.Repeat([]byte{1}, 25*megabyte))
	}},
	{"a statement of 50 MB that clients misread", 50 * megabyte, 0, func(t *testing.T) []byte {
		b := newLogBuilder(t, "mysql-9.7")
		b.transaction(event(queryEvent, true, query("INSERT INTO t VALUES ('"+strings.Repeat("it\\\n''s ", 50*megabyte/8)+"')")))
		return b.Bytes()
	}},
	{"a compressed statement of 40 MB", 40 * megabyte, 0, func(t *testing.T) []byte {
		b := newLogBuilder(t, "mariadb-11.8")
		sql := "INSERT INTO t VALUES ('" + strings.Repeat("it''s ", 40*megabyte/6) + "')"
		head := slices.Concat(make([]byte, 8), []byte{4, 0, 0, 0, 0}, []byte("shop\x00"))
		b.transaction(event(165, true, head, zlibbed(0x80, []byte(sql))))
		return b.Bytes()
	}},
	{"a statement of 42 MB beside its rows", 42 * megabyte, 0, func(t *testing.T) []byte {
		b := newLogBuilder(t, "mysql-9.7")
		b.addEvent(queryEvent, query(createIntTable("t", 1)))
		b.transaction(event(29, true, []byte{0}, []byte("INSERT INTO t VALUES ('"+strings.Repeat("it''s ", 7*megabyte)+"')")),
			event(tableMapEvent, true, intTable(7, "t", 1)), b.insert(7, 1, 1))
		return b.Bytes()
	}},
	{"1,000 columns", 0, 0, func(t *testing.T) []byte {
		b := newLogBuilder(t, "mysql-9.7")
		b.addEvent(queryEvent, query(createIntTable("t", 1000)))
		for range 20 {
			b.transaction(event(tableMapEvent, true, intTable(7, "t", 1000)), b.insert(7, 1000, 100))
		}
		return b.Bytes()
	}},
	{"1,000 tables in rotation", 8 << 20, 8, func(t *testing.T) []byte { return tablesInRotation(t, 1000, 3) }},
}

// TestLargeStatementInPackedLog: a statement of nearly 48 MiB in a compressed log is in memory once, whether it is written, refused, or the
// logs are read again while it is the last one that was read.
func TestLargeStatementInPackedLog(t *testing.T) {
	const size = 48<<20 - 4096
	for name, sql := range map[string]string{
		"refused":       "INSERT INTO t VALUES (1) \\ , ('" + strings.Repeat("x", size) + "')",
		"not closed":    "INSERT INTO t VALUES ('" + strings.Repeat("x", size),
		"written":       "INSERT INTO t VALUES ('" + strings.Repeat("it''s ", size/6) + "')",
		"a comment":     "DROP TABLE /* " + strings.Repeat("\\! \n", size/4) + " */ t2",
		"in no charset": "frobnicate " + strings.Repeat("\\! \n", size/4),
	} {
		t.Run(name, func(t *testing.T) {
			b := newLogBuilder(t, "mysql-9.7")
			b.addEvent(queryEvent, query(sql))
			b.transaction(event(tableMapEvent, true, tableWithNames(7, "t", 1)), b.insert(7, 1, 1))
			log := filepath.Join(t.TempDir(), "binlog.000001.zst")
			if err := os.WriteFile(log, octets.Zstd(b.Bytes()), 0o600); err != nil {
				t.Fatal(err)
			}
			if kib, _, _ := measure(t, "sql", log); kib > (64+48)<<10 {
				t.Errorf("peak memory %d KiB, want at most %d", kib, (64+48)<<10)
			} else {
				t.Logf("peak memory %d KiB", kib)
			}
		})
	}
}

// TestManyTables: a log that makes and names tables without end. The program that measures is some MiB larger than binmend.
func TestManyTables(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 25,000 tables three times")
	}
	b := newLogBuilder(t, "mysql-9.7")
	for id := range uint64(25_000) {
		name := fmt.Sprintf("%s%d", strings.Repeat("n", 50), id)
		b.addEvent(queryEvent, query("CREATE TABLE "+name+" (c0 INT, PRIMARY KEY (c0))"))
		b.transaction(event(tableMapEvent, true, tableWithNames(1000+id, name, 1)), b.insert(1000+id, 1, 1))
	}
	log := filepath.Join(t.TempDir(), "binlog.000001")
	if err := os.WriteFile(log, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for command, most := range map[string]int{"sql": 80, "schema": 68, "schema --at-each-log --output-dir OUT": 68} { // MiB
		t.Run(command, func(t *testing.T) {
			args := strings.Fields(strings.ReplaceAll(command, "OUT", t.TempDir()))
			if kib, _, _ := measure(t, append(args, log)...); kib > most<<10 {
				t.Errorf("peak memory %d KiB, want at most %d", kib, most<<10)
			} else {
				t.Logf("peak memory %d KiB", kib)
			}
		})
	}
}
