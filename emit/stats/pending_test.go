package stats

import (
	"testing"

	"binmend/decoder"
)

// TestTimes: when a transaction was committed, how long it took and how late it came, by what the log tells.
func TestTimes(t *testing.T) {
	const second = microsecond
	for _, c := range []struct {
		name                  string
		first, last, announce int64
		original, immediate   int64 // microseconds
		commit, seconds       int64
		delay                 float64
	}{
		{"only headers", 100, 103, 0, 0, 0, 103, 3, 0},
		{"one statement that took five minutes", 100, 100, 100, 400*second + 5, 400*second + 5, 400, 300, 0},
		{"several statements", 100, 140, 150, 151 * second, 151 * second, 151, 51, 0},
		{"in the log of a replica", 100, 100, 100, 101 * second, 131*second + second/2, 101, 1, 30.5},
		{"a session that set TIMESTAMP", 100, 102, 102, 9_000_000 * second, 9_000_000 * second, 9_000_000, 2, 0},
		{"a clock that went back", 100, 100, 100, 90 * second, 80 * second, 90, 0, 0},
		{"no time at all", 0, 0, 0, 0, 0, 0, 0, 0},
	} {
		p := pending{first: c.first, last: c.last, announce: c.announce, gtid: decoder.Gtid{OriginalCommit: c.original, ImmediateCommit: c.immediate}}
		if p.commit() != c.commit || p.seconds() != c.seconds || p.delay() != c.delay {
			t.Errorf("%s: committed at %d, took %d s, delayed %v s; want %d, %d, %v", c.name, p.commit(), p.seconds(), p.delay(), c.commit, c.seconds, c.delay)
		}
	}
}

// TestManyTables: tables after the bound are summed up, and said to be.
func TestManyTables(t *testing.T) {
	ts := newTables(&keys{New(Options{}).options.Definitions})
	for i := range maxTables {
		ts.byName[tableName{"d", string(rune(i))}] = &table{}
	}
	for range 3 {
		ts.of(&decoder.TableMap{Database: "d", Table: "one too many"}).count(Rows{Updates: 2}, 10)
	}
	_, rest := ts.report(10)
	if rest.Count != 3 || rest.Rows != 6 || rest.Bytes != 30 || rest.Exact {
		t.Errorf("others: %+v", rest)
	}
}

// TestPeaks: the second with the most commits, also where seconds come mixed.
func TestPeaks(t *testing.T) {
	var p peaks
	for _, at := range []int64{10, 11, 10, 11, 10, 12, 74, 10, 10 + 64*5} {
		p.addSecond(at)
	}
	if p.most != 3 || p.mostAt != 10 {
		t.Errorf("%d at %d, want 3 at 10", p.most, p.mostAt)
	}
}
