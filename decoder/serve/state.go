package serve

import (
	"cmp"
	"maps"
	"slices"

	"binmend/decoder"
	"binmend/decoder/gtid"
)

// binlogState is the last GTID of each domain and server, MariaDB's gtid_binlog_state. The zero value is that of logs without transactions.
type binlogState struct {
	last   map[origin]written
	newest map[uint32]uint32 // the server of each domain's most recent GTID
	turns  uint64            // updates so far
}

// origin is who numbers transactions.
type origin struct{ domain, server uint32 }

// written is the last transaction of an origin, and the turn in which it came.
type written struct{ seq, turn uint64 }

func (s *binlogState) update(g gtid.GTID) {
	if s.last == nil {
		s.last, s.newest = map[origin]written{}, map[uint32]uint32{}
	}
	s.turns++
	s.last[origin{g.Domain, g.Server}] = written{g.Seq, s.turns}
	s.newest[g.Domain] = g.Server
}

// begin makes the state that of a log's Gtid_list.
func (s *binlogState) begin(list gtid.List) {
	*s = binlogState{}
	for _, g := range list {
		s.update(g)
	}
}

// addEvent updates the state from an event.
func (s *binlogState) addEvent(e *decoder.Event) error {
	switch e.Type {
	case decoder.EventMariaGtidList:
		list, err := gtid.DecodeList(e.Body)
		s.begin(list)
		return err
	case decoder.EventMariaGtid:
		g, err := e.Gtid()
		s.update(g.ID)
		return err
	}
	return nil
}

func (s *binlogState) clone() binlogState {
	return binlogState{maps.Clone(s.last), maps.Clone(s.newest), s.turns}
}

// lastOfServer is the sequence number of the last transaction of a domain and server, 0 without one.
func (s *binlogState) lastOfServer(domain, server uint32) uint64 {
	return s.last[origin{domain, server}].seq
}

// lastOf is the last transaction of a domain.
func (s *binlogState) lastOf(domain uint32) (last gtid.GTID, ok bool) {
	server, ok := s.newest[domain]
	if !ok {
		return last, false
	}
	return gtid.GTID{Flavor: gtid.MariaDB, Domain: domain, Server: server, Seq: s.lastOfServer(domain, server)}, true
}

// sorted is the state as MariaDB writes it: by domain, the most recent GTID of each last.
func (s *binlogState) sorted() gtid.List {
	origins := slices.SortedFunc(maps.Keys(s.last), func(a, b origin) int {
		return cmp.Or(cmp.Compare(a.domain, b.domain), cmp.Compare(s.last[a].turn, s.last[b].turn))
	})
	var list gtid.List
	for _, o := range origins {
		list = append(list, gtid.GTID{Flavor: gtid.MariaDB, Domain: o.domain, Server: o.server, Seq: s.last[o].seq})
	}
	return list
}

// position is the last GTID of each domain, as in @@gtid_binlog_pos.
func (s *binlogState) position() gtid.List {
	var list gtid.List
	for _, domain := range slices.Sorted(maps.Keys(s.newest)) {
		last, _ := s.lastOf(domain)
		list = append(list, last)
	}
	return list
}
