package export_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"binmend/decoder/filter"
	"binmend/emit/export"
)

// exportLog exports the logs of a case as one log into a shared folder, only those of a table unless it is "".
func exportLog(t *testing.T, dir, log, table string) {
	t.Helper()
	s := stream(t, "mysql-9.7/mixed")
	if table != "" {
		s = stream(t, "mysql-9.7/mixed", &filter.Filter{Tables: []filter.Pattern{pattern(t, table)}})
	}
	_, err := export.ParquetLog(context.Background(), export.LogFolder{Path: dir, Shared: true, Program: "test"}, s,
		export.Options{Workers: 2, Source: "db7", Log: log})
	if err != nil {
		t.Fatal(err)
	}
}

func pattern(t *testing.T, table string) filter.Pattern {
	t.Helper()
	p, err := filter.ParsePattern(table)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestKilledWhilePublishing: a run that was killed while it moved its files leaves no manifest; whatever the next run exports, none of
// the other run's files stays, and no other file goes.
func TestKilledWhilePublishing(t *testing.T) {
	dir := t.TempDir()
	exportLog(t, dir, "bin.1", "")
	exportLog(t, dir, "bin.10", "")
	before := filesOf(t, dir)
	manifest := filepath.Join(dir, "_manifests", "db7~bin.1.json")
	text, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(filepath.Dir(dir), "db7~bin.1~00001.parquet")
	others := []string{"_manifests/db7~bin.10.json", "../" + filepath.Base(outside), "/etc/passwd", ""}
	var m export.Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	for _, other := range others {
		m.Files = append(m.Files, export.WholeFile{Path: other})
	}
	if text, err = json.Marshal(m); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{os.WriteFile(filepath.Join(dir, "_manifests", ".db7~bin.1.json.replaced"), text, 0o600), os.WriteFile(outside, nil, 0o600), os.Remove(manifest)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	exportLog(t, dir, "bin.1", "shop.orders")
	isOne := func(name string) bool { return strings.Contains(name, "db7~bin.1~") }
	var ones []string
	after := slices.DeleteFunc(filesOf(t, dir), func(name string) bool {
		if isOne(name) {
			ones = append(ones, name)
		}
		return isOne(name)
	})
	if len(ones) != 1 || !strings.Contains(ones[0], "table=orders") {
		t.Errorf("of the log there are %q", ones)
	}
	if want := slices.DeleteFunc(before, isOne); !slices.Equal(after, want) {
		t.Errorf("of others there are %q, want %q", after, want)
	}
	if _, err := os.Stat(outside); err != nil {
		t.Errorf("a file outside the folder: %v", err)
	}
}

// TestLeftBehind: what a killed run has left of the same log goes; what another run is writing, and what is of other logs, stays.
func TestLeftBehind(t *testing.T) {
	dir := t.TempDir()
	hour := time.Now().Add(-time.Hour)
	for _, name := range []string{"_writing-db7~bin.1~killed", "_writing-db7~bin.1~writes", "_writing-db7~bin.10~killed", "_writing-db7~bin.1~new"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	lock := flock.New(filepath.Join(dir, "_writing-db7~bin.1~writes", "lock"))
	if _, err := lock.TryLock(); err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	for _, name := range []string{"_writing-db7~bin.1~killed", "_writing-db7~bin.1~writes", "_writing-db7~bin.10~killed"} {
		if err := os.Chtimes(filepath.Join(dir, name), hour, hour); err != nil {
			t.Fatal(err)
		}
	}
	exportLog(t, dir, "bin.1", "")
	left, err := filepath.Glob(filepath.Join(dir, "_writing-*"))
	for i := range left {
		left[i] = filepath.Base(left[i])
	}
	want := []string{"_writing-db7~bin.10~killed", "_writing-db7~bin.1~new", "_writing-db7~bin.1~writes"}
	if err != nil || !slices.Equal(left, want) {
		t.Errorf("left are %q, want %q, %v", left, want, err)
	}
}

// TestDamagedManifest: where the manifest or the note of a killed run is no JSON, the next run still leaves none of the other run's files.
func TestDamagedManifest(t *testing.T) {
	for _, damaged := range []string{"db7~bin.1.json", ".db7~bin.1.json.replaced"} {
		dir, clean := t.TempDir(), t.TempDir()
		exportLog(t, dir, "bin.10", "")
		exportLog(t, clean, "bin.10", "")
		exportLog(t, dir, "bin.1", "")
		if err := os.WriteFile(filepath.Join(dir, "_manifests", damaged), []byte(`{"version": 1, "files": [`), 0o600); err != nil {
			t.Fatal(err)
		}
		exportLog(t, dir, "bin.1", "shop.orders")
		exportLog(t, clean, "bin.1", "shop.orders")
		if got, want := filesOf(t, dir), filesOf(t, clean); !slices.Equal(got, want) {
			t.Errorf("%s: there are %q, want %q", damaged, got, want)
		}
	}
}
