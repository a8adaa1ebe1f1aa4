package export

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"binmend/decoder/fault"
	"binmend/schema/changes"
)

// Options say who makes the records, and what all of them hold.
type Options struct {
	Workers int
	Source  string // a label of the server that wrote the logs; "": the records have none
	Log     string // what the only log is called; "": as its file is

	Program string // which program writes, for the created_by of Parquet files
	// AllDates stores all dates that Parquet has, from 0001 to 9999, and not only those that every engine has.
	AllDates bool
	// Columns are those that tables have over more logs than this export's; nil: there are no others.
	Columns *Columns
}

// nameOf is what the log in a file is called.
func (o *Options) nameOf(file string) string { return cmp.Or(o.Log, filepath.Base(file)) }

// number is the number of a transaction: in its log where the source is known, so that it is the same whatever is read with
// the log, else in the range.
func (o *Options) number(t *changes.Transaction) int {
	if o.Source != "" {
		return t.InLog
	}
	return t.Number
}

// ErrLabel: a source can't be called that.
var ErrLabel = fault.NewReason("not a label of a source")

// labels are what a source may be called. A label is a part of the names of files, and what hides a file from engines, leaves its
// folder or means something to a shell or an object storage is no part of it.
var labels = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

// CheckLabel is an error for a label that names of files can't have.
func CheckLabel(label string) error {
	if labels.MatchString(label) {
		return nil
	}
	return &fault.Error{Reason: ErrLabel,
		What: fmt.Sprintf("expected 1 to 63 letters, digits, dots, dashes and underscores, a letter or digit first, found %.80q", label)}
}

// between separates source, log and number in the name of a file. No label has it, and names of logs have it escaped.
const between = "~"

// stemOf is what the names of the files of a source's log begin with.
func stemOf(source, log string) string {
	return source + between + strings.ReplaceAll(escape(log), between, "%7E")
}
