package serve

import (
	"errors"
	"io"
	"sync"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/gtid"
	"binmend/decoder/logfile"
	"binmend/decoder/txn"
)

// progress knows what the logs hold up to their end. It reads the last log as it grows, each byte once.
type progress struct {
	mu     sync.Mutex
	file   *logfile.File
	name   string
	reader *decoder.Reader
	txn    txn.Tracker
	held   holdings
}

// holdings are what the logs hold.
type holdings struct {
	file     string
	position int64       // after the last whole transaction of the last log
	executed *gtid.Set   // MySQL; a copy for the caller
	state    binlogState // MariaDB
}

// now returns what the logs hold at this moment. An incomplete transaction does not count.
func (p *progress) now(s *Server) (holdings, error) {
	names, err := s.logs.names()
	if err != nil || len(names) == 0 {
		return holdings{executed: &gtid.Set{}}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if last := names[len(names)-1]; last != p.name {
		if err := p.open(s, last); err != nil {
			return p.held.clone(), err
		}
	}
	err = p.read()
	return p.held.clone(), err
}

func (h *holdings) clone() holdings {
	c := *h
	c.executed = &gtid.Set{}
	if h.executed != nil {
		c.executed.Union(h.executed)
	}
	c.state = h.state.clone()
	return c
}

func (p *progress) open(s *Server, name string) error {
	f, err := s.Opener.Open(s.logs.path(name))
	if s.unwritten(name, err) {
		return nil // the log before is still the last with contents
	}
	if err != nil {
		return err
	}
	p.close()
	p.file, p.name, p.reader, p.txn = f, name, decoder.NewReader(f), txn.Tracker{}
	p.held = holdings{file: name, position: magicLength, executed: &gtid.Set{}}
	return nil
}

func (p *progress) close() {
	if p.file != nil {
		p.file.Close()
	}
	p.file, p.name = nil, ""
}

func (p *progress) read() error {
	if p.file == nil {
		return nil
	}
	for {
		e, err := p.reader.Next()
		if err == io.EOF || errors.Is(err, decoder.ErrTruncated) {
			return nil
		}
		if err == nil {
			err = p.addEvent(e)
		}
		if err != nil {
			p.close()
			return err
		}
	}
}

func (p *progress) addEvent(e *decoder.Event) (err error) {
	switch e.Type {
	case decoder.EventPreviousGtids:
		p.held.executed, err = gtid.DecodeSet(e.Body)
	case decoder.EventMariaGtidList:
		var list gtid.List
		list, err = gtid.DecodeList(e.Body)
		p.held.state.begin(list)
	}
	if err != nil {
		return &fault.Error{Reason: decoder.ErrCorrupt, Pos: e.Pos, Event: e.Type.String(), What: err.Error()}
	}
	var step txn.Step
	if e.Type == decoder.EventTransactionPayload {
		p.reader.SkipPayload()
		step = p.txn.AddClosed(e)
	} else if step, err = p.txn.AddEvent(e); err != nil {
		return err
	}
	if step.Ends() {
		if id := p.txn.Current().GTID; id.Flavor == gtid.MariaDB {
			p.held.state.update(id)
		} else {
			p.held.executed.Add(id)
		}
	}
	if !p.txn.Open() {
		p.held.position = p.file.Offset()
	}
	return nil
}
