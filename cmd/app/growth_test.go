package app

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// allocated runs a command line and returns the bytes that it allocates in all.
func allocated(t *testing.T, args []string) uint64 {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var messages bytes.Buffer
	code := run(t.Context(), args, Streams{In: strings.NewReader(""), Out: io.Discard, Err: &messages, Getenv: func(string) string { return "" }})
	runtime.ReadMemStats(&after)
	if code != exitDone && code != exitFindings {
		t.Fatalf("binmend %s: exit code %d: %s", strings.Join(args, " "), code, &messages)
	}
	return after.TotalAlloc - before.TotalAlloc
}

// growthCommands read all rows, or all statements, of the logs that come after them; OUT is a new folder.
var growthCommands = []string{"check", "events", "stats", "sql", "export", "export --format parquet --output-dir OUT", "schema --at-each-log --output-dir OUT --schema NONE"}

func growthArguments(t *testing.T, command string, logs []string) []string {
	text := strings.NewReplacer("OUT", filepath.Join(t.TempDir(), "out"), "NONE", emptySchema(t)).Replace(command)
	return append(strings.Fields(text), logs...)
}

// savedLogs writes logs of one server.
func savedLogs(t *testing.T, logs ...[]byte) (names []string) {
	dir := t.TempDir()
	for i, log := range logs {
		name := filepath.Join(dir, fmt.Sprintf("binlog.%06d", i+1))
		if err := os.WriteFile(name, log, 0o600); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return names
}

// idsOfOneTable is a log in which each row comes under a table id of its own, as after FLUSH TABLES.
func idsOfOneTable(t *testing.T, ids uint64) []byte {
	b := newLogBuilder(t, "mysql-9.7")
	b.addEvent(queryEvent, query(createIntTable("t", 60)))
	for id := range ids {
		b.transaction(event(tableMapEvent, true, intTable(1000+id, "t", 60)), b.insert(1000+id, 60, 1))
	}
	return b.Bytes()
}

// rowsOfOneTable is a log of so many rows of 10 kB, the first log with the table's definition.
func rowsOfOneTable(t *testing.T, number, rows int) []byte {
	b := newLogBuilder(t, "mysql-9.7")
	b.number = uint64(number * rows)
	if number == 0 {
		b.addEvent(queryEvent, query("CREATE TABLE t (id INT PRIMARY KEY, v LONGBLOB)"))
	}
	value := bytes.Repeat([]byte("0123456789"), 1000)
	for id := range rows {
		b.transaction(event(tableMapEvent, true, bigTable(7, longBlob)), event(rowsEvent, true, b.insertHead(7, 2), bigRow(number*rows+id, value)))
	}
	return b.Bytes()
}

// TestGrowth: what is allocated in all grows with the rows and files, and with nothing else: not with the ids that a table has had
// (a table map under another id is the same), not by a buffer for each file, and the more tables there are, not more for each row.
func TestGrowth(t *testing.T) {
	if testing.Short() {
		t.Skip("reads a few hundred logs")
	}
	few, many := savedLogs(t, idsOfOneTable(t, 3000)), savedLogs(t, idsOfOneTable(t, 9000))
	for _, command := range growthCommands {
		most := 1 << 10
		if strings.Contains(command, "parquet") {
			most = 6 << 10 // the values of 60 columns
		}
		checkGrowth(t, "a table id", command, few, many, 6000, most)
	}
	var files [][]byte
	for i := range 41 {
		files = append(files, rowsOfOneTable(t, i, 50)) // of 510 kB
	}
	head := len(newLogBuilder(t, "mysql-9.7").Bytes())
	one := bytes.Clone(files[0])
	for _, log := range files[1:] {
		one = append(one, log[head:]...)
	}
	single, split := savedLogs(t, one), savedLogs(t, files...)
	for _, command := range growthCommands {
		most := 256 << 10 // the beginning of each is read several times
		if strings.Contains(command, "parquet") {
			most = 1 << 20 // chunks end with a file, and each has pages of its own
		}
		checkGrowth(t, "a file", command, single, split, 40, most)
	}
	for tables, most := range map[uint64]int{500: 16 << 10, 2000: 32 << 10, 4000: 32 << 10} { // a definition of 60 columns is unpacked for a row
		once, twice := savedLogs(t, tablesInRotation(t, tables, int(4000/tables))), savedLogs(t, tablesInRotation(t, tables, int(8000/tables)))
		for _, command := range []string{"events", "stats", "sql", "export"} {
			checkGrowth(t, fmt.Sprintf("a row of %d tables", tables), command, once, twice, 4000, most)
		}
	}
}

// checkGrowth holds that of two ranges the larger one takes at most so many bytes more for each of so many things.
func checkGrowth(t *testing.T, what, command string, small, large []string, things, most int) {
	t.Helper()
	less, more := allocated(t, growthArguments(t, command, small)), allocated(t, growthArguments(t, command, large))
	each := (int(more) - int(less)) / things
	if each > most {
		t.Errorf("%s: %s takes %d bytes more, at most %d are right (%d and %d KiB in all)", command, what, each, most, less>>10, more>>10)
	} else {
		t.Logf("%s: %s takes %d bytes more", command, what, each)
	}
}

// TestManyFiles: 1,000 logs take no more memory than one.
func TestManyFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("reads a thousand logs several times")
	}
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("no /proc/self/status to read the memory from")
	}
	var files [][]byte
	for i := range 1000 {
		files = append(files, rowsOfOneTable(t, i, 2))
	}
	logs := savedLogs(t, files...)
	for _, command := range growthCommands {
		if kib := peakOf(t, growthArguments(t, command, logs)); kib > 64<<10 {
			t.Errorf("%s: peak memory %d KiB", command, kib)
		} else {
			t.Logf("%s: peak memory %d KiB", command, kib)
		}
	}
}
