package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// file is a file under its temporary name. renameio does not support Windows, which does not promise that a rename is atomic.
// On a local file system a rename replaces the file in one step all the same.
type file struct {
	*os.File
	rename     func(from, to string) error
	remove     func(name string) error
	temporary  string
	name       string
	isReplaced bool
}

func newFile(root *os.Root, name string, mode fs.FileMode) (File, error) {
	f := &file{
		name:      name,
		temporary: filepath.Join(filepath.Dir(name), fmt.Sprintf(".%s%d", filepath.Base(name), rand.Uint64())),
		rename:    os.Rename,
		remove:    os.Remove,
	}
	open := os.OpenFile
	if root != nil {
		open, f.rename, f.remove = root.OpenFile, root.Rename, root.Remove
	}
	var err error
	f.File, err = open(f.temporary, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
	return f, err
}

func (f *file) CloseAtomicallyReplace() error {
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	err := f.rename(f.temporary, f.name)
	f.isReplaced = err == nil
	return err
}

func (f *file) Cleanup() error {
	if f.isReplaced {
		return nil
	}
	f.Close()
	return f.remove(f.temporary)
}
