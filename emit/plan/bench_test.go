package plan_test

import (
	"encoding/binary"
	"testing"

	"binmend/decoder"
	"binmend/emit/plan"
)

// BenchmarkUpdate plans updates of a secondary key of distinct rows.
func BenchmarkUpdate(b *testing.B) {
	tb := table("id email:text name:text?", "PRIMARY id", "email email")
	before, after := image("iiiiiiii before@example name"), image("iiiiiiii after@@example name")
	p := plan.NewPlanner()
	b.ReportAllocs()
	for n := range uint64(b.N) {
		for _, r := range []decoder.Image{before, after} {
			binary.BigEndian.PutUint64(r[0].Raw(), n)
			binary.BigEndian.PutUint64(r[1].Raw(), n)
		}
		before[1].Raw()[8], after[1].Raw()[8] = 'b', 'a'
		if err := p.Update(tb, before, after, plan.Origin{}); err != nil {
			b.Fatal(err)
		}
	}
}
