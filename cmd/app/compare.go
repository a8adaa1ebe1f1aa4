package app

import (
	"errors"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"binmend/emit/compare"
	"binmend/emit/compare/render"
)

func (r *session) compareCommand() *cli.Command {
	var f compareFlags
	return &cli.Command{
		Name:      "compare",
		Usage:     "does this replica hold what the log says it must?",
		ArgsUsage: "-S SOCKET [flags] LOG... | -S SOCKET --source-host HOST [flags]",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "include-gtids", Action: given(&f.include), Usage: "only rows that the transactions of `SET` have touched"},
			&cli.StringFlag{Name: "start-datetime", Action: given(&f.filterFlags.start), Usage: "with --source-host: from the log at `TIME` (UTC) on"},
			&cli.StringFlag{Name: "channel", Action: given(&f.job.Compare.Channel), Usage: "the logs are those of the channel or connection `NAME`", DefaultText: "the only one"},
			&cli.IntFlag{Name: "max-rows-per-second", Destination: &f.job.Compare.Limits.RowsPerSecond, DefaultText: "no limit", Usage: "read at most `N` rows a second"},
			&cli.StringFlag{Name: "max-load", Value: "Threads_running=25", Destination: &f.load, Usage: "wait while `VARIABLE=N` is exceeded; a list with commas, or ''"},
			jsonFlag(&f.job.JSON, "print JSON instead of the script"),
			outputFlag("html", page, "write a page with the tables and a sample of the rows to `FILE`", &f.job.Page),
			&cli.BoolFlag{Name: "log-bin", Destination: &f.job.Script.LogBin, Usage: "the script writes to the replica's binary log", DisableDefaultText: true},
			platformFlag(&f.job.Script.Platform),
		}, f.tableFlags(), f.openFlags.flags(), f.connectionFlags.flags(), f.source.flags()),
		Action: action(func() error { return r.compare(&f) }),
	}
}

// compareFlags are the flags of compare.
type compareFlags struct {
	changeFlags
	source sourceFlags
	job    render.Job // flags set its fields directly
	load   string
}

func (r *session) compare(f *compareFlags) (err error) {
	job := f.job
	o := &job.Compare
	if err := r.compareOptions(f, &job); err != nil {
		return err
	}
	f.source.defaultsFile = f.defaultsFile
	if o.Source, err = r.connectSource(&f.source); err != nil {
		return err
	}
	if o.Source != nil {
		defer o.Source.Close()
	} else if len(r.files) == 0 {
		return &usageError{text: errNoLog.text, hint: "name the logs of the source, or relay logs; or the source (--source-host)"}
	}
	if o.Replica, err = r.connect(&f.connectionFlags); err == nil && o.Replica == nil {
		o.Replica, err = r.connectUsual(&f.connectionFlags, "")
	}
	if err != nil {
		return err
	}
	defer o.Replica.Close()
	found, err := job.Run(r.ctx, r.sqlOut(), r.Err, r.OutWidth)
	if err != nil {
		return err
	}
	if text := render.Findings(found); text != "" {
		return finding{errors.New(text)}
	}
	return nil
}

// compareOptions turns the flags into options.
func (r *session) compareOptions(f *compareFlags, job *render.Job) (err error) {
	o := &job.Compare
	if o.Tables, err = f.filter(); err != nil {
		return err
	}
	o.From, o.Wanted = o.Tables.Start, o.Tables.Include
	if o.From != 0 && len(r.files) > 0 {
		return &usageError{text: "--start-datetime with logs", hint: "it is for --source-host: give the logs from that time on"}
	}
	if f.load != "" {
		if o.Limits.MaxLoad, err = compare.ParseLoads(f.load); err != nil {
			return &usageError{text: "--max-load: " + err.Error()}
		}
	}
	if o.Limits.RowsPerSecond < 0 {
		return &usageError{text: fmt.Sprintf("--max-rows-per-second: expected a number, found %d", o.Limits.RowsPerSecond)}
	}
	o.Folder = func() (string, error) { return r.temporary.Lend().Make() }
	o.Meter = r.meter
	switch {
	case slices.Contains(r.files, standardInput):
		return notFromStdin("compare reads its logs more than once")
	case len(r.files) > 0:
		o.Range, err = r.wholeRange(&f.logFlags)
	default:
		o.Range.Opener, err = r.opener(&f.openFlags)
	}
	return err
}
