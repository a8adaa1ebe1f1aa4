package changes

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/walk"
	"binmend/decoder/words"
	"binmend/schema"
	"binmend/schema/dump"
	"binmend/schema/live"
	"binmend/schema/rowmeta"
	"binmend/schema/track"
)

// Definitions finds the tables of rows in a range of logs. The schema files, or what a server says, count as they are where
// they fit; only where they don't, or don't have a table, are the logs read from their beginning for the DDL in them. It is
// a schema.Resolver for the row at hand: every event of the range has to be given to Follow, in order.
type Definitions struct {
	Files *dump.Schema     // nil when there are none
	At    track.At         // when the files were written
	Live  schema.Resolver  // the tables of a server as they are now, of package live; may be nil
	Logs  walk.Logs        // to be read again; no names when they can't be
	Begin decoder.Position // of the first event that Follow gets, when it is not the first of the logs

	// Replica says that the files, or the server, have the replica's own tables: they may differ from the log's in all that
	// schema.LayoutOf allows.
	Replica bool

	Remarks []string // what a reviewer has to know of where the definitions come from
	Doubts  []string // why rows may have other columns or keys than their table's definition: a RISK

	asGiven  *track.Tracker // the files, and the DDL of the range
	byLog    *track.Tracker // the files, and all DDL of the logs up to the row at hand; nil until it is needed
	triggers triggers
	fires    bool // the files have triggers, or a server is asked, which may
	counted  bool // fires is known
	followed int  // statements of the range so far that may be DDL
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

// Doubted is the finding that rows may be printed wrongly; nil where there is no doubt about a definition.
func (d *Definitions) Doubted() error {
	if len(d.Doubts) == 0 {
		return nil
	}
	return &fault.Error{Reason: ErrDoubted, What: fmt.Sprintf("the definition of %s may not be the one of the rows: see RISK",
		words.Count(len(d.Doubts), "table"))}
}

// ErrDoubted: a definition may not be the one that rows were written with.
var ErrDoubted = fault.NewReason("a definition is in doubt")

func (d *Definitions) given() *track.Tracker {
	if d.asGiven == nil {
		at := track.Detect
		if d.At == track.Start && d.Begin.File == "" {
			at = track.Start
		}
		d.asGiven = track.New(d.Files, at)
	}
	return d.asGiven
}

// Follow takes the next event of the range. changed is true when tables may have changed with it.
func (d *Definitions) Follow(e *decoder.Event) (changed bool, err error) {
	st, ok, err := ReadStatement(e)
	if err != nil || !ok {
		return false, err
	}
	d.followed++
	d.triggers.follow(st)
	err = d.given().Apply(st.Pos, st.Statement)
	if d.byLog != nil {
		err = d.byLog.Apply(st.Pos, st.Statement)
	}
	if err != nil {
		d.Remark(err.Error())
	}
	return true, nil
}

// mayFire reports whether a table may have triggers by what the logs and its definition say.
func (d *Definitions) mayFire(t *schema.Table, m *decoder.TableMap) bool {
	return len(t.Triggers) > 0 || d.triggers.mayFire(m)
}

// knowTriggers reports whether some table may have triggers.
func (d *Definitions) knowTriggers() bool {
	if !d.counted {
		d.counted = true
		d.fires = d.Live != nil || d.Files != nil && slices.ContainsFunc(d.Files.Tables(), func(t *schema.Table) bool { return len(t.Triggers) > 0 })
	}
	return d.fires || len(d.triggers.tables) > 0 || d.triggers.all
}

// Creator is the statement of the range that creates a table, if there is one.
func (d *Definitions) Creator(m *decoder.TableMap) (track.Statement, bool) {
	s, created, ok := d.given().LastChange(dump.Name{Database: m.Database, Table: m.Table})
	return s, ok && created
}

// Table finds a table as it is at the row at hand. A server's own table is that; only one that it does not have yet is
// looked for in the logs.
func (d *Definitions) Table(ctx context.Context, ref schema.Ref) (*schema.Table, error) {
	if d.Live == nil {
		return d.logged(ctx, ref)
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

// logged finds a table in the schema files and the logs.
func (d *Definitions) logged(ctx context.Context, ref schema.Ref) (*schema.Table, error) {
	var mismatch *schema.MismatchError
	if d.trustsGiven() {
		t, err := d.given().Table(ctx, ref)
		if err == nil {
			d.remarkDoubt(d.given(), ref)
			return t, nil
		}
		if len(d.Logs.Names) == 0 {
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
	t, err := d.byLog.Table(ctx, ref)
	if err != nil {
		return OrMetadata(ref, err)
	}
	if mismatch != nil {
		d.Remark(fmt.Sprintf("%v; its definition is taken from the %s", mismatch, t.Source))
	}
	d.remarkDoubt(d.byLog, ref)
	return t, nil
}

// ofReplica is the files' definition of a table that is not the log's but takes its rows, where nothing in the logs explains the
// difference; nil otherwise. Then it is the replica's own, which counts even where the logs create the table.
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
	if s, doubtful := by.Doubt(name); doubtful {
		remember(&d.Doubts, fmt.Sprintf("%s: its definition is that of the %s, which MySQL logs even when the table exists already, "+
			"perhaps with other columns or keys; give the table's definition from before the log", name, s))
	}
}

// trustsGiven reports whether the files count as they are, with what the range has changed.
func (d *Definitions) trustsGiven() bool {
	return d.At == track.Detect || d.At == track.Start && d.Begin.File == ""
}

// readLogs follows the DDL of the logs up to the row at hand, and notes what comes after it.
func (d *Definitions) readLogs(ctx context.Context) error {
	d.byLog = track.New(d.Files, d.At)
	var before, later []Statement
	inRange := 0
	err := EachStatement(ctx, d.Logs, func(st Statement) {
		if !d.precedesRange(st.Pos) {
			inRange++
		}
		if inRange <= d.followed {
			before = append(before, st)
		} else {
			later = append(later, st)
		}
	})
	if err != nil {
		return err
	}
	for _, st := range slices.Concat(before, later) {
		d.byLog.Foresee(st.Pos, st.Statement)
	}
	for _, st := range before {
		d.triggers.follow(st)
		// A statement that names no table that can be understood is told when it stands in the range.
		_ = d.byLog.Apply(st.Pos, st.Statement)
	}
	return nil
}

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

// OrMetadata falls back to what the log's row metadata says of a table that nothing else defines. err is that of a
// track.Tracker; it stays where there is no such metadata.
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
