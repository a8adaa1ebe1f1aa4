package app

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// namedTable is intTable with the names of its columns, as binlog_row_metadata=FULL logs them.
func namedTable(id uint64, name string, n int) []byte {
	var names []byte
	for i := range n {
		names = append(names, 2, 'c', byte('0'+i))
	}
	return slices.Concat(intTable(id, name, n), []byte{1, 1, 0}, []byte{4, byte(len(names))}, names)
}

// TestParquetFiles: tables in rotation get one Parquet file each, however many they are: nothing makes a table's file end early.
func TestParquetFiles(t *testing.T) {
	for _, tables := range []int{100, 2_000} {
		b := newLogBuilder(t, "mysql-9.7")
		for n := range 6_000 {
			id := uint64(n % tables)
			b.transaction(event(tableMapEvent, true, namedTable(1000+id, fmt.Sprintf("t%d", id), 3)), b.insert(1000+id, 3, 1))
		}
		log := filepath.Join(t.TempDir(), "binlog.000001")
		if err := os.WriteFile(log, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(t.TempDir(), "out")
		if text, code := printed(t, []string{"export", "--format", "parquet", "--output-dir", out, log}); code != exitDone {
			t.Fatalf("%d tables: exit code %d %s", tables, code, text)
		}
		if got := parquetFiles(out); got != tables {
			t.Errorf("%d tables: %d files", tables, got)
		}
	}
}

// TestTenThousandTables: 10,000 tables of ten columns are followed, and rows come to some of them in turn. More rows allocate no more
// for each, and come to one file for each table; the memory is bounded by what the definitions take.
func TestTenThousandTables(t *testing.T) {
	if testing.Short() {
		t.Skip("follows 10,000 tables")
	}
	const tables, used = 10_000, 500
	const toFiles = "export --type insert --format parquet --output-dir OUT"
	once, more := savedLogs(t, columnsInRotation(t, tables, used, 10, 1)), savedLogs(t, columnsInRotation(t, tables, used, 10, 3))
	checkGrowth(t, "a row of 10,000 tables", "export --type insert", once, more, 2*used, 16<<10)
	checkGrowth(t, "a row of 10,000 tables", toFiles, once, more, 2*used, 24<<10)
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("no /proc/self/status to read the memory from")
	}
	args := growthArguments(t, toFiles, more)
	if kib := peakOf(t, args); kib > 240<<10 {
		t.Errorf("peak memory %d KiB", kib)
	} else {
		t.Logf("peak memory %d KiB", kib)
	}
	if files := parquetFiles(args[slices.Index(args, "--output-dir")+1]); files != used {
		t.Errorf("%d files", files)
	}
}

// TestParquetOneSchema: a table that ALTERs changed has one schema, which names the columns that a row did not have.
func TestParquetOneSchema(t *testing.T) {
	b := newLogBuilder(t, "mysql-9.7")
	b.addEvent(queryEvent, query("CREATE TABLE t (c0 INT UNSIGNED, gone INT)"))
	b.transaction(event(tableMapEvent, true, intTable(7, "t", 2)), b.insert(7, 2, 2))
	b.addEvent(queryEvent, query("ALTER TABLE t DROP gone, MODIFY c0 INT, ADD C1 INT"))
	b.transaction(event(tableMapEvent, true, intTable(8, "t", 2)), b.insert(8, 2, 1))
	b.addEvent(queryEvent, query("TRUNCATE t"))
	log, out := filepath.Join(t.TempDir(), "binlog.000001"), filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(log, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, code := printed(t, []string{"export", "--format", "parquet", "--output-dir", out, log}); code != exitDone {
		t.Fatalf("exit code %d", code)
	}
	files, err := filepath.Glob(filepath.Join(out, "*", "*", "*", "*.parquet"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%q, %v", files, err)
	}
	type image struct {
		C0   *int64 `parquet:"c0"`
		Gone *int32 `parquet:"gone"`
		C1   *int32 `parquet:"C1"`
	}
	type record struct {
		Change    string   `parquet:"change"`
		Statement *string  `parquet:"statement"`
		Absent    []string `parquet:"absent,list"`
		Before    *image   `parquet:"before"`
		After     *image   `parquet:"after"`
	}
	records, err := parquet.ReadFile[record](files[0])
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range records {
		got = append(got, fmt.Sprint(r.Change, r.Statement != nil, r.Absent, r.Before == nil, r.After == nil))
	}
	want := []string{"ddltrue [] true true", "insertfalse [after.C1] true false", "insertfalse [after.C1] true false", "ddltrue [] true true",
		"insertfalse [after.gone] true false", "truncatetrue [] true true"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
