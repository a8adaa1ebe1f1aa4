package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"binmend/decoder/find"
	"binmend/schema/replica"
)

// movedOnError: the replica is no longer where the status says, and has removed relay logs that it has applied.
type movedOnError struct {
	now *replica.Status
	err error
}

func (e *movedOnError) Error() string {
	return fmt.Sprintf("the replica has moved on since its status was read, and is at %s:%d: %v", e.now.Relay.File, e.now.Relay.Pos, e.err)
}
func (e *movedOnError) Unwrap() error { return e.err }

func (e *movedOnError) Hint() string { return "run it again, with the replica's status of now" }

// orMovedOn explains why something is not found in the relay logs of the connected replica, when it has moved on.
func (t *target) orMovedOn(ctx context.Context, err error) error {
	missing := errors.Is(err, fs.ErrNotExist) || errors.Is(err, find.ErrNotFound)
	if !missing || t == nil || t.server == nil || t.status == nil {
		return err
	}
	all, asked := t.server.Status(ctx)
	if asked != nil {
		return err
	}
	now, asked := replica.Named(all, t.status.Channel)
	if asked != nil || now.Relay == t.status.Relay {
		return err
	}
	return &movedOnError{now: now, err: err}
}
