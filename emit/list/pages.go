package list

import (
	"context"

	"binmend/decoder"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
)

// pages take the records of events, in log order, to a goroutine that prints them while the next events are read. Their number bounds
// the memory, and how far the reading is ahead of a slow reader of the output.
type pages struct {
	free, full chan *page
	current    *page
}

// page is a run of records.
type page struct {
	records [recordsOfPage]Event
	used    int
	bytes   []byte // what of the records belongs to their events
	failed  error  // of printing
}

const (
	recordsOfPage = 512 // some 50 KB of text
	pagesInAll    = 4
)

// inPages lists all events of a walk.
func (l *listing) inPages(ctx context.Context, w *walk.Walk) error {
	p := &pages{free: make(chan *page, pagesInAll), full: make(chan *page, pagesInAll)}
	for range pagesInAll {
		p.free <- &page{}
	}
	go p.print(l.print)
	err := l.each(ctx, w, func(w *walk.Walk, e *decoder.Event) error {
		failed, err := p.add(e, w.Step(), w.Number())
		l.outcome.Unreadable = l.outcome.Unreadable || failed
		return err
	})
	unprinted := p.finish()
	close(p.full)
	if unprinted != nil {
		return unprinted
	}
	return err
}

// add puts the next event on the current page. failed means that it can't be read. The error is one of printing those before it.
func (p *pages) add(e *decoder.Event, step txn.Step, number int) (failed bool, err error) {
	if p.current == nil {
		p.current = <-p.free
		if err := p.current.failed; err != nil {
			return false, err
		}
	}
	at := p.current
	of := &at.records[at.used]
	at.used++
	of.Read(e, step, number)
	failed = of.failed != nil
	if len(of.sql) >= largeStatement { // it is not copied: the event waits until it is printed
		return failed, p.finish()
	}
	of.database, of.sql = at.keep(of.database), at.keep(of.sql)
	if at.used == recordsOfPage || len(at.bytes) >= largeStatement {
		p.turn()
	}
	return failed, nil
}

// keep copies bytes of an event.
func (g *page) keep(b []byte) []byte {
	begin := len(g.bytes)
	g.bytes = append(g.bytes, b...)
	return g.bytes[begin:len(g.bytes):len(g.bytes)]
}

// turn has the current page printed.
func (p *pages) turn() {
	p.full <- p.current
	p.current = nil
}

// finish returns when all that was added is printed, with the first error of printing.
func (p *pages) finish() (err error) {
	if p.current != nil {
		p.turn()
	}
	var all [pagesInAll]*page
	for i := range all {
		all[i] = <-p.free
	}
	for _, g := range all {
		if err == nil {
			err = g.failed
		}
		p.free <- g
	}
	return err
}

// print prints pages up to the first error, which all pages after it get too.
func (p *pages) print(do func(*Event) error) {
	var failed error
	for g := range p.full {
		for i := range g.records[:g.used] {
			if failed == nil {
				failed = do(&g.records[i])
			}
		}
		g.used, g.bytes, g.failed = 0, g.bytes[:0], failed
		p.free <- g
	}
}
