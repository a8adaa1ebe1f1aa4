package stats

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestBucketTables: whatever comes in which order, in buckets that are merged, a table with more than half of the rows is named,
// and none with more rows than it has.
func TestBucketTables(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := make([]*table, 30)
		for i := range all {
			all[i] = &table{tableName: tableName{"shop", fmt.Sprint(i)}}
		}
		var b, other Bucket
		rows := map[string]uint64{}
		var total uint64
		for range rapid.IntRange(1, 200).Draw(t, "changes") {
			of := all[rapid.IntRange(0, len(all)-1).Draw(t, "table")]
			n := rapid.Uint64Range(1, 100).Draw(t, "rows")
			if rapid.Bool().Draw(t, "other bucket") {
				other.addTable(written{table: of, rows: n})
			} else {
				b.addTable(written{table: of, rows: n})
			}
			rows[of.table] += n
			total += n
		}
		b.merge(&other)
		b.nameTables()
		named := map[string]bool{}
		for _, x := range b.Tables {
			named[x.Table] = true
			if x.Rows > rows[x.Table] {
				t.Errorf("table %s has %d rows, not %d", x.Table, rows[x.Table], x.Rows)
			}
		}
		for name, n := range rows {
			if n > total/2 && !named[name] {
				t.Errorf("table %s has %d of %d rows and is left out", name, n, total)
			}
		}
	})
}

// TestSpan: a span goes from the first to the last of its transactions, in whatever order they are counted.
func TestSpan(t *testing.T) {
	one := Span{File: "b.1", Start: 100, EndFile: "b.1", End: 200, first: 1, last: 1}
	two := Span{File: "b.1", Start: 200, EndFile: "b.2", End: 50, first: 2, last: 2}
	want := Span{File: "b.1", Start: 100, EndFile: "b.2", End: 50, first: 1, last: 2}
	for _, spans := range [][]Span{{one, two}, {two, one}, {{}, two, {}, one}} {
		var got Span
		for _, s := range spans {
			got.addSpan(s)
		}
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// TestSizes: the classes go from the smallest to the largest transaction, with those that have none between them.
func TestSizes(t *testing.T) {
	var s sizes
	for _, bytes := range []uint64{300, 1023, 1024, 70_000} {
		s.addSize(bytes)
	}
	want := "[{128 512 1 300} {512 2048 2 2047} {2048 8192 0 0} {8192 32768 0 0} {32768 131072 1 70000}]"
	if got := fmt.Sprint(s.list()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
