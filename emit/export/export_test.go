package export_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/decoder/walk"
	"binmend/emit/export"
	"binmend/fixtures/golden"
	"binmend/schema/changes"
	"binmend/schema/dump"
)

// stream reads a case of fixtures, with the first of the filters if there is one.
func stream(t *testing.T, name string, filters ...*filter.Filter) *changes.Stream {
	t.Helper()
	logs, err := filepath.Glob(filepath.Join("..", "..", "fixtures", name, "relay.0*"))
	if err != nil || len(logs) == 0 {
		t.Fatalf("no logs of %s: %v", name, err)
	}
	files, err := dump.LoadFiles(filepath.Join("..", "..", "fixtures", name, "schema.sql"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := walk.Logs{Names: logs}.From(decoder.Position{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	o := changes.Options{Events: w, Definitions: &changes.Definitions{Files: files}}
	if len(filters) > 0 {
		o.Filter = filters[0]
	}
	return changes.NewStream(o)
}

var cases = []string{"mysql-9.7/mixed", "mysql-5.6/mixed", "mariadb-11.8/mixed", "mysql-9.7/minimal-image", "mariadb-11.8/minimal-image"}

// TestNDJSON: each line is JSON, the same whatever the number of workers, and as in the golden file.
func TestNDJSON(t *testing.T) {
	for _, name := range cases {
		t.Run(name, func(t *testing.T) {
			var out, again bytes.Buffer
			summary, err := export.NDJSON(context.Background(), &out, stream(t, name), export.Options{Workers: 1})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := export.NDJSON(context.Background(), &again, stream(t, name), export.Options{Workers: 3}); err != nil || again.String() != out.String() {
				t.Errorf("three workers write otherwise than one: %v", err)
			}
			restore := export.SetLarge(1, 3)
			again.Reset()
			if _, err := export.NDJSON(context.Background(), &again, stream(t, name), export.Options{Workers: 3}); err != nil || again.String() != out.String() {
				t.Errorf("large lines are written otherwise: %v\n%s", err, &again)
			}
			restore()
			lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
			if uint64(len(lines)) != summary.Rows+summary.DDL {
				t.Errorf("%d lines of %d rows and %d records of DDL", len(lines), summary.Rows, summary.DDL)
			}
			for _, line := range lines {
				if !json.Valid([]byte(line)) {
					t.Errorf("no JSON: %s", line)
				}
			}
			golden.Check(t, filepath.Join("testdata", strings.ReplaceAll(name, "/", "-")+".ndjson"), out.String())
		})
	}
}

// TestParquet: the files have a record for each row change, in the log's order, and a name only when all are complete.
func TestParquet(t *testing.T) {
	for _, name := range cases {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "new", "changes")
			summary, err := export.Parquet(context.Background(), dir, stream(t, name), export.Options{Workers: 2})
			if err != nil {
				t.Fatal(err)
			}
			files := filesOf(t, dir)
			if len(files) != summary.Files+1 || files[len(files)-1] != "_SUCCESS" && files[0] != "_SUCCESS" {
				t.Errorf("%d files: %q", summary.Files, files)
			}
			var rows uint64
			for _, file := range files {
				if strings.HasSuffix(file, ".parquet") {
					rows += inOrder(t, filepath.Join(dir, file))
				}
			}
			if rows != summary.Rows+summary.DDL {
				t.Errorf("%d records of %d rows and %d records of DDL", rows, summary.Rows, summary.DDL)
			}
		})
	}
}

// inOrder checks the order of a file's records, and counts them.
func inOrder(t *testing.T, file string) (rows uint64) {
	t.Helper()
	type place struct {
		File   string `parquet:"file"`
		Offset int64  `parquet:"offset"`
		Row    int32  `parquet:"row"`
	}
	read, err := parquet.ReadFile[place](file)
	if err != nil {
		t.Fatal(err)
	}
	var last place
	for _, p := range read {
		if p.File < last.File || p.File == last.File && (p.Offset < last.Offset || p.Offset == last.Offset && p.Row <= last.Row) {
			t.Errorf("%s: %v comes after %v", file, p, last)
		}
		last = p
	}
	return uint64(len(read))
}

func filesOf(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			files = append(files, name)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return files
}

// TestParquetFolder: rows of another export are never mixed with these.
func TestParquetFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "old.parquet"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := export.Parquet(context.Background(), dir, stream(t, cases[0]), export.Options{Workers: 1})
	if !errors.Is(err, export.ErrNotEmpty) {
		t.Errorf("a folder with a file in it: %v", err)
	}
}

// tornLog is the log of a case that ends inside its last event.
func tornLog(t *testing.T, name string) string {
	t.Helper()
	log, err := os.ReadFile(filepath.Join("..", "..", "fixtures", name, "relay.000002"))
	if err != nil {
		t.Fatal(err)
	}
	torn := filepath.Join(t.TempDir(), "relay.000002")
	if err := os.WriteFile(torn, log[:len(log)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	return torn
}

// TestParquetFails: nothing is left of an export that breaks off.
func TestParquetFails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "changes")
	s := stream(t, cases[0])
	torn, err := walk.Logs{Names: []string{tornLog(t, cases[0])}}.From(decoder.Position{})
	if err != nil {
		t.Fatal(err)
	}
	defer torn.Close()
	s.Events = torn
	_, err = export.Parquet(context.Background(), dir, s, export.Options{Workers: 2})
	if !errors.Is(err, decoder.ErrTruncated) {
		t.Errorf("found the error %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("left behind: %q", filesOf(t, dir))
	}
}

// TestReaderGone: an export ends when its reader has gone in the middle of a large line.
func TestReaderGone(t *testing.T) {
	defer export.SetLarge(1, 3)()
	for after := range 8 {
		w := &goneWriter{after: after}
		if _, err := export.NDJSON(context.Background(), w, stream(t, "mysql-9.7/mixed"), export.Options{Workers: 2}); !errors.Is(err, errGone) {
			t.Errorf("after %d writes: %v, want %v", after, err, errGone)
		}
	}
}

var errGone = errors.New("the reader has gone")

// goneWriter takes some writes.
type goneWriter struct{ after int }

func (w *goneWriter) Write(b []byte) (int, error) {
	if w.after--; w.after < 0 {
		return 0, errGone
	}
	return len(b), nil
}
