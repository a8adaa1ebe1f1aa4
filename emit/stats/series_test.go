package stats

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestWiderBuckets: nothing is lost and nothing moves to another time when buckets get wider.
func TestWiderBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newSeries(1)
		times := rapid.SliceOfN(rapid.Int64Range(-5, 100_000), 1, 50).Draw(t, "seconds")
		for _, at := range times {
			s.at(at).Transactions++
		}
		for range rapid.IntRange(0, 4).Draw(t, "steps") {
			s.widen(nextWidth(s.width))
		}
		var n uint64
		for _, b := range s.sorted() {
			begin := b.Begin.Unix()
			if floorDiv(begin, s.width)*s.width != begin {
				t.Fatalf("a bucket of %d s begins at %d", s.width, begin)
			}
			n += b.Transactions
			in := uint64(0)
			for _, at := range times {
				if at >= begin && at < begin+s.width {
					in++
				}
			}
			if in != b.Transactions {
				t.Fatalf("%d transactions from %d on, want %d", b.Transactions, begin, in)
			}
		}
		if n != uint64(len(times)) {
			t.Fatalf("%d transactions, want %d", n, len(times))
		}
	})
}

// TestManyBuckets: the number of buckets is bounded.
func TestManyBuckets(t *testing.T) {
	s := newSeries(1)
	for i := range int64(4 * maxBuckets) {
		s.at(i*100).Transactions++
	}
	var n uint64
	for _, b := range s.buckets {
		n += b.Transactions
	}
	if len(s.buckets) > maxBuckets || n != 4*maxBuckets {
		t.Errorf("%d buckets with %d transactions", len(s.buckets), n)
	}
}

func TestChooseWidth(t *testing.T) {
	const day = 24 * 3600
	for _, c := range []struct {
		name  string
		times []int64 // of a thousand transactions each
		odd   []int64 // of one transaction each
		want  int64
	}{
		{"one second", []int64{7}, nil, 1},
		{"a minute", []int64{0, 59}, nil, 1},
		{"an hour", []int64{0, 3599}, nil, 60},
		{"a day", []int64{0, day - 1}, nil, 1800},
		{"a year", []int64{0, 365 * day}, nil, 7 * day},
		{"one row from 1970 in an hour of 2026", []int64{1795000000, 1795003000}, []int64{1}, 60},
		{"a session from the future", []int64{1795000000, 1795003000}, []int64{1 << 32}, 60},
	} {
		s := newSeries(1)
		for _, at := range c.times {
			s.at(at).Transactions += 1000
		}
		for _, at := range c.odd {
			s.at(at).Transactions++
		}
		if got := s.chooseWidth(); got != c.want {
			t.Errorf("%s: buckets of %d s, want %d s", c.name, got, c.want)
		}
	}
}

// TestCoarser: a report with fewer buckets has the same sums, and each bucket has those of its own time.
func TestCoarser(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.SampledFrom([]int64{1, 7, 60, 3600, 100_000}).Draw(t, "width")
		s := newSeries(width)
		orders := &table{tableName: tableName{"shop", "orders"}}
		for _, at := range rapid.SliceOfN(rapid.Int64Range(-5, 10_000_000), 1, 50).Draw(t, "seconds") {
			b := s.at(at)
			b.Transactions++
			b.Inserts += 2
			b.addTable(written{table: orders, rows: 2})
		}
		fine := &Report{IntervalSeconds: width, Buckets: s.sorted()}
		for i := range fine.Buckets {
			fine.Buckets[i].nameTables()
		}
		most := rapid.IntRange(2, 60).Draw(t, "most")
		coarse := fine.Coarser(most)
		if len(coarse.Buckets) > most || coarse.IntervalSeconds%width != 0 || len(fine.Buckets) <= most && coarse.IntervalSeconds != width {
			t.Fatalf("%d buckets of %d s, from %d of %d s; at most %d are wanted", len(coarse.Buckets), coarse.IntervalSeconds, len(fine.Buckets), width, most)
		}
		want := map[int64]uint64{}
		for _, b := range fine.Buckets {
			want[floorDiv(b.Begin.Unix(), coarse.IntervalSeconds)*coarse.IntervalSeconds] += b.Transactions
		}
		for _, b := range coarse.Buckets {
			n := want[b.Begin.Unix()]
			if b.Transactions != n || b.Inserts != 2*n || len(b.Tables) != 1 || b.Tables[0] != (BucketTable{"shop", "orders", 2 * n}) {
				t.Errorf("a bucket of %d s: %+v, want %d transactions of two rows", coarse.IntervalSeconds, b, n)
			}
		}
	})
}

// TestFilesOf: the logs between two, as they were read.
func TestFilesOf(t *testing.T) {
	r := &Report{files: []string{"a.000008", "a.000009", "a.000010"}}
	for _, c := range []struct{ first, last, want string }{
		{"a.000008", "a.000010", "a.000008 a.000009 a.000010"}, {"a.000009", "a.000009", "a.000009"}, {"b.000001", "b.000003", "b.000001 b.000003"},
	} {
		if got := strings.Join(r.FilesOf(&Span{File: c.first, EndFile: c.last}), " "); got != c.want {
			t.Errorf("from %s to %s: %s, want %s", c.first, c.last, got, c.want)
		}
	}
}

// TestTop: the largest of many, in order, the first of equal ones.
func TestTop(t *testing.T) {
	type item struct{ rank, number uint64 }
	rapid.Check(t, func(t *rapid.T) {
		list := top[item]{most: rapid.IntRange(1, 5).Draw(t, "most"), rank: func(i *item) uint64 { return i.rank }}
		var all []item
		for i, rank := range rapid.SliceOf(rapid.Uint64Range(0, 9)).Draw(t, "ranks") {
			if it := (item{rank, uint64(i)}); list.admits(rank) {
				list.addCandidate(it)
			}
			if rank > 0 {
				all = append(all, item{rank, uint64(i)})
			}
		}
		slices.SortStableFunc(all, func(a, b item) int { return int(b.rank) - int(a.rank) })
		if want := all[:min(len(all), list.most)]; !slices.Equal(list.values, want) {
			t.Fatalf("got %v, want %v", list.values, want)
		}
	})
}

// TestManySessions: those with most to their name stay, and nothing is lost of the others.
func TestManySessions(t *testing.T) {
	ss := newSessions(100)
	const all = 10_000
	for i := range uint32(all) {
		ss.addTransaction(sessionKey{1, i}, &pending{bytes: 10})
		if i > 5000 {
			ss.addTransaction(sessionKey{1, 5000}, &pending{bytes: 1000})
		}
	}
	list, rest := ss.report(10)
	sum := rest.Transactions
	for _, s := range list {
		sum += s.Transactions
	}
	if len(ss.all) > 100 || list[0].ThreadID != 5000 || list[0].Transactions != all-5000 || sum != all+all-5001 || rest.Exact {
		t.Errorf("%d sessions in memory, first %+v, %d transactions in all, others %+v", len(ss.all), list[0], sum, rest)
	}
}
