package serve

import (
	"cmp"
	"context"
	"errors"
	"io"
	"time"

	"binmend/decoder"
	"binmend/decoder/logfile"
)

// pollInterval is how often to look for more at the end of a log.
const pollInterval = 20 * time.Millisecond

// run sends logs, one after the other, until the dump ends or fails.
func (d *dump) run(ctx context.Context, at start) error {
	name, position, change := at.file, at.position, at.change
	for {
		if err := d.send(d.own.rotate(name, position)); err != nil {
			return err
		}
		next, err := d.log(ctx, name, position, change)
		if err != nil {
			return err
		}
		if follows := cmp.Or(d.next, expected(name)); follows != "" && next != follows {
			return refuse("a log is missing between %s and %s: %s follows the first one", name, next, follows)
		}
		name, position, change = next, magicLength, asWritten
	}
}

// log sends one log from a position on, and returns the name of the one that follows it.
func (d *dump) log(ctx context.Context, name string, position uint64, change formatChange) (string, error) {
	d.file, d.next, d.skipping, d.skipped = name, "", false, 0
	f, err := d.open(ctx, name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if err := d.sendFormat(ctx, f, change); err != nil {
		return "", err
	}
	if position > uint64(f.Offset()) {
		if err := d.jump(ctx, f, int64(position)); err != nil {
			return "", err
		}
	}
	for {
		raw, pos, next, err := d.read(ctx, f)
		if err != nil || next != "" {
			return next, err
		}
		if err := d.event(raw, pos); err != nil {
			return "", err
		}
	}
}

// jump goes to a position after the format description. It reads a Start_encryption event of MariaDB first, to decrypt what
// follows.
func (d *dump) jump(ctx context.Context, f *logfile.File, position int64) error {
	raw, _, next, err := d.read(ctx, f)
	if err != nil || next != "" {
		return err
	}
	if eventType(raw) == decoder.EventMariaStartEncryption {
		if err := d.send(d.opened(raw, withoutTimeAndPosition)); err != nil {
			return err
		}
	}
	return f.SeekTo(position)
}

// open opens a log. It waits for a last log that is just being created.
func (d *dump) open(ctx context.Context, name string) (*logfile.File, error) {
	for {
		f, err := d.s.server.Opener.Open(d.s.server.logs.path(name))
		if err == nil {
			return f, nil
		}
		next, missing := d.s.server.logs.after(name)
		if missing != nil || next != "" || !d.s.server.unwritten(name, err) {
			return nil, refuseLog(err)
		}
		if err := d.wait(ctx, magicLength); err != nil {
			return nil, err
		}
	}
}

// read returns the next event of a log. At its end it returns the name of the next log, if there is one, or waits for more.
func (d *dump) read(ctx context.Context, f *logfile.File) (raw []byte, pos decoder.Position, next string, err error) {
	for {
		if ctx.Err() != nil {
			return nil, pos, "", ctx.Err()
		}
		raw, pos, err = f.Next()
		if err == nil {
			return raw, pos, "", d.verify(raw, pos)
		}
		if err != io.EOF && !errors.Is(err, decoder.ErrTruncated) {
			return nil, pos, "", refuseLog(err)
		}
		if next != "" {
			break
		}
		if next, err = d.s.server.logs.after(d.file); err != nil {
			return nil, pos, "", refuse("%s: %v while it was being served", d.file, err)
		}
		if next != "" {
			continue // read what was written before the next log was created
		}
		if err := d.wait(ctx, f.Offset()); err != nil {
			return nil, pos, "", err
		}
	}
	if err != io.EOF {
		return nil, pos, "", refuseLog(err)
	}
	return nil, pos, next, d.catchUp()
}

// wait waits until there is more to read.
func (d *dump) wait(ctx context.Context, offset int64) error {
	if err := d.catchUp(); err != nil {
		return err
	}
	if err := d.s.wire.flush(); err != nil {
		return err
	}
	if !d.request.waits() {
		return errEnd
	}
	if err := d.beat(offset); err != nil {
		return err
	}
	return pause(ctx)
}

// beat sends a heartbeat if the client has received nothing for the period that it asked for.
func (d *dump) beat(offset int64) error {
	if d.heartbeat == 0 {
		return nil
	}
	now := time.Now()
	if d.sent {
		d.sent, d.lastSent = false, now
	}
	if now.Sub(d.lastSent) < d.heartbeat {
		return nil
	}
	return d.sendHeartbeat(offset)
}

func (d *dump) sendHeartbeat(offset int64) error {
	event := d.own.heartbeat
	if !d.mariaDB && d.request.flags&dumpHeartbeatV2 != 0 {
		event = d.own.heartbeatV2
	}
	if err := d.send(event(d.file, uint64(offset))); err != nil {
		return err
	}
	return d.s.wire.flush()
}

// pause waits for the poll interval.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pollInterval):
		return nil
	}
}
