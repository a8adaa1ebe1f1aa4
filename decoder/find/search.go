package find

import (
	"sort"

	"binmend/decoder/gtid"
	"binmend/decoder/walk"
)

// search is a binary search for the first log of the series whose head answers yes; all later logs must answer yes too. It
// returns len(Names) when none does, and reads O(log n) heads. ok is false when one of them can't answer.
func search(l walk.Logs, yes func(*walk.Head) (answer, ok bool)) (first int, ok bool) {
	ok = l.IsNumbered()
	first = sort.Search(len(l.Names), func(i int) bool {
		if !ok {
			return true
		}
		h, err := l.ReadWholeHead(l.Names[i])
		if err != nil {
			ok = false
			return true
		}
		answer, told := yes(h)
		ok = told
		return answer
	})
	return first, ok
}

// placeOf is the only log of the series that can hold the transaction, -1 when all begin after it. ok is false when the logs
// do not say.
func placeOf(l walk.Logs, id gtid.GTID) (i int, ok bool) {
	first, ok := search(l, func(h *walk.Head) (bool, bool) { return h.Follows(id), h.Told() })
	return first - 1, ok
}
