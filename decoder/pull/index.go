package pull

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"binmend/decoder"
	"binmend/decoder/atomicfile"
	"binmend/decoder/fault"
	"binmend/decoder/logfile"
)

// The index is the file that a server keeps beside its logs: "./bin.000007", one per line, oldest first. Its name is that of
// the logs with "index" in place of the number.

// readIndex lists the logs of a folder. In one without an index, as mysqlbinlog --raw leaves it, all logs found count.
func readIndex(dir string) ([]string, error) {
	paths, err := logfile.List(dir)
	if errors.Is(err, decoder.ErrNotALog) && isEmpty(dir) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, nil
	}
	var names []string
	for _, path := range paths {
		name := filepath.Base(path)
		if len(names) > 0 && !sameStem(names[0], name) {
			return nil, severalNames(dir, names[0], name)
		}
		names = append(names, name)
	}
	if last := names[len(names)-1]; !isPlain(last) {
		return nil, &fault.Error{Reason: ErrCompressed, What: fmt.Sprintf("%s is the last log and is compressed", filepath.Join(dir, last))}
	}
	return names, nil
}

// isPlain reports whether a log's name is that of an uncompressed log.
func isPlain(name string) bool {
	_, _, ok := logfile.CutNumber(name)
	return ok
}

// isEmpty reports whether a folder has no files except this package's own.
func isEmpty(dir string) bool {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if e.Name() != lockName {
			return false
		}
	}
	return err == nil
}

func sameStem(a, b string) bool {
	x, _, _ := logfile.Number(a)
	y, _, _ := logfile.Number(b)
	return x == y
}

func severalNames(dir, a, b string) error {
	return &fault.Error{Reason: ErrOtherStem, What: fmt.Sprintf("%s has logs of one source only: expected a name like %s, found %s", dir, a, b)}
}

// completeIndex writes the index of a folder of logs that has none: mysqlbinlog --raw writes none, and a process killed while
// it made the first log did not get to it. The source may never write a further log that would bring one.
func completeIndex(dir string, logs []string) error {
	if len(logs) == 0 {
		return nil
	}
	if _, err := os.Lstat(indexPath(dir, logs)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return writeIndex(dir, logs)
}

// indexPath is where the index of some logs stands.
func indexPath(dir string, logs []string) string {
	stem, _, _ := logfile.Number(logs[0])
	return filepath.Join(dir, stem+".index")
}

// writeIndex replaces the index atomically.
func writeIndex(dir string, logs []string) error {
	err := atomicfile.Write(indexPath(dir, logs), fileMode, func(w io.Writer) error {
		for _, log := range logs {
			fmt.Fprintf(w, "./%s\n", log) // an error stays
		}
		return nil
	})
	if err != nil {
		return err
	}
	return syncFolder(dir)
}
