package export

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"binmend/decoder/atomicfile"
	"binmend/emit/export/parquetfile"
	"binmend/schema/changes"
)

// Manifest describes the export of one log. It is written last: if a log has one, its files are complete.
type Manifest struct {
	Version          int         `json:"version"` // of this JSON: it grows when a field goes or changes its meaning
	Binmend          string      `json:"binmend"` // the release that wrote the files
	Source           string      `json:"source"`
	Log              string      `json:"log"`
	Start            int64       `json:"start_position"` // of the first event that was read
	End              int64       `json:"end_position"`   // where the last one ends
	Closed           bool        `json:"closed"`         // the server has ended the log: nothing more comes
	Filtered         bool        `json:"filtered"`       // conditions chose among the rows
	Rows             uint64      `json:"rows"`
	Files            []WholeFile `json:"files"`
	DDL              uint64      `json:"ddl"`               // records of DDL and TRUNCATE, which Rows does not count
	Statements       uint64      `json:"statements"`        // other changes logged as statements, which are not in the files
	LeftOut          int         `json:"left_out"`          // row events whose changes were rolled back
	NotRepresentable uint64      `json:"not_representable"` // values that their Parquet type can't hold
	Unfinished       *Unfinished `json:"unfinished,omitempty"`
	Prepared         []Prepared  `json:"prepared,omitempty"`
	Ended            []Ended     `json:"ended,omitempty"`
}

// WholeFile is a Parquet file.
type WholeFile struct {
	Path  string `json:"path"` // in the folder, with slashes
	Rows  int64  `json:"rows"`
	Bytes int64  `json:"bytes"`
}

// manifests is the folder of the manifests. Engines ignore names that begin so.
const manifests = "_manifests"

// LogFolder is the folder that takes the files of one log, which Options name.
type LogFolder struct {
	Path    string
	Shared  bool   // other logs have their files there as well, and who exports them all says when all are there
	Program string // the release that writes
}

// ParquetLog is Parquet for one log of a source. The names of its files are those of the source, the log and a number: a second run
// writes the same ones, and exports of different logs, in any order and at the same time, have no name in common. Until all are
// complete nothing of the folder changes. The manifest comes last.
func ParquetLog(ctx context.Context, to LogFolder, s *changes.Stream, o Options) (Summary, error) {
	dir, err := openLogFolder(&to, &o)
	if err != nil {
		return Summary{}, err
	}
	l := &ledger{}
	s.Watch = l.addEvent
	return writeParquet(ctx, dir, s, o, func(all *Summary) error {
		m := Manifest{
			Version: version, Binmend: to.Program, Source: o.Source, Log: o.Log,
			Start: l.from.Offset, End: l.end, Closed: l.isClosed(), Filtered: !s.Filter.IsZero() || s.Where != nil,
			Rows: all.Rows, DDL: all.DDL, Statements: all.Statements, LeftOut: s.LeftOut(), NotRepresentable: all.NotRepresentable,
			Unfinished: l.unfinished(), Prepared: l.prepared, Ended: l.ended,
		}
		if !to.Shared {
			if err := dir.publish(&m); err != nil {
				return err
			}
			return dir.mark()
		}
		if all.Differing, err = dir.differing(); err != nil {
			return err
		}
		return dir.publish(&m)
	})
}

// openLogFolder prepares a folder for the files of a log. One that is not shared must not exist or be empty.
func openLogFolder(to *LogFolder, o *Options) (*folder, error) {
	if err := CheckLabel(o.Source); err != nil {
		return nil, err
	}
	if !to.Shared {
		if err := CheckNew(to.Path); err != nil {
			return nil, err
		}
	}
	stem := stemOf(o.Source, o.Log)
	f := &folder{path: to.Path, begun: "_writing-" + stem + between, named: stem + between}
	if err := f.stage(); err != nil {
		return nil, err
	}
	if to.Shared {
		f.made = nil // it is no longer this run's own
	}
	return f, f.sweep()
}

// publish replaces what the folder has of the log. Killed at any moment, it leaves either the old manifest with its files, or none
// and a note of all names, with which the next run removes what is not its own.
func (f *folder) publish(m *Manifest) error {
	if err := f.describe(m); err != nil {
		return err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	name := filepath.Join(f.path, manifests, strings.TrimSuffix(f.named, between)+".json")
	note := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+".replaced")
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	old, err := f.placed(name, note)
	if err != nil {
		return err
	}
	if before, err := os.ReadFile(name); err != nil || !bytes.Equal(before, text) {
		if err := f.withdraw(m, old, name, note); err != nil {
			return err
		}
	}
	if err := f.place(); err != nil {
		return err
	}
	for _, w := range m.Files {
		delete(old, w.Path)
	}
	for path := range old {
		if err := f.remove(filepath.FromSlash(path)); err != nil {
			return err
		}
	}
	if err := writeWhole(name, text); err != nil {
		return err
	}
	if err := os.Remove(note); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return f.unstage()
}

// describe adds the files to a manifest, as they can be read back, and has them on the disk.
func (f *folder) describe(m *Manifest) error {
	var rows int64
	m.Files = []WholeFile{}
	for _, w := range f.files {
		n, size, err := readBack(w.staged())
		if err != nil {
			return fmt.Errorf("%s: %w", w.final(), err)
		}
		rows += n
		m.Files = append(m.Files, WholeFile{Path: filepath.ToSlash(w.final()), Rows: n, Bytes: size})
	}
	if uint64(rows) != m.Rows+m.DDL {
		return fmt.Errorf("%d records were written, and the files have %d", m.Rows+m.DDL, rows)
	}
	return nil
}

// readBack returns how many rows and bytes a Parquet file has, and makes sure that it stays.
func readBack(name string) (rows, size int64, err error) {
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return 0, 0, err
	}
	defer file.Close()
	if err := file.Sync(); err != nil {
		return 0, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return 0, 0, err
	}
	footer, err := parquetfile.ReadFooter(file, info.Size())
	if err != nil {
		return 0, 0, err
	}
	return footer.NumRows, info.Size(), nil
}

// placed is the set of files that the folder may have of the log: those of its manifest, and of the note that a killed run left. Where
// one of them can't be read as such, because a copy or a disk damaged it, the folder is looked through.
func (f *folder) placed(name, note string) (map[string]bool, error) {
	paths := map[string]bool{}
	for _, from := range []string{name, note} {
		text, err := os.ReadFile(from)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var m Manifest
		if json.Unmarshal(text, &m) != nil {
			if m.Files, err = f.found(); err != nil {
				return nil, err
			}
		}
		for _, w := range m.Files {
			// Files of others are left alone, whatever the manifest says.
			if filepath.IsLocal(filepath.FromSlash(w.Path)) && strings.HasPrefix(filepath.Base(filepath.FromSlash(w.Path)), f.named) {
				paths[w.Path] = true
			}
		}
	}
	return paths, nil
}

// found is all files in the places of exported ones.
func (f *folder) found() (list []WholeFile, err error) {
	paths, err := fs.Glob(os.DirFS(f.path), "database=*/table=*/day=*/*.parquet")
	for _, path := range paths {
		list = append(list, WholeFile{Path: path})
	}
	return list, err
}

// withdraw notes the names of old and new files, and takes the manifest and the mark of a complete export away.
func (f *folder) withdraw(m *Manifest, old map[string]bool, name, note string) error {
	all := maps.Clone(old)
	for _, w := range m.Files {
		all[w.Path] = true
	}
	names := Manifest{Version: version, Source: m.Source, Log: m.Log}
	for _, path := range slices.Sorted(maps.Keys(all)) {
		names.Files = append(names.Files, WholeFile{Path: path})
	}
	text, err := json.Marshal(names)
	if err == nil {
		err = writeWhole(note, text)
	}
	for _, gone := range []string{filepath.Join(f.path, completeMark), name} {
		if err != nil {
			return err
		}
		if err = os.Remove(gone); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	return err
}

func writeWhole(name string, text []byte) error {
	return atomicfile.Write(name, 0o644, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}
