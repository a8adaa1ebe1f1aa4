package app

import (
	"io"
	"slices"

	"github.com/urfave/cli/v2"

	"binmend/emit/list"
)

func (r *session) eventsCommand() *cli.Command {
	var o list.Options
	var f changeFlags
	var color string
	return &cli.Command{
		Name:      "events",
		Usage:     "list what is in a log, with offsets",
		ArgsUsage: "[flags] LOG...",
		Flags: slices.Concat([]cli.Flag{
			&cli.BoolFlag{Name: "transactions", Destination: &o.Transactions, Usage: "one line for each transaction instead of each event", DisableDefaultText: true},
			&cli.BoolFlag{Name: "hexdump", Aliases: []string{"H"}, Destination: &o.Hexdump, Usage: "print the bytes of each event, field by field", DisableDefaultText: true},
			jsonFlag(&o.JSON, "print JSON, one object a line"),
			colorFlag(&color),
			forceFlag(&f.force),
		}, f.flags()),
		Action: action(func() error {
			o.Paint = list.NewPaint(r.UseColor(color))
			return r.events(o, &f)
		}),
	}
}

func (r *session) events(o list.Options, f *changeFlags) (err error) {
	if o.Hexdump && (o.JSON || o.Transactions) {
		return &usageError{text: "--hexdump with --json or --transactions: it shows the bytes of each event, for people"}
	}
	if o.Range, err = r.orderedRange(&f.logFlags); err != nil {
		return err
	}
	wanted, done, err := r.wantedOf(f, o.Range)
	if err != nil {
		return err
	}
	defer done()
	o.Definitions, o.Where, o.Filter = wanted.Definitions, wanted.Where, wanted.Filter
	out := io.Writer(r.out)
	if o.JSON {
		out = r.jsonOut()
	}
	outcome, err := list.Events(r.ctx, out, o)
	if err == nil {
		err = r.answer(outcome.Account)
	}
	if err == nil && (outcome.Unreadable || r.gaps > 0) {
		err = errReported
	}
	return err
}
