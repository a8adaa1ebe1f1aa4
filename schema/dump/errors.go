package dump

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/xrash/smetrics"
)

// MissingTableError says that no schema file defines a table.
type MissingTableError struct {
	Database, Table string
	Near            []string // names most like it, the nearest first
	Files           []string
}

func (e *MissingTableError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "table %s is not in %s", qualified(e.Database, e.Table), fileList(e.Files))
	if len(e.Near) > 0 {
		fmt.Fprintf(&b, " (nearest: %s)", strings.Join(e.Near, ", "))
	}
	return b.String()
}

// Hint says what to do.
func (e *MissingTableError) Hint() string {
	return "add the output of `mysqldump --no-data --databases " + e.Database + "` or of SHOW CREATE TABLE, " +
		"as the table was when the log was written"
}

func fileList(files []string) string {
	switch len(files) {
	case 0:
		return "any schema file: none was given"
	case 1:
		return files[0]
	}
	return "any of " + strings.Join(files, ", ")
}

// AmbiguousTableError says that several definitions fit a table.
type AmbiguousTableError struct {
	Database, Table string
	Found           []string // where
}

func (e *AmbiguousTableError) Error() string {
	return fmt.Sprintf("table %s could be any of those at %s", qualified(e.Database, e.Table), strings.Join(e.Found, ", "))
}

// Hint says what to do.
func (e *AmbiguousTableError) Hint() string {
	return "give one schema file only, or dumps that name their databases (mysqldump --databases)"
}

// missing makes the error for a table that is not there.
func (s *Schema) missing(database, table string) error {
	return &MissingTableError{Database: database, Table: table, Near: s.nearest(database, table), Files: s.Files}
}

// nearest lists up to three names like the one asked for: the same table in another database first, then by the number
// of letters to change.
func (s *Schema) nearest(database, table string) []string {
	const most = 3
	type candidate struct {
		name string
		far  int
	}
	var list []candidate
	for _, e := range s.entries {
		far := distance(strings.ToLower(e.table), strings.ToLower(table))
		if far > max(len(table)/2, 2) {
			continue
		}
		if e.database != "" && !strings.EqualFold(e.database, database) {
			far++
		}
		list = append(list, candidate{qualified(e.database, e.table), far})
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return cmp.Compare(a.far, b.far) })
	var names []string
	for _, c := range list[:min(len(list), most)] {
		names = append(names, c.name)
	}
	return names
}

// distance is the number of bytes to insert, delete or change between a and b. Names are at most 64 characters; what is
// longer counts as far.
func distance(a, b string) int {
	const longest = 256
	if len(a) > longest || len(b) > longest {
		return longest
	}
	return smetrics.WagnerFischer(a, b, 1, 1, 1)
}
