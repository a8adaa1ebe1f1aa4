package gtid

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// model is a set as the GTIDs that are in it.
type model map[GTID]bool

func drawn(random *rand.Rand) GTID {
	g := GTID{Seq: 1 + random.Uint64N(30)}
	g.TSID.UUID[15] = byte(random.IntN(40))
	if random.IntN(4) == 0 {
		g.TSID.Tag[0] = 'a' + byte(random.IntN(3))
	}
	return g
}

func drawnSet(random *rand.Rand) (*Set, model) {
	s, m := &Set{}, model{}
	for range random.IntN(300) {
		g := drawn(random)
		s.Add(g)
		m[g] = true
	}
	return s, m
}

func (m model) without(other model) model {
	left := model{}
	for g := range m {
		if !other[g] {
			left[g] = true
		}
	}
	return left
}

func (m model) text() string {
	s := &Set{}
	var all []GTID
	for g := range m {
		all = append(all, g)
	}
	slices.SortFunc(all, func(a, b GTID) int {
		if c := a.TSID.Compare(b.TSID); c != 0 {
			return c
		}
		return int(a.Seq) - int(b.Seq)
	})
	for _, g := range all {
		s.Add(g)
	}
	return s.String()
}

// TestSetsAsModels: what sets of many sources become is what happens to the GTIDs that are in them.
func TestSetsAsModels(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 300 {
		a, inA := drawnSet(random)
		b, inB := drawnSet(random)
		both := model{}
		for _, m := range []model{inA, inB} {
			for g := range m {
				both[g] = true
			}
		}
		want := func(what, got string, m model) {
			t.Helper()
			if got != m.text() {
				t.Fatalf("%d: %s\n got %s\nwant %s", n, what, got, m.text())
			}
		}
		want("a", a.String(), inA)
		want("a minus b", a.Minus(b).String(), inA.without(inB))
		if holds := len(inB.without(inA)) == 0; a.Holds(b) != holds {
			t.Fatalf("%d: %s holds %s: %v", n, a, b, !holds)
		}
		lacking := &Set{}
		for tsid, intervals := range b.Intervals {
			for _, iv := range intervals {
				for _, gap := range a.Lacks(tsid, iv) {
					lacking.AddInterval(tsid, gap)
				}
			}
		}
		want("what a lacks of b", lacking.String(), inB.without(inA))
		read, err := DecodeSet(a.AppendBinary(nil))
		if err != nil {
			t.Fatal(err)
		}
		want("a, read", read.String(), inA)
		a.Union(b)
		want("a and b", a.String(), both)
		if !a.Holds(b) || !a.Holds(read) {
			t.Fatalf("%d: %s does not hold all of it", n, a)
		}
		a.Subtract(b)
		want("a and b minus b", a.String(), inA.without(inB))
	}
}

// TestManyUUIDs: a set takes little more than its bytes in a log, in any order of the sources.
func TestManyUUIDs(t *testing.T) {
	const sources = 100_000
	for name, number := range map[string]func(n uint64) uint64{"ascending": func(n uint64) uint64 { return n }, "descending": func(n uint64) uint64 { return sources - n }} {
		body := binary.LittleEndian.AppendUint64(nil, sources)
		for n := range uint64(sources) {
			body = binary.BigEndian.AppendUint64(append(body, make([]byte, 8)...), number(n))
			for _, v := range []uint64{1, 1, 2} {
				body = binary.LittleEndian.AppendUint64(body, v)
			}
		}
		s, err := DecodeSet(body)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(s.AppendBinary(nil)); name == "ascending" && got != string(body) {
			t.Error("the set is not what was read")
		}
		if size := 32*cap(s.sources) + 16*cap(s.intervals); len(s.sources) != sources || name == "ascending" && size > len(body)*5/4 {
			t.Errorf("%s: %d sources in %d bytes, in the log %d", name, len(s.sources), size, len(body))
		}
		other, err := DecodeSet(body)
		if err != nil {
			t.Fatal(err)
		}
		if s.Union(other); len(s.sources) != sources {
			t.Errorf("%s: %d sources in the union", name, len(s.sources))
		}
		if brief := s.Brief(); len(brief) > 2200 || !strings.HasSuffix(brief, fmt.Sprintf(" and those of %d more UUIDs and tags", sources-strings.Count(brief, "\n")-1)) {
			t.Errorf("%s: brief is %s", name, brief)
		}
	}
}
