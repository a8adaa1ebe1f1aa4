package arguments

import (
	"fmt"
	"os"
	"path/filepath"

	"binmend/decoder/atomicfile"
)

// The beginnings by which a file is known as one that binmend has written, so that it may be replaced.
const (
	Page    = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; "
	Metrics = "# HELP binmend_"
	Never   = "" // it may hold the only copy of rows
)

// StandardOutput stands for standard output where a file can be named. A file of this name has a folder before it: ./-
const StandardOutput = "-"

// OrStandardOutput lets a reader of the name of a file take standard output too.
func OrStandardOutput(read func(string) (string, error)) func(string) (string, error) {
	return func(name string) (string, error) {
		if name == StandardOutput {
			return name, nil
		}
		return read(name)
	}
}

// Folder reads the name of a folder to write into.
func Folder(name string) (string, error) {
	if name == StandardOutput {
		return "", fmt.Errorf("expected a folder, found %q: files are not written to standard output", name)
	}
	return name, nil
}

// Output returns a reader of the name of a file to write. An existing file is refused unless it is empty, or one that binmend has written and that
// may be replaced: else a log, a dump or a status would be lost, such as the one after a flag whose own value was forgotten. So is a device or a link, such as
// /dev/stdout: the file would take its place. A missing folder is noticed before the logs are read; that of metrics may come later.
func Output(replaced string) func(name string) (string, error) {
	return func(name string) (string, error) {
		if name == StandardOutput {
			return "", fmt.Errorf("expected a file to write, found %q: standard output has something else", name)
		}
		if err := atomicfile.MayReplace(name, replaced); err != nil {
			return "", fmt.Errorf("expected a file to write: %w", err)
		}
		dir := filepath.Dir(name)
		if info, err := os.Stat(dir); replaced != Metrics && (err == nil && !info.IsDir() || os.IsNotExist(err)) {
			return "", fmt.Errorf("expected a file to write: there is no folder %q for %s", dir, filepath.Base(name))
		}
		return name, nil
	}
}
