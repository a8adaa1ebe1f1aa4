package changes

import (
	"testing"
	"unsafe"
)

// TestPreparedIsSmall: a log may prepare any number of XA transactions, so what is kept of each has a bound. With the whole of a
// txn.Transaction 150,000 of them took 27 MiB more.
func TestPreparedIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(prepared{}); size > 128 {
		t.Errorf("%d bytes of each transaction that is prepared", size)
	}
	if size := unsafe.Sizeof(place{}); size > 32 {
		t.Errorf("%d bytes of each transaction whose outcome is looked for", size)
	}
}
