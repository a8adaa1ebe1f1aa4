package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"binmend/decoder/check"
	"binmend/decoder/logfile"
	"binmend/emit/list"
)

func (r *session) checkCommand() *cli.Command {
	var f logFlags
	var asJSON bool
	return &cli.Command{
		Name:      "check",
		Usage:     "check whether logs are whole, and up to where they can be read",
		ArgsUsage: "[--force] LOG...",
		Flags:     append(f.openFlags.flags(), forceFlag(&f.force), jsonFlag(&asJSON, "print JSON, one object for each log")),
		Action:    action(func() error { return r.check(&f, r.checkPrinter(asJSON)) }),
	}
}

// checkPrinter prints what a check of a log has found. isRead is false for a check that was interrupted.
func (r *session) checkPrinter(asJSON bool) func(report *check.Report, isRead bool) {
	if asJSON {
		return func(report *check.Report, isRead bool) { list.CheckJSON(r.jsonOut(), report, isRead, adviceOn) } // the output keeps its error
	}
	return func(report *check.Report, isRead bool) {
		if !isRead {
			fmt.Fprintf(r.out, "%s: interrupted: %s and %s, up to %d, have been looked at\n",
				printable(report.File), count(report.Events, "event"), count(report.Transactions, "whole transaction"), report.Safe)
			return
		}
		list.Check(r.out, report, adviceOn)
		if report.Worst() == check.Damage && report.Safe > int64(len(logfile.Magic)) {
			fmt.Fprintf(r.out, "  whole transactions up to --stop-position=%d\n", report.Safe)
		}
	}
}

func (r *session) check(f *logFlags, show func(report *check.Report, isRead bool)) error {
	if len(r.files) == 0 {
		return errNoLog
	}
	opener, err := r.opener(&f.openFlags)
	if err != nil {
		return err
	}
	opener = r.watched(opener, r.files)
	names, err := logfile.List(r.files...)
	if err != nil {
		return err
	}
	checker := check.Checker{Opener: opener, Resync: f.force, Alone: len(names) == 1}
	worst := check.Note
	for _, name := range names {
		report, err := checker.File(name)
		if report != nil && errors.Is(err, context.Canceled) {
			show(report, false)
		}
		if err != nil {
			return err
		}
		show(report, true)
		worst = max(worst, report.Worst())
		if r.ctx.Err() != nil {
			return r.ctx.Err()
		}
	}
	if worst > check.Note {
		return errReported
	}
	return nil
}
