package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"binmend/decoder"
	"binmend/decoder/check"
	"binmend/decoder/logfile"
)

func (r *session) checkCommand() *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "tell whether logs are whole, and up to where they can be read",
		ArgsUsage: "[--force] LOG...",
		Description: `  binmend check relay-bin.0000*
  binmend check --force binlog.000007

Verifies checksums, lengths, positions and transactions of each log, and that
the logs follow each other without a gap. For a damaged log it says the first
bad offset and the --stop-position up to which every transaction is whole.
With --force it goes on behind the damage, at the next event that its checksum
proves. Exit code 1: a log is damaged, or one is missing.`,
		Flags:  append(readFlags(), forceFlag()),
		Action: r.check,
	}
}

func (r *session) check(c *cli.Context) error {
	if !c.Args().Present() {
		return &usageError{text: "no log given", hint: "name the relay logs or binary logs, oldest first"}
	}
	opener, err := openerOf(c)
	if err != nil {
		return err
	}
	opener = r.watched(opener, c.Args().Slice())
	checker := check.Checker{Open: opener.Open, Resync: c.Bool("force")}
	names, err := logfile.List(c.Args().Slice()...)
	if err != nil {
		return err
	}
	worst := check.Note
	for _, name := range names {
		report, err := checker.File(name)
		if report != nil && errors.Is(err, context.Canceled) {
			fmt.Fprintf(r.out, "%s: interrupted: %s and %s, up to %d, have been looked at\n",
				printable(name), count(report.Events, "event"), count(report.Transactions, "whole transaction"), report.Safe)
		}
		if err != nil {
			return err
		}
		printReport(r.out, report)
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

func printReport(out io.Writer, r *check.Report) {
	state := "whole"
	if r.Worst() == check.Damage {
		state = "DAMAGED"
	}
	fmt.Fprintf(out, "%s: %s, %s, %s", printable(r.File), state, count(r.Events, "event"), count(r.Transactions, "transaction"))
	if r.Format != nil {
		checksums := "no checksums"
		if r.Format.Checksum == decoder.ChecksumCRC32 {
			checksums = "CRC32"
		}
		fmt.Fprintf(out, ", %s %s, %s", r.Format.Server.Flavor, printable(r.Format.Server.Text), checksums)
	}
	if r.First != 0 {
		fmt.Fprintf(out, ", %s to %s", clock(r.First), clock(r.Last))
	}
	fmt.Fprintln(out)
	for _, f := range r.Findings {
		fmt.Fprintf(out, "  %s at %d: %s\n", f.Severity, f.Pos.Offset, printable(f.Text()))
		if advice := adviceOn(&f.Error); advice != "" {
			fmt.Fprintf(out, "    %s\n", printable(advice))
		}
	}
	if r.More > 0 {
		fmt.Fprintf(out, "  and %s more\n", count(r.More, "finding"))
	}
	if r.Worst() == check.Damage && r.Safe > 0 {
		fmt.Fprintf(out, "  whole transactions up to --stop-position=%d\n", r.Safe)
	}
	if r.Skipped > 0 {
		fmt.Fprintf(out, "  %d bytes passed over behind damage\n", r.Skipped)
	}
}
