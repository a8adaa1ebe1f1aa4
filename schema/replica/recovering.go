package replica

import (
	"slices"

	"binmend/decoder"
	"binmend/decoder/gtid"
)

// IsFillingGaps reports whether MySQL's applier failed while it applied by itself, before its workers began, what they had left out. It
// has workers then, or has applied transactions after the failing one, and none of the workers failed.
func (s *Status) IsFillingGaps(f *Failure) bool {
	if s.Flavor != decoder.MySQL || f.Thread != Applier || f.ByWorker {
		return false
	}
	return len(s.Workers) > 1 || s.hasOvertaken(f)
}

// HasGaps reports whether MySQL's workers have, or may have, applied transactions after one that is not applied. GTIDs tell it.
func (s *Status) HasGaps(f *Failure) bool {
	if s.Flavor != decoder.MySQL || f.Thread != Applier {
		return false
	}
	return s.IsFillingGaps(f) || f.ByWorker && s.hasOvertaken(f)
}

// hasOvertaken reports whether a transaction is applied that comes after one of the same server that has arrived and is not: by their
// numbers. Those of two servers can't be told apart so: with several in the relay logs it is assumed.
func (s *Status) hasOvertaken(f *Failure) bool {
	applied, err := s.Applied()
	if err != nil || applied.Executed == nil {
		return false
	}
	lacking := &gtid.Set{}
	servers := 0
	if arrived, err := gtid.ParseSet(s.RetrievedGTID); err == nil {
		for range arrived.Intervals {
			servers++
		}
		lacking = arrived.Minus(applied.Executed)
	}
	lacking.Add(f.GTID)
	for tsid, intervals := range lacking.Intervals {
		first := intervals[0].First
		for _, executed := range applied.Executed.Of(tsid).Intervals {
			if slices.ContainsFunc(executed, func(i gtid.Interval) bool { return i.First > first }) {
				return true
			}
		}
	}
	return f.ByWorker && servers > 1
}
