// Package repair plans what a stopped replica needs so that its failing transaction applies. In go logs, a status, table
// definitions and connections, as far as given (Options); out comes a Repair: the place and the error, the rows that must be
// absent or present, and what a reviewer has to know. It works in stages, each of which can be tested alone:
//
//	readStopped    what the status says
//	locate         Place: the failing transaction in the logs, or in the source's log
//	advise         Advice: what to do about an error that changing rows does not remove
//	askHost        Host: what, besides rows, decides whether the script runs on the replica's server
//	rangeOf        Range: where to begin reading and when to end; the transactions that the replica has applied
//	gather         Gathered: the row changes of the range as a planner takes them, in one walk over the logs
//	ask            Probed: what the replica has of the rows, and what later transactions and the source say of strays
//
// It prints nothing (package script does), executes nothing on a server, and knows no command line: an error has a reason, and the
// caller says what to do about it.
package repair

import (
	"context"
	"errors"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/decoder/gtid"
	"binmend/decoder/walk"
	"binmend/emit/advice"
	"binmend/emit/control"
	"binmend/emit/plan"
	"binmend/emit/probe"
	"binmend/schema"
	"binmend/schema/dump"
	"binmend/schema/live"
	"binmend/schema/replica"
	"binmend/schema/track"
)

// Options say which transaction to repair and what to read. Fields not given are zero.
type Options struct {
	// Logs are read in the order in which their server wrote them. Without names, the relay logs of Replica are read, or else a part of
	// Source's log. The opener is used for all of them.
	Logs        walk.Logs
	RelayLogDir string // a copy of the folder of Replica's relay logs

	Statuses []*replica.Status // of the replica's channels; nil: Replica is asked if needed
	StatusOf string            // where Statuses are from, for messages

	Files   *dump.Schema // definitions of tables
	FilesAt track.At     // when Files were written

	Replica *live.Server
	Source  *live.Server
	// Folder makes a folder for a part of Source's log. The caller of Run removes it afterwards.
	Folder func() (string, error)

	// The transaction: named by one of these, or else by the status.
	GTID        gtid.GTID
	Start, Stop int64 // offsets in the first and the last of Logs; without Stop, the one transaction at Start

	Channel *string // that failed; nil: the only one with an error
	Ahead   int     // how many transactions after the failing one to repair as well; math.MaxInt for all
	Tables  *filter.Filter
	Errno   int // 1062 or 1032: only the part of the repair that this error needs. Without a status, it is the error
	// Platform is the service that runs the replica; "": find out.
	Platform control.Platform
	Version  decoder.Version // of the replica; the zero value: as the status, Replica or the logs say
	Probe    Probe
	// MaxMemory bounds the bytes that the rows and tables of the transactions take; 0: DefaultMemory.
	MaxMemory uint64
	Names     Names
}

// DefaultMemory is enough for more than half a million rows with two keys.
const DefaultMemory = 1 << 30

// Names are the names of options for people, used in a repair's notes: the flags of a command line. Zero fields are not named.
type Names struct {
	Version   string                        // of the option Version
	Condition func(filter.Condition) string // of the options for a condition of Tables
	Undated   string                        // what to do about Files that do not say when they were written
}

func (n *Names) condition(c filter.Condition) string {
	if n.Condition == nil {
		return c.String()
	}
	return n.Condition(c)
}

// Probe says whether to ask Replica which parts of the plan it needs, and leave out what would change nothing there.
type Probe uint8

const (
	ProbeNever  Probe = iota
	ProbeIfAble       // probe if there is a connection and the account may read the tables; else add a note
	ProbeAlways       // probe, or fail
)

// Repair is what the replica needs.
type Repair struct {
	Replica control.Input // the replica, its error and its failing transaction, as the commands need them
	Facts   Facts
	Plan    *plan.Plan     // nil if rows don't repair the error
	Advice  *advice.Advice // on an error that no plan removes; nil for none, or if the error number says it all
	Probed  *Probed        // nil when the replica was not asked
	Needs   []Referred     // parent rows; nil when the replica was asked for them
	Frees   []Referring    // values that no row may refer to; nil when the replica was asked for them
	// Violations are CHECKs of the connected replica that forbid rows of the transactions.
	Violations []Violation
	Host       *live.Host // nil without a connection to the replica
	IsOwn      bool       // the replica itself wrote the failing transaction: it applies its own (replicate_same_server_id)

	// Conflict is the row that the transaction could not write, and the key in which another row is in its way, according to the
	// message; nil if the message does not say.
	Conflict *schema.KeyedRow

	Triggered  []Triggered // tables to which triggers may add rows when the statements fire them
	Written    []Written   // what tables have kept of the failed transaction, to be taken back; in log order
	Statements int         // in the transactions, that were logged as such: the plan does not cover them
	Doubted    error       // a finding: a table may not be defined as its rows are; nil where there is no doubt
}

// Probed is what a replica answered. Its plan is the Repair's.
type Probed struct {
	*probe.Result
	Parentless []MissingParent // the first parent rows that the replica lacks: the applier stops for each
	Children   []ExtraChild    // the first rows that only the replica can have: the applier stops for each
	Server     string          // where the replica was asked
}

// Changes is the number of statements that remove or put rows.
func (r *Repair) Changes() int {
	n := len(r.Written)
	if r.Plan != nil {
		n += len(r.Plan.Absences) + len(r.Plan.Presences)
	}
	if r.Probed != nil {
		n += len(r.Probed.Restored) + len(r.Probed.Orphans)
	}
	return n
}

// Run plans the repair. Its errors have the reasons of this package, or are those of the packages that read logs, statuses,
// tables and servers; replica.ErrNoError says that nothing has failed.
func Run(ctx context.Context, o Options) (*Repair, error) {
	s, err := readStopped(ctx, &o)
	if err != nil {
		return nil, err
	}
	r, err := run(ctx, &o, s)
	if err != nil {
		return nil, s.orMovedOn(ctx, o.Replica, err)
	}
	return r, nil
}

// subject is what is repaired.
type subject struct {
	options *Options
	stopped stopped
	place   *Place
	version decoder.Version // of the replica
}

func run(ctx context.Context, o *Options, s stopped) (*Repair, error) {
	place, err := locate(ctx, o, s)
	if err != nil {
		return nil, err
	}
	version, err := replicaVersion(o, s, place)
	if err != nil {
		return nil, err
	}
	r := &Repair{Replica: commandInput(s, place, version)}
	if r.Replica.Unordered, err = isUnordered(ctx, o, s, r.Replica.GTID); err != nil {
		return nil, err
	}
	if o.Channel != nil {
		r.Replica.Channel = *o.Channel
	}
	if s.failure == nil {
		r.Replica.Errno = o.Errno
	}
	if r.Advice, err = advise(ctx, o, s, place, version); err != nil {
		return nil, err
	}
	if err := r.askHost(ctx, o, s, place); err != nil {
		return nil, err
	}
	r.Replica.Statement = r.Advice != nil && s.needsRows()
	if !control.RepairedByRows(r.Replica.Errno) {
		r.Facts = place.facts()
		return r, nil
	}
	if err := r.planRows(ctx, &subject{o, s, place, version}); err != nil {
		return nil, err
	}
	return r, nil
}

// planRows plans what the transactions of the range need, or what of it the replica needs where that can be asked.
func (r *Repair) planRows(ctx context.Context, x *subject) error {
	o, s, place := x.options, x.stopped, x.place
	rng, err := rangeOf(ctx, o, s, place)
	if err != nil {
		return err
	}
	g, err := x.gather(ctx, rng)
	if err != nil {
		return err
	}
	if g.Rows == 0 && s.failure == nil {
		return g.noRows(rng)
	}
	r.Plan, r.Statements, r.Conflict, r.Written = g.plan(o.Errno), g.statementCount(), g.Conflict, g.Written
	r.Doubted = g.Definitions.Doubted()
	if err := checkExecuted(o, s, place, r.Plan.Tables); err != nil {
		return err
	}
	if err := g.Halves.check(place.Transaction, x.version); err != nil {
		return err
	}
	if o.Probe == ProbeAlways || o.Probe == ProbeIfAble && o.Replica != nil {
		switch r.Probed, err = (&inquiry{*x, rng, g, r.Plan}).ask(ctx); {
		case err == nil:
			r.Plan = r.Probed.Plan
		case o.Probe == ProbeAlways || ctx.Err() != nil || errors.Is(err, ErrKeyOfReplica):
			return err
		default:
			place.Notes = append(place.Notes, "the replica was not asked which statements it needs: "+err.Error())
		}
	}
	if r.Probed == nil {
		r.Needs, r.Frees = g.Parents.referred(r.Plan), g.Children.referring(r.Plan)
	}
	if r.Violations, err = g.Checks.violations(ctx, r.Plan); err != nil {
		return err
	}
	r.Triggered = triggeredBy(ctx, r.Plan, definitions(o, place, rng))
	r.Facts = g.facts(place, rng, r.Plan)
	return nil
}
