package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"binmend/cmd/arguments"
	"binmend/emit/monitor"
	"binmend/emit/watch"
	"binmend/schema/live"
)

func (r *session) watchCommand() *cli.Command {
	var f watchFlags
	return &cli.Command{
		Name:      "watch",
		Usage:     "wait for replicas to stop; write a repair script for each error",
		ArgsUsage: "--output-dir DIR -S SOCKET[,SOCKET...] [flags]",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "output-dir", Action: readAs("output-dir", &f.dir, arguments.Folder), Usage: "write to folder `DIR`; created if missing"},
			&cli.StringFlag{Name: "instances", Action: given(&f.instances), Usage: "watch each of `LIST`, separated by commas"},
			&cli.StringFlag{Name: "instances-file", Destination: &f.instancesFile, Usage: "watch each that `FILE` lists"},
			&cli.BoolFlag{Name: "once", Destination: &f.once, Usage: "look once and end", DisableDefaultText: true},
			&cli.StringFlag{Name: "interval", Action: given(&f.interval), DefaultText: "10", Usage: "look every `TIME`"},
			&cli.StringFlag{Name: "time", Action: given(&f.time), DefaultText: "until stopped", Usage: "watch for `TIME`"},
			&cli.StringFlag{Name: "notify", Action: given(&f.notify), Usage: "run `CMD` for each script"},
			&cli.BoolFlag{Name: "undo", Destination: &f.undo, Usage: "write beside each script one that takes it back, NAME.undo", DisableDefaultText: true},
			&cli.BoolFlag{Name: "nagios", Destination: &f.nagios, Usage: "with --once: print one line, as a plugin of Nagios does", DisableDefaultText: true},
			outputFlag("textfile", metrics, "write metrics for node_exporter to `FILE` after each look", &f.monitor.Textfile),
			metricsFlag(&f.metrics),
			&cli.BoolFlag{Name: "verbose", Destination: &f.verbose, Usage: "log every look", DisableDefaultText: true},
			&cli.StringFlag{Name: "channel", Action: given(&f.job.Repair.Channel), Usage: "watch only the channel or connection `NAME`", DefaultText: "all"},
		}, f.repairFlags(), f.openFlags.flags(), f.connectionFlags.flags(), f.source.flags()),
		Action: action(func() error { return r.watch(&f) }),
	}
}

// watchFlags are the flags of watch.
type watchFlags struct {
	fixFlags
	dir, instancesFile, metrics       string
	instances, interval, time, notify *string
	once, verbose, nagios, undo       bool
	monitor                           monitor.Watch
}

// watch watches. For Nagios it prints one line with the result, even if it failed.
func (r *session) watch(f *watchFlags) error {
	if !f.nagios {
		return r.watchReplicas(f)
	}
	err := r.watchReplicas(f)
	if err == error(errReported) {
		err = nil
	}
	line, code := monitor.Nagios(f.monitor.Looks(), err)
	r.announce(line)
	return exitWith(code)
}

func (r *session) watchReplicas(f *watchFlags) error {
	config, err := r.watchConfig(f)
	if err != nil {
		return err
	}
	instances, err := r.watchedInstances(f)
	if err != nil {
		return err
	}
	limit, err := arguments.Duration("time", f.time, 0)
	if err != nil {
		return asUsage(err)
	}
	w, err := watch.New(config, instances)
	if errors.Is(err, watch.ErrTwice) {
		return &usageError{text: err.Error()}
	}
	if err != nil {
		return err
	}
	defer w.Close()
	r.endsByItself.Store(true)
	ctx, cancel := context.WithCancel(r.ctx)
	if limit > 0 {
		ctx, cancel = context.WithTimeout(r.ctx, limit)
	}
	defer cancel()
	if err := r.listen(ctx, f.metrics, &f.monitor); err != nil {
		return err
	}
	if f.once {
		err = w.Once(ctx)
	} else {
		f.monitor.Service.Start(ctx, config.Interval+watchPatience)
		w.Run(ctx)
	}
	switch {
	case r.ctx.Err() != nil:
		return r.ctx.Err()
	case err == nil && w.Found():
		return errReported
	}
	return err
}

// watchedInstances are the replicas, and how a repair of each is made.
func (r *session) watchedInstances(f *watchFlags) ([]watch.Instance, error) {
	job, err := r.jobOf(&f.fixFlags)
	if err != nil {
		return nil, err
	}
	servers, err := r.watchedServers(f)
	if err != nil {
		return nil, err
	}
	source, err := r.watchedSource(f)
	if err != nil {
		return nil, err
	}
	return watch.Instances(servers, watch.How{Job: job, Undo: f.undo, Source: source}), nil
}

// watchPatience is how long one look at the replicas, with the repairs that it plans, may take before systemd restarts the
// service.
const watchPatience = 30 * time.Minute

// defaultInterval is the time between two looks at a replica.
const defaultInterval = 10 * time.Second

func (r *session) watchConfig(f *watchFlags) (config watch.Config, err error) {
	config = watch.Config{Dir: f.dir, Log: r.Err, Written: r.announce, Looked: f.monitor.Looked, Hint: hintOf, JSON: f.job.JSON}
	f.monitor.Build, f.monitor.Failed = build(), func(err error) { r.noteOn("--textfile: " + err.Error()) }
	if f.nagios {
		config.Written = nil // one line is all that is read
		if !f.once {
			return config, &usageError{text: "--nagios without --once"}
		}
	}
	if len(r.files) > 0 {
		return config, &usageError{text: fmt.Sprintf("expected no file, found %q", r.files[0]), hint: "binmend fix reads logs that are given"}
	}
	if config.Dir == "" {
		return config, &usageError{text: "no --output-dir given"}
	}
	if config.Interval, err = arguments.Duration("interval", f.interval, defaultInterval); err != nil {
		return config, asUsage(err)
	}
	if channel := f.job.Repair.Channel; channel != nil {
		config.Channel = *channel
	}
	if f.verbose {
		config.Level = slog.LevelDebug
	}
	if f.notify != nil {
		command, err := watch.ParseCommand(*f.notify)
		if err != nil {
			return config, &usageError{text: "--notify: " + err.Error()}
		}
		config.Notify = command.Run
	}
	return config, nil
}

// watchedServers are the replicas that the command line names or, without any, the default server. Options that can't be used
// are reported before any file is made.
func (r *session) watchedServers(f *watchFlags) (all []live.Options, err error) {
	shared, err := r.connectionOptions(&f.connectionFlags)
	if err != nil {
		return nil, err
	}
	names, err := f.namedInstances()
	switch {
	case err != nil:
		return nil, err
	case len(names) == 0 && !shared.NamesServer():
		return nil, &usageError{text: "which replica?", hint: "give -S SOCKET, -h HOST, --instances or --instances-file"}
	case len(names) > 0 && f.Has("host"):
		return nil, &usageError{text: "--host and a list of instances", hint: "put the host into the list"}
	case len(names) > 1 && f.job.Repair.RelayLogDir != "":
		return nil, &usageError{text: "--relay-log-dir with several instances", hint: "their relay logs have the same names: watch each with a folder of its own"}
	case len(names) == 0:
		all = append(all, shared)
	}
	for _, name := range names {
		o, err := shared.At(name)
		if err != nil {
			return nil, asUsage(err)
		}
		all = append(all, o)
	}
	for _, o := range all {
		if _, err := o.Endpoint(); err != nil {
			return nil, asUsage(err)
		}
	}
	return all, nil
}

// namedInstances are those of --instances, --instances-file and --socket, in this order.
func (f *watchFlags) namedInstances() ([]string, error) {
	var names []string
	if f.instances != nil {
		names = strings.Split(*f.instances, ",")
	}
	if f.instancesFile != "" {
		listed, err := live.ReadServers(f.instancesFile)
		if errors.Is(err, live.ErrOption) {
			return nil, &usageError{text: "--instances-file: " + err.Error()}
		}
		if err != nil {
			return nil, err
		}
		names = append(names, listed...)
	}
	if sockets := f.Given["socket"]; strings.Contains(sockets, ",") || len(names) > 0 && sockets != "" {
		for socket := range strings.SplitSeq(sockets, ",") {
			if !strings.Contains(socket, "/") {
				socket = "./" + socket
			}
			names = append(names, socket)
		}
	}
	return names, nil
}

// watchedSource are the options of the source of all instances; nil without --source-host.
func (r *session) watchedSource(f *watchFlags) (*live.Options, error) {
	o, given, err := r.sourceOptions(&f.source)
	if err != nil || !given {
		return nil, err
	}
	_, err = o.Endpoint()
	return &o, asUsage(err)
}
