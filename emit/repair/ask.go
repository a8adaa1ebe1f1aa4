package repair

import (
	"context"
	"errors"
	"fmt"

	"binmend/decoder/fault"
	"binmend/decoder/logfile"
	"binmend/emit/plan"
	"binmend/emit/probe"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/live"
	"binmend/schema/replica"
)

// ask asks the replica which parts of the plan it needs, and finds out what became of the conflicting rows on the source.
func ask(ctx context.Context, o *Options, s stopped, p *Place, r *Range, g *Gathered, whole *plan.Plan) (*Probed, error) {
	if o.Replica == nil {
		return nil, &fault.Error{Reason: ErrProbeWithoutReplica, What: "there is no connection to the replica, which is to be asked"}
	}
	dialect := sqltext.For(o.Replica.Version)
	server, err := probe.Ask(ctx, o.Replica, dialect)
	if err != nil {
		return nil, err
	}
	result, err := probe.Run(ctx, server, whole)
	if err != nil {
		return nil, err
	}
	later := laterThan(p, r, g, dialect)
	source, err := askSource(ctx, o, s, p, g)
	if err != nil {
		return nil, err
	}
	if err := result.TellStrays(ctx, server, later, source); err != nil {
		return nil, err
	}
	if err := checkKeys(ctx, o, g, whole, result); err != nil {
		return nil, err
	}
	if err := result.FindOrphans(ctx, server, dialect, o.Replica.Tables(), later, source); err != nil {
		return nil, err
	}
	return &Probed{Result: result, Server: o.Replica.Name()}, nil
}

// laterThan returns the gathered transactions and those after them; nil if the logs have only the gathered ones.
func laterThan(p *Place, r *Range, g *Gathered, dialect sqltext.Dialect) probe.Later {
	if p.Fetched != "" || len(g.Transactions) == 0 {
		return nil
	}
	return &later{logs: p.Logs, rng: r, begin: g.Transactions[0].Start, last: g.Transactions[len(g.Transactions)-1].Start,
		tables: g.Definitions, filters: &g.applier.filters, dialect: dialect}
}

// askSource is the source as the probe asks it; nil without a connection.
func askSource(ctx context.Context, o *Options, s stopped, p *Place, g *Gathered) (*probe.Source, error) {
	if o.Source == nil {
		return nil, nil
	}
	id, uuid, err := o.Source.Identity(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.checkSource(o.Source.Name(), id, uuid); err != nil {
		return nil, err
	}
	server, err := probe.Ask(ctx, o.Source, sqltext.For(o.Source.Version))
	isCovered := func(ctx context.Context) (bool, error) { return hasReceivedAll(ctx, o, s, p) }
	rows := &sourceRows{Server: server, filters: &g.applier.filters, tables: o.Source.Tables(), differ: g.Differing, mappings: map[*schema.Table]*mapping{}}
	return &probe.Source{Server: rows, Name: o.Source.Name(), IsCovered: isCovered}, err
}

// hasReceivedAll reports whether the replica has received everything that the source has logged by now.
func hasReceivedAll(ctx context.Context, o *Options, s stopped, p *Place) (bool, error) {
	if s.status == nil || p.Fetched != "" {
		return false, nil
	}
	end, err := o.Source.LogEnd(ctx)
	switch {
	case errors.Is(err, live.ErrPrivilege), errors.Is(err, live.ErrNoLog):
		p.Notes = append(p.Notes, fmt.Sprintf("the source %s: whether its log has been received is not known: %v", o.Source.Name(), err))
		return false, nil
	case err != nil:
		return false, err
	}
	all, err := o.Replica.Status(ctx)
	if err != nil {
		return false, err
	}
	now, err := replica.Named(all, s.status.Channel)
	if err != nil {
		return false, err
	}
	return isAtOrAfter(now.Read, end), nil
}

// isAtOrAfter compares places in the logs of one source. Log names compare by number: the millionth has a longer name.
func isAtOrAfter(a, b replica.Place) bool {
	stem, number, numbered := logfile.CutNumber(a.File)
	otherStem, other, otherNumbered := logfile.CutNumber(b.File)
	if !numbered || !otherNumbered || stem != otherStem {
		return a.File == b.File && a.Pos >= b.Pos
	}
	return number > other || number == other && a.Pos >= b.Pos
}
