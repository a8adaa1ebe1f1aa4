package find

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/gtid"
)

// maxOpened is how many of a hundred logs a search may open.
const maxOpened = 8

func madeGTIDs(t *testing.T) map[string]gtid.GTID {
	return map[string]gtid.GTID{
		"mysql-9.7":     gtidOf(t, "f996d7c5-e567-11f1-b694-02fc00000001:1"),
		"mariadb-10.11": gtidOf(t, "3-7-1"),
	}
}

func TestGTIDInHundredLogs(t *testing.T) {
	for line, id := range madeGTIDs(t) {
		logs, opened := hundredLogs(t, line, id)
		for id.Seq = madeGone + 1; id.Seq <= madeGone+madeLogs*perLog; id.Seq++ {
			clear(opened)
			got, err := logs.ByGTID(id, decoder.Position{})
			want := logs.Names[(id.Seq-madeGone-1)/perLog]
			if err != nil || got.GTID != id || got.Start.File != want {
				t.Fatalf("%s %s: got %s at %s, %v; want it in %s", line, id, got.GTID, got.Start, err, want)
			}
			if len(opened) > maxOpened {
				t.Fatalf("%s %s: %d logs opened, want at most %d", line, id, len(opened), maxOpened)
			}
		}
	}
}

// TestGTIDNotInHundredLogs: the answer says why it can't be there, and costs no more.
func TestGTIDNotInHundredLogs(t *testing.T) {
	for line, id := range madeGTIDs(t) {
		logs, opened := hundredLogs(t, line, id)
		for seq, want := range map[uint64]string{
			madeGone:                       "it was logged before binlog.000001, the first of them",
			madeGone + madeLogs*perLog + 1: "; binlog.000100, where it would be, holds 5, from ",
		} {
			clear(opened)
			id.Seq = seq
			_, err := logs.ByGTID(id, decoder.Position{})
			if !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want …%s…", id, err, want)
			}
			if len(opened) > maxOpened+1 {
				t.Errorf("%s %s: %d logs opened", line, id, len(opened))
			}
		}
	}
}

func TestSeries(t *testing.T) {
	for _, tc := range []struct{ names, want string }{
		{"a.000001 a.000002", "a.000001 a.000002"},
		{"a.000001 a.000003 b.000002", "a.000001 a.000003 | b.000002"},
		{"x/a.000001 y/a.000002", "x/a.000001 | y/a.000002"},
		{"a.000002 a.000001", "a.000002 | a.000001"},
		{"a.000009.gz a.000010", "a.000009.gz a.000010"},
		{"first second a.000001", "first second | a.000001"},
	} {
		var got []string
		for _, s := range (Logs{Names: strings.Fields(tc.names)}).Series() {
			got = append(got, strings.Join(s.Names, " "))
		}
		if want := strings.Split(tc.want, " | "); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", tc.names, got, want)
		}
	}
}
