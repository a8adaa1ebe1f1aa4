package serve

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/decoder/logfile"
)

// start is where a dump begins.
type start struct {
	file     string
	position uint64
	selected selection
	change   formatChange // of the first file's format description
}

// errNotYet: the only log is not written far enough to say what it holds.
var errNotYet = errors.New("no log is written far enough yet")

func baseName(pos decoder.Position) string { return filepath.Base(pos.File) }

// startByPosition begins at a position of a file, "" for the first one.
func (s *Server) startByPosition(file string, position uint64) (start, error) {
	names, err := s.logs.names()
	if err != nil {
		return start{}, err
	}
	if len(names) == 0 {
		return start{}, refuse("Could not find first log file name in binary log index file: there is no log here yet")
	}
	if file == "" {
		file = names[0]
	}
	at := start{file: filepath.Base(file), position: position, selected: everything{}}
	if !slices.Contains(names, at.file) {
		return at, refuse("Could not find first log file name in binary log index file: %q is not here; the logs are %s to %s",
			at.file, names[0], names[len(names)-1])
	}
	if position < magicLength {
		return at, refuse("Client requested source to start replication from position < 4")
	}
	if position > magicLength {
		at.change = withoutTimeAndPosition
		return at, s.checkPosition(at.file, int64(position))
	}
	return at, nil
}

// checkPosition refuses a position where no event begins.
func (s *Server) checkPosition(file string, position int64) error {
	f, err := s.Opener.Open(s.logs.path(file))
	if err != nil {
		return refuseLog(err)
	}
	defer f.Close()
	if size := f.Size(); size >= 0 && position > size {
		return refuse("Client requested source to start replication from position > file size: %s has %d bytes here, not %d", file, size, position)
	}
	if proved(f, position) {
		return nil
	}
	if err := f.SeekTo(magicLength); err != nil {
		return err
	}
	for f.Offset() < position {
		if _, pos, err := f.Next(); err != nil {
			return refuse("no event begins at position %d of %s: the log can't be read after %d", position, file, pos.Offset)
		}
	}
	if f.Offset() != position {
		return refuse("no event begins at position %d of %s; the next one begins at %d", position, file, f.Offset())
	}
	return nil
}

// proved reports whether an event with a valid checksum begins at a position.
func proved(f *logfile.File, position int64) bool {
	if f.SealsEvents() || f.SeekTo(position) != nil {
		return false
	}
	raw, _, err := f.Next()
	return err == nil && decoder.EndsInChecksum(raw)
}

// lastLog returns the last log whose beginning fits, and that beginning. A last log without a beginning is skipped: it is just
// being created.
func (s *Server) lastLog(fits func(name string, p *prologue) (bool, error)) (string, *prologue, error) {
	names, err := s.logs.names()
	if err != nil {
		return "", nil, err
	}
	for i, name := range slices.Backward(names) {
		p, err := readPrologue(s.Opener, s.logs.path(name))
		if i+1 == len(names) && s.unwritten(name, err) || err == nil && p.format == nil {
			continue
		}
		if err != nil {
			return "", nil, refuseLog(err)
		}
		if ok, err := fits(name, &p); ok || err != nil {
			return name, &p, err
		}
	}
	return "", nil, nil
}

// unwritten reports whether a log could not be opened because it is still empty.
func (s *Server) unwritten(name string, err error) bool {
	if errors.Is(err, decoder.ErrNotALog) {
		info, err := os.Stat(s.logs.path(name))
		return err == nil && info.Size() < magicLength
	}
	return errors.Is(err, fs.ErrNotExist)
}

// startBySet begins at the last log whose Previous_gtids are all in the client's set.
func (s *Server) startBySet(executed *gtid.Set) (start, error) {
	at := start{position: magicLength, selected: newBySet(executed)}
	missing, notYet := &gtid.Set{}, false
	name, p, err := s.lastLog(func(name string, p *prologue) (bool, error) {
		if p.unfinished() {
			notYet = true
			return false, nil
		}
		if p.previous == nil {
			return false, refuse("%s has no Previous_gtids event: its server wrote it without GTIDs, so it can't be served by GTID", name)
		}
		missing = p.previous.Minus(executed)
		return missing.IsEmpty(), nil
	})
	if err != nil {
		return at, err
	}
	if p == nil && notYet && missing.IsEmpty() {
		return at, errNotYet
	}
	if p == nil {
		return at, refuse("Cannot replicate because the source purged required binary logs: transactions that the replica lacks were logged "+
			"before the oldest log here: %s", missing.Brief())
	}
	at.file = name
	if executed.Contains(p.first.ID) {
		at.change = withoutTimeAndPosition
	}
	return at, nil
}

// listRequest is what a MariaDB replica says about itself.
type listRequest struct {
	state      gtid.List // its last GTID of each domain
	strict     bool      // gtid_strict_mode
	mayBeAhead bool      // gtid_ignore_duplicates: it may have more than the logs, from another source
}

// startByList begins at the last log whose Gtid_list is before everything that the client lacks (MariaDB source:
// gtid_find_binlog_file).
func (s *Server) startByList(r listRequest) (start, error) {
	selected := &byList{from: make(map[uint32]gtid.GTID), empty: make(map[uint32]bool), strict: r.strict}
	for _, g := range r.state {
		selected.from[g.Domain] = g
	}
	at := start{position: magicLength, selected: selected}
	if err := s.checkList(selected, r.mayBeAhead); err != nil {
		return at, err
	}
	logs, notYet := 0, false
	name, p, err := s.lastLog(func(_ string, p *prologue) (bool, error) {
		logs++
		if p.unfinished() {
			notYet = true
			return false, nil
		}
		return !p.hasList || allBehind(selected.from, p.list), nil
	})
	if err != nil {
		return at, err
	}
	if p == nil && notYet && logs == 1 {
		return at, errNotYet
	}
	if p == nil {
		return at, refuse("Could not find GTID state requested by replica in any binlog files. Probably the replica state is too old and required "+
			"binlog files have been purged: the replica has '%s'", r.state)
	}
	at.file = name
	for _, g := range p.list {
		if selected.from[g.Domain] == g {
			delete(selected.from, g.Domain)
		}
	}
	if len(selected.from) > 0 {
		at.change = withoutTime
	}
	return at, nil
}

// allBehind reports whether everything that a client lacks is after a log's Gtid_list (MariaDB source:
// contains_all_slave_gtid).
func allBehind(from map[uint32]gtid.GTID, list gtid.List) bool {
	for i, g := range list {
		has, ok := from[g.Domain]
		if !ok {
			return false
		}
		if has.Server != g.Server || has.Seq > g.Seq {
			continue
		}
		lastOfDomain := i+1 == len(list) || list[i+1].Domain != g.Domain
		if has.Seq < g.Seq || !lastOfDomain {
			return false
		}
	}
	return true
}

// checkList refuses a client that has transactions which are in no log here (MariaDB source: check_slave_start_position).
func (s *Server) checkList(selected *byList, mayBeAhead bool) error {
	have, err := s.progress.now(s)
	if err != nil {
		return refuseLog(err)
	}
	for domain, g := range selected.from {
		if have.state.lastOfServer(domain, g.Server) >= g.Seq {
			continue
		}
		last, ok := have.state.lastOf(domain)
		if !ok {
			selected.empty[domain] = true
			continue
		}
		if mayBeAhead && last.Seq < g.Seq {
			continue
		}
		return notInLogs(g, last)
	}
	return nil
}

func notInLogs(asked, have gtid.GTID) error {
	var why strings.Builder
	if have.Seq >= asked.Seq {
		why.WriteString(". Since the logs contain GTIDs with higher sequence numbers, it probably means that the replica has diverged due to " +
			"executing extra erroneous transactions")
	} else {
		fmt.Fprintf(&why, ": they end at %s, the replica is ahead of them", have)
	}
	return refuse("Error: connecting replica requested to start from GTID %s, which is not in the source's binlog%s", asked, &why)
}

// stateAt is the state of the logs at a position of one of them.
func (s *Server) stateAt(file string, position int64) (binlogState, error) {
	var state binlogState
	at, err := s.startByPosition(file, uint64(position))
	if err != nil {
		return state, err
	}
	f, err := s.Opener.Open(s.logs.path(at.file))
	if err != nil {
		return state, err
	}
	defer f.Close()
	lens := newLens()
	for {
		raw, pos, err := f.NextOf(tellsState)
		if err == io.EOF || err == nil && pos.Offset >= position && eventType(raw) == decoder.EventMariaGtid {
			return state, nil
		}
		if err != nil {
			return state, err
		}
		e, err := lens.read(raw, pos)
		if err == nil {
			err = state.addEvent(e)
		}
		if err != nil {
			return state, err
		}
	}
}

// tellsState selects the events that say which transactions a MariaDB log holds, and the format description, without which
// they can't be read.
func tellsState(t decoder.EventType) bool {
	return t == decoder.EventFormatDescription || t == decoder.EventMariaGtidList || t == decoder.EventMariaGtid
}
