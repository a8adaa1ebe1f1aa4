package changes

import (
	"context"
	"errors"
	"slices"

	"binmend/decoder"
	"binmend/schema"
	"binmend/schema/dump"
	"binmend/schema/live"
	"binmend/schema/track"
)

// The DDL of all logs, read again for the definitions that files or a server do not have as they are at the rows.

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

func (s ofServer) Places() []string { return nil }

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
