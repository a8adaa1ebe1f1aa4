package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/emit/atomicfile"
	"binmend/emit/stats"
	"binmend/emit/stats/render"
	"binmend/schema"
)

func (r *session) statsCommand() *cli.Command {
	return &cli.Command{
		Name:      "stats",
		Usage:     "count who wrote what: tables, time, sessions, transactions",
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
the rows of a table by a primary or a unique key. It is known from --schema, from a server that has
the tables (-h, -S), or from the log itself when it holds the CREATE TABLE or
was written with binlog_row_metadata=FULL.

` + filterHelp + `
--where reads values: it needs the tables' definitions, and more time.`,
		Flags: slices.Concat([]cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "print JSON instead of tables", DisableDefaultText: true},
			&cli.StringFlag{Name: "html", Usage: "write a page with plots to `FILE` as well; - is standard output, in place of the tables"},
			&cli.DurationFlag{Name: "interval", DefaultText: "what suits the logs", Usage: "length of `TIME` of each line of the timeline: 10s, 5m, 1h"},
			&cli.IntFlag{Name: "top", Value: 10, DefaultText: "10, with --json 1000", Usage: "list at most `N` tables, sessions and transactions"},
			colorFlag(), forceFlag(),
		}, changeFlags()),
		Action: r.stats,
	}
}

func (r *session) stats(c *cli.Context) error {
	o, err := statsOptions(c)
	if err != nil {
		return err
	}
	lr, err := r.orderedRange(c)
	if err != nil {
		return err
	}
	f, err := r.filterFor(c, lr)
	if err != nil {
		return err
	}
	s := &changeStream{}
	defer s.Close()
	if o.Definitions, err = r.tablesOf(c, lr, s); err != nil {
		return err
	}
	if o.Where == nil {
		o.Definitions.Logs = walk.Logs{} // for the keys alone, no log is read twice
	}
	w, err := lr.Transactions()
	if err != nil {
		return err
	}
	s.closers = append(s.closers, w)
	w.SetCompleter(schema.Completer(r.ctx, o.Definitions))
	return r.report(c, newTally(w, o, f))
}

// tally is a walk whose events are counted as far as a filter wants them.
type tally struct {
	*walk.Walk
	*stats.Collector
	run  *filter.Run // nil: all are wanted
	kept bool        // of the transaction at hand, a change
}

func newTally(w *walk.Walk, o stats.Options, f *filter.Filter) *tally {
	t := &tally{Walk: w}
	if !f.IsZero() || o.Where != nil {
		t.run = f.NewRun()
		o.Account = &t.run.Account
	}
	t.Collector = stats.New(o)
	return t
}

// count counts to the end.
func (t *tally) count(ctx context.Context) error {
	for {
		e, step, err := t.Next()
		if err == nil {
			err = ctx.Err()
		}
		if err == nil && t.run == nil {
			err = t.Add(e, step, t)
		} else if err == nil {
			err = t.filter(e, step)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// filter counts an event when it is wanted. A transaction of which nothing is wanted but its frame is not counted.
func (t *tally) filter(e *decoder.Event, step txn.Step) error {
	if step.Begins() && !t.kept {
		t.Forget()
	}
	verdict, err := t.run.Add(e, step, t.Transaction())
	if err != nil {
		return err
	}
	t.kept = t.run.KeptChange()
	switch {
	case verdict == filter.Stop:
		return io.EOF
	case step.Ends() && !t.kept:
		t.Forget()
	case verdict == filter.Keep:
		return t.Add(e, step, t)
	}
	t.Skip(e, step, t)
	return nil
}

// report counts and prints. Where the logs can't be read to their end, what was counted is printed as well.
func (r *session) report(c *cli.Context, t *tally) error {
	failed := t.count(r.ctx)
	filtered := ""
	if t.run != nil {
		if !t.kept {
			t.Forget()
		}
		filtered = t.run.Account.String()
	}
	why := failed
	if errors.Is(failed, context.Canceled) {
		why = errors.New("interrupted")
	}
	report := t.Report(filtered, why)
	if failed != nil && report.Logs.Events == 0 {
		return failed
	}
	if err := r.printStats(c, report); err != nil {
		return err
	}
	switch {
	case failed != nil:
		return failed
	case t.run != nil && t.run.Account.IsEmpty():
		return emptyAnswer(&t.run.Account)
	case report.Logs.Unreadable > 0, r.gaps > 0:
		return errReported
	}
	return nil
}

// maxTop bounds the lists of a report.
const maxTop = 1000

func statsOptions(c *cli.Context) (o stats.Options, err error) {
	o = stats.Options{Interval: c.Duration("interval"), Top: c.Int("top")}
	if c.Bool("json") && !c.IsSet("top") {
		o.Top = maxTop // a program does not mind long lists
	}
	switch {
	case o.Interval < 0 || o.Interval%time.Second != 0:
		return o, &usageError{text: fmt.Sprintf("--interval: expected whole seconds, found %s", o.Interval)}
	case o.Top < 1 || o.Top > maxTop:
		return o, &usageError{text: fmt.Sprintf("--top: expected 1 to %d, found %d", maxTop, o.Top)}
	}
	if err := checkColor(c); err != nil {
		return o, err
	}
	o.Where, err = conditionOf(c)
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
	f, err := atomicfile.New(name, 0o644)
	if err != nil {
		return err
	}
	defer f.Cleanup()
	w := bufio.NewWriter(f)
	if err := errors.Join(render.HTML(w, report), w.Flush()); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}
