package arguments

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// The beginnings by which a file is known as one that binmend has written, so that it may be replaced.
const (
	Page    = "<!DOCTYPE html>"
	Metrics = "# HELP binmend_"
	Never   = "" // it may hold the only copy of rows
)

// Output returns a reader of the name of a file to write. An existing file is refused unless it is empty, or one that binmend has written and that
// may be replaced: else a log, a dump or a status would be lost, such as the one after a flag whose own value was forgotten. So is a device or a link, such as
// /dev/stdout: the file would take its place. A missing folder is noticed before the logs are read; that of metrics may come later.
func Output(replaced string) func(name string) (string, error) {
	return func(name string) (string, error) {
		info, err := os.Lstat(name)
		switch {
		case err != nil && replaced == Metrics:
			return name, nil
		case err != nil:
			return name, folderOf(name)
		case !info.Mode().IsRegular():
			return "", fmt.Errorf("expected a file to write, found %q, which is not a regular file", name)
		case info.Size() > 0 && !(replaced != Never && begins(name, replaced)):
			return "", fmt.Errorf("expected a file to write, found %q, which exists and would be lost", name)
		}
		return name, nil
	}
}

// folderOf makes sure that there is a folder to write a file into; "-" is standard output.
func folderOf(name string) error {
	dir := filepath.Dir(name)
	if info, err := os.Stat(dir); err == nil && !info.IsDir() || os.IsNotExist(err) {
		return fmt.Errorf("expected a file to write, found %q: there is no folder %q", name, dir)
	}
	return nil
}

// begins reports whether a file begins with a text and, as a page of any other program may, has binmend's name soon after it.
func begins(name, text string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 4<<10)
	n, _ := io.ReadFull(f, head)
	return bytes.HasPrefix(head[:n], []byte(text)) && bytes.Contains(head[:n], []byte("binmend"))
}
