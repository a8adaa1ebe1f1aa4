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
	if len(s.Workers) > 1 {
		return true
	}
	applied, err := s.Applied()
	if err != nil || applied.Executed == nil || f.GTID.IsZero() {
		return false
	}
	for _, intervals := range applied.Executed.Of(f.GTID.TSID).Intervals {
		if slices.ContainsFunc(intervals, func(i gtid.Interval) bool { return i.First > f.GTID.Seq }) {
			return true
		}
	}
	return false
}
