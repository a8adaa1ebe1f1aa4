package serve

import (
	"binmend/decoder"
	"binmend/decoder/gtid"
)

// selection decides which transactions a client lacks, and whether the logs hold them all.
type selection interface {
	// lacks decides by a transaction's GTID event whether the client gets the transaction.
	lacks(e *decoder.Event) (bool, error)
	// begins reads what a log says about the logs before it: its Previous_gtids or Gtid_list event.
	begins(e *decoder.Event) error
}

// everything is the selection of a client that asks by position.
type everything struct{}

func (everything) lacks(*decoder.Event) (bool, error) { return true, nil }
func (everything) begins(*decoder.Event) error        { return nil }

// bySet is the selection of a client that sent the set of transactions it has: MySQL's auto-position.
type bySet struct {
	executed *gtid.Set
	passed   *gtid.Set // what the client has or was sent; nil when it also asked for a position, so that it is unknown
}

func newBySet(executed *gtid.Set) *bySet {
	s := &bySet{executed: executed, passed: &gtid.Set{}}
	s.passed.Union(executed)
	return s
}

func (s *bySet) lacks(e *decoder.Event) (bool, error) {
	if e.Type == decoder.EventAnonymousGtid && s.passed != nil {
		return false, refuse("Cannot replicate anonymous transaction when AUTO_POSITION = 1, at file %s, position %d.", baseName(e.Pos), e.Pos.Offset)
	}
	g, err := e.Gtid()
	if err != nil {
		return false, err
	}
	if s.executed.Contains(g.ID) {
		return false, nil
	}
	if s.passed != nil {
		s.passed.Add(g.ID)
	}
	return true, nil
}

func (s *bySet) begins(e *decoder.Event) error {
	if e.Type != decoder.EventPreviousGtids || s.passed == nil {
		return nil
	}
	before, err := gtid.DecodeSet(e.Body)
	if err != nil {
		return refuse("%s: offset %d: %v", baseName(e.Pos), e.Pos.Offset, err)
	}
	if gap := before.Minus(s.passed); !gap.IsEmpty() {
		return refuse("a log is missing before %s: it says that transactions %s were logged before it, and no log here holds them", baseName(e.Pos), gap.Brief())
	}
	return nil
}

// byList is the selection of a client that sent the last GTID it has of each domain: MariaDB's slave_connect_state.
type byList struct {
	from    map[uint32]gtid.GTID // domains whose GTID has not come yet: everything up to it is left out
	empty   map[uint32]bool      // domains of from that no log had when the dump began
	strict  bool                 // gtid_strict_mode: the GTID itself must be in the log
	state   binlogState          // up to the last event read
	reached bool                 // a domain's GTID has just come
	started bool                 // a log's Gtid_list has been read
}

func (s *byList) lacks(e *decoder.Event) (bool, error) {
	g, err := e.Gtid()
	if err != nil {
		return false, err
	}
	id := g.ID
	s.state.update(id)
	from, waiting := s.from[id.Domain]
	if !waiting {
		return true, nil
	}
	if s.empty[id.Domain] && !(id.Server == from.Server && id.Seq >= from.Seq) {
		return false, notInLogs(from, id)
	}
	if id.Server != from.Server || id.Seq < from.Seq {
		return false, nil
	}
	if id.Seq > from.Seq && s.strict {
		return false, refuse("The binlog is missing the GTID %s requested by the replica (even though both a prior and a subsequent "+
			"sequence number does exist), and GTID strict mode is enabled", from)
	}
	delete(s.from, id.Domain)
	s.reached = id.Seq == from.Seq
	return !s.reached, nil
}

func (s *byList) begins(e *decoder.Event) error {
	if e.Type != decoder.EventMariaGtidList {
		return nil
	}
	list, err := gtid.DecodeList(e.Body)
	if err != nil {
		return refuse("%s: offset %d: %v", baseName(e.Pos), e.Pos.Offset, err)
	}
	for _, g := range list {
		if s.started && s.state.lastOfServer(g.Domain, g.Server) < g.Seq {
			return refuse("a log is missing before %s: it says that transaction %s was logged before it, and no log here holds it", baseName(e.Pos), g)
		}
		s.state.update(g)
	}
	s.started = true
	return nil
}
