package changes

import (
	"context"
	"io"
	"sync"
)

// Run reads the stream to its end. work is called for each chunk, in one of the given number of goroutines, with that
// goroutine's number from 0; done is called for each chunk in log order, by the caller's goroutine, when work has returned.
// The result does not depend on the number of workers. After an error of the stream, what came before it is still given to
// work and done. The first error, in log order, is returned.
func (s *Stream) Run(ctx context.Context, workers int, work func(worker int, c *Chunk) error, done func(*Chunk) error) error {
	ctx, cancel := context.WithCancel(ctx)
	inFlight := workers + 2
	p := pipeline{
		free: make(chan *Chunk, inFlight), // every chunk fits
		jobs: make(chan *Chunk, inFlight),
		line: make(chan *Chunk, inFlight),
	}
	for range inFlight {
		p.free <- &Chunk{ready: make(chan struct{}, 1)}
	}
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	running.Add(workers + 1)
	var failed error // of the stream; set before line is closed
	go func() {
		defer running.Done()
		defer close(p.line)
		defer close(p.jobs)
		failed = p.fill(ctx, s)
	}()
	for i := range workers {
		go func() {
			defer running.Done()
			p.work(i, work)
		}()
	}
	var judged, wanted uint64
	for c := range p.line {
		<-c.ready
		err := c.err
		if err == nil {
			err = done(c)
		}
		if err != nil {
			return err
		}
		judged, wanted = judged+c.judged, wanted+c.wanted
		p.free <- c
	}
	s.run.Account.AddRows(judged, wanted) // the account is the reader's while it reads
	return failed
}

// pipeline moves chunks around: from free to the reader, to the workers by jobs and at the same time in line to the
// caller, and back.
type pipeline struct {
	free, jobs, line chan *Chunk
}

// fill reads chunks until the stream ends.
func (p *pipeline) fill(ctx context.Context, s *Stream) error {
	for number := 0; ; number++ {
		var c *Chunk
		select {
		case c = <-p.free:
		case <-ctx.Done():
			return ctx.Err()
		}
		c.empty(number)
		done, err := s.fill(ctx, c)
		if len(c.Items) > 0 {
			p.jobs <- c
			p.line <- c
		}
		if done || err != nil {
			return err
		}
	}
}

// fill reads until the chunk is full or the stream ends.
func (s *Stream) fill(ctx context.Context, c *Chunk) (done bool, err error) {
	for !c.isFull() && ctx.Err() == nil {
		done, err := s.read(ctx, c)
		if err == io.EOF {
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
		c.ready <- struct{}{}
	}
}
