package walk

import (
	"cmp"
	"slices"

	"binmend/decoder"
	"binmend/decoder/gtid"
)

// lastNumber is the number of the last transaction of a domain and server: an entry of a Gtid_list event, in the bytes that it has there.
// A list of a million is no server's, but may be an attacker's.
type lastNumber struct {
	domain, server uint32
	seq            uint64
}

func lastOf(g gtid.GTID) lastNumber { return lastNumber{g.Domain, g.Server, g.Seq} }

func (n lastNumber) gtid() gtid.GTID {
	return gtid.GTID{Flavor: gtid.MariaDB, Domain: n.domain, Server: n.server, Seq: n.seq}
}

// compareServers orders by domain and server.
func compareServers(a, b lastNumber) int {
	return cmp.Or(cmp.Compare(a.domain, b.domain), cmp.Compare(a.server, b.server))
}

// readList reads a Gtid_list event in the order of compareServers.
func readList(e *decoder.Event) ([]lastNumber, error) {
	n := 0
	if err := e.EachOfGtidList(func(gtid.GTID) { n++ }); err != nil || n == 0 {
		return nil, err
	}
	list := make([]lastNumber, 0, n)
	err := e.EachOfGtidList(func(g gtid.GTID) { list = append(list, lastOf(g)) })
	slices.SortFunc(list, compareServers)
	return list, err
}

// further calls yield for each domain and server of a later list, with its number and that in an earlier one, 0 for none.
func further(earlier, later []lastNumber, yield func(n lastNumber, before uint64)) {
	i := 0
	for _, n := range later {
		for i < len(earlier) && compareServers(earlier[i], n) < 0 {
			i++
		}
		before := uint64(0)
		if i < len(earlier) && compareServers(earlier[i], n) == 0 {
			before = earlier[i].seq
		}
		yield(n, before)
	}
}

// goesBack reports whether the last transaction of a domain and server has a lower number in a later list.
func goesBack(before, after []lastNumber) bool {
	back := false
	further(before, after, func(n lastNumber, before uint64) { back = back || n.seq < before })
	return back
}

// compareLists compares two lists by the first domain that is further in one of them. Numbers ascend within a domain, whichever server
// writes.
func compareLists(a, b []lastNumber) int {
	all := cmp.Compare(len(a), len(b))
	for len(a) > 0 && len(b) > 0 {
		switch inA, inB := ofDomain(a), ofDomain(b); {
		case a[0].domain < b[0].domain:
			a = a[len(inA):]
		case a[0].domain > b[0].domain:
			b = b[len(inB):]
		default:
			if c := cmp.Compare(highest(inA), highest(inB)); c != 0 {
				return c
			}
			a, b = a[len(inA):], b[len(inB):]
		}
	}
	return all
}

// ofDomain is the beginning of a list that is of one domain.
func ofDomain(list []lastNumber) []lastNumber {
	if end := slices.IndexFunc(list, func(n lastNumber) bool { return n.domain != list[0].domain }); end >= 0 {
		return list[:end]
	}
	return list
}

func highest(list []lastNumber) uint64 {
	return slices.MaxFunc(list, func(a, b lastNumber) int { return cmp.Compare(a.seq, b.seq) }).seq
}

// missingOf is the first transaction that a later list says came before it and that is neither in an earlier one nor, as each yields,
// between the two.
func missingOf(earlier, later []lastNumber, each func(yield func(gtid.GTID)) error) (gtid.GTID, bool, error) {
	var left []lastNumber
	further(earlier, later, func(n lastNumber, before uint64) {
		if n.seq > before {
			left = append(left, n)
		}
	})
	err := each(func(g gtid.GTID) {
		if i, ok := slices.BinarySearchFunc(left, lastOf(g), compareServers); ok && g.Flavor == gtid.MariaDB && g.Seq >= left[i].seq {
			left[i].seq = 0
		}
	})
	for _, n := range left {
		if n.seq > 0 {
			return n.gtid(), true, err
		}
	}
	return gtid.GTID{}, false, err
}
