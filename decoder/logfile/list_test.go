package logfile_test

import (
	"errors"
	"os"
	"os/exec"
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
	twice, two := filepath.Join(t.TempDir(), "relay.index"), t.TempDir()
	for name, text := range map[string]string{twice: "./relay.000001\n/var/lib/mysql/relay.000001\n", filepath.Join(two, "a.index"): "a.000001\n", filepath.Join(two, "b.index"): "a.000001\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for arg, want := range map[string]string{empty: "a folder without an index file", index: "expected the names of logs",
		twice: `found "relay.000001" twice`, two: `found "a.000001" twice`} {
		_, err := logfile.List(arg)
		if !errors.Is(err, decoder.ErrNotALog) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want …%s…", arg, err, want)
		}
	}
}

// An index file does not lead out of its folder, wherever the logs were on the server.
func TestIndexStaysInItsFolder(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	secret := filepath.Join(outside, "binlog.000001")
	up := filepath.Join("..", filepath.Base(outside), "binlog.000002")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(secret, "")
	write(filepath.Join(outside, "binlog.000002"), "")
	if err := os.Mkdir(filepath.Join(dir, "logs"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(filepath.Join(dir, "logs", "binlog.000003"), "")
	index := filepath.Join(dir, "binlog.index")
	write(index, secret+"\n"+up+"\n./logs/binlog.000003\n")
	got, err := logfile.List(index)
	want := in(dir, []string{"binlog.000001", "binlog.000002", "logs/binlog.000003"})
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got  %q, %v\nwant %q", got, err, want)
	}
}

// A pipe among the logs of a folder is an error; it is not waited for.
func TestPipeAmongLogs(t *testing.T) {
	for _, tc := range []struct {
		name, pipe string
		files      map[string]string
	}{
		{"in a folder without an index", "binlog.000002", map[string]string{"binlog.000001": ""}},
		{"in a folder with an index", "binlog.000002", map[string]string{"binlog.index": "./binlog.000002\n"}},
		{"as an index", "binlog.index", map[string]string{"binlog.000001": ""}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range tc.files {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if out, err := exec.Command("mkfifo", filepath.Join(dir, tc.pipe)).CombinedOutput(); err != nil {
				t.Skipf("mkfifo: %v %s", err, out)
			}
			if got, err := logfile.List(dir); !errors.Is(err, logfile.ErrNotAFile) || !strings.Contains(err.Error(), tc.pipe) {
				t.Errorf("got %q, %v; want an error that names %s", got, err, tc.pipe)
			}
		})
	}
}
