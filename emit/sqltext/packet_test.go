package sqltext_test

import (
	"strings"
	"testing"

	"binmend/emit/sqltext"
)

// TestPacketNote: a mebibyte with the protocol's own bytes does not fit the smallest default.
func TestPacketNote(t *testing.T) {
	for size, want := range map[int]string{1 << 10: "", 1 << 20: "-- CHECK: the next statement is 1048576 bytes long; max_allowed_packet"} {
		if got := sqltext.PacketNote(make([]byte, size)); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("of %d bytes: %q", size, got)
		}
	}
}
