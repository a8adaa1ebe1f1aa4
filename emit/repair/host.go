package repair

import (
	"context"
	"fmt"
	"path/filepath"

	"binmend/emit/control"
)

// askHost finds out what of the replica's server, beside its rows, decides whether the script runs there. What can't be asked
// is left to the reviewer.
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
		}
	}
	if s.status != nil && s.status.Delay > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("the replica is delayed by %d s (SQL_Delay): once it is started, a transaction is applied only when that has passed", s.status.Delay))
	}
	switch r.Replica.Platform = o.Platform; {
	case o.Platform != "":
	case r.Host != nil:
		r.Replica.Platform = control.PlatformOf(r.Host.Procedures, r.Host.Aurora)
	default:
		file := r.Replica.Failing.File
		if r.Replica.Platform = control.PlatformOfLog(filepath.Base(file)); r.Replica.Platform.IsManaged() {
			p.Notes = append(p.Notes, "taken for a replica on RDS by the name of the log, "+file)
		}
	}
	if r.Replica.Platform.IsManaged() {
		p.Notes = append(p.Notes, "the source must keep its logs until the transaction is applied: "+string(r.Replica.Platform)+" lets nobody copy relay logs")
	}
	return nil
}
