package app

import (
	"github.com/urfave/cli/v2"

	"binmend/emit/probe"
	"binmend/emit/script"
	"binmend/emit/sqltext"
)

func probeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "probe", DisableDefaultText: true,
			Usage: "ask the replica, and print only what it needs"},
	}
}

// probe asks the replica about the plan, where --probe says so. Nothing has been printed by then.
func (r *session) probe(c *cli.Context, t *target, in *script.Input) error {
	if !c.Bool("probe") {
		return nil
	}
	if t.server == nil {
		return &usageError{text: "--probe without a connection to the replica", hint: "-S names its socket, -h and -P its host and port"}
	}
	server, err := probe.Ask(r.ctx, t.server, sqltext.For(t.server.Version))
	if err != nil {
		return err
	}
	result, err := probe.Run(r.ctx, server, in.Plan)
	if err != nil {
		return err
	}
	in.Plan = result.Plan
	in.Probed = &script.Probed{Result: result, Server: t.server.Name()}
	return nil
}
