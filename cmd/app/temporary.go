package app

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
)

// temporaries are the folders that a run makes for files of its own. What is left of them goes at the run's end, also when
// it is interrupted.
type temporaries struct {
	mu    sync.Mutex
	dirs  []string
	ended bool
}

// folder makes one that only the account itself can look into.
func (t *temporaries) folder() (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return "", context.Canceled
	}
	dir, err := os.MkdirTemp("", "binmend-*")
	if err == nil {
		t.dirs = append(t.dirs, dir)
	}
	return dir, err
}

// remove removes one that is no longer needed; "" is none.
func (t *temporaries) remove(dir string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.Index(t.dirs, dir)
	if i < 0 {
		return nil
	}
	t.dirs = slices.Delete(t.dirs, i, i+1)
	return os.RemoveAll(dir)
}

// end removes all.
func (t *temporaries) end() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	var errs []error
	for _, dir := range t.dirs {
		errs = append(errs, os.RemoveAll(dir))
	}
	return errors.Join(errs...)
}

// lentFolder is a folder that is made when it is needed, and goes when what needed it is done.
type lentFolder struct {
	from *temporaries
	dir  string
}

func (l *lentFolder) folder() (dir string, err error) {
	l.dir, err = l.from.folder()
	return l.dir, err
}

func (l *lentFolder) remove() { l.from.remove(l.dir) }
