package app

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestEveryRowOnce: BINLOG statements of many short rows, whose text is more than is handed over at a time, have each row once; so has
// what takes them back.
func TestEveryRowOnce(t *testing.T) {
	const rows = 3_000_000
	b := newLogBuilder(t, "mariadb-11.8")
	b.transaction(event(tableMapEvent, true, intTable(7, "t", 1)),
		event(compressedRowsEvent, true, b.insertHead(7, 1), zlibbed(0x80, nulls(rows, 1))))
	name := filepath.Join(t.TempDir(), "binlog.000001")
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"sql", "sql --rollback"} {
		var out, messages bytes.Buffer
		cmd := exec.Command("binmend-measured", append(strings.Fields(command), name)...)
		cmd.Stdout, cmd.Stderr = &out, &messages
		if err := cmd.Run(); err != nil {
			t.Fatalf("%s: %v: %s", command, err, &messages)
		}
		written := 0
		for _, m := range regexp.MustCompile(`(?m)^-- (?:INSERT|DELETE), (\d+) rows`).FindAllSubmatch(out.Bytes(), -1) {
			n, _ := strconv.Atoi(string(m[1]))
			written += n
		}
		if written != rows {
			t.Errorf("%s: %d rows, want %d", command, written, rows)
		}
		if n := bytes.Count(out.Bytes(), []byte("\nBINLOG '")); n > written/30_000+3 {
			t.Errorf("%s: %d BINLOG statements of %d rows", command, n, rows)
		}
	}
}
