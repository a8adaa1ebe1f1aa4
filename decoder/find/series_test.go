package find

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/decoder/walk"
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
			got, err := ByGTID(logs, id, decoder.Position{})
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
			_, err := ByGTID(logs, id, decoder.Position{})
			if !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want …%s…", id, err, want)
			}
			if len(opened) > maxOpened+1 {
				t.Errorf("%s %s: %d logs opened", line, id, len(opened))
			}
		}
	}
}

func TestTimeInHundredLogs(t *testing.T) {
	for line, id := range madeGTIDs(t) {
		logs, opened := hundredLogs(t, line, id)
		for n := uint64(1); n <= madeLogs*perLog; n++ {
			for _, before := range []uint32{0, 1, madeStep - 1} {
				clear(opened)
				id.Seq = madeGone + n
				got, err := ByTime(logs, madeBegin+uint32(n)*madeStep-before)
				if err != nil || got.GTID != id {
					t.Fatalf("%s, %d seconds before %s: found %s, %v", line, before, id, got.GTID, err)
				}
				if len(opened) > maxOpened {
					t.Fatalf("%s %s: %d logs opened, want at most %d", line, id, len(opened), maxOpened)
				}
			}
		}
		_, err := ByTime(logs, madeBegin+madeLogs*perLog*madeStep+1)
		if !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "; the last is of 2023-11-15 06:33:20") {
			t.Errorf("after the last: %v", err)
		}
	}
}

// TestTimesOutOfOrder: a log may hold a transaction from after the time at which the next log was begun.
func TestTimesOutOfOrder(t *testing.T) {
	id := gtid.GTID{Flavor: gtid.MariaDB, Domain: 3, Server: madeServer}
	dir := t.TempDir()
	var logs walk.Logs
	for n := range uint32(50) {
		begun := madeBegin + n*100
		m := newMadeLog(t, "mariadb-11.8", begun)
		for _, after := range []uint32{50, 10, 120} {
			m.time = begun + after
			id.Seq++
			m.statement(id, "CREATE DATABASE x")
		}
		name := filepath.Join(dir, fmt.Sprintf("binlog.%06d", n+1))
		if err := os.WriteFile(name, m.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		logs.Names = append(logs.Names, name)
	}
	for n := uint64(1); n < 49; n++ {
		for after, want := range map[uint32]uint64{0: 3 * n, 20: 3 * n, 21: 3*n + 1, 50: 3*n + 1, 51: 3*n + 3} {
			got, err := ByTime(logs, madeBegin+uint32(n)*100+after)
			if err != nil || got.GTID.Seq != want {
				t.Errorf("%d seconds after log %d was begun: found %s, %v; want the %dth", after, n+1, got.GTID, err, want)
			}
		}
	}
}

// TestOrigin: the binary logs of a replica tell that they are, and the source's that they are not.
func TestOrigin(t *testing.T) {
	dir := filepath.Join(corpus(t), "replica-own-binlogs")
	for name, want := range map[string]Origin{
		"my56-gtid-on-replica-bin.000001": {Server: 2, Own: 17, Replicated: 186},
		"my97-gtid-on-replica-bin.000001": {Server: 2, Own: 20, Replicated: 198},
	} {
		got, err := OriginOf(walk.Logs{}, filepath.Join(dir, name))
		if err != nil || got != want || !got.IsReplicas() {
			t.Errorf("%s: got %+v, %v; want %+v", name, got, err, want)
		}
	}
	relay := relayLogs(t, "my97-gtidon-mts-mixed-multi")
	if got, err := OriginOf(relay, relay.Names[0]); err != nil || got != (Origin{}) {
		t.Errorf("relay logs: %+v, %v", got, err)
	}
	sources, err := filepath.Glob(filepath.Join(corpus(t), "broken-replicas", "*", "source-bin.*"))
	if err != nil || len(sources) == 0 {
		t.Fatal("no source's logs", err)
	}
	for _, name := range sources {
		if got, err := OriginOf((walk.Logs{}), name); err != nil || got.IsReplicas() {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestText(t *testing.T) {
	logs := relayLogs(t, "m118-gtidon-mts-ddl-between")
	w, err := logs.From(decoder.Position{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	text, got := NewText("alter table T_PK add"), []string(nil)
	for {
		e, _, err := w.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		statement, err := text.In(e)
		if err != nil {
			t.Fatal(err)
		}
		if statement != nil {
			got = append(got, string(statement))
		}
	}
	want := []string{"ALTER TABLE t_pk ADD COLUMN x int DEFAULT 5 AFTER v", "ALTER TABLE t_pk ADD COLUMN y varchar(5)"}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}
