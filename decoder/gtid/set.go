package gtid

import (
	"cmp"
	"slices"
	"strconv"
)

// Interval is a run of transaction numbers, both ends included.
type Interval struct{ First, Last uint64 }

// Set is a set of MySQL GTIDs. The zero Set is empty and ready for use.
type Set struct {
	sources []source // ascending by TSID, none without intervals
	latest  int      // the source that Add last added to, if it is still there
}

// source holds the transactions of one TSID: ascending intervals that neither overlap nor touch.
type source struct {
	tsid      TSID
	intervals []Interval
}

// IsEmpty reports whether the set has no GTID.
func (s *Set) IsEmpty() bool { return len(s.sources) == 0 }

// HasTags reports whether any GTID in the set is tagged. Such a set needs MySQL 8.3 or later.
func (s *Set) HasTags() bool {
	return slices.ContainsFunc(s.sources, func(src source) bool { return src.tsid.Tag != Tag{} })
}

// Intervals calls yield with each TSID and its intervals, in the order in which MySQL prints them. The intervals belong
// to the set.
func (s *Set) Intervals(yield func(TSID, []Interval) bool) {
	for _, src := range s.sources {
		if !yield(src.tsid, src.intervals) {
			return
		}
	}
}

// Of is the part of the set with one TSID.
func (s *Set) Of(tsid TSID) *Set {
	part := &Set{}
	if i, found := s.find(tsid); found {
		part.sources = s.sources[i : i+1 : i+1]
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
	_, found = slices.BinarySearchFunc(s.sources[i].intervals, g.Seq, func(iv Interval, seq uint64) int {
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

// Add adds a MySQL GTID. It ignores others and the zero GTID.
func (s *Set) Add(g GTID) {
	if g.Flavor == MySQL && !g.IsZero() && !s.extend(g) {
		s.addIntervals(g.TSID, []Interval{{g.Seq, g.Seq}})
	}
}

// extend adds a GTID that follows the last one of its source, as nearly every transaction of a log does.
func (s *Set) extend(g GTID) bool {
	if s.latest >= len(s.sources) || s.sources[s.latest].tsid != g.TSID {
		i, found := s.find(g.TSID)
		if !found {
			return false
		}
		s.latest = i
	}
	intervals := s.sources[s.latest].intervals
	last := &intervals[len(intervals)-1]
	if last.Last+1 != g.Seq {
		return false
	}
	last.Last = g.Seq
	return true
}

// Union adds every GTID of other.
func (s *Set) Union(other *Set) {
	for _, src := range other.sources {
		s.addIntervals(src.tsid, src.intervals)
	}
}

// Subtract removes every GTID of other.
func (s *Set) Subtract(other *Set) {
	for _, src := range other.sources {
		if i, found := s.find(src.tsid); found {
			s.sources[i].intervals = subtract(s.sources[i].intervals, src.intervals)
		}
	}
	s.sources = slices.DeleteFunc(s.sources, func(src source) bool { return len(src.intervals) == 0 })
}

func (s *Set) find(tsid TSID) (int, bool) {
	return slices.BinarySearchFunc(s.sources, tsid, func(src source, tsid TSID) int { return src.tsid.Compare(tsid) })
}

// addIntervals takes intervals in any order. It copies them.
func (s *Set) addIntervals(tsid TSID, intervals []Interval) {
	if len(intervals) == 0 {
		return
	}
	i, found := s.find(tsid)
	if !found {
		s.sources = slices.Insert(s.sources, i, source{tsid: tsid})
	}
	src := &s.sources[i]
	src.intervals = merge(append(src.intervals, intervals...))
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

// AppendText appends the set as @@gtid_executed shows it: a UUID once, with its untagged intervals and then each tag's,
// and a comma and newline between UUIDs (MySQL source: Gtid_set::to_string).
func (s *Set) AppendText(dst []byte) []byte {
	for i, src := range s.sources {
		switch {
		case i == 0:
			dst = src.tsid.AppendText(dst)
		case src.tsid.UUID == s.sources[i-1].tsid.UUID:
			dst = append(dst, ':')
			dst = src.tsid.Tag.AppendText(dst)
		default:
			dst = append(dst, ",\n"...)
			dst = src.tsid.AppendText(dst)
		}
		for _, iv := range src.intervals {
			dst = append(dst, ':')
			dst = strconv.AppendUint(dst, iv.First, 10)
			if iv.Last > iv.First {
				dst = append(dst, '-')
				dst = strconv.AppendUint(dst, iv.Last, 10)
			}
		}
	}
	return dst
}

func (s *Set) String() string { return string(s.AppendText(nil)) }

// collector gathers the intervals of a set that is being read, so that each source is sorted once at the end.
type collector struct {
	place     map[TSID]int // of the sources; nil while they ascend, as servers write them
	sources   []source
	unordered bool
}

func (c *collector) addInterval(tsid TSID, iv Interval) {
	i := c.indexOf(tsid)
	c.sources[i].intervals = append(c.sources[i].intervals, iv)
}

// indexOf is the place of a source, which is added if it is new.
func (c *collector) indexOf(tsid TSID) int {
	last := len(c.sources) - 1
	switch {
	case last >= 0 && c.sources[last].tsid == tsid:
		return last
	case !c.unordered && (last < 0 || c.sources[last].tsid.Compare(tsid) < 0):
		c.sources = append(c.sources, source{tsid: tsid})
		return last + 1
	case !c.unordered:
		c.unordered, c.place = true, make(map[TSID]int, len(c.sources))
		for i := range c.sources {
			c.place[c.sources[i].tsid] = i
		}
	}
	i, found := c.place[tsid]
	if !found {
		i = len(c.sources)
		c.place[tsid] = i
		c.sources = append(c.sources, source{tsid: tsid})
	}
	return i
}

func (c *collector) set() *Set {
	for i := range c.sources {
		c.sources[i].intervals = merge(c.sources[i].intervals)
	}
	if c.unordered {
		slices.SortFunc(c.sources, func(a, b source) int { return a.tsid.Compare(b.tsid) })
	}
	return &Set{sources: c.sources}
}
