package gtid

import (
	"bytes"
	"cmp"
	"slices"
)

// Interval is a run of transaction numbers, both ends included.
type Interval struct{ First, Last uint64 }

// Set is a set of MySQL GTIDs. The zero Set is empty and ready for use. It takes about as many bytes as the server's encoding of it:
// the intervals of all sources stand in one slice, and a tag is kept once for the sources near each other that have it.
type Set struct {
	sources   []source // ascending by TSID, none without intervals
	intervals []Interval
	tags      []Tag
	unused    int // intervals that belong to no source any more
	latest    int // the source that Add last added to, if it is still there
}

// source holds the transactions of one TSID: ascending intervals that neither overlap nor touch.
type source struct {
	uuid UUID
	tag  uint32 // one more than the place of the tag; 0 for none
	at   uint32 // of its first interval
	n    uint32
	room uint32 // intervals from at that belong to the source
}

func (s *Set) tsid(src *source) TSID {
	if src.tag == 0 {
		return TSID{UUID: src.uuid}
	}
	return TSID{UUID: src.uuid, Tag: s.tags[src.tag-1]}
}

func (s *Set) list(src *source) []Interval {
	return s.intervals[src.at : src.at+src.n : src.at+src.n]
}

// IsEmpty reports whether the set has no GTID.
func (s *Set) IsEmpty() bool { return len(s.sources) == 0 }

// HasTags reports whether any GTID in the set is tagged. Such a set needs MySQL 8.3 or later.
func (s *Set) HasTags() bool {
	return slices.ContainsFunc(s.sources, func(src source) bool { return src.tag != 0 })
}

// Intervals calls yield with each TSID and its intervals, in the order in which MySQL prints them. The intervals belong
// to the set.
func (s *Set) Intervals(yield func(TSID, []Interval) bool) {
	for i := range s.sources {
		if src := &s.sources[i]; !yield(s.tsid(src), s.list(src)) {
			return
		}
	}
}

// Of is the part of the set with one TSID.
func (s *Set) Of(tsid TSID) *Set {
	part := &Set{}
	if i, found := s.find(tsid); found {
		part.appendSource(tsid, s.list(&s.sources[i]))
	}
	return part
}

// Contains reports whether g is in the set. A MariaDB GTID never is.
func (s *Set) Contains(g GTID) bool {
	if g.Flavor != MySQL {
		return false
	}
	i, found := s.find(g.TSID)
	if !found {
		return false
	}
	_, found = slices.BinarySearchFunc(s.list(&s.sources[i]), g.Seq, func(iv Interval, seq uint64) int {
		switch {
		case iv.Last < seq:
			return -1
		case iv.First > seq:
			return 1
		}
		return 0
	})
	return found
}

// Holds reports whether every GTID of other is in the set.
func (s *Set) Holds(other *Set) bool {
	for tsid, intervals := range other.Intervals {
		i, found := s.find(tsid)
		if !found || len(subtract(intervals, s.list(&s.sources[i]))) > 0 {
			return false
		}
	}
	return true
}

// Lacks is the parts of an interval that are not in the set.
func (s *Set) Lacks(tsid TSID, iv Interval) []Interval {
	i, found := s.find(tsid)
	if !found {
		return []Interval{iv}
	}
	list := s.list(&s.sources[i])
	at, _ := slices.BinarySearchFunc(list, iv.First, func(has Interval, first uint64) int { return cmp.Compare(has.Last, first) })
	return subtract([]Interval{iv}, list[at:])
}

// AddInterval adds the GTIDs of an interval.
func (s *Set) AddInterval(tsid TSID, iv Interval) { s.addIntervals(tsid, []Interval{iv}) }

// Add adds a MySQL GTID. It ignores others and the zero GTID.
func (s *Set) Add(g GTID) {
	if g.Flavor == MySQL && !g.IsZero() && !s.extend(g) && !s.fill(g) {
		s.addIntervals(g.TSID, []Interval{{g.Seq, g.Seq}})
	}
}

// fill adds a GTID that is in the set already, or that touches an interval, or for which there is room between two: without a copy of
// the others, which may be many where transactions of several threads are logged in another order than their numbers.
func (s *Set) fill(g GTID) bool {
	i, found := s.find(g.TSID)
	if !found {
		return false
	}
	src := &s.sources[i]
	list := s.list(src)
	at, _ := slices.BinarySearchFunc(list, g.Seq, func(iv Interval, seq uint64) int { return cmp.Compare(iv.Last, seq) })
	before, after := at > 0 && list[at-1].Last+1 == g.Seq, at < len(list) && list[at].First == g.Seq+1
	switch {
	case at < len(list) && list[at].First <= g.Seq:
	case before && after:
		list[at-1].Last = list[at].Last
		src.n = uint32(len(slices.Delete(list, at, at+1)))
	case before:
		list[at-1].Last = g.Seq
	case after:
		list[at].First = g.Seq
	case src.n < src.room:
		list = s.intervals[src.at : src.at+src.n+1]
		copy(list[at+1:], list[at:])
		list[at] = Interval{g.Seq, g.Seq}
		src.n++
	default:
		return false
	}
	return true
}

// extend adds a GTID that follows the last one of its source, as nearly every transaction of a log does.
func (s *Set) extend(g GTID) bool {
	if s.latest >= len(s.sources) || s.tsid(&s.sources[s.latest]) != g.TSID {
		i, found := s.find(g.TSID)
		if !found {
			return false
		}
		s.latest = i
	}
	intervals := s.list(&s.sources[s.latest])
	last := &intervals[len(intervals)-1]
	if last.Last+1 != g.Seq {
		return false
	}
	last.Last = g.Seq
	return true
}

// Union adds every GTID of other.
func (s *Set) Union(other *Set) {
	const few = 16
	if len(other.sources) <= few {
		for tsid, intervals := range other.Intervals {
			s.addIntervals(tsid, intervals)
		}
		return
	}
	united := &Set{sources: make([]source, 0, max(len(s.sources), len(other.sources))), intervals: make([]Interval, 0, len(other.intervals))}
	rest := s.sources
	for tsid, intervals := range other.Intervals {
		for len(rest) > 0 && s.tsid(&rest[0]).Compare(tsid) < 0 {
			united.appendSource(s.tsid(&rest[0]), s.list(&rest[0]))
			rest = rest[1:]
		}
		if len(rest) > 0 && s.tsid(&rest[0]) == tsid {
			intervals = merge(slices.Concat(s.list(&rest[0]), intervals))
			rest = rest[1:]
		}
		united.appendSource(tsid, intervals)
	}
	for i := range rest {
		united.appendSource(s.tsid(&rest[i]), s.list(&rest[i]))
	}
	*s = *united
}

// Subtract removes every GTID of other.
func (s *Set) Subtract(other *Set) {
	for tsid, intervals := range other.Intervals {
		if i, found := s.find(tsid); found {
			s.replace(i, subtract(s.list(&s.sources[i]), intervals))
		}
	}
	s.sources = slices.DeleteFunc(s.sources, func(src source) bool { return src.n == 0 })
	if s.IsEmpty() {
		*s = Set{}
	}
}

// Minus is the set without the GTIDs of other.
func (s *Set) Minus(other *Set) *Set {
	left := &Set{}
	for tsid, intervals := range s.Intervals {
		if i, found := other.find(tsid); found {
			intervals = subtract(intervals, other.list(&other.sources[i]))
		}
		if len(intervals) > 0 {
			left.appendSource(tsid, intervals)
		}
	}
	return left
}

func (s *Set) find(tsid TSID) (int, bool) {
	return slices.BinarySearchFunc(s.sources, tsid, func(src source, tsid TSID) int {
		if c := bytes.Compare(src.uuid[:], tsid.UUID[:]); c != 0 {
			return c
		}
		return s.tsid(&src).Compare(tsid)
	})
}

// addIntervals takes intervals in any order. It copies them.
func (s *Set) addIntervals(tsid TSID, intervals []Interval) {
	if len(intervals) == 0 {
		return
	}
	i, found := s.find(tsid)
	if !found {
		s.sources = slices.Insert(s.sources, i, source{uuid: tsid.UUID, tag: s.tagOf(tsid.Tag)})
	}
	s.replace(i, merge(slices.Concat(s.list(&s.sources[i]), intervals)))
}

// replace gives a source other intervals. Where they do not fit in the place of the old ones they go to the end.
func (s *Set) replace(i int, intervals []Interval) {
	src := &s.sources[i]
	n := uint32(len(intervals))
	if n > src.room {
		s.unused += int(src.room)
		src.at, src.room = uint32(len(s.intervals)), n+n/2
		s.intervals = append(s.intervals, make([]Interval, src.room)...)
	}
	src.n = n
	copy(s.intervals[src.at:], intervals)
	if s.unused > 1024 && s.unused > len(s.intervals)/2 {
		s.pack()
	}
}

// pack leaves out intervals that belong to no source.
func (s *Set) pack() {
	packed := make([]Interval, 0, len(s.intervals)-s.unused)
	for i := range s.sources {
		src := &s.sources[i]
		at := uint32(len(packed))
		packed = append(packed, s.intervals[src.at:src.at+src.room]...)
		src.at = at
	}
	s.intervals, s.unused = packed, 0
}

// appendSource adds a source after all others, with a copy of intervals that are in order.
func (s *Set) appendSource(tsid TSID, intervals []Interval) {
	n := uint32(len(intervals))
	s.sources = append(s.sources, source{uuid: tsid.UUID, tag: s.tagOf(tsid.Tag), at: uint32(len(s.intervals)), n: n, room: n})
	s.intervals = append(s.intervals, intervals...)
}

// tagOf is the number of a tag, which is added if it is not among the last few.
func (s *Set) tagOf(t Tag) uint32 {
	const near = 32
	if t == (Tag{}) {
		return 0
	}
	for i := len(s.tags) - 1; i >= max(0, len(s.tags)-near); i-- {
		if s.tags[i] == t {
			return uint32(i + 1)
		}
	}
	s.tags = append(s.tags, t)
	return uint32(len(s.tags))
}

// merge sorts intervals and joins those that overlap or touch, in place.
func merge(intervals []Interval) []Interval {
	byFirst := func(a, b Interval) int { return cmp.Compare(a.First, b.First) }
	if !slices.IsSortedFunc(intervals, byFirst) {
		slices.SortFunc(intervals, byFirst)
	}
	merged := intervals[:0]
	for _, iv := range intervals {
		if n := len(merged); n > 0 && iv.First <= merged[n-1].Last+1 {
			merged[n-1].Last = max(merged[n-1].Last, iv.Last)
			continue
		}
		merged = append(merged, iv)
	}
	return merged
}

// subtract returns from without the numbers in remove. Both are ascending.
func subtract(from, remove []Interval) []Interval {
	var left []Interval
	for _, iv := range from {
		for len(remove) > 0 && remove[0].Last < iv.First {
			remove = remove[1:]
		}
		covered := false
		for _, hole := range remove {
			if hole.First > iv.Last {
				break
			}
			if hole.First > iv.First {
				left = append(left, Interval{iv.First, hole.First - 1})
			}
			if hole.Last >= iv.Last {
				covered = true
				break
			}
			iv.First = hole.Last + 1
		}
		if !covered {
			left = append(left, iv)
		}
	}
	return left
}

// collector gathers the intervals of a set that is being read. Sources that ascend, as servers write them, go into the set at once.
type collector struct {
	read  Set
	loose []looseInterval
}

// looseInterval is one of a source that comes after a greater one.
type looseInterval struct {
	TSID
	Interval
}

func (c *collector) addInterval(tsid TSID, iv Interval) {
	s := &c.read
	if last := len(s.sources) - 1; last >= 0 {
		src := &s.sources[last]
		switch order := s.tsid(src).Compare(tsid); {
		case order == 0:
			s.intervals = append(s.intervals, iv)
			src.n, src.room = src.n+1, src.room+1
			return
		case order > 0:
			c.loose = append(c.loose, looseInterval{tsid, iv})
			return
		}
	}
	s.appendSource(tsid, []Interval{iv})
}

func (c *collector) set() *Set {
	s := &c.read
	for i := range s.sources {
		src := &s.sources[i]
		src.n = uint32(len(merge(s.list(src))))
	}
	if len(c.loose) > 0 {
		slices.SortStableFunc(c.loose, func(a, b looseInterval) int { return a.TSID.Compare(b.TSID) })
		var ordered collector
		for _, l := range c.loose {
			ordered.addInterval(l.TSID, l.Interval)
		}
		s.Union(ordered.set())
	}
	return s
}
