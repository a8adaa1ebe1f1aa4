package walk

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/gtid"
	"binmend/decoder/internal/bin"
	"binmend/decoder/logfile"
)

// Order is how logs follow each other.
type Order struct {
	Logs   Logs     // each server's logs together, oldest first
	Sorted bool     // they were given in another order
	Breaks []*Break // where logs are missing
}

// The reasons why logs are not whole.
var (
	ErrMissing = fault.NewReason("a log is missing")
	ErrTwice   = fault.NewReason("a log is given twice")
)

// Break is a place where a log does not go on where the one before it ended.
type Break struct {
	Before, After string // names as given, of the log before it and the one after it
	Missing       string // the names of the logs that are missing; "" when After is the same log as Before
}

func (b *Break) String() string {
	before, after := filepath.Base(b.Before), filepath.Base(b.After)
	if b.Missing == "" {
		return fmt.Sprintf("%s and %s are the same log", before, after)
	}
	verb := "is"
	if strings.ContainsAny(b.Missing, " ") {
		verb = "are"
	}
	return fmt.Sprintf("%s %s missing between %s and %s", b.Missing, verb, before, after)
}

// Err is the break as an error, for what has to be whole.
func (b *Break) Err() error {
	reason := ErrMissing
	if b.Missing == "" {
		reason = ErrTwice
	}
	return &fault.Error{Reason: reason, What: b.String()}
}

// Around is the run of logs without a break that holds the named one, and the break that ends it; nil when none does.
func (o *Order) Around(name string) (run Logs, end *Break) {
	run = o.Logs
	at, first, last := run.Index(name), 0, len(run.Names)
	for _, b := range o.Breaks {
		i := run.Index(b.After)
		if i > at {
			last, end = i, b
			break
		}
		first = i
	}
	run.Names = run.Names[first:last]
	return run, end
}

// Order sorts the logs by what they say of themselves, whatever their names and the order in which they are given. A log
// ends by naming the next one; so its own number is known even where the file was renamed. Where it does not, as the last log
// and one of a server that crashed, the number in its file's name counts, unless other files are seen to be renamed; and then
// the transactions that it says came before it, and last the time at which it was begun. A log that can't be read counts by
// its name. Logs that are not of one server and one name stay in the order in which they are given.
func (l Logs) Order() Order {
	o := Order{Logs: l}
	if len(l.Names) < 2 || l.HasStdin() {
		return o
	}
	o.Logs.Names = nil
	for _, group := range l.groups() {
		sortMembers(group)
		for i, m := range group {
			o.Logs.Names = append(o.Logs.Names, m.name)
			if i > 0 {
				if b := breakBetween(group[i-1], m); b != nil {
					o.Breaks = append(o.Breaks, b)
				}
			}
		}
	}
	o.Sorted = !slices.Equal(o.Logs.Names, l.Names)
	return o
}

// member is a log and what is known of its place among the others of its server.
type member struct {
	name   string
	stem   string
	number uint64
	placed bool  // stem and number are known
	head   *Head // nil when it can't be read
}

// series is what the logs that follow each other have in common.
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
	for _, name := range l.Names {
		m := &member{name: name}
		m.head, _ = l.ReadHead(name)
		if m.stem, m.number, m.placed = l.ownName(name, m.head); m.placed {
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
		i := slices.IndexFunc(groups, func(g []*member) bool { return m.belongsTo(g[0]) && !m.isTwin(g) })
		if i < 0 {
			groups = append(groups, nil)
			i = len(groups) - 1
		}
		groups[i] = append(groups[i], m)
	}
	return groups
}

// numberOf is the name that a file's name gives a log.
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

// isTwin reports whether a log of another folder has the number: that is another server of the same name and id.
func (m *member) isTwin(group []*member) bool {
	return slices.ContainsFunc(group, func(other *member) bool {
		return m.placed && other.placed && m.number == other.number && filepath.Dir(m.name) != filepath.Dir(other.name)
	})
}

// sortMembers sorts those whose number is known by it, and puts each of the others before the first that it precedes.
func sortMembers(group []*member) {
	slices.SortStableFunc(group, func(a, b *member) int {
		switch {
		case a.placed && b.placed:
			return cmp.Compare(a.number, b.number)
		case a.placed:
			return -1
		case b.placed:
			return 1
		}
		return compareHeads(a.head, b.head)
	})
	for i := range group {
		if m := group[i]; !m.placed {
			at := slices.IndexFunc(group[:i], func(other *member) bool { return compareHeads(m.head, other.head) < 0 })
			if at >= 0 {
				copy(group[at+1:i+1], group[at:i])
				group[at] = m
			}
		}
	}
}

// compareHeads compares two logs of a server by the transactions that came before them, or else by when they were begun.
func compareHeads(a, b *Head) int {
	switch {
	case a == nil || b == nil:
		return 0
	case a.set != nil && b.set != nil:
		if holdsAll(b.set, a.set) != holdsAll(a.set, b.set) {
			if holdsAll(b.set, a.set) {
				return -1
			}
			return 1
		}
	case a.list != nil && b.list != nil:
		if c := compareLists(a.list, b.list); c != 0 {
			return c
		}
	}
	return cmp.Compare(a.Created, b.Created)
}

// holdsAll reports whether a set contains another one.
func holdsAll(set, other *gtid.Set) bool {
	rest := &gtid.Set{}
	rest.Union(other)
	rest.Subtract(set)
	return rest.IsEmpty()
}

// compareLists compares two lists by the first domain that is further in one of them.
func compareLists(a, b gtid.List) int {
	for _, x := range a {
		for _, y := range b {
			if x.Domain == y.Domain && x.Seq != y.Seq {
				return cmp.Compare(x.Seq, y.Seq)
			}
		}
	}
	return cmp.Compare(len(a), len(b))
}

// maxNamed bounds the missing logs that are named one by one.
const maxNamed = 3

// breakBetween is the break between two neighbours, nil when there is none or nothing is known of one of them.
func breakBetween(before, after *member) *Break {
	if !before.placed || !after.placed || after.number == before.number+1 {
		return nil
	}
	b := &Break{Before: before.name, After: after.name}
	first, last := before.number+1, after.number-1
	switch name := func(n uint64) string { return fmt.Sprintf("%s.%06d", filepath.Base(before.stem), n) }; {
	case after.number == before.number:
	case last-first < maxNamed:
		var names []string
		for n := first; n <= last; n++ {
			names = append(names, name(n))
		}
		b.Missing = strings.Join(names, ", ")
	default:
		b.Missing = name(first) + " to " + name(last)
	}
	return b
}

const (
	rotateBody  = 8                                             // the position before the name in a Rotate event
	maxRotate   = headerLength + rotateBody + 512 + checksumLen // a path has at most 512 bytes (FN_REFLEN)
	checksumLen = 4
)

// ownName is the name that the server gave a log, from the Rotate event at its end that names the next one; ok is false when
// there is no such event, or when it can't be read at once.
func (l Logs) ownName(name string, h *Head) (stem string, number uint64, ok bool) {
	if h == nil {
		return "", 0, false
	}
	f, err := l.Opener.Open(name)
	if err != nil {
		return "", 0, false
	}
	defer f.Close()
	size := f.Size()
	if size < 0 {
		return "", 0, false
	}
	tail := make([]byte, min(size, maxRotate))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil {
		return "", 0, false
	}
	next, ok := lastRotate(tail, h, uint32(size))
	if !ok {
		return "", 0, false
	}
	stem, number, ok = logfile.CutNumber(filepath.Base(next))
	return stem, number - 1, ok && number > 1
}

// lastRotate finds the Rotate event at the end of a log that its server wrote itself, and returns the name in it. An event that
// came from elsewhere names a log of the source's. Without a checksum the event has to name the place where it ends.
func lastRotate(tail []byte, h *Head, end uint32) (name string, ok bool) {
	checksum := 0
	if h.Format.Checksum == decoder.ChecksumCRC32 {
		checksum = checksumLen
	}
	for at := len(tail) - headerLength - rotateBody - checksum - 1; at >= 0; at-- {
		raw := tail[at:]
		if decoder.EventType(raw[4]) != decoder.EventRotate || bin.Uint(raw[9:13]) != uint64(len(raw)) || bin.Uint(raw[13:17]) != uint64(end) {
			continue
		}
		flags := uint16(bin.Uint(raw[17:19]))
		if flags&decoder.FlagArtificial != 0 || h.Relay != (flags&decoder.FlagRelayLog != 0) {
			continue
		}
		if checksum == 0 || decoder.EndsInChecksum(raw) {
			return string(raw[headerLength+rotateBody : len(raw)-checksum]), true
		}
	}
	return "", false
}
