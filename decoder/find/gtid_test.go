package find

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
)

// fixtureLogs are the relay logs of one case of every server line.
func fixtureLogs(t *testing.T) (all []walk.Logs) {
	t.Helper()
	for _, line := range []string{"mysql-5.6", "mysql-9.7", "mariadb-10.11", "mariadb-11.8"} {
		names, err := filepath.Glob(filepath.Join("..", "..", "fixtures", line, "mixed", "relay.0*"))
		if err != nil || len(names) == 0 {
			t.Fatalf("no relay logs of %s: %v", line, err)
		}
		all = append(all, walk.Logs{Names: names})
	}
	return all
}

// transactions reads the logs whole.
func transactions(t *testing.T, logs walk.Logs) (all []txn.Transaction) {
	t.Helper()
	_, err := firstFrom(logs, decoder.Position{}, func(x txn.Transaction) bool {
		all = append(all, x)
		return false
	})
	if !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	return all
}

// TestJumpToGTID: skipping the events before it leads to the same transaction as reading them.
func TestJumpToGTID(t *testing.T) {
	for _, logs := range fixtureLogs(t) {
		for _, want := range transactions(t, logs) {
			if want.GTID.IsZero() {
				continue
			}
			got, err := jumpToGTID(logs, want.GTID, reach{last: len(logs.Names) - 1})
			want.Number = got.Number // counts what was read
			if err != nil || got != want {
				t.Errorf("%s:\n got  %+v, %v\n want %+v", want.GTID, got, err, want)
			}
		}
	}
}

// TestByGTIDInDamagedLog: what stands before the transaction need not be sound; it itself must be, and so must all of a log
// that is said not to hold it.
func TestByGTIDInDamagedLog(t *testing.T) {
	sound := fixtureLogs(t)[1]
	all := transactions(t, sound)
	wanted := all[len(all)-1]
	log, err := os.ReadFile(wanted.Start.File)
	if err != nil {
		t.Fatal(err)
	}
	absent := wanted.GTID
	absent.Seq = 9999
	for _, tc := range []struct {
		name   string
		offset int64 // of the byte that is not as it was
		id     gtid.GTID
		want   error
	}{
		{"the transaction before it", wanted.Start.Offset - 5, wanted.GTID, nil},
		{"its GTID event", wanted.Start.Offset + 30, wanted.GTID, decoder.ErrChecksum},
		{"its last event", wanted.End.Offset - 5, wanted.GTID, decoder.ErrChecksum},
		{"a log without it", wanted.Start.Offset - 5, absent, decoder.ErrChecksum},
	} {
		t.Run(tc.name, func(t *testing.T) {
			damaged := append([]byte(nil), log...)
			damaged[tc.offset] ^= 1
			name := filepath.Join(t.TempDir(), "relay.000002")
			if err := os.WriteFile(name, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := ByGTID(walk.Logs{Names: []string{name}}, tc.id, decoder.Position{})
			if !errors.Is(err, tc.want) {
				t.Fatalf("error %v, want %v", err, tc.want)
			}
			if err == nil && got.Start.Offset != wanted.Start.Offset {
				t.Errorf("found at %s, want offset %d", got.Start, wanted.Start.Offset)
			}
		})
	}
}

// TestGTIDsOfCorpus: in every log of the corpus each transaction is found by its GTID as reading the whole log finds it, the
// first of those that have it.
func TestGTIDsOfCorpus(t *testing.T) {
	var names []string
	for _, pattern := range []string{"mysql-*/*", "mariadb-*/*", "mysql-*/*/*", "mariadb-*/*/*"} {
		matches, err := filepath.Glob(filepath.Join(corpus(t), pattern))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, matches...)
	}
	searched := 0
	for _, name := range names {
		logs := walk.Logs{Names: []string{name}}
		want := map[gtid.GTID]txn.Transaction{}
		_, err := firstFrom(logs, decoder.Position{}, func(x txn.Transaction) bool {
			if _, known := want[x.GTID]; !known && !x.GTID.IsZero() {
				want[x.GTID] = x
			}
			return len(want) == 20
		})
		if err != nil && !errors.Is(err, ErrNotFound) {
			continue // no log, or one that can't be read whole
		}
		for id, want := range want {
			got, err := ByGTID(logs, id, decoder.Position{})
			got.Number = want.Number
			if err != nil || got != want {
				t.Errorf("%s:\n got  %+v, %v\n want %+v", id, got, err, want)
			}
			searched++
		}
	}
	if searched < 500 {
		t.Errorf("only %d transactions with GTIDs in the corpus", searched)
	}
}

// TestJumpDoesNotAllocate: ten times the transactions before the one that is wanted cost no memory.
func TestJumpDoesNotAllocate(t *testing.T) {
	id := gtidOf(t, "f996d7c5-e567-11f1-b694-02fc00000001:1")
	allocations := func(n uint64) float64 {
		m := newMadeLog(t, "mysql-9.7", madeBegin)
		for id.Seq = 1; id.Seq <= n; id.Seq++ {
			m.statement(id, "CREATE DATABASE x")
		}
		id.Seq = n
		name := filepath.Join(t.TempDir(), "binlog.000001")
		if err := os.WriteFile(name, m.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return testing.AllocsPerRun(2, func() {
			if _, err := ByGTID((walk.Logs{Names: []string{name}}), id, decoder.Position{}); err != nil {
				t.Fatal(err)
			}
		})
	}
	if few, many := allocations(1000), allocations(10_000); many > few+20 {
		t.Errorf("%v allocations for 1,000 transactions, %v for 10,000", few, many)
	}
}
