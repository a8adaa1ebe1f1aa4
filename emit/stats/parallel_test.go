package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"binmend/decoder"
)

// clocks are transactions of MySQL: pairs of last_committed and sequence_number.
func clocks(pairs ...[2]int64) (p parallel) {
	for _, c := range pairs {
		p.addGtid(&decoder.Gtid{LastCommitted: c[0], SequenceNumber: c[1]}, false)
	}
	return p
}

// TestGroups: which transactions can be applied at once.
func TestGroups(t *testing.T) {
	for _, c := range []struct {
		name            string
		pairs           [][2]int64
		groups, largest uint64
	}{
		{"one after the other", [][2]int64{{0, 1}, {1, 2}, {2, 3}}, 3, 1},
		{"all at once", [][2]int64{{0, 1}, {0, 2}, {0, 3}}, 1, 3},
		{"groups by commit order", [][2]int64{{0, 1}, {0, 2}, {2, 3}, {2, 4}, {2, 5}}, 2, 3},
		{"a write set reaches back", [][2]int64{{0, 1}, {1, 2}, {1, 3}, {0, 4}, {3, 5}}, 3, 3},
		{"another log begins anew", [][2]int64{{0, 1}, {0, 2}, {0, 1}, {0, 2}}, 2, 2},
		{"nothing is told", [][2]int64{{0, 0}, {0, 0}}, 0, 0},
	} {
		p := clocks(c.pairs...)
		if r := p.report(); r.Groups != c.groups || r.LargestGroup != c.largest {
			t.Errorf("%s: %d groups of at most %d, want %d and %d", c.name, r.Groups, r.LargestGroup, c.groups, c.largest)
		}
	}
}

// TestMariaGroups: transactions that were committed together have one commit id.
func TestMariaGroups(t *testing.T) {
	var p parallel
	const early = decoder.MariaGtidTransactional | decoder.MariaGtidAllowParallel
	for _, g := range []decoder.Gtid{
		{CommitID: 7, Flags: early}, {CommitID: 7, Flags: early | decoder.MariaGtidWaited}, {CommitID: 9, Flags: early}, {Flags: decoder.MariaGtidDDL},
		{Flags: early},
	} {
		p.addGtid(&g, true)
	}
	r := p.report()
	if r.Source != "commit_id" || r.Groups != 4 || r.LargestGroup != 2 || r.Optimistic != 4 || r.Waited != 1 || r.Domains != 1 {
		t.Errorf("got %+v", r)
	}
}

// TestSpeedup compares the rounds with a replica that is simulated transaction by transaction: each takes one unit of
// time, the coordinator hands them out in order, to a worker that is free, when all up to last_committed have ended.
func TestSpeedup(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p parallel
		n := rapid.IntRange(1, 60).Draw(t, "transactions")
		committed := make([]int64, n+1)
		for seq := int64(1); seq <= int64(n); seq++ {
			committed[seq] = rapid.Int64Range(max(0, seq-10), seq-1).Draw(t, "last_committed")
			p.addGtid(&decoder.Gtid{LastCommitted: committed[seq], SequenceNumber: seq}, false)
		}
		r := p.report()
		for _, s := range r.Speedup {
			if want := float64(n) / float64(simulate(committed, s.Workers)); math.Abs(s.Times-want) > 1e-9 {
				t.Fatalf("%d workers: %v times as fast, want %v; last_committed %v", s.Workers, s.Times, want, committed[1:])
			}
		}
	})
}

// simulate returns the time that a replica takes.
func simulate(committed []int64, workers int) int {
	ends := make([]int, len(committed))
	now := 0
	for seq := 1; seq < len(committed); seq++ {
		for !mayStart(ends[:seq], int(committed[seq]), workers, now) {
			now++
		}
		ends[seq] = now + 1
	}
	return ends[len(ends)-1]
}

func mayStart(ends []int, after, workers, now int) bool {
	busy := 0
	for seq := 1; seq < len(ends); seq++ {
		if ends[seq] > now {
			busy++
			if seq <= after {
				return false
			}
		}
	}
	return busy < workers
}
