package list

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"

	"binmend/decoder/filter"
	"binmend/decoder/logfile"
	"binmend/decoder/walk"
	"binmend/fixtures/golden"
	"binmend/schema/changes"
)

// TestHexdump compares what is printed of the bytes of a log with golden files.
func TestHexdump(t *testing.T) {
	for name, dir := range map[string]string{"hexdump-mysql.golden": "mysql-9.7", "hexdump-mariadb.golden": "mariadb-11.8"} {
		var out bytes.Buffer
		logs := walk.Logs{Names: []string{"relay.000002"}, Opener: logfile.Opener{Dir: filepath.Join("..", "..", "fixtures", dir, "mixed")}}
		_, err := Events(context.Background(), &out, Options{Range: walk.Range{Logs: logs}, Filter: &filter.Filter{}, Definitions: &changes.Definitions{}, Hexdump: true})
		if err != nil {
			t.Fatal(err)
		}
		golden.Check(t, filepath.Join("testdata", name), out.String())
	}
}
