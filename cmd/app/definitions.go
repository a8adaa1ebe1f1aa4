package app

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"binmend/decoder"
	"binmend/schema"
	"binmend/schema/dump"
	"binmend/schema/live"
	"binmend/schema/rowmeta"
	"binmend/schema/track"
)

func schemaAtFlag() cli.Flag {
	return &cli.StringFlag{Name: "schema-at", DefaultText: "what fits", Usage: "the files are from `WHEN`: start or end"}
}

// schemaAt reads --schema-at.
func schemaAt(c *cli.Context) (track.At, error) {
	when, given := c.String("schema-at"), c.IsSet("schema-at")
	switch {
	case !given:
		return track.Detect, nil
	case len(c.StringSlice("schema")) == 0:
		return track.Detect, &usageError{text: "--schema-at without --schema"}
	case when == "start":
		return track.Start, nil
	case when == "end":
		return track.End, nil
	}
	return track.Detect, &usageError{text: fmt.Sprintf("--schema-at: expected start or end, found %q", when),
		hint: "start: the dump is from before the first event of the logs; end: from after the last"}
}

// definitions finds the tables of the rows that fix repairs. A stopped replica has applied all DDL before the failing
// transaction and none after it, so that a dump made of it fits as it is. Only where that is not so, or where the dump
// has no such table, are the logs read from their beginning for the DDL in them.
type definitions struct {
	target  *target
	files   *dump.Schema // nil without --schema
	server  *live.Tables // nil without a connection, and with --schema
	at      track.At
	asGiven *track.Tracker // the files, and the DDL of the target itself
	byLog   *track.Tracker // the files, and all DDL of the logs up to the row at hand; nil until it is needed
	applied []located      // the statements of the target so far
	remarks []string       // what a reviewer has to know of where the definitions come from
}

func (d *definitions) remark(text string) {
	if !slices.Contains(d.remarks, text) {
		d.remarks = append(d.remarks, text)
	}
}

// definitionsOf loads the --schema files, or else takes the tables of the connected server.
func (r *session) definitionsOf(c *cli.Context, t *target) (*definitions, error) {
	at, err := schemaAt(c)
	if err != nil {
		return nil, err
	}
	d := &definitions{target: t, at: at}
	if len(c.StringSlice("schema")) > 0 {
		if d.files, err = r.loadSchema(c); err != nil {
			return nil, err
		}
	} else if t.server != nil {
		d.server = t.server.Tables()
	}
	d.asGiven = track.New(d.files, track.Detect)
	return d, nil
}

// apply takes a statement of the target.
func (d *definitions) apply(st located) error {
	d.applied = append(d.applied, st)
	err := d.asGiven.Apply(st.pos, st.Statement)
	if d.byLog != nil {
		err = d.byLog.Apply(st.pos, st.Statement)
	}
	return err
}

// creator is the statement of the target that creates a table, if there is one.
func (d *definitions) creator(m *decoder.TableMap) (track.Statement, bool) {
	s, created, ok := d.asGiven.LastChange(dump.Name{Database: m.Database, Table: m.Table})
	return s, ok && created
}

// Table finds a table as it is at the row at hand. The stopped replica's own table is that; only one that the replica does
// not have yet is looked for in the logs.
func (d *definitions) Table(ctx context.Context, ref schema.Ref) (*schema.Table, error) {
	if d.server == nil {
		return d.logged(ctx, ref)
	}
	t, err := d.server.Table(ctx, ref)
	var missing *live.MissingTableError
	if !errors.As(err, &missing) {
		return t, err
	}
	if t, logged := d.logged(ctx, ref); logged == nil {
		return t, nil
	}
	return nil, err
}

// logged finds a table in the --schema files and the logs.
func (d *definitions) logged(ctx context.Context, ref schema.Ref) (*schema.Table, error) {
	var mismatch *schema.MismatchError
	if d.at == track.Detect {
		t, err := d.asGiven.Table(ctx, ref)
		if err == nil {
			return t, nil
		}
		errors.As(err, &mismatch)
	}
	if d.byLog == nil {
		if err := d.readLogs(ctx); err != nil {
			return nil, err
		}
	}
	t, err := d.byLog.Table(ctx, ref)
	if err != nil {
		return orMetadata(ref, err)
	}
	if mismatch != nil {
		d.remark(fmt.Sprintf("%v; its definition is taken from the %s", mismatch, t.Source))
	}
	return t, nil
}

// readLogs follows the DDL of the logs up to the row at hand, and notes what comes behind it.
func (d *definitions) readLogs(ctx context.Context) error {
	d.byLog = track.New(d.files, d.at)
	begin := d.target.first.Start
	var before, later []located
	err := eachStatement(ctx, d.target.logs, func(st located) bool {
		if d.precedes(st.pos, begin) {
			before = append(before, st)
		} else {
			later = append(later, st)
		}
		return true
	})
	if err != nil {
		return err
	}
	for _, st := range slices.Concat(before, later) {
		d.byLog.Foresee(st.pos, st.Statement)
	}
	for _, st := range slices.Concat(before, d.applied) {
		// A statement that names no table that can be understood is told when it stands in the target.
		_ = d.byLog.Apply(st.pos, st.Statement)
	}
	return nil
}

// precedes says whether a place of the logs comes before another.
func (d *definitions) precedes(a, b decoder.Position) bool {
	if a.File == b.File {
		return a.Offset < b.Offset
	}
	names := d.target.logs.Names
	return slices.Index(names, a.File) < slices.Index(names, b.File)
}

// orMetadata falls back to what the log's row metadata says of a table that nothing else defines.
func orMetadata(ref schema.Ref, err error) (*schema.Table, error) {
	var missing *dump.MissingTableError
	if ref.Map == nil || !errors.As(err, &missing) {
		return nil, err
	}
	noFiles := err == error(missing) && len(missing.Files) == 0
	if ref.Map.FullNames || noFiles {
		return rowmeta.Table(ref.Map)
	}
	return nil, err
}
