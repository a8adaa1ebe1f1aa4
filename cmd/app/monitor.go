package app

import (
	"context"

	"github.com/urfave/cli/v2"

	"binmend/cmd/arguments"
	"binmend/cmd/version"
	"binmend/emit/monitor"
)

func metricsFlag(address *string) cli.Flag {
	return &cli.StringFlag{Name: "metrics", Destination: address, Usage: "answer http://`HOST:PORT`/metrics; without HOST on 127.0.0.1"}
}

// listen answers the address of --metrics, if there is one, until the context ends.
func (r *session) listen(ctx context.Context, address string, metrics monitor.Metrics) error {
	if address == "" {
		return nil
	}
	at, err := arguments.Address("metrics", address)
	if err != nil {
		return asUsage(err)
	}
	where, err := monitor.Listen(ctx, at, build(), metrics)
	if err == nil {
		r.noteOn("metrics at http://" + where.String() + "/metrics")
	}
	return err
}

func build() monitor.Build {
	v := version.Read()
	return monitor.Build{Release: v.Release, Commit: v.Commit, Go: v.Go}
}
