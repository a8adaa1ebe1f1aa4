package serve

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"binmend/decoder/fault"
	"binmend/decoder/logfile"
)

// logs are the binary logs of a folder, in order. The folder may grow meanwhile. All but the last log may be compressed; their
// names here are without .gz or .zst.
type logs struct {
	dir string

	mu      sync.Mutex
	cached  []string
	indexes []string    // the folder's index files
	seen    []time.Time // modification times of the folder and the index files when cached was read
}

// The reasons why a folder can't be served.
var (
	ErrNotFolder    = fault.NewReason("not a folder")
	ErrSeveralStems = fault.NewReason("logs of several sources")
)

// openLogs opens a folder, which must have at least one log.
func openLogs(dir string) (*logs, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &fault.Error{Reason: ErrNotFolder, About: dir, What: "expected a folder, found a file"}
	}
	l := &logs{dir: dir}
	_, err = l.names()
	return l, err
}

// names are the names of the logs, oldest first. The slice belongs to l.
func (l *logs) names() ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	changed, err := l.changed()
	if err == nil && l.cached != nil && slices.EqualFunc(changed, l.seen, time.Time.Equal) && settled(changed) {
		return l.cached, nil
	}
	names, err := list(l.dir)
	if err != nil && l.cached != nil {
		return l.cached, nil // the index file is just being written
	}
	if err != nil {
		return nil, err
	}
	l.cached = names
	l.indexes, _ = filepath.Glob(filepath.Join(escapeGlob(l.dir), "*.index"))
	l.seen, err = l.changed()
	return names, err
}

func escapeGlob(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// changed are the modification times of the folder and its index files.
func (l *logs) changed() ([]time.Time, error) {
	var times []time.Time
	for _, name := range append([]string{l.dir}, l.indexes...) {
		info, err := os.Stat(name)
		if err != nil {
			return nil, err
		}
		times = append(times, info.ModTime())
	}
	return times, nil
}

// settled reports whether another change would change the times.
func settled(changed []time.Time) bool {
	return !slices.ContainsFunc(changed, func(t time.Time) bool { return time.Since(t) < time.Second })
}

func list(dir string) ([]string, error) {
	paths, err := logfile.List(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	stem := ""
	for _, path := range paths {
		name := plainName(filepath.Base(path))
		its, _, ok := logfile.CutNumber(name)
		if ok && stem != "" && its != stem {
			return nil, &fault.Error{Reason: ErrSeveralStems, About: dir, What: fmt.Sprintf("expected the logs of one source, found %s.* and %s.*", stem, its)}
		}
		stem = its
		names = append(names, name)
	}
	return names, nil
}

// compressed are the endings of compressed logs.
var compressed = []string{".gz", ".zst"}

func plainName(name string) string {
	for _, ending := range compressed {
		name = strings.TrimSuffix(name, ending)
	}
	return name
}

// path is where a log lies.
func (l *logs) path(name string) string {
	plain := filepath.Join(l.dir, name)
	if _, err := os.Stat(plain); err == nil {
		return plain
	}
	for _, ending := range compressed {
		if _, err := os.Stat(plain + ending); err == nil {
			return plain + ending
		}
	}
	return plain
}

// expected is the name with the next number; "" when the name has no number.
func expected(name string) string {
	stem, number, ok := logfile.CutNumber(name)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%s.%06d", stem, number+1)
}

var errPurged = errors.New("the log was taken away")

// after returns the log after name, "" when name is the last one.
func (l *logs) after(name string) (string, error) {
	names, err := l.names()
	if err != nil {
		return "", err
	}
	i := slices.Index(names, name)
	switch {
	case i < 0:
		return "", errPurged
	case i+1 == len(names):
		return "", nil
	}
	return names[i+1], nil
}
