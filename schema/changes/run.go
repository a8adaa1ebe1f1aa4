package changes

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
)

// Run reads the stream to its end. work is called for each chunk, in one of the given number of goroutines, with that
// goroutine's number from 0; done is called for each chunk in log order, by the caller's goroutine, when work has returned,
// and before that each time work calls Chunk.Flush.
// The result does not depend on the number of workers. After an error of the stream, what came before it is still given to
// work and done. The first error, in log order, is returned.
func (s *Stream) Run(ctx context.Context, workers int, work func(worker int, c *Chunk) error, done func(*Chunk) error) error {
	ctx, cancel := context.WithCancel(ctx)
	inFlight := workers + 2
	p := &pipeline{
		ctx:   ctx,
		free:  make(chan *Chunk, inFlight), // every chunk fits
		jobs:  make(chan *Chunk, inFlight),
		line:  make(chan *Chunk, inFlight),
		freed: make(chan struct{}, 1),
		ended: make(chan struct{}),
	}
	for range inFlight {
		p.free <- newChunk(p)
	}
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	if s.feed != nil {
		defer s.feed.Stop()
	}
	defer close(p.ended)
	running.Add(workers + 1)
	var failed error // of the stream; set before line is closed
	go func() {
		defer running.Done()
		defer close(p.line)
		defer close(p.jobs)
		failed = p.fill(s)
	}()
	for i := range workers {
		go func() {
			defer running.Done()
			p.work(i, work)
		}()
	}
	var judged, wanted uint64
	for c := range p.line {
		for returned := false; !returned; {
			returned = <-c.ready
			if returned && c.err != nil {
				return c.err
			}
			if err := done(c); err != nil {
				return err
			}
			if !returned {
				c.flushed <- struct{}{}
			}
		}
		judged, wanted = judged+c.judged, wanted+c.wanted
		weight := c.size()
		c.release()
		p.free <- c
		p.release(weight)
	}
	s.run.Account.AddRows(judged, wanted) // the account is the reader's while it reads
	return failed
}

// pipeline moves chunks around: from free to the reader, to the workers by jobs and at the same time in line to the
// caller, and back.
type pipeline struct {
	ctx              context.Context // of the run, which the pipeline does not outlive
	free, jobs, line chan *Chunk
	weight           atomic.Int64  // of the chunks that are not done
	freed            chan struct{} // a chunk is done
	ended            chan struct{} // nothing will be done any more
}

// maxWeight bounds the bytes of the chunks that are not done. One event alone may have more.
const maxWeight = 4 << 20

// release is for a chunk that is done.
func (p *pipeline) release(weight int) {
	p.weight.Add(int64(-weight))
	select {
	case p.freed <- struct{}{}:
	default:
	}
}

// fill reads chunks until the stream ends.
func (p *pipeline) fill(s *Stream) error {
	for number := 0; ; number++ {
		var c *Chunk
		select {
		case c = <-p.free:
		case <-p.ctx.Done():
			return p.ctx.Err()
		}
		c.empty(number)
		done, err := s.fill(p.ctx, c)
		lent := c.lent
		if len(c.Items) > 0 {
			p.weight.Add(int64(c.size()))
			p.jobs <- c
			p.line <- c
		}
		if done || err != nil {
			return err
		}
		most := int64(maxWeight)
		if lent {
			most = 0 // the reader's own event is in use
		}
		for p.weight.Load() > most {
			select {
			case <-p.freed:
			case <-p.ctx.Done():
				return p.ctx.Err()
			}
		}
	}
}

// fill reads until the chunk is full or the stream ends.
func (s *Stream) fill(ctx context.Context, c *Chunk) (done bool, err error) {
	for !c.isFull() && ctx.Err() == nil && (len(c.Items) == 0 || !s.waits()) {
		done, err := s.read(ctx, c)
		if err == io.EOF {
			s.endLogs()
			return true, nil
		}
		if done || err != nil {
			return done, err
		}
	}
	return false, ctx.Err()
}

func (p *pipeline) work(worker int, work func(worker int, c *Chunk) error) {
	for c := range p.jobs {
		c.err = work(worker, c)
		c.ready <- true
	}
}
