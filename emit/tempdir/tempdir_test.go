package tempdir_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/emit/tempdir"
)

// An error that concerns a temporary file can be told from others: the environment's TMPDIR may say where else to make them.
func TestConcerns(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none")+"/")
	_, err := new(tempdir.Folders).Lend().Make()
	if !errors.Is(err, fs.ErrNotExist) || !tempdir.Concerns(fmt.Errorf("copying: %w", err)) {
		t.Errorf("%v does not concern a temporary file", err)
	}
	if _, err := os.Open(filepath.Join(os.TempDir(), "dump.sql")); tempdir.Concerns(err) {
		t.Errorf("%v concerns a temporary file", err)
	}
}

// A folder goes with its user, what is left at the end, and after the end none is made.
func TestFolders(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var folders tempdir.Folders
	var dirs []string
	done, left, unused := folders.Lend(), folders.Lend(), folders.Lend()
	for _, f := range []*tempdir.Folder{done, left} {
		dir, err := f.Make()
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v, want mode 0700", dir, info.Mode(), err)
		}
		dirs = append(dirs, dir)
	}
	for i, end := range []func() error{done.Remove, folders.End} {
		if err := end(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(dirs[i]); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there: %v", dirs[i], err)
		}
	}
	if dir, err := unused.Make(); !errors.Is(err, context.Canceled) {
		t.Errorf("made %s after the end, %v", dir, err)
	}
}

// A stream that is copied is whole, and only the account itself can read it.
func TestCopy(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var folders tempdir.Folders
	dir, err := folders.Lend().Copy("binlog.000001", strings.NewReader("all of it"))
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "binlog.000001")
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v, want mode 0600", info, err)
	}
	if text, err := os.ReadFile(name); string(text) != "all of it" {
		t.Errorf("%q, %v", text, err)
	}
	if err := folders.End(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after the end: %v", err)
	}
}
