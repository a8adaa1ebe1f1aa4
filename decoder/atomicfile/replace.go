package atomicfile

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"binmend/decoder/fault"
)

// ErrWouldBeLost: a file that somebody else wrote would be replaced.
var ErrWouldBeLost = fault.NewReason("a file would be replaced")

// MayReplace makes sure that a file of a name is none that somebody else wrote: it does not exist, is empty, or begins with begins, the text by which the
// program knows its own. An empty begins is that of no file.
func MayReplace(name, begins string) error {
	info, err := os.Lstat(name)
	switch {
	case err != nil || info.Size() == 0 && info.Mode().IsRegular():
		return nil // New says what is wrong with the folder
	case !info.Mode().IsRegular():
		return &fault.Error{Reason: ErrWouldBeLost, What: fmt.Sprintf("%s is not a regular file", name)}
	case begins == "" || !beginsWith(name, begins):
		return &fault.Error{Reason: ErrWouldBeLost, What: fmt.Sprintf("%s exists and would be lost", name)}
	}
	return nil
}

func beginsWith(name, text string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, len(text))
	_, err = io.ReadFull(f, head)
	return err == nil && bytes.Equal(head, []byte(text))
}
