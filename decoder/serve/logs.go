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
)

// logs are the binary logs of a folder, in their order: that of the index file, or by number where there is none. The
// folder may grow meanwhile.
type logs struct {
	dir   string
	index string // path of the index file; "" without one

	mu     sync.Mutex
	read   os.FileInfo // the index file or folder as names was read from it
	cached []string
}

// FolderError says why a folder can't be served.
type FolderError struct {
	Dir    string
	What   string
	Advice string
}

func (e *FolderError) Error() string { return e.Dir + ": " + e.What }

// Hint says what to do.
func (e *FolderError) Hint() string { return e.Advice }

const indexSuffix = ".index"

// openLogs looks at a folder. It has to have at least one log.
func openLogs(dir string) (*logs, error) {
	found, err := filepath.Glob(filepath.Join(escapeGlob(dir), "*"+indexSuffix))
	if err != nil {
		return nil, err
	}
	l := &logs{dir: dir}
	switch len(found) {
	case 0:
	case 1:
		l.index = found[0]
	default:
		return nil, &FolderError{Dir: dir, What: fmt.Sprintf("expected one index file, found %d: %s and %s",
			len(found), filepath.Base(found[0]), filepath.Base(found[1])), Advice: "a folder holds the logs of one source; take the others away"}
	}
	names, err := l.names()
	if err == nil && len(names) == 0 {
		err = &FolderError{Dir: dir, What: "expected binary logs, found none", Advice: "name the folder that 'binmend pull' fills, or a copy of a server's binary logs"}
	}
	return l, err
}

func escapeGlob(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// names are the names of the logs, oldest first. The slice belongs to l.
func (l *logs) names() ([]string, error) {
	watched := l.index
	if watched == "" {
		watched = l.dir
	}
	info, err := os.Stat(watched)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.read != nil && l.read.Size() == info.Size() && l.read.ModTime().Equal(info.ModTime()) && settled(info) {
		return l.cached, nil
	}
	names, err := l.list()
	if err == nil {
		l.read, l.cached = info, names
	}
	return names, err
}

// settled says whether a change after the last one would show in the time of the last one.
func settled(info os.FileInfo) bool { return time.Since(info.ModTime()) > time.Second }

func (l *logs) list() ([]string, error) {
	if l.index == "" {
		return l.byNumber()
	}
	text, err := os.ReadFile(l.index)
	if err != nil {
		return nil, err
	}
	var names []string
	whole := text[:strings.LastIndexByte(string(text), '\n')+1] // a line without its end is still being written
	for line := range strings.Lines(string(whole)) {
		if line = strings.TrimSpace(line); line != "" {
			names = append(names, filepath.Base(filepath.FromSlash(line)))
		}
	}
	return names, nil
}

// byNumber are the files of the folder whose names end in a dot and a number.
func (l *logs) byNumber() ([]string, error) {
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return nil, err
	}
	var names []string
	base := ""
	for _, e := range entries {
		stem, _, ok := numbered(e.Name())
		if !ok || !e.Type().IsRegular() {
			continue
		}
		if base != "" && stem != base {
			return nil, &FolderError{Dir: l.dir, What: fmt.Sprintf("expected the logs of one source, found %s.* and %s.*", base, stem),
				Advice: "give an index file, or take the other files away"}
		}
		base = stem
		names = append(names, e.Name())
	}
	slices.SortFunc(names, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b) // .1000000 follows .999999
		}
		return strings.Compare(a, b)
	})
	return names, nil
}

// numbered cuts a log's name into its stem and its number; the number keeps its zeros.
func numbered(name string) (stem, number string, ok bool) {
	dot := strings.LastIndexByte(name, '.')
	if dot < 1 || dot+1 == len(name) || strings.Trim(name[dot+1:], "0123456789") != "" {
		return "", "", false
	}
	return name[:dot], name[dot+1:], true
}

// follows says whether the number of next is the one after that of name. Names without numbers tell nothing.
func follows(name, next string) bool {
	_, a, okA := numbered(name)
	_, b, okB := numbered(next)
	if !okA || !okB {
		return true
	}
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return increment(a) == b
}

// increment adds 1 to a decimal number of any length.
func increment(digits string) string {
	d := []byte(digits)
	for i := len(d) - 1; i >= 0; i-- {
		if d[i] != '9' {
			d[i]++
			return string(d)
		}
		d[i] = '0'
	}
	return "1" + string(d)
}

var errPurged = errors.New("the log was taken away")

// after returns the log behind name, "" when name is the last one.
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

func (l *logs) path(name string) string { return filepath.Join(l.dir, name) }
