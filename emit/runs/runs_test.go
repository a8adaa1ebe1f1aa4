package runs_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"binmend/emit/runs"
)

type record struct{ key, value []byte }

// TestSorted: whatever does not fit in memory, the records come sorted, those of one key in the order of their addition, and
// again when they are read again.
func TestSorted(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		dir, err := os.MkdirTemp("", "runs-*")
		if err != nil {
			r.Fatal(err)
		}
		defer os.RemoveAll(dir)
		s := runs.New(rapid.IntRange(0, 4000).Draw(r, "memory"), func() (string, error) { return dir, nil })
		var want []record
		for range rapid.IntRange(1, 3).Draw(r, "parts") {
			for n := range rapid.IntRange(0, 300).Draw(r, "records") {
				one := record{rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(r, "key"), binary.AppendUvarint(nil, uint64(n))}
				one.value = append(one.value, make([]byte, rapid.IntRange(0, 40).Draw(r, "length"))...)
				want = append(want, one)
				if err := s.AddRecord(one.key, one.value); err != nil {
					r.Fatal(err)
				}
			}
			if rapid.Bool().Draw(r, "spill") {
				if err := s.Spill(); err != nil {
					r.Fatal(err)
				}
			}
			slices.SortStableFunc(want, func(a, b record) int { return bytes.Compare(a.key, b.key) })
			var got []record
			err := s.Each(func(key, value []byte) error {
				got = append(got, record{bytes.Clone(key), bytes.Clone(value)})
				return nil
			})
			if err != nil || len(got) != len(want) || s.Len() != uint64(len(want)) {
				r.Fatalf("%d records of %d: %v", len(got), len(want), err)
			}
			for i := range got {
				if !bytes.Equal(got[i].key, want[i].key) || !bytes.Equal(got[i].value, want[i].value) {
					r.Fatalf("record %d is %x %x, want %x %x", i, got[i].key, got[i].value, want[i].key, want[i].value)
				}
			}
		}
		if err := s.Close(); err != nil {
			r.Fatal(err)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			r.Fatalf("%d files are left", len(left))
		}
	})
}

// TestEachEnds: the error of yield ends the reading and is returned.
func TestEachEnds(t *testing.T) {
	dir := t.TempDir()
	s := runs.New(100, func() (string, error) { return dir, nil })
	defer s.Close()
	for range 100 {
		if err := s.AddRecord([]byte("key"), []byte("value")); err != nil {
			t.Fatal(err)
		}
	}
	enough, n := errors.New("enough"), 0
	err := s.Each(func([]byte, []byte) error {
		if n++; n == 42 {
			return enough
		}
		return nil
	})
	if err != enough || n != 42 {
		t.Errorf("%v after %d records", err, n)
	}
}
