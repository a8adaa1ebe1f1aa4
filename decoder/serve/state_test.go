package serve

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"binmend/decoder/gtid"
)

// TestBinlogState compares the state with the list that MariaDB describes it as: the last GTID of each domain and server, within a domain
// in the order in which they came.
func TestBinlogState(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var state binlogState
		var list gtid.List
		for range rapid.IntRange(0, 20).Draw(rt, "transactions") {
			g := gtid.GTID{Flavor: gtid.MariaDB, Domain: rapid.Uint32Range(0, 2).Draw(rt, "domain"), Server: rapid.Uint32Range(1, 3).Draw(rt, "server"),
				Seq: rapid.Uint64Range(1, 9).Draw(rt, "seq")}
			state.update(g)
			list = append(slices.DeleteFunc(list, func(old gtid.GTID) bool { return old.Domain == g.Domain && old.Server == g.Server }), g)
		}
		var sorted, position gtid.List
		for domain := range uint32(3) {
			n := len(sorted)
			for _, g := range list {
				if g.Domain == domain {
					sorted = append(sorted, g)
				}
			}
			last, ok := state.lastOf(domain)
			if ok != (len(sorted) > n) || ok && last != sorted[len(sorted)-1] {
				rt.Fatalf("of %s the last of domain %d is said to be %s, %v", list, domain, last, ok)
			}
			if ok {
				position = append(position, last)
			}
		}
		if got := state.clone(); got.sorted().String() != sorted.String() || got.position().String() != position.String() {
			rt.Fatalf("of %s: %s and %s, expected %s and %s", list, got.sorted(), got.position(), sorted, position)
		}
	})
}

// TestManyDomains: a log may name 300,000 domains, which no server has; looking for each in a list would take minutes.
func TestManyDomains(t *testing.T) {
	const domains = 300_000
	var state binlogState
	for domain := range uint32(domains) {
		state.update(gtid.GTID{Flavor: gtid.MariaDB, Domain: domain, Server: 1, Seq: 1})
	}
	if last, ok := state.lastOf(domains - 1); !ok || last.Seq != 1 {
		t.Errorf("the last domain has %s, %v", last, ok)
	}
}
