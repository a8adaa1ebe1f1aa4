package logfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
)

func TestList(t *testing.T) {
	for _, tc := range []struct {
		name  string
		files map[string]string // by name in the folder; its text
		args  []string
		want  []string // in the folder
	}{
		{"logs stand for themselves, in the order given", nil, []string{"b.000002", "a.000001"}, []string{"b.000002", "a.000001"}},
		{"a folder without index: by name and number, other files left out",
			map[string]string{"binlog.000010": "", "binlog.000009": "", "binlog.1000000": "", "a-relay.000001": "", "dump.sql": "", "binlog.000011.zst": "", "binlog.000010.gz": "", "notes.12": ""},
			[]string{""}, []string{"a-relay.000001", "binlog.000009", "binlog.000010", "binlog.000011.zst", "binlog.1000000"}},
		{"a folder with an index: its order, and only its logs",
			map[string]string{"binlog.index": "./binlog.000007\n./binlog.000008\r\n\n", "binlog.000006": "", "binlog.000007": "", "binlog.000008": ""},
			[]string{""}, []string{"binlog.000007", "binlog.000008"}},
		{"an index that was copied with its logs", map[string]string{"relay-bin.index": "/var/lib/mysql/relay-bin.000002\n", "relay-bin.000002": ""},
			[]string{"relay-bin.index"}, []string{"relay-bin.000002"}},
		{"an index and a log", map[string]string{"x.index": "./x.000001\n"}, []string{"x.index", "y.000001"}, []string{"x.000001", "y.000001"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range tc.files {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got, err := logfile.List(in(dir, tc.args)...)
			if want := in(dir, tc.want); err != nil || !slices.Equal(got, want) {
				t.Errorf("got  %q, %v\nwant %q", got, err, want)
			}
		})
	}
}

func in(dir string, names []string) (paths []string) {
	for _, n := range names {
		paths = append(paths, filepath.Join(dir, n))
	}
	return paths
}

// TestListRefuses: what holds no names of logs is told, not searched for logs.
func TestListRefuses(t *testing.T) {
	empty, dir := t.TempDir(), t.TempDir()
	index := filepath.Join(dir, "binlog.index")
	if err := os.WriteFile(index, []byte("\xfebin\x00\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	for arg, want := range map[string]string{empty: "a folder without an index file", index: "expected the names of logs"} {
		_, err := logfile.List(arg)
		if !errors.Is(err, decoder.ErrNotALog) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want …%s…", arg, err, want)
		}
	}
}
