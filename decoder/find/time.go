package find

import (
	"errors"
	"fmt"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/decoder/words"
)

// ByTime returns the first transaction of a series that begins at or after a time, in seconds since 1970.
//
// Timestamps do not ascend: a transaction has the time at which its first statement began on the server that wrote it first.
// The search assumes that a log holds no transaction that began after the second log after it was created. It reads the
// creation times of O(log n) logs, and then searches from one log before the place found.
func ByTime(l walk.Logs, at uint32) (txn.Transaction, error) {
	from := decoder.Position{}
	first, told := search(l, func(h *walk.Head) (bool, bool) { return h.Created >= at, h.Created != 0 })
	if told {
		from.File = l.Names[max(0, first-2)]
	}
	var last uint32
	t, err := firstFrom(l, from, func(t txn.Transaction) bool {
		last = max(last, t.Time)
		return t.Time >= at
	})
	if errors.Is(err, ErrNotFound) {
		e := &fault.Error{Reason: ErrLater, What: fmt.Sprintf("no transaction at or after %s in these logs", words.Clock(int64(at)))}
		if last != 0 {
			e.What += "; the last is of " + words.Clock(int64(last))
		}
		err = e
	}
	return t, err
}
