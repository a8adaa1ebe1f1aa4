package track

import (
	"time"

	"binmend/schema/dump"
)

// period is when the files were written, as far as they say it. The zero value is not known.
type period struct{ first, last time.Time }

const (
	zones   = 14 * time.Hour // a dump does not name its time zone
	dumping = 34 * time.Hour // a dump has its date at its end only, and reads definitions from its beginning on
)

// writtenAt is when files were written that nobody has told the time of.
func writtenAt(files Source, at At) period {
	of, ok := files.(*dump.Schema)
	if !ok || of == nil || at != Detect || of.Completed.IsZero() {
		return period{}
	}
	return period{of.FirstCompleted.Add(-zones - dumping), of.Completed.Add(zones)}
}

// Written is when the files were written at the earliest and at the latest; zero where they do not say it, or somebody has told the time.
func (t *Tracker) Written() (first, last time.Time) { return t.written.first, t.written.last }

func (p period) isUnknown() bool { return p.last.IsZero() }

// isBefore reports whether the files were certainly written before a statement ran.
func (p period) isBefore(s Statement) bool {
	return !p.isUnknown() && !s.ended.IsZero() && p.last.Before(s.ended)
}

// isAfter reports whether the files were certainly written after a statement had run.
func (p period) isAfter(s Statement) bool {
	return !p.isUnknown() && !s.ended.IsZero() && p.first.After(s.ended)
}
