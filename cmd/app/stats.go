package app

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"binmend/cmd/arguments"
	"binmend/cmd/version"
	"binmend/decoder/atomicfile"
	"binmend/decoder/walk"
	"binmend/emit/stats"
	"binmend/emit/stats/render"
)

func (r *session) statsCommand() *cli.Command {
	var f statsFlags
	return &cli.Command{
		Name:      "stats",
		Usage:     "count who wrote what: tables, time, sessions, transactions",
		ArgsUsage: "[flags] LOG...",
		Flags: slices.Concat([]cli.Flag{
			jsonFlag(&f.json, "print JSON instead of tables"),
			&cli.StringFlag{Name: "html", Action: readAs("html", &f.page, arguments.OrStandardOutput(arguments.Output(page))),
				Usage: "write a page with plots to `FILE` as well; - is standard output, in place of the tables"},
			&cli.StringFlag{Name: "interval", Action: given(&f.interval), DefaultText: "fits the logs", Usage: "the `TIME` that a line of the timeline covers: 10, 10s, 5m, 1h"},
			&cli.IntFlag{Name: "top", Value: usualTop, Action: given(&f.top), DefaultText: "10, with --json 1000", Usage: "list at most `N` tables, sessions and transactions, 1000 or fewer"},
			colorFlag(&f.color), forceFlag(&f.force),
		}, f.flags()),
		Action: action(func() error { return r.stats(&f) }),
	}
}

// statsFlags are the flags of stats.
type statsFlags struct {
	changeFlags
	json     bool
	page     string // "" for none
	interval *string
	top      *int
	color    string
}

func (r *session) stats(f *statsFlags) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	lr, breaks, err := r.sortedRange(&f.logFlags)
	if err == nil {
		err = lr.Once(breaks, r.noteOn)
	}
	if err != nil {
		return err
	}
	wanted, done, err := r.wantedOf(&f.changeFlags, lr)
	if err != nil {
		return err
	}
	defer done()
	o.Definitions, o.Where = wanted.Definitions, wanted.Where
	if o.Where == nil {
		o.Definitions.Logs = walk.Logs{} // for the keys alone, no log is read twice
	}
	report, seen, err := stats.Count(r.ctx, lr, wanted.Filter, o)
	if err != nil && report.Logs.Events == 0 {
		return err
	}
	if failed := r.printStats(f, report); failed != nil {
		return failed
	}
	if err == nil {
		err = r.answer(seen)
	}
	if err == nil && (report.Logs.Unreadable > 0 || r.gaps > 0) {
		err = errReported
	}
	return err
}

// The length of a report's lists: without --top, and at most.
const usualTop, maxTop = 10, 1000

func (f *statsFlags) options() (o stats.Options, err error) {
	o = stats.Options{Top: usualTop}
	if o.Interval, err = arguments.Duration("interval", f.interval, 0); err != nil {
		return o, asUsage(err)
	}
	switch {
	case f.top != nil:
		o.Top = *f.top
	case f.json:
		o.Top = maxTop // a program does not mind long lists
	}
	switch {
	case o.Interval%time.Second != 0:
		return o, &usageError{text: fmt.Sprintf("--interval: expected whole seconds, found %s", o.Interval)}
	case f.json && f.page == standardOutput:
		return o, &usageError{text: "--json with --html -", hint: "both are for standard output: name a file for the page"}
	case o.Top < 1 || o.Top > maxTop:
		return o, &usageError{text: fmt.Sprintf("--top: expected 1 to %d, found %d", maxTop, o.Top)}
	}
	return o, nil
}

// printStats writes the report in all requested forms.
func (r *session) printStats(f *statsFlags, report *stats.Report) error {
	switch page := f.page; page {
	case "":
	case standardOutput:
		return render.HTML(r.out, report, r.provenance())
	default:
		err := atomicfile.Write(page, 0o644, func(w io.Writer) error { return render.HTML(w, report, r.provenance()) })
		if err != nil {
			return err
		}
	}
	if f.json {
		return render.JSON(r.jsonOut(), report)
	}
	return render.Text(r.out, report, render.Terminal{Width: r.OutWidth, Color: r.UseColor(f.color)})
}

// provenance says which binmend is run how, without passwords.
func (r *session) provenance() render.Provenance {
	return render.Provenance{Release: version.Read().Release, Command: arguments.Shown(append([]string{"binmend"}, r.args...))}
}
