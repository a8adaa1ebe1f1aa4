package app

import (
	"context"

	"binmend/decoder/fetch"
	"binmend/decoder/walk"
	"binmend/schema/changes"
	"binmend/schema/live"
)

// followed is a range of logs that are copied from the server while it writes them. Ctrl-C is their end: what has come is worked on
// to the end, unless there is still more to read.
func (r *session) followed(f *logFlags, lr walk.Range, options live.Options, dir string) (walk.Range, error) {
	if f.stop != nil {
		return lr, &usageError{text: "--follow with --stop-position: the last log is not known", hint: "--stop-datetime ends it at a time"}
	}
	source, err := replicaAt(&options)
	if err != nil {
		return lr, err
	}
	server, err := r.connectWith(options)
	if err != nil {
		return lr, err
	}
	r.atEnd = append(r.atEnd, server.Close)
	feed, err := fetch.Follow(r.ctx, source, *f.fromLog, dir)
	if err != nil {
		return lr, err
	}
	r.atEnd = append(r.atEnd, feed.Close)
	if f.source.snapshot, err = changes.Snapshot(r.ctx, server, feed); err != nil {
		return lr, err
	}
	interrupted := r.ctx
	lr.Logs = feed.Logs(lr.Opener)
	lr.Opener.Reading = func(string, int64) error { return interrupted.Err() }
	lr.Feed = &walk.Feed{Wait: feed.More, Stop: feed.Stop}
	r.endsByItself.Store(true)
	r.ctx = context.WithoutCancel(r.ctx)
	r.out.Prompt = true
	return lr, nil
}
