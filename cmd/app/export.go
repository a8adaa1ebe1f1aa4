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
	var f changeFlags
	return &cli.Command{
		Name:      "export",
		Usage:     "write row changes as NDJSON or Parquet, for other engines",
		ArgsUsage: "[--format parquet --output-dir DIR] [flags] LOG...",
		Description: `  binmend export --schema schema.sql binlog.000007 | gzip > changes.ndjson.gz
  binmend export --format parquet --output-dir changes --schema schema.sql \
    binlog.00000*
  duckdb -c "SELECT change, count(*) FROM 'changes/**/*.parquet' GROUP BY 1"
  ssh db7 cat /var/lib/mysql/binlog.000007 | binmend export - |
    clickhouse local -q "…"

One record for each row change: version, change (insert, update, delete),
database, table, file, offset and row (the event in the log, and the row in it),
transaction (its number in the range), gtid, time (of the statement, in seconds),
server_id, thread_id, and the row as objects before and after.

--format ndjson, the default, prints one JSON object a line. Numbers keep all
their digits. DECIMAL, dates and times are strings as SQL writes them (TIMESTAMP
in UTC); a JSON column is JSON; binary strings and geometries are base64, and so
is text that is invalid in its character set, as {"base64": "…"}. A column
that the log leaves out (binlog_row_image=MINIMAL) has no key. A NULL and the JSON
document null look alike. With nothing but the log's metadata, UUIDs, addresses
and vectors of MariaDB are the base64 of their bytes: nothing tells what they are.

--format parquet writes DIR/database=shop/table=orders/day=2024-01-31/*.parquet,
by the day of "time" in UTC, which DuckDB, ClickHouse and Spark read as one table
each. Types are Parquet's own: unsigned integers, DECIMAL up to 38 digits (more
are text), DATE, TIMESTAMP in microseconds, JSON; TIME is text, BIT a number. What
a type can't hold, such as 0000-00-00, is null there, and text in the
map not_representable; absent lists the columns that the log leaves out. DIR must
be new or empty; files get their names when all are complete, then _SUCCESS too.

Rows that were logged and then rolled back (ROLLBACK, ROLLBACK TO SAVEPOINT, XA
ROLLBACK) are left out, except from standard input, and counted on standard
error. Statements that were logged as such are no row changes; they are counted
there too. Where a log breaks off (exit code 2), the last transaction printed
may be incomplete; no Parquet files remain then. Table
definitions come from --schema, a server, CREATE TABLE in the logs, or
binlog_row_metadata=FULL.

` + filterHelp,
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "format", Destination: &format, Value: "ndjson", DefaultText: "ndjson", Usage: "write `FORMAT`: ndjson or parquet"},
			&cli.StringFlag{Name: "output-dir", Destination: &dir, Usage: "write Parquet files to the new folder `DIR`"},
		}, f.flags()),
		Action: action(func() error { return r.export(format, dir, &f) }),
	}
}

// parquetGC keeps the heap small while Parquet is written: nearly all of it is buffers that live on, so that collecting
// twice as often costs little.
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
		summary, err = export.NDJSON(r.ctx, r.out, s, runtime.GOMAXPROCS(0))
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

// aboutExport says what the records don't show.
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
