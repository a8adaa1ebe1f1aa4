package changes

import (
	"context"
	"errors"
	"slices"

	"binmend/decoder"
	"binmend/decoder/fetch"
	"binmend/decoder/logfile"
	"binmend/decoder/walk"
	"binmend/schema/live"
	"binmend/schema/replica"
	"binmend/schema/track"
)

// errRestless: tables changed whenever all definitions were read.
var errRestless = errors.New("tables of the server were made or altered each time that the definitions of all were read; try again")

// maxSnapshots is how often Snapshot tries.
const maxSnapshots = 5

// Snapshot is the tables of a server as they all are at one place of its log. The feed shows the log up to there.
func Snapshot(ctx context.Context, server *live.Server, feed *fetch.Feed) (*live.Tables, error) {
	for range maxSnapshots {
		before, err := server.LogEnd(ctx)
		if err != nil {
			return nil, err
		}
		tables := server.Tables()
		if err := tables.Freeze(ctx); err != nil {
			return nil, err
		}
		after, err := server.LogEnd(ctx)
		if err != nil {
			return nil, err
		}
		if err := feed.Reach(after.File, int64(after.Pos)); err != nil {
			return nil, err
		}
		altered, err := isAltered(ctx, feed.Logs(logfile.Opener{}), before)
		if err != nil || !altered {
			return tables, err
		}
	}
	return nil, errRestless
}

// isAltered reports whether a statement after a place of the logs may be DDL.
func isAltered(ctx context.Context, logs walk.Logs, after replica.Place) (altered bool, err error) {
	first := slices.Index(logs.Names, after.File)
	if first < 0 {
		return true, nil
	}
	logs.Names = logs.Names[first:]
	err = EachStatement(ctx, logs, func(st Statement) {
		altered = altered || st.Pos.File != after.File || st.Pos.Offset >= int64(after.Pos)
	})
	return altered, err
}

// GoOn is called when logs go on after the end to which the server's definitions belong: from here on the log says what changes them, and
// what came before is not read again. It is a function for walk.Feed.OnMore.
func (d *Definitions) GoOn(walk.Range) error {
	if d.wentOn {
		return nil
	}
	d.wentOn = true
	if d.Files == nil && d.Live != nil {
		d.asGiven = d.given().Restart(ofServer{context.Background(), d.Live})
		d.At, d.byLog, d.Begin = track.Start, nil, decoder.Position{}
	} else if d.byLog == nil {
		if err := d.readLogs(context.Background()); err != nil {
			return err
		}
	}
	d.Logs, d.ddl = walk.Logs{}, nil
	return nil
}
