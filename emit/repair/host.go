package repair

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"path/filepath"
	"time"

	"binmend/decoder/words"
	"binmend/emit/control"
	"binmend/emit/display"
)

// askHost finds out what, besides rows, decides whether the script runs on the replica's server. What can't be asked is left to the
// reviewer.
func (r *Repair) askHost(ctx context.Context, o *Options, s stopped, p *Place) error {
	if o.Replica != nil {
		host, err := o.Replica.Host(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			p.Notes = append(p.Notes, "whether the account may run the script is not known: "+err.Error())
		default:
			r.Host, r.Replica.SuperReadOnly = host, host.SuperReadOnly
			r.IsOwn = o.Statuses == nil && s.failure != nil && host.ServerID == p.Transaction.ServerID // a status that is given may be another server's
		}
	}
	if s.status != nil && s.status.Delay > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("the replica is delayed by %d s (SQL_Delay): once it is started, a transaction is applied only when that has passed", s.status.Delay))
	}
	if note := unlogged(ctx, o); note != "" {
		p.Notes = append(p.Notes, note)
	}
	switch r.Replica.Platform = o.Platform; {
	case o.Platform != "":
	case r.Host != nil:
		r.Replica.Platform = control.PlatformOf(r.Host.Procedures, r.Host.Aurora)
	default:
		file := cmp.Or(r.Replica.Failing.File, r.Replica.Reading.File)
		if r.Replica.Platform = control.PlatformOfLog(filepath.Base(file)); r.Replica.Platform.IsManaged() {
			p.Notes = append(p.Notes, "taken for a replica on RDS by the name of the log, "+file)
		}
	}
	if r.Replica.Platform.IsManaged() {
		p.Notes = append(p.Notes, r.retention(p, time.Now()))
	}
	return nil
}

// unlogged says which changes of the source are not in its log, "" where that can't be asked: rows that differ for that reason
// differ again.
func unlogged(ctx context.Context, o *Options) string {
	if o.Source == nil {
		return ""
	}
	only, not, err := o.Source.LoggedDatabases(ctx)
	switch {
	case err != nil:
	case only != "":
		return "the source logs only what changes in " + display.Printable(only) + " (binlog_do_db): what it changes elsewhere never comes to the replica, and a row " +
			"that differs for that reason will differ again"
	case not != "":
		return "the source does not log what changes in " + display.Printable(not) + " (binlog_ignore_db): it never comes to the replica, and a row that differs for " +
			"that reason will differ again"
	}
	return ""
}

// timeToRepair is how many hours a source's log is kept longer than the failing transaction is old.
const timeToRepair = 24

// retention says how long the source of a managed replica has to keep its logs.
func (r *Repair) retention(p *Place, now time.Time) string {
	note := "the source must keep its logs until the transaction is applied: nobody can copy relay logs on " + string(r.Replica.Platform) + ". "
	if p.Transaction.Time == 0 {
		return note + "That is as many hours as the transaction that the replica needs is old, and those that the repair takes"
	}
	age := max(0, int(math.Ceil(now.Sub(time.Unix(int64(p.Transaction.Time), 0)).Hours())))
	log := cmp.Or(r.Replica.Reading.File, r.Replica.Failing.File)
	return note + fmt.Sprintf("It is at most %s old; with a day for the repair: %s (as documented)", words.Count(age, "hour"), r.Replica.Platform.KeepLogs(log, age+timeToRepair))
}
