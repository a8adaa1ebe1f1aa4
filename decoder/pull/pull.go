package pull

import (
	"context"
	"io"
	"time"

	"github.com/cenkalti/backoff/v5"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/gtid"
	"binmend/decoder/remote"
)

// Options say what to copy from where to where.
type Options struct {
	Source remote.Options // BeforeRead and Register are set here
	Dir    string
	Begin  Begin // for an empty folder

	Follow   bool // go on at the end of the source's log, and reconnect to the source
	SemiSync bool // acknowledge what is on disk

	Observer Observer
}

// Begin says with which of the source's logs an empty folder begins: with the oldest, unless one of these is given. A log is
// always copied from its beginning.
type Begin struct {
	File     string
	Position int64     // an event of File has to begin here; 0 for any
	Executed *gtid.Set // MySQL: the log with the first transaction that is not in the set
	State    gtid.List // MariaDB: the log with the first transaction after this position
}

// After is where a folder begins that lacks all but the transactions of a set, as @@gtid_executed or @@gtid_slave_pos have it.
func After(set string) (b Begin, err error) {
	if b.State, err = gtid.ParseList(set); err != nil {
		b.State = nil
		b.Executed, err = gtid.ParseSet(set)
	}
	return b, err
}

// Observer is told what happens, in Run's goroutine.
type Observer interface {
	// Connected: the source has let the copy in.
	Connected(source remote.Source, serverID uint32, from decoder.Position)
	// Received: everything received has been written. It is called often.
	Received(p Progress)
	// Finished: a log is complete and on disk.
	Finished(log string, size int64)
	// Retrying: the source is unreachable or the disk is full; Run tries again after a while.
	Retrying(err error, after time.Duration)
}

// Progress is how far the copy is.
type Progress struct {
	Pos  decoder.Position // after the last event
	Time uint32           // of the last event, seconds since 1970 by the source's clock; 0 for none yet
	Idle bool             // the source has nothing more at the moment
}

// Bytes is how many bytes lie between two places: within one log, or from the beginning of the later log.
func Bytes(from, to decoder.Position) int64 {
	if from.File == to.File {
		return to.Offset - from.Offset
	}
	return to.Offset
}

// Run copies until the source's log ends, or with Follow until ctx does.
func Run(ctx context.Context, o Options) error {
	s, err := openStore(o.Dir)
	if err != nil {
		return err
	}
	p := &puller{Options: o, store: s}
	if err = p.run(ctx); err == nil {
		err = s.close()
	} else {
		s.close()
	}
	return err
}

// puller is a run.
type puller struct {
	Options
	store *store
	wait  *backoff.ExponentialBackOff
}

const (
	firstWait = 200 * time.Millisecond
	maxWait   = 30 * time.Second
)

func (p *puller) run(ctx context.Context) error {
	p.wait = backoff.NewExponentialBackOff()
	p.wait.InitialInterval, p.wait.MaxInterval = firstWait, maxWait
	for {
		err := p.connection(ctx)
		if err == nil || ctx.Err() != nil || !p.Follow || !passes(err) {
			return err
		}
		after := p.wait.NextBackOff()
		p.Observer.Retrying(err, after)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(after):
		}
	}
}

// connection copies over one connection, until it ends or the log does.
func (p *puller) connection(ctx context.Context) error {
	if err := p.store.open(); err != nil {
		return err
	}
	r := &receiver{store: p.store, observer: p.Observer}
	var conn *remote.Conn
	options := p.Source
	options.Register = true
	options.BeforeRead = func() error { return p.settle(conn, r) }
	begin, err := p.begin(ctx, r)
	if err != nil {
		return err
	}
	if conn, err = remote.Connect(ctx, options); err != nil {
		return err
	}
	defer conn.Close()
	p.Source.ServerID = conn.ServerID
	r.leavesInUse = conn.Source.Version.Flavor == decoder.MariaDB
	p.Observer.Connected(conn.Source, conn.ServerID, begin)
	err = conn.Dump(remote.Request{File: begin.File, Pos: begin.Offset, Follow: p.Follow, SemiSync: p.SemiSync})
	for err == nil {
		err = conn.Receive(r)
	}
	if r.took {
		p.wait.Reset()
	}
	if err == io.EOF && !p.Follow {
		return p.end(r)
	}
	p.store.rewind()
	if err == io.EOF {
		err = &fault.Error{Reason: remote.ErrSource, What: "the source " + conn.Name() + " has ended the dump, as it does when it shuts down"}
	}
	return err
}

// settle writes out what has arrived, and acknowledges it if the source waits for that: once for all that arrived together.
func (p *puller) settle(conn *remote.Conn, r *receiver) error {
	if err := p.store.flush(); err != nil {
		return err
	}
	p.tell(r)
	if r.ack.File == "" {
		return nil
	}
	if err := p.store.sync(); err != nil {
		return err
	}
	pos := r.ack
	r.ack = decoder.Position{}
	return conn.Ack(pos)
}

// end ends a copy at the end of the source's log.
func (p *puller) end(r *receiver) error {
	if p.store.current() != "" && r.seen < p.store.end {
		return r.diverged("the source's %s ends at %d, and the folder's at %d", p.store.current(), r.seen, p.store.end)
	}
	p.tell(r)
	if err := r.endBegin(); err != nil {
		return err
	}
	return p.store.sync()
}

func (p *puller) tell(r *receiver) {
	p.Observer.Received(Progress{Pos: decoder.Position{File: p.store.current(), Offset: p.store.end}, Time: r.last, Idle: r.idle})
}

// begin is where to go on: at the last whole event of the folder, which is compared with the source's, or where an empty folder
// begins.
func (p *puller) begin(ctx context.Context, r *receiver) (decoder.Position, error) {
	pos := decoder.Position{File: p.store.current(), Offset: p.store.resume}
	if pos.File != "" {
		r.seen = pos.Offset
		return pos, nil
	}
	pos = decoder.Position{File: p.Begin.File, Offset: magicLength}
	r.from = p.Begin.Position
	if p.Begin.Executed == nil && p.Begin.State == nil {
		return pos, nil
	}
	var err error
	pos.File, err = p.findFile(ctx)
	return pos, err
}

// findFile asks the source which log holds the first wanted transaction.
func (p *puller) findFile(ctx context.Context) (string, error) {
	conn, err := remote.Connect(ctx, p.Source)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.Dump(remote.Request{Executed: p.Begin.Executed, State: p.Begin.State}); err != nil {
		return "", err
	}
	_, pos, err := conn.Next()
	if err == io.EOF {
		err = &fault.Error{Reason: ErrNothing, What: "the source has nothing after the GTIDs that are given"}
	}
	return pos.File, err
}
