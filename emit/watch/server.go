package watch

import (
	"context"
	"fmt"
	"io"

	"binmend/emit/script"
	"binmend/schema/live"
	"binmend/schema/replica"
)

// Instances are servers whose scripts are made as job says; source is that of all of them, nil for none.
func Instances(servers []live.Options, source *live.Options, job script.Job) []Instance {
	var instances []Instance
	for _, o := range servers {
		instances = append(instances, Instance{Address: o.Address(), Connect: func(ctx context.Context) (Replica, error) {
			server, err := live.Connect(ctx, o)
			if err != nil {
				return nil, err
			}
			return &liveReplica{Server: server, source: source, job: job}, nil
		}})
	}
	return instances
}

// liveReplica is a connected replica, and how its scripts are made.
type liveReplica struct {
	*live.Server
	source *live.Options
	job    script.Job
}

func (r *liveReplica) Repair(ctx context.Context, s *replica.Status, out io.Writer) (remark string, err error) {
	job := r.job
	job.Repair.Replica, job.Repair.Statuses, job.Repair.StatusOf = r.Server, []*replica.Status{s}, r.Name()
	if r.source != nil {
		if job.Repair.Source, err = live.Connect(ctx, *r.source); err != nil {
			return "", fmt.Errorf("the source: %w", err)
		}
		defer job.Repair.Source.Close()
	}
	made, err := job.Run(ctx, out)
	if err != nil {
		return "", err
	}
	return script.OpenEnds(made), nil
}
