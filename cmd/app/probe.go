package app

import (
	"fmt"

	"github.com/google/renameio/v2"
	"github.com/urfave/cli/v2"

	"binmend/emit/probe"
	"binmend/emit/script"
	"binmend/emit/sqltext"
)

func probeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "probe", DisableDefaultText: true,
			Usage: "ask the replica, and print only what it needs"},
		&cli.StringFlag{Name: "undo", Usage: "write a script that takes the repair back to `FILE`; implies --probe"},
	}
}

// probe asks the replica about the plan, where --probe says so. Nothing has been printed by then.
func (r *session) probe(c *cli.Context, t *target, found *gathered, in *script.Input) error {
	if !c.Bool("probe") && !c.IsSet("undo") {
		return nil
	}
	if t.server == nil {
		return &usageError{text: "--probe and --undo need a connection to the replica", hint: "-S names its socket, -h and -P its host and port"}
	}
	server, err := probe.Ask(r.ctx, t.server, sqltext.For(t.server.Version))
	if err != nil {
		return err
	}
	result, err := probe.Run(r.ctx, server, in.Plan)
	if err != nil {
		return err
	}
	source, err := t.sourceOf(r.ctx)
	if err != nil {
		return err
	}
	// What a later transaction says is read with the tables as they are now: behind DDL that alters one it is not read.
	if err := result.TellStrays(r.ctx, server, t.laterThan(found), source); err != nil {
		return err
	}
	in.Plan = result.Plan
	in.Probed = &script.Probed{Result: result, Server: t.server.Name()}
	return nil
}

// writeUndo writes the file of --undo, whole or not at all. It comes before the script: who has that has the other too.
func writeUndo(c *cli.Context, in script.Input) error {
	if !c.IsSet("undo") {
		return nil
	}
	in.Color = false
	file, err := renameio.NewPendingFile(c.String("undo"), renameio.WithPermissions(undoMode))
	if err != nil {
		return fmt.Errorf("--undo: %w", err)
	}
	defer file.Cleanup()
	if err := script.WriteUndo(file, in); err != nil {
		return fmt.Errorf("--undo: %w", err)
	}
	return file.CloseAtomicallyReplace()
}

// undoMode lets only its owner read a file with rows of the replica.
const undoMode = 0o600
