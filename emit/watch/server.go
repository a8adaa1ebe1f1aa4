package watch

import (
	"context"
	"fmt"

	"binmend/emit/script"
	"binmend/schema/live"
	"binmend/schema/replica"
)

// How says how the scripts of all instances are made.
type How struct {
	Job    script.Job
	Undo   bool          // with a script that takes it back beside each
	Source *live.Options // the source of all of them; nil for none
}

// Instances are servers that are connected to for each look.
func Instances(servers []live.Options, how How) []Instance {
	var instances []Instance
	for _, o := range servers {
		instances = append(instances, Instance{Address: o.Address(), Connect: func(ctx context.Context) (Replica, error) {
			server, err := live.Connect(ctx, o)
			if err != nil {
				return nil, err
			}
			return &liveReplica{Server: server, how: how}, nil
		}})
	}
	return instances
}

// liveReplica is a connected replica, and how its scripts are made.
type liveReplica struct {
	*live.Server
	how How
}

func (r *liveReplica) Repair(ctx context.Context, s *replica.Status, out Output) (remark string, err error) {
	job := r.how.Job
	if r.how.Undo {
		job.Undo = out.Undo
	}
	job.Repair.Replica, job.Repair.Statuses, job.Repair.StatusOf = r.Server, []*replica.Status{s}, r.Name()
	if r.how.Source != nil {
		if job.Repair.Source, err = live.Connect(ctx, *r.how.Source); err != nil {
			return "", fmt.Errorf("the source: %w", err)
		}
		defer job.Repair.Source.Close()
	}
	made, err := job.Run(ctx, out.Writer)
	if err != nil {
		return "", err
	}
	return script.OpenEnds(made), nil
}
