package app

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"binmend/fixtures/damage"
	"binmend/fixtures/octets"
)

// logBuilder writes a log of a server, whose format description it takes from a fixture.
type logBuilder struct {
	bytes.Buffer
	mariadb bool
	number  uint64 // of transactions
}

const (
	queryEvent, xidEvent, tableMapEvent, rowsEvent, compressedRowsEvent, payloadEvent, previousGtids = 2, 16, 19, 30, 166, 40, 35
)

func newLogBuilder(t *testing.T, line string) *logBuilder {
	t.Helper()
	log, err := os.ReadFile(filepath.Join("..", "..", "fixtures", line, "mixed", "relay.000002"))
	if err != nil {
		t.Fatal(err)
	}
	b := &logBuilder{mariadb: strings.HasPrefix(line, "mariadb")}
	b.Write(log[:4+binary.LittleEndian.Uint32(log[4+9:])])
	return b
}

// event makes an event; those inside a payload have no checksum.
func event(kind byte, checksum bool, parts ...[]byte) []byte {
	raw := slices.Concat(append([][]byte{make([]byte, 19)}, parts...)...)
	binary.LittleEndian.PutUint32(raw, 1_700_000_000)
	raw[4], raw[5] = kind, 1
	if checksum {
		raw = append(raw, 0, 0, 0, 0)
	}
	binary.LittleEndian.PutUint32(raw[9:], uint32(len(raw)))
	if end := len(raw) - 4; checksum {
		binary.LittleEndian.PutUint32(raw[end:], crc32.ChecksumIEEE(raw[:end]))
	}
	return raw
}

func (b *logBuilder) addEvent(kind byte, parts ...[]byte) { b.Write(event(kind, true, parts...)) }

func query(sql string) []byte {
	return slices.Concat(make([]byte, 8), []byte{4, 0, 0, 0, 0}, []byte("shop\x00"), []byte(sql))
}

// transaction writes one with the given events in it.
func (b *logBuilder) transaction(events ...[]byte) {
	b.number++
	b.addEvent(queryEvent, query("BEGIN"))
	for _, e := range events {
		b.Write(e)
	}
	b.addEvent(xidEvent, binary.LittleEndian.AppendUint64(nil, b.number))
}

func post(id uint64) []byte { return append(binary.LittleEndian.AppendUint64(nil, id)[:6], 1, 0) }

// lenEnc is a number as MySQL packs it.
func lenEnc(n int) []byte {
	return append([]byte{0xfe}, binary.LittleEndian.AppendUint64(nil, uint64(n))...)
}

// intTable maps a table of n INT columns, c0 to c(n-1).
func intTable(id uint64, name string, n int) []byte {
	return slices.Concat(post(id), []byte("\x04shop\x00"), []byte{byte(len(name))}, []byte(name), []byte{0}, lenEnc(n),
		bytes.Repeat([]byte{3}, n), []byte{0}, bytes.Repeat([]byte{0xff}, (n+7)/8))
}

// tableWithNames is intTable with the columns' names (binlog_row_metadata=FULL).
func tableWithNames(id uint64, name string, n int) []byte {
	var names []byte
	for i := range n {
		c := fmt.Sprintf("c%d", i)
		names = append(append(names, byte(len(c))), c...)
	}
	signs := slices.Concat([]byte{1}, lenEnc((n+7)/8), make([]byte, (n+7)/8))
	return slices.Concat(intTable(id, name, n), signs, []byte{4}, lenEnc(len(names)), names)
}

func createIntTable(name string, n int) string {
	var columns []string
	for i := range n {
		columns = append(columns, fmt.Sprintf("c%d INT", i))
	}
	return "CREATE TABLE " + name + " (" + strings.Join(columns, ",") + ")"
}

// insertHead is what stands before the rows of n columns.
func (b *logBuilder) insertHead(id uint64, n int) []byte {
	head := post(id)
	if !b.mariadb {
		head = append(head, 2, 0)
	}
	return slices.Concat(head, lenEnc(n), bytes.Repeat([]byte{0xff}, (n+7)/8))
}

// nulls are rows of n columns that are NULL.
func nulls(rows, n int) []byte { return bytes.Repeat([]byte{0xff}, rows*((n+7)/8)) }

// insert inserts rows of NULLs.
func (b *logBuilder) insert(id uint64, n, rows int) []byte {
	kind := byte(rowsEvent)
	if b.mariadb {
		kind = 23
	}
	return event(kind, true, b.insertHead(id, n), nulls(rows, n))
}

// memoryCase is a log that took far more memory than its bytes.
type memoryCase struct {
	name     string
	inflated int // bytes of its largest event
	parquet  int // MiB more for Parquet: it holds a large value several times
	build    func(t *testing.T) []byte
}

var memoryCases = []memoryCase{
	{"40,000 table ids of one table", 0, 0, func(t *testing.T) []byte {
		b := newLogBuilder(t, "mysql-9.7")
		b.addEvent(queryEvent, query(createIntTable("t", 60)))
		for id := range uint64(40_000) {
			b.transaction(event(tableMapEvent, true, intTable(1000+id, "t", 60)), b.insert(1000+id, 60, 1))
		}
		return b.Bytes()
	}},
	{"1,900 rows of 900 NULLs", 0, 0, func(t *testing.T) []byte {
		b := newLogBuilder(t, "mysql-9.7")
		b.addEvent(queryEvent, query(createIntTable("t", 900)))
		b.transaction(event(tableMapEvent, true, intTable(7, "t", 900)), b.insert(7, 900, 1900))
		return b.Bytes()
	}},
	{"table maps of 500 columns in turn", 0, 0, func(t *testing.T) []byte {
		b := newLogBuilder(t, "mysql-9.7")
		for range 2 {
			for id := range uint64(1300) {
				b.transaction(event(tableMapEvent, true, intTable(1000+id, fmt.Sprintf("t%d", id), 500)))
			}
		}
		return b.Bytes()
	}},
	{"1,000,000 rows in a compressed row event", 1_000_000, 0, func(t *testing.T) []byte {
		b := newLogBuilder(t, "mariadb-11.8")
		b.addEvent(queryEvent, query(createIntTable("t", 1)))
		b.transaction(event(tableMapEvent, true, intTable(7, "t", 1)),
			event(compressedRowsEvent, true, b.insertHead(7, 1), zlibbed(0x80, nulls(1_000_000, 1))))
		return b.Bytes()
	}},
	{"1,000,000 rows in a compressed transaction", 1_000_000, 0, func(t *testing.T) []byte {
		b := newLogBuilder(t, "mysql-9.7")
		b.addEvent(queryEvent, query(createIntTable("t", 1)))
		packed := octets.Zstd(slices.Concat(event(queryEvent, false, query("BEGIN")), event(tableMapEvent, false, intTable(7, "t", 1)),
			event(rowsEvent, false, b.insertHead(7, 1), nulls(1_000_000, 1)), event(xidEvent, false, make([]byte, 8))))
		b.addEvent(payloadEvent, []byte{2, 1, 0}, []byte{1, 9}, lenEnc(len(packed)), []byte{0}, packed)
		return b.Bytes()
	}},
	{"150 table maps of 1,000 columns in one statement", 0, 38, func(t *testing.T) []byte {
		b := newLogBuilder(t, "mysql-9.7")
		var events [][]byte
		for id := range uint64(150) {
			events = append(events, event(tableMapEvent, true, tableWithNames(id, fmt.Sprintf("t%d", id), 1000)))
		}
		for id := range uint64(150) {
			rows := b.insert(id, 1000, 1)
			if id < 149 {
				rows = event(rowsEvent, true, append(post(id)[:6], 0, 0, 2, 0), b.insertHead(id, 1000)[10:], nulls(1, 1000))
			}
			events = append(events, rows)
		}
		b.transaction(events...)
		return b.Bytes()
	}},
	{"a set of 700,000 GTIDs", 28_000_000, 0, func(t *testing.T) []byte {
		b := newLogBuilder(t, "mysql-9.7")
		set := binary.LittleEndian.AppendUint64(nil, 700_000)
		for n := range uint64(700_000) {
			set = binary.BigEndian.AppendUint64(append(set, 1, 2, 3, 4, 5, 6, 7, 8), n)
			for _, number := range []uint64{1, 1, 2} {
				set = binary.LittleEndian.AppendUint64(set, number)
			}
		}
		b.addEvent(previousGtids, set)
		b.addEvent(queryEvent, query(createIntTable("t", 1)))
		return b.Bytes()
	}},
	{"100 tables in rotation", 0, 0, func(t *testing.T) []byte { return tablesInRotation(t, 100, 10) }},
	{"100 tables of 1,000 columns, of which one has rows", 0, 44, func(t *testing.T) []byte { return columnsInRotation(t, 100, 1, 1000, 1) }},
	{"100 tables of 1,000 columns in rotation", 0, 58, func(t *testing.T) []byte { return columnsInRotation(t, 100, 100, 1000, 3) }},
	{"a table of 65,000 columns", 0, 0, func(t *testing.T) []byte { return ddlLog(t, createIntTable("t", 65_000)) }},
	{"a table of 30,000 keys", 0, 0, func(t *testing.T) []byte {
		return ddlLog(t, "CREATE TABLE t (a INT, b INT"+strings.Repeat(", UNIQUE KEY (a, b)", 30_000)+")")
	}},
	{"900,000 open parentheses", 0, 0, func(t *testing.T) []byte {
		return ddlLog(t, "CREATE TABLE t (a INT DEFAULT "+strings.Repeat("(", 900_000)+"1)")
	}},
}

// ddlLog is a log with one statement.
func ddlLog(t *testing.T, sql string) []byte {
	b := newLogBuilder(t, "mysql-9.7")
	b.addEvent(queryEvent, query(sql))
	return b.Bytes()
}

// memoryCommands are those that read any log; LOG is its name, OUT a new folder.
var memoryCommands = []string{"check LOG", "events LOG", "events --json LOG", "events --transactions LOG", "stats LOG", "sql LOG", "sql --json LOG",
	"sql --as-binlog LOG", "sql --rollback --type insert LOG", "find --query zzz LOG",
	"find --table shop.t --key c0=1 --json LOG", "export LOG", "export --format parquet --output-dir OUT LOG", "schema LOG",
	"fix --start-position BEGIN --stop-position END LOG"}

// lastTransaction is where the last transaction of a log begins.
func lastTransaction(log []byte) (at int) {
	bounds := damage.Bounds(log)
	for i := range len(bounds) - 1 {
		event := log[bounds[i]:bounds[i+1]]
		if event[4] == payloadEvent || event[4] == queryEvent && bytes.Contains(event[:min(len(event), 60)], []byte("BEGIN")) {
			at = bounds[i]
		}
	}
	return max(at, 4)
}

// TestMemoryIsBounded: whatever a log holds, no command takes more than 64 MiB and once the largest event inflated.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a few gigabytes of text, to nowhere")
	}
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("no /proc/self/status to read the memory from")
	}
	for _, tc := range slices.Concat(memoryCases, bigCases) {
		name := filepath.Join(t.TempDir(), "binlog.000001")
		log := tc.build(t)
		if err := os.WriteFile(name, log, 0o600); err != nil {
			t.Fatal(err)
		}
		begin, end := strconv.Itoa(lastTransaction(log)), strconv.Itoa(len(log))
		for _, command := range memoryCommands {
			t.Run(tc.name+"/"+command, func(t *testing.T) {
				limit := 0 // of what a repair knows of rows and tables
				if strings.HasPrefix(command, "fix") && (strings.HasPrefix(tc.name, "1,000,000 rows") || strings.HasPrefix(tc.name, "150 table maps")) {
					limit = 16 << 20
					command += fmt.Sprintf(" --max-memory %d", limit)
				}
				var out string
				measure := func() (kib int) {
					out = filepath.Join(t.TempDir(), "out")
					return peakOf(t, strings.Fields(strings.NewReplacer("LOG", name, "OUT", out, "BEGIN", begin, "END", end).Replace(command)))
				}
				most := 64<<10 + tc.inflated>>10 + limit>>10
				switch {
				case strings.Contains(command, "parquet"):
					most += tc.parquet << 10
				case strings.HasPrefix(command, "fix"):
					most += tc.inflated >> 10 // the statements of a repair are whole
				}
				kib := measure()
				for again := 0; kib > most && again < 2; again++ {
					kib = min(kib, measure()) // on a busy machine the garbage collector may come too late once
				}
				if kib > most {
					t.Errorf("peak memory %d KiB, want at most %d", kib, most)
				} else {
					t.Logf("peak memory %d KiB of %d", kib, most)
				}
				if files := parquetFiles(out); files > 1001 {
					t.Errorf("%d Parquet files of at most 1,000 tables on one day", files)
				}
			})
		}
	}
}

// peakOf is the peak memory of binmend in KiB. It may find nothing or refuse, but not fail.
func peakOf(t *testing.T, args []string) int {
	t.Helper()
	kib, code, messages := measure(t, args...)
	if code != 0 && code != 1 {
		t.Errorf("exit code %d: %s", code, messages)
	}
	return kib
}

// measure runs binmend under a limit of the system. It may end with any exit code. Short runs are those under the race detector, with
// which a program takes several times as much memory.
func measure(t *testing.T, args ...string) (kib, code int, messages string) {
	t.Helper()
	if testing.Short() {
		t.Skip("measures memory")
	}
	const limit = `ulimit -d 1000000 && exec "$0" "$@"`
	cmd := exec.Command("sh", append([]string{"-c", limit, "binmend-measured"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = io.Discard, &stderr
	err := cmd.Run()
	peak := regexp.MustCompile(`VmHWM:\s*(\d+) kB`).FindStringSubmatch(stderr.String())
	if peak == nil {
		t.Fatalf("%v, and no peak memory in %q", err, &stderr)
	}
	kib, _ = strconv.Atoi(peak[1])
	return kib, cmd.ProcessState.ExitCode(), stderr.String()
}

func parquetFiles(dir string) (n int) {
	filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".parquet") {
			n++
		}
		return nil
	})
	return n
}

// tablesInRotation is a log in which a row is inserted into each of many tables of 20 columns in turn, so many times.
func tablesInRotation(t *testing.T, tables uint64, times int) []byte {
	return columnsInRotation(t, tables, tables, 20, times)
}

// columnsInRotation is such a log with tables of so many columns, of which some have rows.
func columnsInRotation(t *testing.T, tables, used uint64, columns, times int) []byte {
	b := newLogBuilder(t, "mysql-9.7")
	for id := range tables {
		b.addEvent(queryEvent, query(createIntTable(fmt.Sprintf("t%d", id), columns)))
	}
	for range times {
		for id := uint64(0); id < tables; id += tables / used {
			b.transaction(event(tableMapEvent, true, intTable(1000+id, fmt.Sprintf("t%d", id), columns)), b.insert(1000+id, columns, 1))
		}
	}
	return b.Bytes()
}
