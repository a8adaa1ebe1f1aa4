package track

import (
	"time"

	"binmend/decoder"
	"binmend/schema/dump"
)

// period is when the files were written, as far as they say it. The zero value is not known.
type period struct {
	first, last time.Time
	executed    map[decoder.Position]bool // statements that ran before
	begun       time.Time                 // when the files were not begun later than, by the logs
}

const (
	zones   = 14 * time.Hour // a dump does not name its time zone
	dumping = 34 * time.Hour // a dump has its date at its end only, and reads definitions from its beginning on
)

// writtenAt is when the files were written, if the user has not said so.
func writtenAt(files Source, at At) period {
	of, ok := files.(*dump.Schema)
	if !ok || of == nil || at != Detect || of.Completed.IsZero() {
		return period{}
	}
	return period{first: of.FirstCompleted.Add(-zones - dumping), last: of.Completed.Add(zones)}
}

// RanBefore tells the tracker which statements of the logs, by their places, ran before the files were written, and when the first
// transaction ran that did not: zero if all ran before.
func (t *Tracker) RanBefore(statements map[decoder.Position]bool, next time.Time) {
	if t.at == Detect {
		t.written.executed, t.written.begun = statements, next
	}
}

// Written is when the files were written, at the earliest and at the latest: zero if they don't say, or the user has said it.
func (t *Tracker) Written() (first, last time.Time) {
	if p := t.written; p.isUnknown() && !p.begun.IsZero() {
		return p.begun, p.begun.Add(dumping)
	}
	return t.written.first, t.written.last
}

func (p period) isUnknown() bool { return p.last.IsZero() }

// isBefore reports whether the files were certainly written before a statement ran.
func (p period) isBefore(s Statement) bool {
	return !p.executed[s.Pos] && !p.isUnknown() && !s.ended.IsZero() && p.last.Before(s.ended)
}

// isAfter reports whether the files were certainly written after a statement had run.
func (p period) isAfter(s Statement) bool {
	return p.executed[s.Pos] || !p.isUnknown() && !s.ended.IsZero() && p.first.After(s.ended)
}
