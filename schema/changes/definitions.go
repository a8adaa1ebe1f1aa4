package changes

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/logfile"
	"binmend/decoder/walk"
	"binmend/decoder/words"
	"binmend/schema"
	"binmend/schema/dump"
	"binmend/schema/live"
	"binmend/schema/rowmeta"
	"binmend/schema/track"
)

// Definitions finds the tables of rows in a range of logs. If the schema files or the server's tables fit, they are used as they
// are. If they don't fit, or lack a table, the logs are read from their beginning for the DDL in them. It is a schema.Resolver
// for the current row: every event of the range must be passed to Follow, in order.
type Definitions struct {
	Files *dump.Schema     // nil when there are none
	At    track.At         // when the files were written
	Live  *live.Tables     // the tables of a server as they are now; may be nil
	Logs  walk.Logs        // to be read again; no names when they can't be
	Begin decoder.Position // of the first event that Follow gets, when it is not the first of the logs

	Unexecuted map[decoder.Position]bool // statements of the logs that the server, or the writer of the files, has not run

	// Replica says that the files, or the server, have the replica's own tables: they may differ from the log's in all that
	// schema.LayoutOf allows.
	Replica bool

	IfUndated string // what to do about files that do not say when they were written, for a RISK line

	Remarks []string // what a reviewer has to know about the origin of the definitions
	Doubts  []string // why rows may have other columns or keys than their table's definition: a RISK
	Risks   []string // what may be wrong with definitions although nothing points to it

	// Seen is told what tables are before and after each statement of the range, where they are followed from files or from nothing;
	// nil: nobody is.
	Seen func(*schema.Table)

	asGiven  *track.Tracker // the files, and the DDL of the range
	byLog    *track.Tracker // the files, and all DDL of the logs up to the current row; nil until it is needed
	triggers triggers
	doMore   bool      // the files have tables that mayDoMore is about, or a server is asked, which may
	counted  bool      // doMore is known
	followed int       // statements of the range so far that may be DDL
	foreseen bool      // asGiven knows the statements to come
	passed   int       // statements of the range that it did not foresee
	executed *executed // what the files say of GTIDs in the logs; nil: not read yet
	first    time.Time // of the first event that Follow got
	now      time.Time // of the last one
	wentOn   bool      // the logs are read on from where the server's definitions are from

	ddl *DDL // of Logs; nil where it was not read on the way

	loggedTriggers    []dump.TriggerChange // that the logs make before the range
	hasLoggedTriggers bool                 // they have been read
	effects           map[*schema.Table]*schema.Table
	references        *references // as they were gathered last; nil: not yet
	isOutdated        bool        // a statement may have changed them since
	gathered          int         // how often they were
}

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

func (d *Definitions) given() *track.Tracker {
	if d.asGiven == nil {
		at := track.Detect
		if d.At == track.Start && d.Begin.File == "" {
			at = track.Start
		}
		d.asGiven = d.tracker(at)
		if d.At != track.End && d.Live == nil && d.Begin.File == "" {
			d.asGiven.Seen = d.Seen
		}
	}
	return d.asGiven
}

// tracker follows statements from the files on.
func (d *Definitions) tracker(at track.At) *track.Tracker {
	t := track.New(d.Files, at)
	t.RanBefore(d.dumped().statements, d.dumped().next)
	return t
}

// Follow takes the next event of the range. changed is true when tables may have changed with it.
func (d *Definitions) Follow(e *decoder.Event) (changed bool, err error) {
	if e.Timestamp != 0 {
		d.now = time.Unix(int64(e.Timestamp), 0)
		if d.first.IsZero() {
			d.first = d.now
		}
	}
	if q, err := ddlOf(e); q == nil || d.Unexecuted[e.Pos] {
		return false, err
	}
	st, _, err := ReadStatement(e)
	if err != nil {
		return false, err
	}
	d.followed++
	d.triggers.follow(st)
	clear(d.effects)
	d.isOutdated = d.isOutdated || !makesUnbound(e, st.SQL)
	err = d.given().Apply(st.Pos, st.Statement)
	if d.byLog != nil && d.byLog != d.asGiven && !errors.Is(err, track.ErrReadWrong) {
		err = d.byLog.Apply(st.Pos, st.Statement)
	}
	switch {
	case errors.Is(err, track.ErrReadWrong):
		return true, err
	case err != nil:
		d.doubt(err.Error())
	}
	return true, nil
}

// mayFire reports whether a table may have triggers, according to the logs and its definition.
func (d *Definitions) mayFire(t *schema.Table, m *decoder.TableMap) bool {
	return len(t.Triggers) > 0 || d.triggers.mayFire(m)
}

// mayDoMore reports whether there may be a table with triggers, or one that is system-versioned.
func (d *Definitions) mayDoMore() bool {
	if !d.counted {
		d.counted = true
		doesMore := func(t *schema.Table) bool { return len(t.Triggers) > 0 || t.SystemVersioned }
		d.doMore = d.Live != nil || d.Files != nil && slices.ContainsFunc(d.Files.Tables(), doesMore)
	}
	return d.doMore || len(d.triggers.tables) > 0 || d.triggers.all || d.triggers.versioned
}

// Creator is the statement of the range that creates a table, if there is one.
func (d *Definitions) Creator(m *decoder.TableMap) (track.Statement, bool) {
	s, created, ok := d.given().LastChange(dump.Name{Database: m.Database, Table: m.Table})
	return s, ok && created
}

// Table finds a table as it is at the current row, if everything that rows may need is known.
func (d *Definitions) Table(ctx context.Context, ref schema.Ref) (*schema.Table, error) {
	t, err := d.table(ctx, ref)
	if err == nil && t.Doubt != nil {
		return nil, t.Doubt.Reason
	}
	return t, err
}

// table finds a table as it is at the current row; each row must be checked by Sure. For a stopped replica, its own table is the
// right one. Any other server has the table as it is now: if statements in the logs have changed it since, they are undone.
func (d *Definitions) table(ctx context.Context, ref schema.Ref) (*schema.Table, error) {
	if d.Live == nil || d.wentOn {
		return d.logged(ctx, ref)
	}
	if !d.Replica && len(d.Logs.Names) > 0 {
		return d.ofServer(ctx, ref)
	}
	t, err := d.Live.Table(ctx, ref)
	if !errors.Is(err, live.ErrNoTable) {
		return t, err
	}
	if t, logged := d.logged(ctx, ref); logged == nil {
		return t, nil
	}
	return nil, err
}

// ofServer finds a table by a server's definitions, which are from the end of the logs or later, and the logs.
func (d *Definitions) ofServer(ctx context.Context, ref schema.Ref) (*schema.Table, error) {
	_, unread := d.Live.Table(ctx, ref)
	if unread != nil && !errors.Is(unread, live.ErrNoTable) {
		return nil, unread
	}
	if d.byLog == nil {
		if err := d.readLogs(ctx); err != nil {
			return nil, err
		}
	}
	t, err := d.tableOfRows(ctx, d.byLog, ref)
	if err != nil {
		if unread != nil && errors.Is(err, dump.ErrMissingTable) {
			err = unread
		}
		return OrMetadata(ref, err)
	}
	name := dump.Name{Database: ref.Database, Table: ref.Table}
	d.remarkDoubt(d.byLog, ref)
	if unread == nil && ref.Map != nil && !ref.Map.FullNames && !d.byLog.IsCertain(name) {
		d.remarkAltered(ctx, name)
	}
	return t, nil
}

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

// logged finds a table in the schema files and the logs.
func (d *Definitions) logged(ctx context.Context, ref schema.Ref) (*schema.Table, error) {
	var mismatch *schema.MismatchError
	if d.trustsGiven() {
		if err := d.foresee(ctx); err != nil {
			return nil, err
		}
		t, err := d.tableOfRows(ctx, d.given(), ref)
		if err == nil {
			d.remarkDoubt(d.given(), ref)
			d.remarkDate(d.given(), ref)
			d.remarkPlace(d.given(), ref)
			return t, nil
		}
		if len(d.Logs.Names) == 0 && d.byLog == nil {
			if t := d.ofReplica(ctx, ref); t != nil {
				return t, nil
			}
			return OrMetadata(ref, err)
		}
		errors.As(err, &mismatch)
	}
	if d.byLog == nil {
		if err := d.readLogs(ctx); err != nil {
			return nil, err
		}
	}
	if t := d.ofReplica(ctx, ref); t != nil {
		return t, nil
	}
	t, err := d.tableOfRows(ctx, d.byLog, ref)
	if err != nil {
		return OrMetadata(ref, err)
	}
	if mismatch != nil {
		d.Remark(fmt.Sprintf("%v; its definition is taken from the %s", mismatch, t.Source))
	}
	d.remarkDoubt(d.byLog, ref)
	d.remarkDate(d.byLog, ref)
	d.remarkPlace(d.byLog, ref)
	return t, nil
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

// IsUndated reports whether rows are read with a definition of which nothing tells when it was written, or that it is right.
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

// foresee tells the files' tracker what comes in the logs after the current row: the files may have been written later.
func (d *Definitions) foresee(ctx context.Context) error {
	if d.foreseen || d.Files == nil && d.byLog == nil || len(d.Logs.Names) == 0 {
		return nil
	}
	d.foreseen, d.passed = true, d.followed
	inRange := 0
	each := d.ddl.Each
	if d.ddl == nil { // they are wanted once only, and not kept
		each = func(ctx context.Context, yield func(Statement)) error { return EachStatement(ctx, d.Logs, yield) }
	}
	err := each(ctx, func(st Statement) {
		if d.Unexecuted[st.Pos] || d.precedesRange(st.Pos) {
			return
		}
		if inRange++; inRange > d.followed {
			d.given().Foresee(st.Pos, st.Statement)
		}
	})
	if err != nil {
		return err
	}
	return d.tellApart(ctx, d.given())
}

// tellApart looks at the rows to come where only they tell whether names that differ in case are those of one table.
func (d *Definitions) tellApart(ctx context.Context, by *track.Tracker) error {
	if !by.IsSpelledInTwoWays() {
		return nil
	}
	return d.foreseeShapes(ctx, by)
}

// ofReplica is the files' definition of a table if it differs from the log's but accepts its rows, and nothing in the logs explains
// the difference; nil otherwise. It is the replica's own definition then, and is used even if the logs create the table.
func (d *Definitions) ofReplica(ctx context.Context, ref schema.Ref) *schema.Table {
	if !d.Replica || d.Files == nil || ref.Map == nil {
		return nil
	}
	name := dump.Name{Database: ref.Database, Table: ref.Table}
	if _, _, changed := d.given().LastChange(name); changed || d.byLog != nil && !d.byLog.IsUnaltered(name) {
		return nil
	}
	t, err := d.Files.Table(ctx, ref)
	if err != nil {
		return nil
	}
	if _, err := schema.LayoutOf(t, ref.Map); err != nil {
		return nil
	}
	return t
}

// remarkDoubt keeps that a definition may not be the table's.
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

// trustsGiven reports whether the files are right at the beginning of the range: those of a stopped replica are. Others may be older
// than statements before the range.
func (d *Definitions) trustsGiven() bool {
	return d.At == track.Detect && (d.Replica || len(d.Logs.Names) == 0) || d.At != track.End && d.Begin.File == ""
}

// readLogs follows the DDL of the logs up to the current row, and notes what comes after it.
func (d *Definitions) readLogs(ctx context.Context) error {
	if (d.Live == nil || d.Replica) && d.At != track.End && d.Begin.File == "" { // the range begins with the logs
		d.byLog = d.given()
		return d.foresee(ctx)
	}
	if d.Live != nil && !d.Replica {
		d.byLog = track.New(ofServer{ctx, d.Live}, track.Later)
	} else {
		d.byLog = d.tracker(d.At)
	}
	all := d.statements()
	err := all.Each(ctx, func(st Statement) {
		if !d.Unexecuted[st.Pos] {
			d.byLog.Foresee(st.Pos, st.Statement)
		}
	})
	if err != nil {
		return err
	}
	if err := d.tellApart(ctx, d.byLog); err != nil {
		return err
	}
	inRange := 0
	return all.Each(ctx, func(st Statement) {
		if d.Unexecuted[st.Pos] {
			return
		}
		if !d.precedesRange(st.Pos) {
			inRange++
		}
		if inRange > d.followed {
			return // it is still to come
		}
		d.triggers.follow(st)
		// A statement that names no table that can be understood is told when it stands in the range.
		_ = d.byLog.Apply(st.Pos, st.Statement)
	})
}

// ofServer has the definitions of a server for a tracker.
type ofServer struct {
	ctx    context.Context // of the run: a tracker asks without one
	tables *live.Tables
}

func (s ofServer) Definition(name dump.Name) (*dump.Definition, error) {
	return s.tables.Definition(s.ctx, name)
}
func (s ofServer) Encoding(string) dump.Encoding { return dump.Encoding{} }
func (s ofServer) Places() []string              { return nil }

// precedesRange reports whether a place of the logs comes before the range.
func (d *Definitions) precedesRange(pos decoder.Position) bool {
	switch {
	case d.Begin.File == "":
		return false
	case pos.File == d.Begin.File:
		return pos.Offset < d.Begin.Offset
	}
	return slices.Index(d.Logs.Names, pos.File) < slices.Index(d.Logs.Names, d.Begin.File)
}

// OrMetadata falls back to the log's row metadata for a table that nothing else defines. err is from a track.Tracker; it is returned
// if there is no such metadata.
func OrMetadata(ref schema.Ref, err error) (*schema.Table, error) {
	if ref.Map == nil || !errors.Is(err, dump.ErrMissingTable) {
		return nil, err
	}
	missing, _ := err.(*fault.Error)
	noFiles := missing != nil && missing.Reason == dump.ErrNoFiles
	if ref.Map.FullNames || noFiles {
		return rowmeta.Table(ref.Map)
	}
	return nil, err
}
