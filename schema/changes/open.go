package changes

import (
	"context"

	"binmend/decoder/walk"
	"binmend/schema"
)

// Open opens the logs of a range as a stream of their changes; it sets o.Events. Who opens it closes o.Events.
func Open(ctx context.Context, lr walk.Range, o Options) (*Stream, error) {
	w, err := lr.Transactions()
	if err != nil {
		return nil, err
	}
	w.SetCompleter(schema.Completer(ctx, o.Definitions))
	o.Events = w
	s := NewStream(o)
	if lr.Several {
		remember(&s.Definitions.Risks, "the logs are of more than one server: their changes come server by server, not in the order in which they were made")
	}
	if lr.Doubt != "" && !lr.Several {
		remember(&s.Definitions.Risks, lr.Doubt+": if they are of two servers, their changes are not in the order in which they were made")
	}
	if lr.Copy != "" {
		remember(&s.Definitions.Risks, lr.Copy+": its changes come twice")
	}
	if doubt := DoubtOf(s.Definitions.Files, s.Definitions.At, lr.Names); doubt != "" {
		remember(&s.Definitions.Risks, doubt)
	}
	s.lookAhead, s.feed = lr, lr.Feed
	s.feed.OnMore(s.goOn)
	return s, nil
}

// goOn looks ahead in what has come of the logs.
func (s *Stream) goOn(more walk.Range) error {
	s.lookAhead, s.outcomes = more, nil
	if s.Undone == nil {
		return nil
	}
	return s.Undone.Add(more)
}

// waits reports whether nothing more is there to be read yet.
func (s *Stream) waits() bool { return s.feed != nil && s.Events.Waits() }

// OpenLasting is Open without the rows that were taken back, by ROLLBACK, ROLLBACK TO SAVEPOINT or XA ROLLBACK. It reads the
// range twice; from standard input, which can't be, they are given all the same.
func OpenLasting(ctx context.Context, lr walk.Range, o Options) (s *Stream, err error) {
	found := met{DDL: *NewDDL(lr.Logs, maxDDLBytes)}
	if o.Undone, err = lr.Undone(found.add); err != nil {
		return nil, err
	}
	o.Definitions.keep(&found, lr)
	return Open(ctx, lr, o)
}

// Close closes the logs.
func (s *Stream) Close() error { return s.Events.Close() }
