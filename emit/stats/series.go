package stats

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"
)

// maxBuckets bounds the buckets in memory. When there are more with something in them, they get wider.
const maxBuckets = 1 << 15

// widths are the widths of buckets in seconds that a series goes through as it grows; each divides the next.
var widths = []int64{1, 5, 10, 30, 60, 300, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600, 7 * 24 * 3600, 28 * 24 * 3600}

// series holds buckets by time. Only those with something in them take memory, so that times far apart cost nothing.
type series struct {
	width   int64
	buckets map[int64]*Bucket // by time divided by width
	last    *Bucket
	lastKey int64
}

func newSeries(width int64) *series {
	return &series{width: width, buckets: map[int64]*Bucket{}, lastKey: math.MinInt64}
}

// at is the bucket of a time in seconds since 1970.
func (s *series) at(seconds int64) *Bucket {
	key := floorDiv(seconds, s.width)
	if key == s.lastKey {
		return s.last
	}
	b := s.buckets[key]
	if b == nil {
		if len(s.buckets) >= maxBuckets {
			s.widen(nextWidth(s.width))
			return s.at(seconds)
		}
		b = &Bucket{Begin: utc(key * s.width)}
		s.buckets[key] = b
	}
	s.last, s.lastKey = b, key
	return b
}

// nextWidth is the next of the round widths, or twice the width if it is not among them.
func nextWidth(width int64) int64 {
	if i, found := slices.BinarySearch(widths, width); found && i+1 < len(widths) {
		return widths[i+1]
	}
	return 2 * width
}

// widen makes buckets of a width that is a multiple of the present one.
func (s *series) widen(width int64) {
	old := s.buckets
	*s = *newSeries(width)
	for _, key := range slices.Sorted(maps.Keys(old)) {
		s.at(old[key].Begin.Unix()).merge(old[key])
	}
}

func (b *Bucket) merge(o *Bucket) {
	b.Transactions += o.Transactions
	b.Rows.addRows(o.Rows)
	b.Bytes += o.Bytes
	b.DDL += o.DDL
	b.Largest = max(b.Largest, o.Largest)
	b.MaxDelay = max(b.MaxDelay, o.MaxDelay)
	b.addSpan(o.Span)
	for _, w := range o.written {
		b.addTable(w)
	}
}

// sorted gives the buckets in order of time.
func (s *series) sorted() []Bucket {
	all := make([]Bucket, 0, len(s.buckets))
	for _, b := range s.buckets {
		all = append(all, *b)
	}
	slices.SortFunc(all, func(a, b Bucket) int { return a.Begin.Compare(b.Begin) })
	return all
}

// mostBuckets is how many buckets a report has at most when nobody says how wide they are.
const mostBuckets = 60

// reportWidths are the widths that a report chooses from.
var reportWidths = []int64{
	1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 2 * 3600, 3 * 3600, 6 * 3600, 12 * 3600,
	24 * 3600, 7 * 24 * 3600, 28 * 24 * 3600,
}

// chooseWidth is the least width that shows the bulk of the transactions in at most mostBuckets buckets. One in a hundred
// at either end does not count: a session may set its clock, and one row from 1970 would make all else one bucket.
func (s *series) chooseWidth() int64 {
	all := s.sorted()
	if len(all) == 0 {
		return s.width
	}
	first, last := bulk(all)
	span := last.Sub(first)/time.Second + time.Duration(s.width)
	for _, width := range reportWidths {
		if width >= s.width && width%s.width == 0 && int64(span) <= width*mostBuckets {
			return width
		}
	}
	return max(s.width, cmp.Or(28*24*3600/s.width*s.width, s.width))
}

// bulk is the time from the first to the last bucket without the outermost hundredth of the transactions at either end.
func bulk(all []Bucket) (first, last time.Time) {
	var total uint64
	for i := range all {
		total += all[i].Transactions
	}
	first, last = all[0].Begin, all[len(all)-1].Begin
	for i, seen := 0, uint64(0); i < len(all); i++ {
		if seen += all[i].Transactions; seen > total/100 {
			first = all[i].Begin
			break
		}
	}
	for i, seen := len(all)-1, uint64(0); i >= 0; i-- {
		if seen += all[i].Transactions; seen > total/100 {
			last = all[i].Begin
			break
		}
	}
	return first, last
}

// Bulk is the first and the last of the buckets that a plot has to show. That is all of them, unless a few transactions at
// the ends would take most of the room: one in a hundred may be left out for that.
func (r *Report) Bulk() (first, last int) {
	last = len(r.Buckets) - 1
	if last < 0 {
		return 0, -1
	}
	from, to := bulk(r.Buckets)
	all := r.Buckets[last].Begin.Sub(r.Buckets[0].Begin)
	if interval := time.Duration(r.IntervalSeconds) * time.Second; all <= 3*(to.Sub(from)+interval) {
		return 0, last
	}
	for r.Buckets[first].Begin.Before(from) {
		first++
	}
	for r.Buckets[last].Begin.After(to) {
		last--
	}
	return first, last
}

// Coarser is the report with at most so many buckets, at least two: neighbours are joined. A joined bucket knows of its tables what its
// parts name. Two are the fewest, as no bucket has times on both sides of 1970.
func (r *Report) Coarser(most int) *Report {
	c := *r
	for width := r.IntervalSeconds; len(c.Buckets) > most; c.IntervalSeconds = width {
		width = r.widthAfter(width)
		c.Buckets = r.bucketsOf(width)
	}
	return &c
}

// widthAfter is the next wider multiple of the report's interval: a round one, or twice as wide where none is near.
func (r *Report) widthAfter(width int64) int64 {
	for _, w := range reportWidths {
		if w > width && w <= 5*width && w%r.IntervalSeconds == 0 {
			return w
		}
	}
	return 2 * width
}

// bucketsOf are the report's buckets with a width that is a multiple of their own.
func (r *Report) bucketsOf(width int64) []Bucket {
	s := newSeries(width)
	known := map[BucketTable]*table{}
	for _, b := range r.Buckets {
		for _, t := range b.Tables {
			name := BucketTable{Database: t.Database, Table: t.Table}
			if known[name] == nil {
				known[name] = &table{tableName: tableName{t.Database, t.Table}}
			}
			b.written = append(b.written, written{table: known[name], rows: t.Rows})
		}
		s.at(b.Begin.Unix()).merge(&b)
	}
	all := s.sorted()
	for i := range all {
		all[i].nameTables()
	}
	return all
}

// FilesOf are the logs of a part of those that were read, in order.
func (r *Report) FilesOf(s *Span) []string {
	first, last := slices.Index(r.files, s.File), slices.Index(r.files, s.EndFile)
	if first < 0 || last < first {
		return slices.Compact([]string{s.File, s.EndFile})
	}
	return r.files[first : last+1]
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func utc(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }

// peaks finds the second with the most commits. Those of a log do not quite come in order: a few seconds are counted at a
// time.
type peaks struct {
	seconds [64]struct {
		at int64
		n  uint64
	}
	most   uint64
	mostAt int64
}

func (p *peaks) addSecond(second int64) {
	slot := &p.seconds[uint64(second)%uint64(len(p.seconds))]
	if slot.at != second {
		slot.at, slot.n = second, 0
	}
	if slot.n++; slot.n > p.most {
		p.most, p.mostAt = slot.n, second
	}
}
