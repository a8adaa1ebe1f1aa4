package app

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"

	"github.com/urfave/cli/v2"

	"binmend/emit/repair"
	"binmend/emit/script"
	"binmend/schema/replica"
)

func (r *session) fixCommand() *cli.Command {
	var f fixFlags
	return &cli.Command{
		Name:      "fix",
		Usage:     "print the SQL that lets the failing transaction apply",
		ArgsUsage: "-S SOCKET [flags] | --status FILE --schema FILE [flags] LOG...",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "status", Destination: &f.status, Usage: "`FILE` with the pasted status; - is standard input"},
		}, f.schemaFlags.flags(), []cli.Flag{
			&cli.StringFlag{Name: "gtid", Destination: &f.gtid, Usage: "repair the transaction `GTID`"},
			&cli.IntFlag{Name: "error", Destination: &f.job.Repair.Errno, Usage: "only what error `N` needs: 1062 or 1032", DefaultText: "all"},
			&cli.StringFlag{Name: "channel", Action: given(&f.job.Repair.Channel), Usage: "repair the channel or connection `NAME`", DefaultText: "the failed one"},
			&cli.StringFlag{Name: "replica-version", Action: readAs("replica-version", &f.job.Repair.Version, readVersion), Usage: "write for `VERSION`, as @@version prints it", DefaultText: "the log's"},
			colorFlag(&f.color),
			&cli.BoolFlag{Name: "alternatives", Destination: &f.job.Script.AllWays, Usage: "print all ways past the transaction", DisableDefaultText: true},
			outputFlag("undo", never, "with a connection: write a script that takes the repair back to `FILE`", &f.job.Undo),
			outputFlag("keep", never, "with a connection: write the rows that the script removes to `FILE`, as INSERTs", &f.job.Keep),
		}, f.repairFlags(), f.tableFlags(), f.positionFlags(), f.openFlags.flags(), f.connectionFlags.flags(), f.source.flags()),
		Action: action(func() error { return r.fix(&f) }),
	}
}

// fixFlags are the flags of fix and watch.
type fixFlags struct {
	changeFlags
	source sourceFlags
	job    script.Job // flags set its fields directly

	status, gtid, color string
	probe, noProbe      bool
}

// repairFlags are the flags of fix and watch that say how a repair is made.
func (f *fixFlags) repairFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "ahead", Action: readAs("ahead", &f.job.Repair.Ahead, readAhead), DefaultText: "0", Usage: "repair the `N` transactions after it as well, or all"},
		bytesFlag("max-memory", "1G", "refuse rows and tables that take more than `BYTES`", &f.job.Repair.MaxMemory),
		&cli.BoolFlag{Name: "log-bin", Destination: &f.job.Script.LogBin, Usage: "write the repair to the replica's binary log", DisableDefaultText: true},
		&cli.BoolFlag{Name: "no-sql-log-bin", Destination: &f.job.Script.NoSQLLogBin, Usage: "don't set sql_log_bin, for accounts that may not", DisableDefaultText: true},
		&cli.BoolFlag{Name: "no-start", Destination: &f.job.Script.NoStart, Usage: "leave the applier stopped, so that --undo can be used", DisableDefaultText: true},
		jsonFlag(&f.job.JSON, "write the repair as JSON, the script in its parts"),
		&cli.BoolFlag{Name: "no-stop", Destination: &f.job.Script.NoStop, Usage: "neither stop nor start the applier", DisableDefaultText: true},
		platformFlag(&f.job.Repair.Platform),
		&cli.StringFlag{Name: "relay-log-dir", DefaultText: "the server's", Destination: &f.job.Repair.RelayLogDir, Usage: "with a connection: the relay logs are in folder `DIR`"},
		&cli.BoolFlag{Name: "probe", Destination: &f.probe, DisableDefaultText: true, Usage: "fail if the replica can't be asked what it needs"},
		&cli.BoolFlag{Name: "no-probe", Destination: &f.noProbe, DisableDefaultText: true, Usage: "don't ask the replica; print all that it may need"},
	}
}

func (r *session) fix(flags *fixFlags) error {
	job, err := r.jobOf(flags)
	if err != nil {
		return err
	}
	job.Script.Color = r.UseColor(flags.color)
	o := &job.Repair
	if o.Replica, err = r.connect(&flags.connectionFlags); err != nil {
		return err
	}
	if o.Replica != nil {
		defer o.Replica.Close()
	}
	if o.Source, err = r.connectSource(&flags.source); err != nil {
		return err
	}
	if o.Source != nil {
		defer o.Source.Close()
	}
	if o.Replica == nil && o.Source == nil && len(r.files) == 0 && o.Statuses == nil && !flags.givesOffsets() {
		if o.Replica, err = r.connectUsual(&flags.connectionFlags, "; or give its relay logs, --status and --schema"); err != nil {
			return err
		}
		defer o.Replica.Close()
	}
	if o.RelayLogDir != "" && (o.Replica == nil || len(r.files) > 0) {
		return &usageError{text: "--relay-log-dir is for a connection to the replica, without LOG: the server says which relay logs to read"}
	}
	made, err := job.Run(r.ctx, r.sqlOut())
	if err != nil {
		return classifyRepair(err)
	}
	ends := script.OpenEnds(made)
	if ends == "" {
		return nil
	}
	if made.Probed == nil && (job.Undo != "" || job.Keep != "") {
		ends += "; it changes no row, so that --undo and --keep have nothing to write"
	}
	return finding{errors.New(ends)}
}

// classifyRepair turns an error of package repair into a usage error or a finding, or leaves it a failure.
func classifyRepair(err error) error {
	switch {
	case errors.Is(err, repair.ErrNotAHalf):
		return &usageError{text: "--error: " + err.Error(), hint: hintOf(err)}
	case errors.Is(err, repair.ErrProbeWithoutReplica):
		return &usageError{text: "--probe, --undo and --keep need a connection to the replica", hint: hintOf(err)}
	case errors.Is(err, repair.ErrAheadWithoutStatus):
		return &usageError{text: "--ahead without a status", hint: hintOf(err)}
	case errors.Is(err, repair.ErrNoLogs), errors.Is(err, repair.ErrWhichTransaction), errors.Is(err, repair.ErrOtherServer):
		return &usageError{text: err.Error(), hint: hintOf(err)}
	case errors.Is(err, repair.ErrNoRows), errors.Is(err, repair.ErrOtherTransaction), errors.Is(err, repair.ErrPartlyExecuted), errors.Is(err, repair.ErrHalves),
		errors.Is(err, repair.ErrExecuted), errors.Is(err, repair.ErrKeyOfReplica), errors.Is(err, repair.ErrTooMuch),
		errors.Is(err, replica.ErrNoError), errors.Is(err, replica.ErrNoNumber), errors.Is(err, replica.ErrNoPlace):
		return finding{err}
	}
	return err
}

// jobOf turns the flags into a job. It reads files; the caller opens the connections.
func (r *session) jobOf(f *fixFlags) (job script.Job, err error) {
	if slices.Contains(r.files, standardInput) {
		return job, notFromStdin("fix reads a log more than once")
	}
	f.source.defaultsFile = f.defaultsFile
	job = f.job
	job.Folders = r.temporary
	o := &job.Repair
	o.Names = repair.Names{Version: "--replica-version", Condition: flagOf, Undated: ifUndatedOfReplica}
	if err := f.readTransaction(o); err != nil {
		return job, err
	}
	if err := r.readLogs(f, o); err != nil {
		return job, err
	}
	if o.FilesAt, err = f.at(); err != nil {
		return job, err
	}
	if o.Files, err = f.load(); err != nil {
		return job, err
	}
	return job, r.readStatus(f.status, o)
}

// probing reads whether to probe the replica. The undo script needs the rows that a probe finds.
func (f *fixFlags) probing() (repair.Probe, error) {
	needed := f.probe || f.job.Undo != "" || f.job.Keep != ""
	switch {
	case needed && f.noProbe:
		return repair.ProbeNever, &usageError{text: "--no-probe with --probe, --undo or --keep", hint: "these need what the replica answers"}
	case needed:
		return repair.ProbeAlways, nil
	case f.noProbe:
		return repair.ProbeNever, nil
	}
	return repair.ProbeIfAble, nil
}

// readTransaction reads which transactions to repair, which tables, and for what server.
func (f *fixFlags) readTransaction(o *repair.Options) (err error) {
	if o.Probe, err = f.probing(); err != nil {
		return err
	}
	if o.Tables, err = f.filter(); err != nil {
		return err
	}
	if err := errors.Join(f.checkPositions(), f.job.CheckFiles()); err != nil {
		return err
	}
	if f.gtid != "" {
		o.GTID, err = readGTID(f.gtid)
	}
	return err
}

// checkPositions refuses positions beside a flag that says in another way which transactions are meant.
func (f *fixFlags) checkPositions() error {
	switch {
	case !f.givesOffsets():
		return nil
	case f.gtid != "":
		return &usageError{text: "--gtid with positions", hint: "each of them names the transaction"}
	case f.job.Repair.Ahead != 0:
		return &usageError{text: "--ahead with positions", hint: "--start-position and --stop-position name a range by themselves"}
	}
	return nil
}

// readAhead reads how many transactions after the failing one are wanted, math.MaxInt for all.
func readAhead(text string) (int, error) {
	if text == "all" {
		return math.MaxInt, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("expected a number or all, found %q", text)
	}
	return n, nil
}

// readLogs reads which logs to use, and the offsets in them.
func (r *session) readLogs(f *fixFlags, o *repair.Options) (err error) {
	if len(r.files) == 0 && !f.givesOffsets() {
		o.Logs.Opener, err = r.opener(&f.openFlags)
		return err
	}
	lr, breaks, err := r.sortedRange(&f.logFlags)
	o.Logs, o.Start, o.Stop = lr.Logs, lr.Start, lr.Stop
	if err == nil && len(breaks) > 0 && f.givesOffsets() {
		err = breaks[0].Err()
	}
	return err
}

// readStatus reads a pasted status from a file or, for "-", from standard input; "" for none.
func (r *session) readStatus(name string, o *repair.Options) error {
	if o.StatusOf = name; name == "" {
		return nil
	}
	in := r.In
	if name != standardInput {
		f, err := os.Open(name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		defer f.Close()
		in = f
	}
	statuses, err := replica.Read(in)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	o.Statuses = statuses
	return nil
}
