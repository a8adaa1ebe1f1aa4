package tempdir_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"testing"

	"binmend/emit/tempdir"
)

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
