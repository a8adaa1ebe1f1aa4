package app

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"binmend/decoder"
	"binmend/decoder/txn"
	"binmend/emit/stats"
	"binmend/emit/stats/render"
)

func (r *session) statsCommand() *cli.Command {
	return &cli.Command{
		Name:      "stats",
		Usage:     "who wrote what: tables, time, sessions, transactions",
		ArgsUsage: "[flags] LOG...",
		Description: `  binmend stats binlog.000007
  binmend stats --schema schema.sql binlog.00000*
  binmend stats --html report.html binlog.000007
  binmend stats --json binlog.000007 | jq '.tables[0]'
  ssh db7 cat /var/lib/mysql/binlog.000007 | binmend stats -

Counts what the logs hold: rows, transactions and bytes by table, by time, by
server and session; the largest and the longest transactions with their offsets
and GTIDs; the DDL; how many transactions a replica can apply at once. Rows are
counted, not decoded, and memory stays small whatever the size of the logs.

A transaction counts at the time of its commit. KEY says whether a replica finds
the rows of a table by a primary or a unique key: --schema tells, or the log
itself when it holds the CREATE TABLE or was written with
binlog_row_metadata=FULL.`,
		Flags: slices.Concat([]cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "print JSON instead of tables", DisableDefaultText: true},
			&cli.StringFlag{Name: "html", Usage: "write a page with plots to `FILE` as well; - is standard output, in place of the tables"},
			&cli.DurationFlag{Name: "interval", DefaultText: "what suits the logs", Usage: "length of `TIME` of each line of the timeline: 10s, 5m, 1h"},
			&cli.IntFlag{Name: "top", Value: 10, Usage: "list at most `N` tables, sessions and transactions"},
			schemaFlag(), colorFlag(),
		}, positionFlags(), readFlags()),
		Action: r.stats,
	}
}

func (r *session) stats(c *cli.Context) error {
	o, err := r.statsOptions(c)
	if err != nil {
		return err
	}
	lr, err := rangeOf(c)
	if err != nil {
		return err
	}
	w, err := r.walk(lr)
	if err != nil {
		return err
	}
	defer w.Close()
	collector := stats.New(o)
	failed := r.each(w, lr, func(w walker, e *decoder.Event, step txn.Step) error {
		collector.Add(e, step, w)
		return nil
	})
	report := collector.Report(failed)
	if err := r.printStats(c, report); err != nil {
		return err
	}
	if failed == nil && report.Logs.Unreadable > 0 {
		return errReported
	}
	return failed
}

// maxTop bounds the lists of a report.
const maxTop = 1000

func (r *session) statsOptions(c *cli.Context) (o stats.Options, err error) {
	o = stats.Options{Interval: c.Duration("interval"), Top: c.Int("top")}
	switch {
	case o.Interval < 0 || o.Interval%time.Second != 0:
		return o, &usageError{text: fmt.Sprintf("--interval: expected whole seconds, found %s", o.Interval)}
	case o.Top < 1 || o.Top > maxTop:
		return o, &usageError{text: fmt.Sprintf("--top: expected 1 to %d, found %d", maxTop, o.Top)}
	}
	if err := checkColor(c); err != nil {
		return o, err
	}
	if len(c.StringSlice("schema")) > 0 {
		o.Schema, err = r.loadSchema(c)
	}
	return o, err
}

// printStats writes the report in every form that was asked for.
func (r *session) printStats(c *cli.Context, report *stats.Report) error {
	switch page := c.String("html"); page {
	case "":
	case standardOutput:
		return render.HTML(r.out, report)
	default:
		if err := writePage(page, report); err != nil {
			return err
		}
	}
	if c.Bool("json") {
		return render.JSON(r.out, report)
	}
	return render.Text(r.out, report, render.Terminal{Width: r.OutWidth, Color: r.useColor(c.String("color"))})
}

// standardOutput is the name that stands for it where a file is written.
const standardOutput = "-"

// writePage writes the page to a new file that then takes the name: a page that is there stays whole.
func writePage(name string, report *stats.Report) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	w := bufio.NewWriter(f)
	err = errors.Join(render.HTML(w, report), w.Flush(), f.Chmod(0o644), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
