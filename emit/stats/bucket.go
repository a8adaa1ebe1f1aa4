package stats

import (
	"cmp"
	"math/bits"
	"slices"

	"binmend/decoder/txn"
)

// written is how many rows of a table were changed. Up to over of them may be another table's that had its place before.
type written struct {
	*table
	rows, over uint64
}

// mostWritten bounds the tables that a bucket tells apart.
const mostWritten = 8

// addTable counts rows of a table. The table with least rows gives way to one that is new and hands its number on: so a table with a
// large part of the rows is there in the end, however many there are (Metwally, Agrawal, El Abbadi: Space-Saving).
func (b *Bucket) addTable(w written) {
	if i := slices.IndexFunc(b.written, func(have written) bool { return have.table == w.table }); i >= 0 {
		b.written[i].rows += w.rows
		b.written[i].over += w.over
		return
	}
	if len(b.written) < mostWritten {
		b.written = append(b.written, w)
		return
	}
	least := &b.written[0]
	for i := range b.written {
		if b.written[i].rows < least.rows {
			least = &b.written[i]
		}
	}
	*least = written{w.table, least.rows + w.rows, least.rows + w.over}
}

// addPlace says where a transaction stands, which is the n-th of all.
func (b *Bucket) addPlace(n uint64, t *txn.Transaction) {
	b.addSpan(Span{File: t.Start.File, Start: t.Start.Offset, EndFile: t.End.File, End: t.End.Offset, first: n, last: n})
}

func (s *Span) addSpan(o Span) {
	if s.first == 0 || o.first != 0 && o.first < s.first {
		s.first, s.File, s.Start = o.first, o.File, o.Start
	}
	if o.last > s.last {
		s.last, s.EndFile, s.End = o.last, o.EndFile, o.End
	}
}

// mostNamed is how many tables of a bucket a report names.
const mostNamed = 5

// nameTables fills in the tables with most rows.
func (b *Bucket) nameTables() {
	list := slices.Clone(b.written)
	slices.SortFunc(list, func(x, y written) int {
		return cmp.Or(cmp.Compare(y.rows-y.over, x.rows-x.over), cmp.Compare(x.database, y.database), cmp.Compare(x.table.table, y.table.table))
	})
	b.Tables, b.written = []BucketTable{}, nil
	for _, w := range list[:min(len(list), mostNamed)] {
		if w.rows > w.over && w.table.table != "" {
			b.Tables = append(b.Tables, BucketTable{w.database, w.table.table, w.rows - w.over})
		}
	}
}

// sizes counts transactions by the bits of their length.
type sizes [65]SizeCount

func (s *sizes) addSize(bytes uint64) {
	n := &s[bits.Len64(bytes)]
	n.Transactions++
	n.Bytes += bytes
}

// list has a class for each factor of four, from the smallest to the largest transaction.
func (s *sizes) list() []SizeCount {
	list := []SizeCount{}
	for i := 0; i < len(s); i += 2 {
		n := SizeCount{From: 1 << max(i-1, 0), Below: 1 << (i + 1)}
		for j := i; j < min(i+2, len(s)); j++ {
			n.Transactions += s[j].Transactions
			n.Bytes += s[j].Bytes
		}
		if n.Transactions > 0 || len(list) > 0 {
			list = append(list, n)
		}
	}
	for len(list) > 0 && list[len(list)-1].Transactions == 0 {
		list = list[:len(list)-1]
	}
	return list
}
