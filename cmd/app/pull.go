package app

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"binmend/cmd/arguments"
	"binmend/decoder/pull"
	"binmend/decoder/remote"
	"binmend/emit/monitor"
	"binmend/emit/progress"
	"binmend/emit/repair"
	"binmend/schema/live"
)

func (r *session) pullCommand() *cli.Command {
	var f pullFlags
	return &cli.Command{
		Name:      "pull",
		Usage:     "copy a source's logs into a folder, byte for byte",
		ArgsUsage: "-h SOURCE -u USER [flags] --dir DIR [LOG]",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "dir", Action: readAs("dir", &f.dir, arguments.Folder), Usage: "write the logs into folder `DIR`"},
			&cli.BoolFlag{Name: "stop-never", Destination: &f.follow, Usage: "wait for more at the end of the source's log", DisableDefaultText: true},
			&cli.BoolFlag{Name: "semi-sync", Destination: &f.semiSync, Usage: "acknowledge what is on disk", DisableDefaultText: true},
			metricsFlag(&f.metrics),
			jsonFlag(&f.json, "write what happens to standard output as JSON, one object a line"),
			&cli.Int64Flag{Name: "start-position", Destination: &f.position, Aliases: []string{"j"}, DefaultText: "any",
				Usage: "fail unless an event of LOG begins at `N`"},
			&cli.StringFlag{Name: "start-gtids", Destination: &f.gtids, Usage: "begin with the log after `SET`: @@gtid_executed, @@gtid_slave_pos"},
			&cli.Uint64Flag{Name: "connection-server-id", Destination: &f.id, DefaultText: "drawn", Usage: "be the replica with server id `N`"},
		}, f.flags()),
		Action: action(func() error { return r.pull(&f) }),
	}
}

// pullFlags are the flags of pull.
type pullFlags struct {
	connectionFlags
	dir, metrics     string
	follow, semiSync bool
	json             bool
	position         int64
	gtids            string
	id               uint64
}

func (r *session) pull(f *pullFlags) error {
	o, err := r.pullOptions(f)
	if err != nil {
		return err
	}
	report := r.pullReport(f)
	counted := monitor.NewPull(report)
	o.Observer = counted
	if err := r.listen(r.ctx, f.metrics, counted); err != nil {
		return err
	}
	r.endsByItself.Store(true)
	new(monitor.Service).Start(r.ctx, 0)
	if err := pull.Run(r.ctx, o); err != nil {
		report.Clear()
		return err
	}
	report.UpToDate()
	return nil
}

// pullReport tells how the copy goes.
type pullReport interface {
	pull.Observer
	Clear()
	UpToDate()
}

func (r *session) pullReport(f *pullFlags) pullReport {
	if f.json {
		return progress.NewPullJSON(&lines{r}, hintOf)
	}
	return progress.NewPull(r.Err, r.ErrIsTerminal, hintOf)
}

// pullOptions reads the command line.
func (r *session) pullOptions(f *pullFlags) (pull.Options, error) {
	o := pull.Options{Dir: f.dir, Follow: f.follow, SemiSync: f.semiSync}
	switch {
	case o.Dir == "":
		return o, &usageError{text: "--dir is missing", hint: "name the folder that the logs go into"}
	case len(r.files) > 1:
		return o, &usageError{text: fmt.Sprintf("expected one LOG, found %d", len(r.files)), hint: "name the first log; those after it follow by themselves"}
	case f.id > 1<<32-1:
		return o, &usageError{text: fmt.Sprintf("--connection-server-id: expected at most %d, found %d", uint32(1<<32-1), f.id)}
	case o.SemiSync && !o.Follow:
		return o, &usageError{text: "--semi-sync without --stop-never", hint: "a source that waits for a copy which has ended waits in vain"}
	}
	var err error
	if o.Begin, err = f.begin(r.files); err != nil {
		return o, err
	}
	options, err := r.connectionOptions(&f.connectionFlags)
	if err != nil {
		return o, err
	}
	if !options.NamesServer() {
		return o, &usageError{text: "which source?", hint: "give -h HOST or -S SOCKET"}
	}
	o.Source, err = replicaAt(&options)
	o.Source.ServerID = uint32(f.id)
	return o, err
}

// replicaAt is how to read the log of a server.
func replicaAt(options *live.Options) (remote.Options, error) {
	e, err := options.Endpoint()
	return repair.AsReplica(e), asUsage(err)
}

// begin is where a new folder begins: at the log that is named, if any.
func (f *pullFlags) begin(logs []string) (pull.Begin, error) {
	b, set := pull.Begin{File: strings.Join(logs, ""), Position: f.position}, f.gtids
	switch {
	case b.Position != 0 && b.File == "":
		return b, &usageError{text: "--start-position without LOG", hint: "name the log that the position is in"}
	case b.Position < 0:
		return b, &usageError{text: "a position is never negative"}
	case b.File != "" && set != "":
		return b, &usageError{text: "--start-gtids and LOG exclude each other"}
	case b.File != "":
		return b, checkLogName(b.File)
	case set == "":
		return b, nil
	}
	b, err := pull.After(set)
	if err != nil {
		err = &usageError{text: fmt.Sprintf("--start-gtids: %v", err), hint: "give what @@gtid_executed (MySQL) or @@gtid_slave_pos (MariaDB) is on a replica"}
	}
	return b, err
}
