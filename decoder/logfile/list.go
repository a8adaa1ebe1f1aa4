package logfile

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"binmend/decoder"
	"binmend/decoder/fault"
)

// indexSuffix ends the name of a file in which a server lists its logs, one a line, oldest first.
const indexSuffix = ".index"

// maxIndex bounds the size of an index file: a million names.
const maxIndex = 64 << 20

// List returns the logs that arguments stand for: a log stands for itself, an index file for the logs that it lists, and a
// folder for the logs that its index files list or, without any, for all its files with a log's number, oldest first. The
// logs of an index file are looked for in the index file's own folder, whatever path it gives: the folder may be a copy. The
// logs of a folder or an index file must be regular files: reading a pipe or a device could hang.
func List(args ...string) ([]string, error) {
	var names []string
	for _, arg := range args {
		found, err := listOne(arg)
		if err != nil {
			return nil, err
		}
		names = append(names, found...)
	}
	return names, nil
}

func listOne(arg string) ([]string, error) {
	info, err := os.Stat(arg)
	switch {
	case err != nil:
		return []string{arg}, nil // opening it reports what is wrong
	case info.IsDir():
		return listFolder(arg)
	case strings.HasSuffix(arg, indexSuffix) && info.Mode().IsRegular():
		names, err := readIndex(arg)
		if err != nil {
			return nil, err
		}
		return names, checkListed(arg, names)
	}
	return []string{arg}, nil
}

func listFolder(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), indexSuffix) || e.IsDir() {
			continue
		}
		listed, err := readIndex(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		names = append(names, listed...)
	}
	if err := checkListed(dir, names); err != nil {
		return nil, err
	}
	if names == nil {
		names = numbered(dir, entries)
	}
	if names == nil {
		return nil, notALog(ErrNoLogs, dir, "a folder without an index file and without a file that has a log's number")
	}
	return names, checkRegular(names...)
}

// numbered lists the logs of a folder by name and number. A log is preferred to its compressed copy.
func numbered(dir string, entries []fs.DirEntry) (names []string) {
	for _, e := range entries {
		if _, _, ok := Number(e.Name()); ok { // opening a folder says what it is
			names = append(names, filepath.Join(dir, e.Name()))
		}
	}
	slices.SortStableFunc(names, byNumber)
	return slices.CompactFunc(names, func(a, b string) bool { return byNumber(a, b) == 0 })
}

func byNumber(a, b string) int {
	stemA, numberA, _ := Number(a)
	stemB, numberB, _ := Number(b)
	return cmp.Or(strings.Compare(stemA, stemB), cmp.Compare(numberA, numberB))
}

// Number is CutNumber for the name or path of a log that may be compressed.
func Number(name string) (stem string, number uint64, ok bool) {
	return CutNumber(strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst"))
}

// CutNumber splits the name of a log, NAME.000007, at its number.
func CutNumber(name string) (stem string, number uint64, ok bool) {
	at := strings.LastIndexByte(name, '.')
	if at < 0 || len(name)-at <= 6 {
		return "", 0, false
	}
	number, err := strconv.ParseUint(name[at+1:], 10, 32)
	return name[:at], number, err == nil
}

// checkRegular refuses what exists but is not a regular file.
func checkRegular(names ...string) error {
	for _, name := range names {
		info, err := os.Stat(name)
		if err == nil && !info.Mode().IsRegular() && !info.IsDir() { // opening it reports anything else
			return &fault.Error{Reason: ErrNotAFile, Pos: decoder.Position{File: name},
				What: fmt.Sprintf("expected a file, found one with the mode %s", info.Mode())}
		}
	}
	return nil
}

// checkListed makes sure that index files name each log once, and only regular files. of is the index file or its folder.
func checkListed(of string, names []string) error {
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if seen[name] {
			return &fault.Error{Reason: ErrNotIndex, Pos: decoder.Position{File: of},
				What: fmt.Sprintf("expected each log once, found %.100q twice", filepath.Base(name))}
		}
		seen[name] = true
	}
	return checkRegular(names...)
}

// readIndex reads the names in an index file.
func readIndex(index string) (names []string, err error) {
	if err := checkRegular(index); err != nil {
		return nil, err
	}
	f, err := os.Open(index)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxIndex))
	if err != nil {
		return nil, err
	}
	for line := range bytes.Lines(text) {
		name := string(bytes.TrimSpace(line))
		if name == "" {
			continue
		}
		if _, _, ok := Number(name); !ok {
			return nil, &fault.Error{Reason: ErrNotIndex, Pos: decoder.Position{File: index},
				What: fmt.Sprintf("expected the names of logs, one a line, found %.100q", name)}
		}
		names = append(names, placeOf(index, name))
	}
	return names, nil
}

// placeOf is the path of a log that an index file names: in the index file's folder, or in one below it.
func placeOf(index, name string) string {
	dir := filepath.Dir(index)
	beside := filepath.Join(dir, filepath.Base(name))
	if _, err := os.Stat(beside); err == nil || !filepath.IsLocal(name) {
		return beside
	}
	return filepath.Join(dir, name)
}

// escapeGlob escapes a folder's name for use in a pattern.
func escapeGlob(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}
