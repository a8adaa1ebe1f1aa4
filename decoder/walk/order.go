package walk

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/internal/bin"
	"binmend/decoder/logfile"
)

// Order is how logs follow each other.
type Order struct {
	Logs      Logs     // grouped by server, oldest first
	Reordered bool     // they were given in another order
	Breaks    []*Break // where logs are missing

	// Several: the logs are of more than one server, so that they do not tell in which order their changes were made.
	Several bool
	Copy    string // two logs that are one under two names; "" for none
	Doubt   string // why two neighbours may be of two servers with one server id; "" for none
}

// The reasons why logs are not complete.
var (
	ErrMissing = fault.NewReason("a log is missing")
	ErrTwice   = fault.NewReason("a log is given twice")
	ErrMixed   = fault.NewReason("logs of MySQL and of MariaDB")
)

// Around is the run of logs without a break that holds the named one, and the break that ends it, nil for none.
func (o *Order) Around(name string) (run Logs, end *Break) {
	run = o.Logs
	at, first, last := run.Index(name), 0, len(run.Names)
	for _, b := range o.Breaks {
		i := first + slices.Index(run.Names[first:], b.Before) + 1 // the same name may be given twice
		if i > at {
			last, end = i, b
			break
		}
		first = i
	}
	run.Names = run.Names[first:last]
	return run, end
}

// Order sorts the logs by their contents, whatever their file names and the given order. A log ends by naming the next one, so
// its own number is known even if the file was renamed. For a log that does not, such as the last one or one of a server that
// crashed, the number in the file name counts, unless other files turn out to be renamed; then the transactions that it says
// came before it count, and last the time when it was created. A log that can't be read counts by its name. Logs of different
// servers or names stay in the given order.
func (l Logs) Order() Order {
	o := Order{Logs: l}
	if len(l.Names) < 2 || l.HasStdin() {
		return o
	}
	o.Logs.Names = nil
	var before *member
	seen := births{}
	for _, group := range l.groups() {
		l.sortMembers(group)
		for i, m := range group {
			o.Logs.Names = append(o.Logs.Names, m.name)
			original := seen.add(l, m)
			if before == nil {
				before = m
				continue
			}
			b := mixedFlavors(before, m)
			if i == 0 {
				o.Several = o.Several || before.isOfAnother(m)
				o.Doubt = cmp.Or(o.Doubt, before.doubtRenamed(m))
			} else {
				b = cmp.Or(b, l.breakBetween(before, m))
				o.Doubt = cmp.Or(o.Doubt, before.doubtNext(m))
			}
			if b == nil && original != nil && o.Copy == "" {
				o.Copy = fmt.Sprintf("%s and %s are the same log", filepath.Base(original.name), filepath.Base(m.name))
			}
			if b != nil {
				o.Breaks = append(o.Breaks, b)
			}
			before = m
		}
	}
	o.Reordered = !slices.Equal(o.Logs.Names, l.Names)
	return o
}

// mostKept bounds the bytes of the GTIDs that are kept while logs are ordered. Those of other logs are read again where they are
// compared.
const mostKept = 4 << 20

// member is a log and what is known about its place among the others of its server.
type member struct {
	name   string
	stem   string
	number uint64
	placed bool   // stem and number are known
	head   *Head  // nil when it can't be read
	ended  uint32 // when it ended by naming the next one, seconds since 1970; 0 if it did not
	open   bool   // it did not end by naming the next one: its server crashed, was shut down or is still writing it
}

// series is what logs of one sequence have in common.
type series struct {
	stem   string
	relay  bool
	writer uint32
}

func (m *member) series() series {
	s := series{stem: m.stem}
	if m.head != nil {
		s.relay, s.writer = m.head.Relay, m.head.Writer
	}
	return s
}

// groups puts the logs of one server and one name together.
func (l Logs) groups() [][]*member {
	members := make([]*member, 0, len(l.Names))
	stems, renamed := map[string]bool{}, false
	kept := 0
	for _, name := range l.Names {
		m := &member{name: name}
		if m.head, _ = l.ReadWholeHead(name); m.head != nil && kept+m.head.size > mostKept {
			m.head.forget()
		} else if m.head != nil {
			kept += m.head.size
		}
		if l.placeByEnd(m); m.placed {
			stems[m.stem] = true
			stem, number, numbered := numberOf(name)
			renamed = renamed || numbered && (stem != m.stem || number != m.number)
		}
		members = append(members, m)
	}
	for _, m := range members {
		stem, number, numbered := numberOf(m.name)
		if !m.placed && numbered && !renamed && (len(stems) == 0 || stems[stem]) {
			m.stem, m.number, m.placed = stem, number, true
		}
	}
	var groups [][]*member
	for _, m := range members {
		i := slices.IndexFunc(groups, func(g []*member) bool { return m.belongsTo(g[0]) && !l.isTwin(m, g) })
		if i < 0 {
			groups = append(groups, nil)
			i = len(groups) - 1
		}
		groups[i] = append(groups[i], m)
	}
	return groups
}

// numberOf reads a log's name and number from its file name.
func numberOf(name string) (stem string, number uint64, ok bool) {
	return logfile.CutNumber(decoder.LogName(name))
}

// belongsTo reports whether two logs are of one series, as far as is known.
func (m *member) belongsTo(other *member) bool {
	a, b := m.series(), other.series()
	if !m.placed || !other.placed {
		a.stem, b.stem = "", ""
	}
	if m.head == nil || other.head == nil {
		a.relay, a.writer = b.relay, b.writer
	}
	return a == b
}

// isOfAnother reports whether two logs that are not of one series are of different servers: their ids say so, or they have the same name.
// One server has relay logs of several names, and binary logs of another one.
func (m *member) isOfAnother(other *member) bool {
	if m.head == nil || other.head == nil {
		return false
	}
	return m.head.Writer != other.head.Writer || !m.head.Relay && !other.head.Relay && m.belongsTo(other)
}

// isTwin reports whether a log of another folder has the same number and is no copy: it belongs to another server with the same log
// name and id.
func (l Logs) isTwin(m *member, group []*member) bool {
	return slices.ContainsFunc(group, func(other *member) bool {
		return m.placed && other.placed && m.number == other.number && filepath.Dir(m.name) != filepath.Dir(other.name) && l.shared(m, other) == 0
	})
}

// sortMembers sorts the logs with known numbers, and puts each of the others before the first that it precedes.
func (l Logs) sortMembers(group []*member) {
	slices.SortStableFunc(group, func(a, b *member) int {
		switch {
		case a.placed && b.placed:
			return cmp.Compare(a.number, b.number)
		case a.placed:
			return -1
		case b.placed:
			return 1
		}
		return l.compareHeads(a, b)
	})
	for i := range group {
		if m := group[i]; !m.placed {
			at := slices.IndexFunc(group[:i], func(other *member) bool { return l.precedes(m, other) })
			if at >= 0 {
				copy(group[at+1:i+1], group[at:i])
				group[at] = m
			}
		}
	}
}

// precedes reports whether a log without a number comes before another one. Times of creation are compared only if the later log
// began with a start of its server: other times come from several threads and do not ascend.
func (l Logs) precedes(m, other *member) bool {
	if m.head == nil || other.head == nil {
		return false
	}
	if c := compareGTIDs(l.whole(m), l.whole(other)); c != 0 {
		return c < 0
	}
	return (!m.open || other.head.Format.Created != 0) && m.head.Created < other.head.Created
}

// compareHeads compares two logs of a server by the transactions before them, or else by their times of creation.
func (l Logs) compareHeads(a, b *member) int {
	if a.head == nil || b.head == nil {
		return 0
	}
	return cmp.Or(compareGTIDs(l.whole(a), l.whole(b)), cmp.Compare(a.head.Created, b.head.Created))
}

// whole is the head of a log with its GTIDs, which are read again if they were not kept.
func (l Logs) whole(m *member) *Head {
	if h := m.head; !h.told || h.set != nil || h.list != nil {
		return h
	}
	h, err := l.ReadWholeHead(m.name)
	if err != nil {
		return m.head
	}
	return h
}

// compareGTIDs compares two logs of a server by the transactions before them; 0 when these do not decide.
func compareGTIDs(a, b *Head) int {
	switch {
	case a.set != nil && b.set != nil:
		switch earlier, later := b.set.Holds(a.set), a.set.Holds(b.set); {
		case earlier && !later:
			return -1
		case later && !earlier:
			return 1
		}
	case a.list != nil && b.list != nil:
		return compareLists(a.list, b.list)
	}
	return 0
}

const (
	rotateBody  = 8                                             // the position before the name in a Rotate event
	maxRotate   = headerLength + rotateBody + 512 + checksumLen // a path has at most 512 bytes (FN_REFLEN)
	checksumLen = 4
)

// placeByEnd finds a log's original name from the Rotate event at its end, which names the next log. A log without such an event,
// or whose end can't be read directly, stays without a place.
func (l Logs) placeByEnd(m *member) {
	if m.head == nil || m.head.sealed {
		return
	}
	f, err := l.Opener.Open(m.name)
	if err != nil {
		return
	}
	defer f.Close()
	size := f.Size()
	if size < 0 {
		return
	}
	tail := make([]byte, min(size, maxRotate))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil {
		return
	}
	next, ended, ok := lastRotate(tail, m.head, uint32(size))
	if !ok {
		m.open = true
		return
	}
	m.ended = ended
	if stem, number, ok := logfile.CutNumber(filepath.Base(next)); ok && number > 1 {
		m.stem, m.number, m.placed = stem, number-1, true
	}
}

// lastRotate finds the server's own Rotate event at the end of a log, and returns the name in it and its time. A Rotate event
// from elsewhere names a log of the source. Without a checksum, its end_log_pos must be right.
func lastRotate(tail []byte, h *Head, end uint32) (name string, at uint32, ok bool) {
	checksum := 0
	if h.Format.Checksum == decoder.ChecksumCRC32 {
		checksum = checksumLen
	}
	for begin := len(tail) - headerLength - rotateBody - checksum - 1; begin >= 0; begin-- {
		raw := tail[begin:]
		if decoder.EventType(raw[4]) != decoder.EventRotate || bin.Uint(raw[9:13]) != uint64(len(raw)) || bin.Uint(raw[13:17]) != uint64(end) {
			continue
		}
		flags := uint16(bin.Uint(raw[17:19]))
		if flags&decoder.FlagArtificial != 0 || h.Relay != (flags&decoder.FlagRelayLog != 0) {
			continue
		}
		if checksum == 0 || decoder.EndsInChecksum(raw) {
			return string(raw[headerLength+rotateBody : len(raw)-checksum]), uint32(bin.Uint(raw[0:4])), true
		}
	}
	return "", 0, false
}
