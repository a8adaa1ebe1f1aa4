package export

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go/format"

	"binmend/emit/export/parquetfile"
)

// maxNames bounds the names of a folder that are looked through for the file of another log.
const maxNames = 256

// differing lists the tables for which the folder has files of other logs with other columns. Engines that take the columns of one file
// for all read such a table wrong. It looks at one file of the first day and at one of the last.
func (f *folder) differing() (list []string, err error) {
	asked := map[string]bool{}
	for _, w := range f.files {
		table := filepath.Dir(filepath.Dir(w.final()))
		if asked[table] {
			continue
		}
		asked[table] = true
		own, err := columnsIn(w.staged())
		if err != nil {
			return nil, err
		}
		differs, err := f.differs(table, own)
		if err != nil {
			return nil, err
		}
		if differs {
			list = append(list, filepath.ToSlash(table))
		}
	}
	return list, nil
}

// differs reports whether a table's files of other logs have other columns.
func (f *folder) differs(table string, own []format.SchemaElement) (bool, error) {
	days, err := namesIn(filepath.Join(f.path, table))
	if err != nil || len(days) == 0 {
		return false, err
	}
	for _, day := range slices.Compact([]string{days[0], days[len(days)-1]}) {
		files, err := namesIn(filepath.Join(f.path, table, day))
		if err != nil {
			return false, err
		}
		i := slices.IndexFunc(files, func(name string) bool {
			return strings.HasSuffix(name, ".parquet") && !strings.HasPrefix(name, f.named)
		})
		if i < 0 {
			continue
		}
		other, err := columnsIn(filepath.Join(f.path, table, day, files[i]))
		if errors.Is(err, fs.ErrNotExist) { // another run has replaced it meanwhile
			continue
		}
		if err != nil || !reflect.DeepEqual(own, other) {
			return err == nil, err
		}
	}
	return false, nil
}

// namesIn is the names in a folder, as many as are looked through, sorted; none if there is no such folder.
func namesIn(path string) ([]string, error) {
	dir, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(maxNames)
	slices.Sort(names)
	if err == io.EOF { // it is empty
		err = nil
	}
	return names, err
}

// columnsIn is the schema of a Parquet file.
func columnsIn(name string) ([]format.SchemaElement, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	footer, err := parquetfile.ReadFooter(file, info.Size())
	if err != nil {
		return nil, err
	}
	return footer.Schema, nil
}
