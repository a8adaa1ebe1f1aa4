package app

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"binmend/decoder"
	"binmend/decoder/walk"
	"binmend/emit/export"
	"binmend/schema/changes"
	"binmend/schema/dump"
	"binmend/schema/track"
)

// schemaFlags name files with the definitions of tables.
type schemaFlags struct {
	files cli.StringSlice
	when  *string
}

func (f *schemaFlags) flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "schema", Destination: &f.files, Usage: "table definitions: `FILE` of mysqldump --no-data, or a folder of mydumper or MySQL Shell; may be repeated"},
		&cli.StringFlag{Name: "schema-at", DefaultText: "what fits", Action: given(&f.when), Usage: "when the files were written: at the start or the end of the logs (`WHEN`: start, end)"},
	}
}

// at reads --schema-at.
func (f *schemaFlags) at() (track.At, error) {
	switch {
	case f.when == nil:
		return track.Detect, nil
	case !f.given():
		return track.Detect, &usageError{text: "--schema-at without --schema"}
	case *f.when == "start":
		return track.Start, nil
	case *f.when == "end":
		return track.End, nil
	}
	return track.Detect, &usageError{text: fmt.Sprintf("--schema-at: expected start or end, found %q", *f.when),
		hint: "start: the dump is from before the first event of the logs; end: from after the last"}
}

func (f *schemaFlags) given() bool { return len(f.files.Value()) > 0 }

// load reads the files; nil when none is given.
func (f *schemaFlags) load() (*dump.Schema, error) {
	if !f.given() {
		return nil, nil
	}
	for _, name := range f.files.Value() {
		if name == standardInput {
			return nil, &usageError{text: "--schema reads files only, not standard input"}
		}
	}
	return dump.LoadFiles(f.files.Value()...)
}

// columns are what the files say of the columns that tables have over all logs.
func (f *schemaFlags) columns() (*export.Columns, error) {
	return export.ReadColumns(f.files.Value()...)
}

// These are advice on files that do not say when they were written.
const (
	ifUndated = "say it: --schema-at start, before the logs, or --schema-at end, after them; or let the server itself tell, without --schema " +
		"(-S or -h); logs written with binlog_row_metadata=FULL prove it"
	ifUndatedOfReplica = "take a dump with its comments there, or connect to it (-S or -h) without --schema"
)

// errEndNeedsFiles is for a log on standard input.
var errEndNeedsFiles = notFromStdin("--schema-at end reads a log twice")

// definitionsOf finds definitions in the --schema files, on the server, and in the logs. done closes the connection.
func (r *session) definitionsOf(f *schemaFlags, server *connectionFlags, lr walk.Range) (d *changes.Definitions, done func(), err error) {
	d, done = &changes.Definitions{IfUndated: ifUndated}, func() {}
	if d.At, err = f.at(); err != nil {
		return d, done, err
	}
	if !lr.HasStdin() {
		d.Logs = lr.Logs
	} else if d.At == track.End {
		return d, done, errEndNeedsFiles
	}
	if lr.Feed != nil && d.At == track.End {
		return d, done, &usageError{text: "--schema-at end with --follow: the end is not known"}
	}
	lr.Feed.OnMore(d.GoOn)
	if lr.Start != 0 {
		d.Begin = decoder.Position{File: lr.Names[0], Offset: lr.Start}
	}
	if f.given() {
		d.Files, err = f.load()
		return d, done, err
	}
	if server.snapshot != nil {
		d.Live = server.snapshot
		return d, done, nil
	}
	live, err := r.connect(server)
	if err == nil && live != nil {
		d.Live, done = live.Tables(), closing(live)
	}
	return d, done, err
}

func closing(c io.Closer) func() { return func() { c.Close() } }
