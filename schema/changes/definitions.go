package changes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/walk"
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

	format *decoder.Format // of the last event that Follow got

	ddl *DDL // of Logs; nil where it was not read on the way

	loggedTriggers    []dump.TriggerChange // that the logs make before the range
	hasLoggedTriggers bool                 // they have been read
	effects           map[*schema.Table]*schema.Table
	references        *references // as they were gathered last; nil: not yet
	isOutdated        bool        // a statement may have changed them since
	gathered          int         // how often they were
}

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
	if e.Format != d.format {
		d.format = e.Format
		if e.Format.Server.IsNewer() {
			d.Remark(fmt.Sprintf("the logs are of %s, a later series than binmend knows (MySQL %d, MariaDB %d): what that server does in a new way may be read wrongly",
				e.Format.Server.Text, decoder.LastMySQL, decoder.LastMariaDB))
		}
	}
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
