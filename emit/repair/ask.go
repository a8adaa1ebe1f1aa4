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

// inquiry is what the replica and the source are asked about.
type inquiry struct {
	subject
	rng      *Range
	gathered *Gathered
	whole    *plan.Plan
}

// ask asks the replica which parts of the plan it needs, and finds out what became of the conflicting rows on the source.
func (q *inquiry) ask(ctx context.Context) (*Probed, error) {
	o := q.options
	if o.Replica == nil {
		return nil, &fault.Error{Reason: ErrProbeWithoutReplica, What: "there is no connection to the replica, which is to be asked"}
	}
	dialect := sqltext.For(o.Replica.Version)
	server, err := probe.Ask(ctx, o.Replica, dialect)
	if err != nil {
		return nil, err
	}
	result, err := probe.Run(ctx, server, q.whole)
	if err != nil {
		return nil, err
	}
	if f := q.stopped.failure; f != nil && f.Number == 3648 { // the row is there, and not as the source's
		result.Plan.Refusals, result.Met = q.whole.Refusals, 0
	}
	witnesses := probe.Witnesses{Replica: server, Later: q.later(dialect)}
	if witnesses.Source, err = q.source(ctx); err != nil {
		return nil, err
	}
	if err := result.TellStrays(ctx, witnesses); err != nil {
		return nil, err
	}
	if err := checkKeys(ctx, o, q.gathered, q.whole, result); err != nil {
		return nil, err
	}
	if err := result.FindOrphans(ctx, witnesses, dialect, o.Replica.Tables()); err != nil {
		return nil, err
	}
	missing, err := q.gathered.Parents.missing(ctx, server, o.Replica.Tables(), q.whole)
	if err != nil {
		return nil, err
	}
	children, err := q.gathered.Children.extra(ctx, server, dialect, o.Replica.Tables(), result)
	return &Probed{Result: result, Parentless: missing, Children: children, Server: o.Replica.Name()}, err
}

// later returns the gathered transactions and those after them; nil if the logs have only the gathered ones.
func (q *inquiry) later(dialect sqltext.Dialect) probe.Later {
	g := q.gathered
	if q.place.Fetched != "" || len(g.Transactions) == 0 {
		return nil
	}
	return &later{logs: q.place.Logs, rng: q.rng, begin: g.Transactions[0].Start, last: g.Transactions[len(g.Transactions)-1].Start,
		tables: g.Definitions, filters: &g.applier.filters, dialect: dialect}
}

// source is the source as the probe asks it; nil without a connection.
func (q *inquiry) source(ctx context.Context) (*probe.Source, error) {
	o, g := q.options, q.gathered
	if o.Source == nil {
		return nil, nil
	}
	id, uuid, err := o.Source.Identity(ctx)
	if err != nil {
		return nil, err
	}
	if err := q.stopped.checkSource(o.Source.Name(), id, uuid); err != nil {
		return nil, err
	}
	server, err := probe.Ask(ctx, o.Source, sqltext.For(o.Source.Version))
	rows := &sourceRows{Server: server, filters: &g.applier.filters, tables: o.Source.Tables(), differ: g.Differing, mappings: map[*schema.Table]*mapping{}}
	return &probe.Source{Server: rows, Name: o.Source.Name(), IsCovered: q.hasReceivedAll}, err
}

// hasReceivedAll reports whether the replica has received everything that the source has logged by now.
func (q *inquiry) hasReceivedAll(ctx context.Context) (bool, error) {
	o, s, p := q.options, q.stopped, q.place
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
