package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"binmend/emit/watch"
	"binmend/schema/live"
	"binmend/schema/replica"
)

func (r *session) watchCommand() *cli.Command {
	return &cli.Command{
		Name:      "watch",
		Usage:     "wait for replicas to stop; write a repair script for each error",
		ArgsUsage: "--output-dir DIR -S SOCKET[,SOCKET...] [flags]",
		Description: `  binmend watch --output-dir /var/lib/binmend -S /run/mysqld/mysqld.sock
  binmend watch --output-dir fixes --instances db1:3306,db1:3307 -u doctor -p
  binmend watch --output-dir fixes --instances-file replicas.txt --interval 30
  binmend watch --output-dir fixes -S /run/mysqld/mysqld.sock --once

It looks at each replica every --interval. When one has stopped with an error, it
writes the script that "binmend fix -S" prints, for 1062 and 1032 as for any
other error. It executes nothing, and its sessions are read only. Accounts,
relay logs, keys, --source-host, --probe and --ahead are those of "binmend fix".

In DIR there are, for an instance HOST:PORT or SOCKET,

  HOST_PORT.20261121T071500Z.1062.GTID.sql   a script; position if no GTID
  HOST_PORT+CHANNEL.20261121T....sql         of a channel or connection by name
  HOST_PORT.log                              what was seen, one line each
  HOST_PORT.lock                             held while the instance is watched

The time is UTC. All but letters, digits, - and . is written as %XX in a name. A
script has its name when it is whole. An error with another number, or in another
transaction, than the last one of its channel gets a script; the same one does not
get a second, also not from a watcher that was started anew, unless its script was
moved away. Two watchers with one DIR do not watch the same instance.

A receiver that tries to connect again is not stopped. A replica that does not
answer is asked later and later, up to every two minutes. The paths of new scripts
go to standard output, what is seen to standard error.

--notify CMD is run for each new script, with the script's path as its last
argument. CMD is split into words as a shell does it: blanks, quotes, backslashes.
No shell runs, and nothing in it is expanded. It may take a minute.

An instance is HOST, HOST:PORT or the path of a socket. --instances takes several,
with commas between, --instances-file a file with one on each line and comments
after #. Times are seconds, or have a unit: 90, 90s, 15m, 8h.

Exit codes: 0, no error was seen; 1, a replica has stopped with one; 2 with --once
when a replica did not answer or no script could be written.`,
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "output-dir", Usage: "write to folder `DIR`; made when it is not there"},
			&cli.StringFlag{Name: "instances", Usage: "watch each of `LIST`, with commas between"},
			&cli.StringFlag{Name: "instances-file", Usage: "watch each that `FILE` lists"},
			&cli.BoolFlag{Name: "once", Usage: "look once and end", DisableDefaultText: true},
			&cli.StringFlag{Name: "interval", DefaultText: "10", Usage: "look every `TIME`"},
			&cli.StringFlag{Name: "time", DefaultText: "until it is ended", Usage: "watch for `TIME`"},
			&cli.StringFlag{Name: "notify", Usage: "run `CMD` for each script"},
			&cli.BoolFlag{Name: "verbose", Usage: "tell of every look", DisableDefaultText: true},
			&cli.StringFlag{Name: "channel", Usage: "watch only the channel or connection `NAME`", DefaultText: "all"},
			aheadFlag(),
			&cli.BoolFlag{Name: "log-bin", Usage: "write the repair to the replica's binary log", DisableDefaultText: true},
			&cli.StringFlag{Name: "relay-log-dir", DefaultText: "the server's", Usage: "the relay logs are in folder `DIR`"},
		}, probeFlags(), readFlags(), connectionFlags(), sourceFlags()),
		Action: r.watch,
	}
}

func (r *session) watch(c *cli.Context) error {
	config, err := r.watchConfig(c)
	if err != nil {
		return err
	}
	f, err := r.fixOf(c)
	if err != nil {
		return err
	}
	instances, err := r.instances(c, f)
	if err != nil {
		return err
	}
	limit, err := duration(c, "time", 0)
	if err != nil {
		return err
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
	ctx := r.ctx
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	if c.Bool("once") {
		err = w.Once(ctx)
	} else {
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

// defaultInterval is between two looks at a replica.
const defaultInterval = 10 * time.Second

func (r *session) watchConfig(c *cli.Context) (config watch.Config, err error) {
	config = watch.Config{Dir: c.String("output-dir"), Channel: c.String("channel"), Log: r.Err, Written: r.announce, Hint: hintOf}
	if c.Args().Present() {
		return config, &usageError{text: fmt.Sprintf("expected no file, found %q", c.Args().First()), hint: "binmend fix reads logs that are given"}
	}
	if config.Dir == "" {
		return config, &usageError{text: "no --output-dir given"}
	}
	if config.Interval, err = duration(c, "interval", defaultInterval); err != nil {
		return config, err
	}
	if c.Bool("verbose") {
		config.Level = slog.LevelDebug
	}
	if c.IsSet("notify") {
		command, err := watch.ParseCommand(c.String("notify"))
		if err != nil {
			return config, &usageError{text: "--notify: " + err.Error()}
		}
		config.Notify = command.Run
	}
	return config, nil
}

// announce prints the path of a new script at once.
func (r *session) announce(path string) {
	fmt.Fprintln(r.out, path)
	r.out.Flush() // its error stays, and is told in the end
}

// duration reads a flag with a time: seconds, or a number with a unit.
func duration(c *cli.Context, flag string, otherwise time.Duration) (time.Duration, error) {
	if !c.IsSet(flag) {
		return otherwise, nil
	}
	text := c.String(flag)
	d, err := time.ParseDuration(text)
	if err != nil {
		d, err = time.ParseDuration(text + "s")
	}
	if err != nil || d < time.Second {
		return 0, &usageError{text: fmt.Sprintf("--%s: expected a time of a second or more, found %q", flag, text), hint: "seconds, or a number with a unit: 90, 90s, 15m, 8h"}
	}
	return d, nil
}

// watchedSource are the options of the source of all instances; nil without --source-host.
func (r *session) watchedSource(c *cli.Context) (*live.Options, error) {
	o, given, err := r.sourceOptions(c)
	if err != nil || !given {
		return nil, err
	}
	_, err = o.Endpoint()
	return &o, asUsage(err)
}

// watchedReplica is a connected replica, and how its scripts are to be.
type watchedReplica struct {
	fix    fix
	server *live.Server
	source *live.Options // nil without --source-host
}

func (w *watchedReplica) Status(ctx context.Context) ([]*replica.Status, error) {
	return w.server.Status(ctx)
}

func (w *watchedReplica) Close() error { return w.server.Close() }

// Repair writes what fix would print. A finding is no failure: the script is whole, and says what it leaves open.
func (w *watchedReplica) Repair(ctx context.Context, s *replica.Status, out io.Writer) (remark string, err error) {
	f := w.fix
	f.repair.Replica, f.repair.Statuses, f.repair.StatusOf = w.server, []*replica.Status{s}, w.server.Name()
	if w.source != nil {
		if f.repair.Source, err = live.Connect(ctx, *w.source); err != nil {
			return "", fmt.Errorf("the source: %w", err)
		}
		defer f.repair.Source.Close()
	}
	err = f.write(ctx, out)
	var found finding
	if errors.As(err, &found) {
		return found.Error(), nil
	}
	return "", err
}
