package span

import (
	"testing"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/decoder/txn"
	"binmend/schema/replica"
)

// TestProgressHas: what a replica has applied, and what it has passed over for good.
func TestProgressHas(t *testing.T) {
	const source = "3e11fa47-71ca-11e1-9e33-c80aa9429562:"
	set, err := gtid.ParseSet(source + "1-5:7")
	if err != nil {
		t.Fatal(err)
	}
	parse := func(text string) gtid.GTID {
		id, err := gtid.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	byGTID := Progress{Applied: replica.Applied{Executed: set}, Exec: replica.Place{File: "bin.000002", Pos: 700}}
	byPosition := byGTID
	byPosition.ByPosition = true
	for _, test := range []struct {
		name     string
		progress Progress
		gtid     string
		at       int64
		want     bool
	}{
		{"in the set", byGTID, "5", 500, true},
		{"a gap that comes again", byGTID, "6", 600, false},
		{"a gap that was passed over by position", byPosition, "6", 600, true},
		{"after the position, and applied before others", byPosition, "7", 700, true},
		{"after the position", byPosition, "8", 800, false},
	} {
		tx := txn.Transaction{GTID: parse(source + test.gtid), Start: decoder.Position{File: "bin.000002", Offset: test.at}}
		if got := test.progress.Has(&tx, "bin.000002"); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}
