package decoder

import "testing"

// An event out of a compressed transaction ends where the payload event ends: that is where reading can go on.
func TestEndOfInnerEvent(t *testing.T) {
	inner := buildEvent(EventXid, make([]byte, 8))
	payload := append([]byte{payloadCompression, 3, 0xfc, payloadNone, 0, payloadSize, 1, byte(len(inner)), payloadEnd}, inner...)
	e := lastOf(t, buildFormat("8.0.30", nil), buildEvent(EventTransactionPayload, payload))
	if e.Type != EventXid || e.Inner != 1 {
		t.Fatalf("got %v, inner %d, want the Xid inside", e.Type, e.Inner)
	}
	if want := 4 + int64(headerLength+len(payload)); e.End() != want {
		t.Errorf("it ends at %d, want %d", e.End(), want)
	}
}

func TestLogName(t *testing.T) {
	for file, want := range map[string]string{
		"/var/lib/mysql/binlog.000007": "binlog.000007", "copies/binlog.000007.gz": "binlog.000007",
		"relay-bin.000002.zst": "relay-bin.000002", "binlog.zst.000001": "binlog.zst.000001", ".gz": ".gz", "-": "-",
	} {
		if got := LogName(file); got != want {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}
}
