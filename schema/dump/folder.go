package dump

import (
	"cmp"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/gtid"
)

// loadFolder reads the folder that mydumper, MySQL Shell or mysqldump --tab has written: the files that define tables, and those that say when
// the dump ended and which transactions had run. The files with rows are left out.
func loadFolder(folder string) (*Schema, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, e := range entries {
		names[decoder.UnpackedName(e.Name())] = true
	}
	merged := newSchema()
	for _, e := range entries {
		name := decoder.UnpackedName(e.Name())
		if e.IsDir() || filepath.Ext(name) != ".sql" || names[rowsOf.ReplaceAllString(name, "-schema.sql")] && !strings.HasSuffix(name, "-schema.sql") {
			continue
		}
		s, err := loadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return nil, err
		}
		merged.Merge(s)
	}
	if len(merged.Files) == 0 {
		return nil, &fault.Error{Reason: ErrNoText, About: "schema folder " + folder, What: "expected files that end in .sql, found none"}
	}
	merged.Files = []string{folder}
	ended, executed := folderFacts(folder)
	if merged.Executed = executed; !ended.IsZero() {
		merged.Completed, merged.FirstCompleted = ended, ended
	}
	return merged, nil
}

// rowsOf is how the name of a file with rows of mydumper ends; that with the table ends in -schema.sql.
var rowsOf = regexp.MustCompile(`(?:\.[0-9]+)*\.sql$`)

// What mydumper's file metadata says, in its old form and in the one like an INI file.
var (
	mydumperEnd  = regexp.MustCompile(`(?m)^(?:# )?Finished dump at: (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)`)
	mydumperGTID = regexp.MustCompile(`(?i)(?:SHOW MASTER STATUS:|\[(?:master|source)\])\n(?:[^\n\[]+\n)*?(?:\tGTID:|#? ?executed_gtid_set ?= ?"?)([^"\n]*[^"\n,])"?\n`)
)

// folderFacts is when a dump in a folder ended, and what had run before it; zero and nil where it does not say so.
func folderFacts(folder string) (ended time.Time, executed *Executed) {
	read := func(name string) []byte {
		f, err := os.Open(filepath.Join(folder, name))
		if err != nil {
			return nil
		}
		defer f.Close()
		text, err := io.ReadAll(io.LimitReader(f, maxStatement+1))
		if err != nil || len(text) > maxStatement {
			return nil
		}
		return text
	}
	var end, set string
	if text := read("metadata"); text != nil {
		if found := mydumperEnd.FindSubmatch(text); found != nil {
			end = string(found[1])
		}
		if found := mydumperGTID.FindSubmatch(text); found != nil {
			set = string(found[1])
		}
	}
	var shell struct {
		GTIDExecuted             string
		GTIDExecutedInconsistent bool
		End                      string
	}
	for _, name := range []string{"@.json", "@.done.json"} {
		if json.Unmarshal(read(name), &shell) == nil && !shell.GTIDExecutedInconsistent {
			end, set = cmp.Or(shell.End, end), cmp.Or(shell.GTIDExecuted, set)
		}
	}
	ended, _ = time.Parse(time.DateTime, end)
	return ended, executedOf(set)
}

// executedOf reads GTIDs of either flavor; nil where there are none.
func executedOf(text string) *Executed {
	if set, err := gtid.ParseSet(text); err == nil && !set.IsEmpty() {
		return &Executed{set: set}
	}
	if list, err := gtid.ParseList(text); err == nil && len(list) > 0 {
		return &Executed{list: list}
	}
	return nil
}

// hintFor is the database that a header names, or the name of mydumper's file of a table: DATABASE.TABLE-schema.sql.
func (l *loader) hintFor(table string) string {
	if l.hint != "" {
		return l.hint
	}
	name := decoder.UnpackedName(filepath.Base(l.file))
	for _, end := range []string{"-schema.sql", "-schema-triggers.sql"} {
		if database, ok := strings.CutSuffix(name, "."+table+end); ok {
			return database
		}
	}
	return ""
}
