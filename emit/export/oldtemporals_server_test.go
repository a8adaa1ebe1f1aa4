package export_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/walk"
	"binmend/emit/export"
	"binmend/fixtures/servers"
	"binmend/schema"
	"binmend/schema/changes"
	"binmend/schema/rowmeta"
)

// TestOldTemporals: with mysql56_temporal_format=OFF MariaDB's row metadata does not say how long a TIME(3) is. Without the table's
// definition its rows are not read; the CREATE TABLE of an earlier log is one.
func TestOldTemporals(t *testing.T) {
	s := servers.Shared(t, servers.MariaDB118, servers.Options{})
	s.MustExec(t, "SET GLOBAL mysql56_temporal_format=OFF; SET GLOBAL binlog_row_metadata=FULL")
	t.Cleanup(func() {
		s.MustExec(t, "SET GLOBAL mysql56_temporal_format=DEFAULT; SET GLOBAL binlog_row_metadata=DEFAULT")
	})
	s.MustExec(t, "CREATE DATABASE old; CREATE TABLE old.t (id int, a time(3), b datetime, c timestamp(6) NULL); FLUSH BINARY LOGS;"+
		"SET time_zone='+00:00'; INSERT INTO old.t VALUES (1, '01:02:03.456', '2024-02-03 04:05:06', '2024-02-03 04:05:06.789'); FLUSH BINARY LOGS")
	logs := s.Binlogs(t)
	read := func(logs ...string) (string, error) {
		d := &changes.Definitions{Logs: walk.Logs{Names: logs}}
		w, err := d.Logs.From(decoder.Position{})
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		w.SetCompleter(schema.Completer(context.Background(), d))
		var out bytes.Buffer
		_, err = export.NDJSON(context.Background(), &out, changes.NewStream(changes.Options{Events: w, Definitions: d}), export.Options{Workers: 1})
		return out.String(), err
	}
	last := len(logs) - 2 // the log that the server writes is empty
	if out, err := read(logs[last]); !errors.Is(err, rowmeta.ErrNoFraction) || out != "" {
		t.Errorf("without a definition: want %v, got %v and %s", rowmeta.ErrNoFraction, err, out)
	}
	const want = `"after":{"id":1,"a":"01:02:03.456","b":"2024-02-03 04:05:06","c":"2024-02-03 04:05:06.789000"}`
	if out, err := read(logs[last-1], logs[last]); err != nil || !strings.Contains(out, want) {
		t.Errorf("with the CREATE TABLE: want %s, got %s, %v", want, out, err)
	}
}
