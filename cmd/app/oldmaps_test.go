package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLogBeforeRows: a log of MySQL 5.0 is listed; for a repair it has nothing, and fix says why.
func TestLogBeforeRows(t *testing.T) {
	log := filepath.Join("..", "..", "..", "shared", "corpus", "mysql-5.0", "binlog_transaction.000001")
	if _, err := os.Stat(log); err != nil {
		t.Skip("no corpus of real logs beside the project")
	}
	var out, messages bytes.Buffer
	exit := Main([]string{"binmend", "fix", "--start-position", "98", log}, Streams{In: strings.NewReader(""), Out: &out, Err: &messages, Getenv: os.Getenv})
	if exit == exitDone || !strings.Contains(messages.String(), "no server before 5.1 writes row events") {
		t.Errorf("exit code %d, messages %q", exit, &messages)
	}
}

// TestLogBeforeGA: without definitions events says what an old log leaves out, with them it counts the rows; check does not
// take the want of them for damage; fix takes them from the log itself.
func TestLogBeforeGA(t *testing.T) {
	log := filepath.Join("..", "..", "..", "shared", "corpus", "mysql-5.1", "ver_5_1_17.001")
	if _, err := os.Stat(log); err != nil {
		t.Skip("no corpus of real logs beside the project")
	}
	definition := filepath.Join(t.TempDir(), "schema.sql")
	sql := "USE test; CREATE TABLE t1 (a int, b char(50)) DEFAULT CHARSET=latin1;"
	if err := os.WriteFile(definition, []byte(sql), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		args string
		exit int
		says string
	}{
		{"events", exitFindings, "can't be read: table `test`.`t1`: the log has nothing but the types of its columns"},
		{"events --schema " + definition, exitDone, "test.t1: update of 2 rows"},
		{"check", exitDone, ": whole, "},
		{"fix --start-position 613", exitDone, "`a` <=> 2 "},
	} {
		var out, messages bytes.Buffer
		args := append(strings.Fields("binmend "+tc.args), log)
		exit := Main(args, Streams{In: strings.NewReader(""), Out: &out, Err: &messages, Getenv: os.Getenv})
		if exit != tc.exit || !strings.Contains(out.String(), tc.says) {
			t.Errorf("%s: exit code %d, want %d, and output that says %q\n%s%s", tc.args, exit, tc.exit, tc.says, &out, &messages)
		}
	}
}
