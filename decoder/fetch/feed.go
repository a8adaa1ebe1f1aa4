package fetch

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/decoder/remote"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
)

// Feed copies a source's logs as they are written, while they are read. What has come is shown to readers whole transaction by whole
// transaction, when they ask for more. A log that is read is removed from the folder when the next one is asked for.
type Feed struct {
	ctx  context.Context // the reading ends in order when it does
	stop context.CancelFunc
	conn *remote.Conn
	dir  string

	cut    context.CancelFunc // ends the connection
	copied chan struct{}      // closed when the copying has ended

	mu      sync.Mutex
	w       *writer
	names   []string         // of the logs that have come, by their names on the source
	come    map[string]int64 // where each of them ends, up to its last whole transaction
	shown   map[string]int64 // the same as readers see it
	logs    int              // of names, those that readers see
	removed int              // of names
	failed  error            // why no more comes
	news    chan struct{}    // something has come, or failed
}

// Follow begins to copy a source's logs into dir, from one on. It goes on until Close. The end of ctx is the end of the logs.
func Follow(ctx context.Context, source remote.Options, log, dir string) (*Feed, error) {
	connected, cut := context.WithCancel(context.WithoutCancel(ctx))
	conn, err := remote.Connect(connected, source)
	if err != nil {
		cut()
		return nil, err
	}
	request := fromBeginning(log)
	request.Follow = true
	if err := conn.Dump(request); err != nil {
		cut()
		conn.Close()
		return nil, err
	}
	f := &Feed{conn: conn, cut: cut, dir: dir, w: &writer{conn: conn, dir: dir}, come: map[string]int64{}, shown: map[string]int64{},
		news: make(chan struct{}, 1), copied: make(chan struct{})}
	f.ctx, f.stop = context.WithCancel(ctx)
	f.w.logs.Opener.Holes = map[string][]logfile.Hole{}
	go f.copy()
	return f, nil
}

// Stop ends the waiting for more, as the end of the context does.
func (f *Feed) Stop() { f.stop() }

// Close ends the copying.
func (f *Feed) Close() error {
	f.stop()
	f.cut()
	<-f.copied
	return errors.Join(f.w.finish(), f.conn.Close())
}

// Logs are the logs as far as Reach has shown them, opened by an opener made for that.
func (f *Feed) Logs(o logfile.Opener) walk.Logs {
	f.mu.Lock()
	defer f.mu.Unlock()
	o.Dir, o.End = f.dir, f.end
	return walk.Logs{Names: slices.Clone(f.names[:f.logs]), Opener: o}
}

// end is where a log ends for readers.
func (f *Feed) end(name string) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.shown[name]
}

// copy copies until the connection ends.
func (f *Feed) copy() {
	defer close(f.copied)
	err := f.copyAll(decoder.NewReader(f))
	f.mu.Lock()
	f.failed = err
	f.mu.Unlock()
	f.announce()
}

func (f *Feed) copyAll(r *decoder.Reader) error {
	var tracker txn.Tracker
	for {
		e, err := r.Next()
		if err != nil {
			return err
		}
		if e.Type == decoder.EventTransactionPayload {
			r.SkipPayload()
			tracker.AddClosed(e)
		} else if _, err := tracker.AddEvent(e); err != nil {
			return err
		}
		if !tracker.Open() {
			f.mu.Lock()
			f.come[f.w.source] = f.w.end
			f.mu.Unlock()
			f.announce()
		}
	}
}

// Next writes the next event that comes. It makes Feed the decoder.Source of its own copying.
func (f *Feed) Next() (raw []byte, pos decoder.Position, err error) {
	raw, pos, err = f.conn.Next()
	if err != nil {
		return nil, pos, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	before, end := f.w.source, f.w.end
	if err := f.w.put(raw, pos); err != nil {
		return nil, pos, err
	}
	if f.w.source != before {
		if before != "" {
			f.come[before] = end // whatever it ends with
		}
		f.names = append(f.names, f.w.source)
	}
	return raw, pos, nil
}

// announce wakes the reader.
func (f *Feed) announce() {
	select {
	case f.news <- struct{}{}:
	default:
	}
}

// Reach waits for a position of the source's log, which is one between two transactions, and shows what comes before it.
func (f *Feed) Reach(file string, offset int64) error {
	for {
		reached, err := f.showUpTo(file, offset)
		if reached || err != nil {
			return err
		}
		if err := f.wait(); err != nil {
			return err
		}
	}
}

func (f *Feed) showUpTo(file string, offset int64) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.Index(f.names, file)
	if i < 0 || f.come[file] < offset {
		return false, f.failed
	}
	for _, name := range f.names[:i] {
		f.shown[name] = f.come[name]
	}
	f.shown[file], f.logs = offset, i+1
	return true, f.w.buf.Flush()
}

// wait waits for news. The end of the context is io.EOF.
func (f *Feed) wait() error {
	select {
	case <-f.news:
		return nil
	case <-f.ctx.Done():
		return io.EOF
	}
}

// More waits until more has come than is shown, shows it, and returns the names of the logs that begin in it.
func (f *Feed) More() ([]string, error) {
	for {
		if f.ctx.Err() != nil {
			return nil, io.EOF
		}
		names, grown, err := f.show()
		if grown || err != nil {
			return names, err
		}
		if err := f.wait(); err != nil {
			return nil, err
		}
	}
}

// show shows all that has come. Readers are through with the logs before the last one that they see.
func (f *Feed) show() (names []string, grown bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for ; f.removed < f.logs-1; f.removed++ {
		name := f.names[f.removed]
		if err := os.Remove(filepath.Join(f.dir, name)); err != nil {
			return nil, false, err
		}
		delete(f.come, name)
		delete(f.shown, name)
	}
	seen := f.logs
	for i := max(0, f.logs-1); i < len(f.names) && f.come[f.names[i]] > 0; i++ {
		name := f.names[i]
		grown = grown || f.come[name] > f.shown[name]
		f.shown[name], f.logs = f.come[name], i+1
	}
	if !grown {
		return nil, false, f.failed
	}
	return slices.Clone(f.names[seen:f.logs]), true, f.w.buf.Flush()
}
