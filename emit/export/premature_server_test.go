package export_test

import (
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestPremature: MariaDB logs a VIRTUAL column that is computed from the AUTO_INCREMENT column as it was before that had its value. It
// is left out of the record, rather than told wrong.
func TestPremature(t *testing.T) {
	for _, line := range []*servers.Line{servers.MariaDB1011, servers.MariaDB118} {
		t.Run(line.String(), func(t *testing.T) {
			s := servers.Shared(t, line, servers.Options{})
			s.MustExec(t, "FLUSH BINARY LOGS; CREATE DATABASE early; USE early; CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a INT, "+
				"next INT AS (id + 1) VIRTUAL, twice INT AS (next * 2) VIRTUAL, b INT AS (a * 2) VIRTUAL, kept INT AS (a + 1) STORED); INSERT INTO t (a) VALUES (7)")
			logs := s.Binlogs(t)
			out, _ := readWith(t, "CREATE TABLE other (id INT);", logs[len(logs)-1])
			if want := `"after":{"id":1,"a":7,"b":14,"kept":8}`; !strings.Contains(out, want) {
				t.Errorf("no %s in\n%s", want, out)
			}
		})
	}
}
