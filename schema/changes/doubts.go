package changes

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/logfile"
	"binmend/decoder/words"
	"binmend/schema"
	"binmend/schema/dump"
	"binmend/schema/track"
)

// What a reviewer has to know of definitions: where they are from, and why they may not be those of the rows.

// maxRemarks bounds the remarks that are kept.
const maxRemarks = 20

// Remark keeps a remark, once.
func (d *Definitions) Remark(text string) {
	remember(&d.Remarks, text)
}

func remember(list *[]string, text string) {
	if len(*list) < maxRemarks && !slices.Contains(*list, text) {
		*list = append(*list, text)
	}
}

// Doubted is the finding that rows may be printed wrongly; nil if no definition is in doubt.
func (d *Definitions) Doubted() error {
	if len(d.Doubts) == 0 {
		return nil
	}
	return &fault.Error{Reason: ErrDoubted, What: fmt.Sprintf("the definition of %s may not be the one of the rows: see RISK",
		words.Count(len(d.Doubts), "table"))}
}

// ErrDoubted: a definition may not be the one that rows were written with.
var ErrDoubted = fault.NewReason("a definition is in doubt")

// doubt keeps why a definition may be wrong, once.
func (d *Definitions) doubt(text string) { remember(&d.Doubts, text) }

// remarkAltered remarks that a table was altered on the server by a statement that is not in the logs. Both times are whole seconds:
// a table made in the second in which the range begins was made before it, or the logs would have the statement.
func (d *Definitions) remarkAltered(ctx context.Context, name dump.Name) {
	const slack = 2 * time.Second // between the end of a statement in the log and in the server's books
	made, ok := d.Live.Made(ctx, name)
	last := d.byLog.LastTime(name)
	isKnown := !last.IsZero() && !made.After(last.Add(slack))
	isLater := made.After(d.now) || made.Equal(d.now) && d.now.After(d.first)
	if ok && isLater && !isKnown {
		d.doubt(fmt.Sprintf("%s was made or altered on the server at %s UTC, after these rows, and no statement of these logs did it: values may stand "+
			"under another column, or ENUM and SET values be others; give the logs up to that time as well", name, made.UTC().Format(time.DateTime)))
	}
}

// remarkDate remarks that an ALTER which the logs do not have may lie between the files and these rows: where the files are from before
// the logs begin or from after the rows, and where they don't say when they are from. That an ALTER of the logs changes the definition, or
// leaves it as it is, tells on which side of it the files are, and not that nothing else lies between.
func (d *Definitions) remarkDate(by *track.Tracker, ref schema.Ref) {
	if !d.isUnproven(by, ref) {
		return
	}
	const what = "if a table was altered between them and is not in these logs, values may stand under another column, or ENUM and SET values be others; "
	files := strings.Join(d.Files.Files, ", ")
	first, last := d.given().Written()
	switch at := d.writtenAt(); {
	case at.IsZero() && d.Replica:
		remember(&d.Risks, fmt.Sprintf("nothing in %s says when its definitions were written, or in the logs that they are right: they must be "+
			"the stopped replica's: %s", files, d.IfUndated))
	case at.IsZero():
		remember(&d.Risks, fmt.Sprintf("nothing in %s says when its definitions were written, or in the logs that they are those of the rows: %s%s",
			files, what, d.IfUndated))
	case !d.Replica && !last.Before(d.now):
		remember(&d.Risks, fmt.Sprintf("the definitions are from %s, after these rows or not long before: %sgive the logs up to the dump as well, "+
			"or say that it is from before them", at.Format(time.DateTime), what))
	case !d.Replica && first.Before(d.first) && !d.dumped().begins:
		remember(&d.Risks, fmt.Sprintf("the definitions are from %s, and these logs begin at %s: %sgive the logs from the dump on as well, or say that "+
			"nothing was altered between", at.Format(time.DateTime), d.first.UTC().Format(time.DateTime), what))
	}
}

// remarkPlace remarks that the files' definition may be that of a table of another database. A stopped replica's script says so itself.
func (d *Definitions) remarkPlace(by *track.Tracker, ref schema.Ref) {
	if d.Files == nil || d.Replica || ref.Map == nil || ref.Map.FullNames || by.IsCertain(dump.Name{Database: ref.Database, Table: ref.Table}) {
		return
	}
	if why := d.Files.Guess(ref.Database, ref.Table); why != "" {
		d.doubt(fmt.Sprintf("%s: %s: if that is another table, values may stand under another column, or ENUM and SET values be others; give "+
			"definitions that name their databases", dump.Name{Database: ref.Database, Table: ref.Table}, why))
	}
}

// DoubtOf says why definitions from the beginning of the logs may not be that: the file is, as schema --at-each-log wrote it, of another
// log of the same server than the first one; "" when it does not say so.
func DoubtOf(files *dump.Schema, at track.At, logs []string) string {
	if files == nil || at != track.Start || len(logs) == 0 {
		return ""
	}
	first := filepath.Base(logs[0])
	stem, number, isNumbered := logfile.CutNumber(decoder.LogName(first))
	ofStem, of, alsoNumbered := logfile.CutNumber(decoder.LogName(files.Begins))
	if !isNumbered || !alsoNumbered || stem != ofStem || number == of {
		return ""
	}
	return fmt.Sprintf("the definitions are those where %s begins, and the logs begin with %s: what was altered between is not in them, and values may "+
		"stand under another column", files.Begins, first)
}

// writtenAt is when the files were written: by their date, or by their GTIDs where the logs go on from before there. Zero if that is
// not known.
func (d *Definitions) writtenAt() time.Time {
	at, of := d.Files.Completed, d.dumped()
	if at.IsZero() && of.begins && !of.next.IsZero() {
		return of.next.UTC()
	}
	return at
}

// IsUndated reports whether nothing tells when the definition of rows was written, or that it is right.
func (d *Definitions) IsUndated(ref schema.Ref) bool {
	return d.isUnproven(d.given(), ref) && d.writtenAt().IsZero()
}

// isUnproven reports whether neither the user nor the logs say that the files' definition is the one of the rows.
func (d *Definitions) isUnproven(by *track.Tracker, ref schema.Ref) bool {
	name := dump.Name{Database: ref.Database, Table: ref.Table}
	switch {
	case d.Files == nil, d.At != track.Detect, ref.Map == nil || ref.Map.FullNames:
		return false
	}
	return !by.IsCertain(name)
}

// remarkDoubt notes why a definition may not be the table's.
func (d *Definitions) remarkDoubt(by *track.Tracker, ref schema.Ref) {
	name := dump.Name{Database: ref.Database, Table: ref.Table}
	if s, lost := by.Lost(name); lost {
		d.doubt(fmt.Sprintf("%s: the %s, which may have changed it, is not understood; the definition that was given fits the rows after it and is used", name, s))
	}
	if s, replaced := by.Replaced(name); replaced && !ref.Map.FullNames {
		d.doubt(fmt.Sprintf("%s: the logs drop it and make it anew with the definition that was given, by the %s; if the definition is from after that, the "+
			"table may have been another one before, and values stand under another column, or ENUM and SET values be others", name, s))
	}
	if s, assumed := by.Assumed(name); assumed && ref.Map != nil && !slices.ContainsFunc(ref.Map.Columns, func(c decoder.Column) bool { return c.Collation != 0 }) {
		remember(&d.Risks, fmt.Sprintf("%s: its character set is that of the %s, which servers log even when the database exists already, perhaps with another one", name, s))
	}
	if s, doubtful := by.Doubt(name); doubtful {
		d.doubt(fmt.Sprintf("%s: its definition is that of the %s, which MySQL logs even when the table exists already, "+
			"perhaps with other columns or keys; give the table's definition from before the log", name, s))
	}
}
