package app

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
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
