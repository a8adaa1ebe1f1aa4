// Package tempdir makes folders for files that a run needs only for itself. A folder goes when its user is done with it, and
// what is left of all of them at the run's end, also when the run is interrupted. It can put a copy of a stream into one, and knows
// nothing of what else is in them.
package tempdir

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// prefix is what the names of all temporary files begin with.
const prefix = "binmend-"

// Folders are the folders of one run. The zero value is ready; it may be used by several goroutines.
type Folders struct {
	mu    sync.Mutex
	dirs  []string
	ended bool
}

// Lend promises a folder that is made when it is first asked for.
func (f *Folders) Lend() *Folder { return &Folder{from: f} }

// End removes all folders. After it none is made: Folder.Make is context.Canceled.
func (f *Folders) End() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = true
	var errs []error
	for _, dir := range f.dirs {
		errs = append(errs, os.RemoveAll(dir))
	}
	return errors.Join(errs...)
}

// Folder is a folder for one user.
type Folder struct {
	from *Folders
	dir  string // "" before it is made
}

// Make makes the folder, which only the account itself can look into.
func (l *Folder) Make() (dir string, err error) {
	l.from.mu.Lock()
	defer l.from.mu.Unlock()
	if l.from.ended {
		return "", context.Canceled
	}
	l.dir, err = os.MkdirTemp("", prefix+"*")
	if err == nil {
		l.from.dirs = append(l.from.dirs, l.dir)
	}
	return l.dir, err
}

// Concerns reports whether an error is one of making, writing or reading a temporary file.
func Concerns(err error) bool {
	var at *fs.PathError
	if !errors.As(err, &at) {
		return false
	}
	path, dir := filepath.Clean(at.Path), filepath.Clean(os.TempDir())
	return path == dir || strings.HasPrefix(path, filepath.Join(dir, prefix))
}

// Copy makes the folder with one file, a copy of what is read. Only the account itself can read it.
func (l *Folder) Copy(name string, in io.Reader) (dir string, err error) {
	if dir, err = l.Make(); err != nil {
		return "", err
	}
	out, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return dir, err
	}
	_, err = io.Copy(out, in)
	return dir, errors.Join(err, out.Close())
}

// Remove removes the folder, if it was made, with all that is in it.
func (l *Folder) Remove() error {
	l.from.mu.Lock()
	defer l.from.mu.Unlock()
	i := slices.Index(l.from.dirs, l.dir)
	if i < 0 {
		return nil
	}
	l.from.dirs = slices.Delete(l.from.dirs, i, i+1)
	return os.RemoveAll(l.dir)
}
