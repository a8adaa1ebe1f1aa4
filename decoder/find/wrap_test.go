package find

import (
	"testing"

	"binmend/decoder/txn"
)

// In a source's log of more than 4 GiB end_log_pos begins again at 0, also in the middle of a transaction.
func TestPositionsWrap(t *testing.T) {
	for _, tc := range []struct {
		start, last uint32
		end         uint32
		want        bool
	}{
		{1000, 1500, 1000, false},
		{1000, 1500, 1001, true},
		{1000, 1500, 1500, true},
		{1000, 1500, 1501, false},
		{0xffffff00, 0x200, 0xffffff00, false},
		{0xffffff00, 0x200, 0xffffff80, true},
		{0xffffff00, 0x200, 0, true},
		{0xffffff00, 0x200, 0x200, true},
		{0xffffff00, 0x200, 0x201, false},
	} {
		transaction := txn.Transaction{SourceStart: tc.start, SourceEnd: tc.last}
		if got := HoldsSourceEnd(transaction, "", tc.end); got != tc.want {
			t.Errorf("transaction %#x to %#x, end_log_pos %#x: got %v", tc.start, tc.last, tc.end, got)
		}
	}
}
