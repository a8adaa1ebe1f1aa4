package txn_test

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/decoder/txn"
	"binmend/fixtures/damage"
)

// MariaDB 10.1 and 10.2 write relay logs whose first event does not say that they are relay logs. The second one shows it: a binary log has no
// Rotate event and no second format description there.
func TestRelayLogsWithoutFlag(t *testing.T) {
	const log = "../../fixtures/mariadb-10.11/mixed/relay.000002"
	flagged, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	want := transactions(t, flagged)
	if len(want) == 0 || want[0].SourceFile != "bin.000001" {
		t.Fatalf("%s has the transactions %+v, want some of bin.000001", log, want)
	}

	plain := bytes.Clone(flagged)
	plain[21] &^= decoder.FlagRelayLog
	damage.Mend(plain)
	if got := transactions(t, plain); !slices.Equal(got, want) {
		t.Errorf("without the flag:\n%+v\nwant as with it:\n%+v", got, want)
	}

	bounds := damage.Bounds(plain) // the replica's Format_desc, the source's Rotate, the source's Format_desc
	for _, tr := range transactions(t, slices.Delete(plain, bounds[1], bounds[2])) {
		if tr.SourceFile != "" {
			t.Errorf("without the Rotate event, a transaction is of %q, want that it is not known of which log", tr.SourceFile)
		}
	}
}

func transactions(t *testing.T, log []byte) (list []txn.Transaction) {
	t.Helper()
	f, err := logfile.NewReader(bytes.NewReader(log), "relay.000002")
	if err != nil {
		t.Fatal(err)
	}
	var tracker txn.Tracker
	for e, err := range decoder.NewReader(f).All() {
		if err != nil {
			t.Fatal(err)
		}
		if e.Pos.Offset > 4 && !e.RelayLog {
			t.Errorf("the %s event at %d is not known to be in a relay log", e.Type, e.Pos.Offset)
		}
		step, err := tracker.AddEvent(e)
		if err != nil {
			t.Fatal(err)
		}
		if step.Ends() {
			list = append(list, tracker.Current())
		}
	}
	return list
}
