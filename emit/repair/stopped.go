package repair

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"binmend/decoder/fault"
	"binmend/decoder/walk"
	"binmend/emit/control"
	"binmend/schema/live"
	"binmend/schema/replica"
)

// stopped is what a status says about the stopped channel. The zero value: there is no status.
type stopped struct {
	status  *replica.Status
	failure *replica.Failure
}

// readStopped takes the given status, or asks the replica for it. A named transaction in given logs needs no status.
func readStopped(ctx context.Context, o *Options) (s stopped, err error) {
	all, from := o.Statuses, o.StatusOf
	isNamed := len(o.Logs.Names) > 0 && !o.GTID.IsZero() || o.Start != 0 || o.Stop != 0
	if all == nil && o.Replica != nil && !isNamed {
		from = o.Replica.Name()
		if all, err = o.Replica.Status(ctx); err != nil {
			return s, fmt.Errorf("%s: %w", from, err)
		}
	}
	if all == nil {
		return s, nil
	}
	if o.Channel != nil {
		s.status, err = replica.Named(all, *o.Channel)
	} else {
		s.status, err = replica.Pick(all)
	}
	if err == nil {
		s.failure, err = s.status.Failure()
	}
	if err != nil {
		return s, fmt.Errorf("%s: %w", from, err)
	}
	if o.Errno != 0 && o.Errno != 1062 && o.Errno != 1032 {
		return s, &fault.Error{Reason: ErrNotAHalf, What: fmt.Sprintf("expected 1062 or 1032, found %d", o.Errno)}
	}
	return s, nil
}

// needsRows reports whether rows repair the error. If the error is unknown, they may.
func (s stopped) needsRows() bool {
	return s.failure == nil || control.RepairedByRows(s.failure.Number)
}

// isUnlike reports whether a change failed because the replica is not like the source.
func (s stopped) isUnlike() bool {
	g, _ := control.Explain(s.failure.Number)
	return g.Class == control.Unlike
}

// usesGTID reports whether the replica is known to find its place by GTID.
func (s stopped) usesGTID() bool { return s.status != nil && s.status.UsesGTID() }

// orMovedOn replaces a not-found error if the replica has moved on since.
func (s stopped) orMovedOn(ctx context.Context, server *live.Server, err error) error {
	missing := errors.Is(err, fs.ErrNotExist) || errors.Is(err, walk.ErrNotFound)
	if !missing || server == nil || s.status == nil {
		return err
	}
	all, asked := server.Status(ctx)
	if asked != nil {
		return err
	}
	now, asked := replica.Named(all, s.status.Channel)
	if asked != nil || now.Relay == s.status.Relay {
		return err
	}
	return &fault.Error{Reason: ErrMovedOn, Err: err,
		About: fmt.Sprintf("the replica has moved on since its status was read, and is at %s:%d", now.Relay.File, now.Relay.Pos)}
}
