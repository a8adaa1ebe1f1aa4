package export

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"binmend/decoder/fault"
)

// ErrNotEmpty: the folder can't take the export.
var ErrNotEmpty = fault.NewReason("the folder is not empty")

// folder is where the files of an export are written. Until all are complete, they are in a folder of their own inside it, whose
// name engines ignore.
type folder struct {
	path    string
	begun   string // what the name of the folder for files that are not complete begins with
	staging string
	lock    *flock.Flock // tells that the staging folder is in use
	made    []string     // folders that were not there before, parents first
	named   string       // what the names of files begin with
	files   []file
}

// file is a file that is not complete yet.
type file struct {
	folder *folder
	number int
	of     partitionKey
}

func (w *file) staged() string {
	return filepath.Join(w.folder.staging, fmt.Sprintf("%05d.part", w.number))
}

// final is its place in the folder.
func (w *file) final() string {
	date := time.Unix(w.of.day*secondsPerDay, 0).UTC().Format(time.DateOnly)
	return filepath.Join("database="+escape(w.of.database), "table="+escape(w.of.table), "day="+date, fmt.Sprintf("%s%05d.parquet", w.folder.named, w.number))
}

// completeMark is the name of the empty file that marks an export as complete, as with Spark.
const completeMark = "_SUCCESS"

// openFolder prepares a folder, which must not exist or be empty.
func openFolder(path string) (*folder, error) {
	if err := CheckNew(path); err != nil {
		return nil, err
	}
	f := &folder{path: path, begun: "_writing-", named: "changes-"}
	return f, f.stage()
}

// CheckNew is an error for a folder that Parquet would refuse, for callers who read the logs before that: it has something in it.
func CheckNew(path string) error {
	entries, err := os.ReadDir(path)
	if len(entries) > 0 {
		return &fault.Error{Reason: ErrNotEmpty, About: path, What: "the folder is not empty"}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// stage makes the folder for files that are not complete.
func (f *folder) stage() (err error) {
	if err := f.make(f.path); err != nil {
		return err
	}
	if f.staging, err = os.MkdirTemp(f.path, f.begun+"*"); err != nil {
		return err
	}
	f.lock = flock.New(filepath.Join(f.staging, lockName))
	_, err = f.lock.TryLock() // where the system has no locks, sweep leaves folders alone
	if errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return err
}

// make creates a folder and its parents.
func (f *folder) make(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if parent := filepath.Dir(path); parent != path {
		if err := f.make(parent); err != nil {
			return err
		}
	}
	err := os.Mkdir(path, 0o755)
	if errors.Is(err, fs.ErrExist) { // another process has made it meanwhile
		return nil
	}
	if err == nil {
		f.made = append(f.made, path)
	}
	return err
}

const lockName = "lock"

// sweepAge is how old a folder of files must be that sweep removes: a new one may have no lock yet.
const sweepAge = time.Minute

// sweep removes what killed runs have left of the same export. What another process is writing stays.
func (f *folder) sweep() error {
	entries, err := os.ReadDir(f.path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(f.path, e.Name())
		info, err := e.Info()
		if !strings.HasPrefix(e.Name(), f.begun) || path == f.staging || err != nil || time.Since(info.ModTime()) < sweepAge {
			continue
		}
		lock := flock.New(filepath.Join(path, lockName))
		if free, err := lock.TryLock(); err != nil || !free {
			continue
		}
		err = errors.Join(lock.Close(), os.RemoveAll(path))
		if err != nil {
			return err
		}
	}
	return nil
}

// create begins a file of a partition.
func (f *folder) create(of partitionKey) (*os.File, error) {
	w := file{f, len(f.files) + 1, of}
	out, err := os.OpenFile(w.staged(), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err == nil {
		f.files = append(f.files, w)
	}
	return out, err
}

// moveTries is how often a file is moved to a place that another process removes: an empty folder.
const moveTries = 10

// place moves the files to their places.
func (f *folder) place() error {
	for _, w := range f.files {
		final := filepath.Join(f.path, w.final())
		var err error
		for range moveTries {
			if err = os.MkdirAll(filepath.Dir(final), 0o755); err == nil {
				err = os.Rename(w.staged(), final)
			}
			if !errors.Is(err, fs.ErrNotExist) {
				break
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// complete gives the files of a folder's only export their final names.
func (f *folder) complete() error {
	err := errors.Join(f.place(), f.unstage())
	if err != nil {
		for _, w := range f.files {
			f.remove(w.final())
		}
		return err
	}
	return f.mark()
}

// mark marks the folder as complete.
func (f *folder) mark() error { return os.WriteFile(filepath.Join(f.path, completeMark), nil, 0o644) }

// unstage removes the folder for files that are not complete.
func (f *folder) unstage() error {
	if f.lock != nil {
		f.lock.Close()
	}
	return os.RemoveAll(f.staging)
}

// discard removes what was written if the export is not complete.
func (f *folder) discard() {
	f.unstage()
	for i := len(f.made) - 1; i >= 0; i-- {
		os.Remove(f.made[i])
	}
}

// remove removes a file and the folders that are empty without it.
func (f *folder) remove(name string) error {
	err := os.Remove(filepath.Join(f.path, name))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	for dir := filepath.Dir(name); dir != "." && os.Remove(filepath.Join(f.path, dir)) == nil; {
		dir = filepath.Dir(dir)
	}
	return err
}

// noName is Hive's NULL.
const noName = "__HIVE_DEFAULT_PARTITION__"

// escape escapes a name as the value of a Hive partition: characters that are special in a path or a pattern become % and two
// hexadecimal digits (Hive source: FileUtils.escapePathName).
func escape(name string) string {
	switch name {
	case "": // statements that are of no table
		return noName
	case noName: // a table of that name is not in their folder
		return fmt.Sprintf("%%%02X%s", name[0], name[1:])
	}
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		if c < ' ' || c == 0x7f || strings.IndexByte("\"#%'*/:=?\\{}[]^", c) >= 0 || c == '.' && strings.Trim(name, ".") == "" {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
