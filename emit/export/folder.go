package export

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"binmend/decoder/fault"
)

// ErrNotEmpty: the folder can't take the export.
var ErrNotEmpty = fault.NewReason("the folder is not empty")

// folder is where the files of an export are written. Until the export is complete, they have names that engines ignore.
type folder struct {
	path  string
	files []file
	made  []string // folders, parents first
}

// file is a file that is written under a temporary name.
type file struct{ hidden, final string }

// completeMark is the name of the empty file that marks an export as complete, as with Spark.
const completeMark = "_SUCCESS"

// openFolder prepares a folder, which must not exist or be empty.
func openFolder(path string) (*folder, error) {
	entries, err := os.ReadDir(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case len(entries) > 0:
		return nil, &fault.Error{Reason: ErrNotEmpty, About: path, What: "the folder is not empty"}
	}
	f := &folder{path: path}
	return f, f.make(path)
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
	if err := os.Mkdir(path, 0o755); err != nil {
		return err
	}
	f.made = append(f.made, path)
	return nil
}

// create begins a file of a partition.
func (f *folder) create(database, table string, day int64) (*os.File, error) {
	date := time.Unix(day*secondsPerDay, 0).UTC().Format(time.DateOnly)
	path := filepath.Join(f.path, "database="+escape(database), "table="+escape(table), "day="+date)
	if err := f.make(path); err != nil {
		return nil, err
	}
	name := fmt.Sprintf("changes-%05d.parquet", len(f.files)+1)
	w := file{hidden: filepath.Join(path, "."+name+".part"), final: filepath.Join(path, name)}
	out, err := os.OpenFile(w.hidden, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err == nil {
		f.files = append(f.files, w)
	}
	return out, err
}

// complete gives the files their final names.
func (f *folder) complete() error {
	for _, w := range f.files {
		if err := os.Rename(w.hidden, w.final); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(f.path, completeMark), nil, 0o644)
}

// discard removes what was written if the export is not complete.
func (f *folder) discard() {
	for _, w := range f.files {
		os.Remove(w.hidden)
		os.Remove(w.final)
	}
	for i := len(f.made) - 1; i >= 0; i-- {
		os.Remove(f.made[i])
	}
}

// escape escapes a name as the value of a Hive partition: characters that are special in a path or a pattern become % and two
// hexadecimal digits (Hive source: FileUtils.escapePathName).
func escape(name string) string {
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
