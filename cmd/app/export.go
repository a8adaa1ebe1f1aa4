package app

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"

	"github.com/urfave/cli/v2"

	"binmend/emit/export"
	"binmend/schema/changes"
)

func (r *session) exportCommand() *cli.Command {
	var format, dir string
	var asJSON bool
	var f changeFlags
	return &cli.Command{
		Name:      "export",
		Usage:     "write row changes as NDJSON or Parquet, for other engines",
		ArgsUsage: "[--format parquet --output-dir DIR] [flags] LOG...",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "format", Destination: &format, Value: "ndjson", DefaultText: "ndjson", Usage: "write `FORMAT`: ndjson or parquet"},
			&cli.StringFlag{Name: "output-dir", Destination: &dir, Usage: "write Parquet files to the new folder `DIR`"},
			jsonFlag(&asJSON, "write NDJSON, whatever the default is"),
		}, f.flags()),
		Action: action(func() error {
			if asJSON && format != "ndjson" {
				return &usageError{text: "--json with --format " + format}
			}
			return r.export(format, dir, &f)
		}),
	}
}

// parquetGC keeps the heap small while Parquet is written. Nearly all of the heap is long-lived buffers, so collecting twice
// as often costs little.
const parquetGC = 40

func (r *session) export(format, dir string, f *changeFlags) error {
	switch {
	case format != "ndjson" && format != "parquet":
		return &usageError{text: fmt.Sprintf("--format: expected ndjson or parquet, found %q", format)}
	case format == "parquet" && dir == "":
		return &usageError{text: "--format parquet writes files: where to?", hint: "give --output-dir DIR, a folder that is new or empty"}
	case format == "ndjson" && dir != "":
		return &usageError{text: "--output-dir is for --format parquet; NDJSON goes to standard output"}
	}
	lr, err := r.wholeRange(&f.logFlags)
	if err != nil {
		return err
	}
	s, done, err := r.changesOf(f, lr, changes.OpenLasting)
	if err != nil {
		return err
	}
	defer done()
	var summary export.Summary
	if format == "parquet" {
		debug.SetGCPercent(parquetGC)
		summary, err = export.Parquet(r.ctx, dir, s, runtime.GOMAXPROCS(0))
	} else {
		summary, err = export.NDJSON(r.ctx, r.jsonOut(), s, runtime.GOMAXPROCS(0))
	}
	if err != nil {
		return err
	}
	r.noteRemarks(s)
	if summary.Rows == 0 {
		return emptyAnswer(s.Account())
	}
	return doubtful(s, r.aboutExport(summary))
}

// aboutExport notes what the records don't show.
func (r *session) aboutExport(s export.Summary) error {
	if s.Statements > 0 {
		r.note(fmt.Sprintf("%s logged as such, not as rows, and not exported: binmend sql prints them", count(int(s.Statements), "statement")))
	}
	if s.Files > 0 {
		r.note(fmt.Sprintf("%s in %s", count(int(s.Rows), "row"), count(s.Files, "file")))
	}
	if s.NotRepresentable > 0 {
		return finding{errors.New(count(int(s.NotRepresentable), "value") + " that Parquet can't hold: null, and as text in not_representable")}
	}
	return nil
}
