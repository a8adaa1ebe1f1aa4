// Package app is binmend's command line: it reads flags, wires decoder, schema and emit together, and turns what they
// return into exit codes and messages. SQL and listings go to standard output, everything else to standard error.
package app

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"regexp"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"binmend/cmd/manual"
	"binmend/cmd/memory"
	"binmend/cmd/terminal"
	"binmend/decoder/fault"
	"binmend/emit/progress"
	"binmend/emit/tempdir"
)

// cli's own help flag takes -h, which is the host in every tool of MySQL.
func init() {
	cli.HelpFlag = &cli.BoolFlag{Name: "help", Aliases: []string{"?"}, Usage: "show this help", DisableDefaultText: true}
}

// Main runs binmend with the arguments of a process and returns its exit code. The process is expected to end then: a
// command that Ctrl-C interrupted may still hang in a read of a file system that does not answer.
func Main(args []string, s Streams) int {
	memory.Limit()
	signal.Ignore(syscall.SIGPIPE) // a write to a closed pipe is an error like any other
	ctx, stop := signal.NotifyContext(context.Background(), terminal.EndSignals()...)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C kills a process that is slow to end
	return run(ctx, args[1:], s)
}

func run(ctx context.Context, args []string, s Streams) int {
	m := progress.NewMeter(nil)
	if s.ErrIsTerminal {
		m = progress.NewMeter(s.Err)
		s.Err = progress.Before{Writer: s.Err, Clear: m.Hide}
	}
	if s.OutIsTerminal {
		s.Out = progress.Before{Writer: s.Out, Clear: m.End}
	}
	r := &session{Streams: s, ctx: ctx, out: terminal.NewOutput(s.Out), meter: m, temporary: &tempdir.Folders{}, endsByItself: &atomic.Bool{}}
	err := r.main(args)
	m.End()
	for _, end := range slices.Backward(r.atEnd) {
		end()
	}
	if left := r.temporary.End(); err == nil {
		err = left
	}
	r.complain(err)
	return exitCode(err)
}

func (r *session) main(args []string) error {
	r.app, r.args = r.newApp(), args
	line, err := readLine(r.app, args)
	r.files = line.Files
	if line.Command >= 0 {
		r.command = r.app.Commands[line.Command]
	}
	if err != nil {
		return err
	}
	done, interrupted := make(chan error, 1), r.ctx
	go func() { done <- r.execute(line.Args) }()
	select {
	case err := <-done:
		return err
	case <-interrupted.Done():
	}
	if r.endsByItself.Load() {
		return <-done
	}
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		return interrupted.Err()
	}
}

// patience is how long an interrupted command may take to write what it has done.
const patience = 2 * time.Second

func (r *session) execute(args []string) error {
	err := r.app.RunContext(r.ctx, append([]string{r.app.Name}, args...))
	if flushed := r.out.Flush(); flushed != nil {
		return fmt.Errorf("writing the output: %w", flushed)
	}
	return err
}

func (r *session) newApp() *cli.App {
	var version bool
	return &cli.App{
		Name:     "binmend",
		Usage:    "repair SQL for a stopped MySQL or MariaDB replica, from its relay log",
		Commands: r.commands(),
		Flags:    []cli.Flag{cli.HelpFlag, &cli.BoolFlag{Name: "version", Aliases: []string{"V"}, Destination: &version, Usage: "print the version", DisableDefaultText: true}},
		Action: action(func() error {
			if version {
				return r.printVersion()
			}
			return &usageError{text: "no command"}
		}),
		OnUsageError:              explainFlag,
		HideVersion:               true,
		HideHelpCommand:           true,
		DisableSliceFlagSeparator: true, // a GTID set has commas
		Writer:                    r.out,
		ErrWriter:                 r.Err,
		ExitErrHandler:            func(*cli.Context, error) {},
	}
}

func (r *session) commands() []*cli.Command {
	all := []*cli.Command{
		r.fixCommand(), r.compareCommand(), r.watchCommand(),
		r.eventsCommand(), r.sqlCommand(), r.statsCommand(), r.findCommand(), r.exportCommand(), r.checkCommand(), r.schemaCommand(),
		r.pullCommand(), r.serveCommand(), r.accountCommand(),
		r.versionCommand(), r.helpCommand(),
	}
	for _, c := range all {
		c.OnUsageError = explainFlag
		c.HideHelpCommand = true
	}
	return all
}

var badValue = regexp.MustCompile(`(?s)^invalid value (".*") for flag -(\S+): `)

// explainFlag turns cli's complaint about a flag into ours.
func explainFlag(_ *cli.Context, err error, _ bool) error {
	text := err.Error()
	if m := badValue.FindStringSubmatch(text); m != nil {
		text = fmt.Sprintf("--%s: expected a number, found %s", m[2], m[1])
	}
	return &usageError{text: text}
}

// complain prints an error as one line, or those that were joined, its hint as one more and, after a wrong command line, the correct usage.
func (r *session) complain(err error) {
	var exact exitWith
	switch {
	case err == nil, errors.As(err, &exact), err == error(errReported), errors.Is(err, syscall.EPIPE):
		return
	case errors.Is(err, context.Canceled):
		err = errors.New("interrupted")
	}
	where := "binmend: "
	if r.command != nil {
		where += r.command.Name + ": "
	}
	for _, text := range fault.Texts(err) {
		fmt.Fprintln(r.Err, where+printable(text))
	}
	if hint := hintOf(err); hint != "" {
		fmt.Fprintln(r.Err, "hint: "+printable(hint))
	}
	var usage *usageError
	if errors.As(err, &usage) {
		r.explainUsage()
	}
}

// explainUsage prints the correct usage after a usage error.
func (r *session) explainUsage() {
	if c := r.command; c != nil {
		fmt.Fprintf(r.Err, "%s\nbinmend help %s explains the flags\n", manual.SynopsisOf("binmend "+c.Name, c.ArgsUsage), c.Name)
		return
	}
	cli.HelpPrinter(r.Err, "", r.app)
}
