package dump

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/xrash/smetrics"

	"binmend/decoder/fault"
	"binmend/decoder/words"
)

// The reasons why the schema files do not give a table.
var (
	ErrMissingTable = fault.NewReason("no definition of the table")
	ErrNoFiles      = ErrMissingTable.Kind("no schema file was given")
	ErrAmbiguous    = fault.NewReason("several definitions of the table")
	ErrProblem      = fault.NewReason("a definition that is not understood, or contradicts another")
)

// Missing is the error of a table that no schema file defines; near are names like it, the nearest first.
func Missing(name Name, files, near []string) error {
	e := &fault.Error{Reason: ErrMissingTable, Facts: fault.Facts{Name: name.Database},
		What: fmt.Sprintf("table %s is not in %s", words.Table(name.Database, name.Table), fileList(files))}
	if len(files) == 0 {
		e.Reason = ErrNoFiles
	}
	if len(near) > 0 {
		e.What += fmt.Sprintf(" (nearest: %s)", strings.Join(near, ", "))
	}
	return e
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

// missing makes the error for a table that is not there.
func (s *Schema) missing(database, table string) error {
	return Missing(Name{Database: database, Table: table}, s.Files, s.nearest(database, table))
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
		list = append(list, candidate{words.Table(e.database, e.table), far})
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
