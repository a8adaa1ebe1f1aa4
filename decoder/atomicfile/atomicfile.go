// Package atomicfile writes files that appear complete or not at all: a person may open a script or page, or the process may
// be killed, at any moment. In go the name and the permissions of a file; out comes a [File] to write to. An existing file of
// that name stays as it is until the new one is complete.
//
// It makes no folder and follows no symbolic link to the file that it replaces.
package atomicfile

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
)

// File is a file that does not have its name yet.
type File interface {
	io.Writer
	// CloseAtomicallyReplace gives the file its name, after its contents have reached the disk.
	CloseAtomicallyReplace() error
	// Cleanup removes the file unless it has got its name.
	Cleanup() error
}

// New begins a file. Until it gets its name it is a hidden file in the same folder: a dot, the name and a number.
func New(name string, mode fs.FileMode) (File, error) { return newFile(nil, name, mode) }

// NewIn is New for a name in root. It does not leave root.
func NewIn(root *os.Root, name string, mode fs.FileMode) (File, error) {
	return newFile(root, name, mode)
}

// Write writes a file. write gets a buffered writer.
func Write(name string, mode fs.FileMode, write func(io.Writer) error) error {
	f, err := New(name, mode)
	if err != nil {
		return err
	}
	defer f.Cleanup()
	w := bufio.NewWriter(f)
	if err := errors.Join(write(w), w.Flush()); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}
