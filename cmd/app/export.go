package app

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/urfave/cli/v2"

	"binmend/cmd/arguments"
	"binmend/cmd/terminal"
	"binmend/cmd/version"
	"binmend/decoder/walk"
	"binmend/emit/export"
	"binmend/schema/changes"
)

// exportFlags say what an export writes, and where.
type exportFlags struct {
	changeFlags
	format, dir, logName string
	overall              string  // of --columns
	label                *string // of --source
	source               string
	asJSON, shared       bool
	allDates, strict     bool
}

func (r *session) exportCommand() *cli.Command {
	var f exportFlags
	return &cli.Command{
		Name:      "export",
		Usage:     "write row changes as NDJSON or Parquet, for other engines",
		ArgsUsage: "[--output-dir DIR [--source LABEL --append]] [flags] LOG...",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "format", Destination: &f.format, DefaultText: "parquet with --output-dir, else ndjson", Usage: "write `FORMAT`: ndjson or parquet"},
			&cli.StringFlag{Name: "output-dir", Action: readAs("output-dir", &f.dir, arguments.Folder), Usage: "write Parquet files to the folder `DIR`, a new one unless --append is given"},
			&cli.StringFlag{Name: "source", Action: given(&f.label), Usage: "the server that wrote the logs: `LABEL` is in each record and in the names of files"},
			&cli.BoolFlag{Name: "append", Destination: &f.shared, Usage: "with --source: add the files of one log to those of others, or replace its own", DisableDefaultText: true},
			&cli.StringFlag{Name: "log-name", Destination: &f.logName, Usage: "with --source: the only LOG is called `NAME`, as on the server"},
			&cli.StringFlag{Name: "columns", Destination: &f.overall, DefaultText: "that of --schema",
				Usage: "Parquet: tables have the columns that `FILE` of schema --at-each-log lists over all logs"},
			&cli.BoolFlag{Name: "all-dates", Destination: &f.allDates, DisableDefaultText: true, Usage: "Parquet: dates before 1900 and after 2299 as dates too, which not every engine has"},
			&cli.BoolFlag{Name: "strict", Destination: &f.strict, DisableDefaultText: true, Usage: "Parquet: exit with 1 where it can't hold a value"},
			jsonFlag(&f.asJSON, "write NDJSON, whatever the default is"),
		}, f.flags()),
		Action: action(func() error { return r.export(&f) }),
	}
}

// check finds the format, and refuses flags that don't go together.
func (f *exportFlags) check(logs []string) error {
	if f.asJSON && f.format == "parquet" {
		return &usageError{text: "--json with --format parquet"}
	}
	if f.format == "" {
		f.format = "ndjson"
		if f.dir != "" && !f.asJSON {
			f.format = "parquet"
		}
	}
	switch {
	case f.format != "ndjson" && f.format != "parquet":
		return &usageError{text: fmt.Sprintf("--format: expected ndjson or parquet, found %q", f.format)}
	case f.format == "parquet" && f.dir == "":
		return &usageError{text: "--format parquet writes files: where to?", hint: "give --output-dir DIR"}
	case f.format == "ndjson" && f.dir != "":
		return &usageError{text: "--output-dir is for --format parquet; NDJSON goes to standard output"}
	case f.shared && (f.label == nil || f.dir == ""):
		return &usageError{text: "--append needs --output-dir and --source: the names of files tell whose log they are of"}
	case f.logName != "" && f.label == nil:
		return &usageError{text: "--log-name without --source"}
	case f.overall != "" && f.format != "parquet":
		return &usageError{text: "--columns is for --format parquet: a line of NDJSON has the columns of its row"}
	case f.allDates && f.format != "parquet":
		return &usageError{text: "--all-dates is for --format parquet: NDJSON has every date as text"}
	case f.strict && f.format != "parquet":
		return &usageError{text: "--strict is for --format parquet: NDJSON holds every value"}
	case f.label == nil:
		return nil
	}
	return f.checkSource(logs)
}

func (f *exportFlags) checkSource(logs []string) error {
	f.source = *f.label
	if err := export.CheckLabel(f.source); err != nil {
		return &usageError{text: "--source: " + printable(err.Error())}
	}
	if slices.Contains(logs, standardInput) && f.logName == "" {
		return &usageError{text: "--source with standard input: which log is it?", hint: "give --log-name NAME, the log's name on the server"}
	}
	if f.logName == "" {
		return nil
	}
	if len(logs) != 1 {
		return &usageError{text: "--log-name is for one LOG"}
	}
	return checkLogName(f.logName)
}

func (r *session) export(f *exportFlags) error {
	err := f.check(r.files)
	if err == nil && f.dir != "" && !f.shared {
		err = export.CheckNew(f.dir) // the logs may be read for hours before anything is written
	}
	if err != nil {
		return err
	}
	lr, err := r.exported(f)
	if err != nil {
		return err
	}
	s, done, err := r.changesOf(&f.changeFlags, lr, changes.OpenLasting)
	if err != nil {
		return err
	}
	defer done()
	summary, err := r.writeExport(f, lr, s)
	if err != nil {
		return err
	}
	r.noteRemarks(s)
	r.noteUnlogged(s)
	if summary.Rows+summary.DDL == 0 && (f.source == "" || f.dir == "") {
		return emptyAnswer(s.Account())
	}
	return doubtful(s, r.aboutExport(summary, f.strict))
}

// exported is the range that is exported. A log of a known source is read twice, so that it is the same from standard input as from
// a file: it is copied to a temporary folder first.
func (r *session) exported(f *exportFlags) (lr walk.Range, err error) {
	if f.source == "" || !slices.Contains(r.files, standardInput) {
		return r.countedRange(&f.logFlags)
	}
	dir, err := r.temporary.Lend().Copy(f.logName, terminal.Interruptible(r.ctx, r.In))
	if err != nil {
		return lr, err
	}
	r.files = []string{filepath.Join(dir, f.logName)}
	lr, err = r.wholeRange(&f.logFlags)
	lr.Names, lr.Opener.Dir = []string{f.logName}, dir
	return lr, err
}

// columns are those that tables have over more logs.
func (f *exportFlags) columns() (*export.Columns, error) {
	if f.overall == "" {
		return f.schemaFlags.columns()
	}
	return export.ReadColumns(f.overall)
}

func (r *session) writeExport(f *exportFlags, lr walk.Range, s *changes.Stream) (export.Summary, error) {
	o := export.Options{Workers: runtime.GOMAXPROCS(0), Source: f.source, Log: f.logName,
		Program: version.Read().Writer(), AllDates: f.allDates}
	if f.format == "ndjson" {
		return export.NDJSON(r.ctx, r.jsonOut(), s, o)
	}
	var err error
	if o.Columns, err = f.columns(); err != nil {
		return export.Summary{}, err
	}
	if f.source == "" {
		return export.Parquet(r.ctx, f.dir, s, o)
	}
	if len(lr.Names) != 1 {
		return export.Summary{}, &usageError{text: fmt.Sprintf("--source with --output-dir takes one log, not %d: its files are named after it", len(lr.Names)),
			hint: "run binmend export once for each log, anywhere, in any order"}
	}
	o.Log = cmp.Or(o.Log, filepath.Base(lr.Names[0]))
	return export.ParquetLog(r.ctx, export.LogFolder{Path: f.dir, Shared: f.shared, Program: version.Read().Release}, s, o)
}

// aboutExport notes what was written, and finds what readers of the export may get wrong.
func (r *session) aboutExport(s export.Summary, strict bool) (found error) {
	r.note(s.Notes()...)
	if text := s.Unheld(); text != "" && strict {
		found = finding{errors.New(text)}
	} else if text != "" {
		r.note(text)
	}
	if text := s.Mixed(); text != "" {
		found = errors.Join(found, finding{errors.New(text)})
	}
	return found
}
