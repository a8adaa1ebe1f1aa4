package remote

import (
	"bytes"
	"time"

	"binmend/decoder"
	"binmend/decoder/logfile"
)

// How long, and with how many packets, a source may say that it is there without sending anything of its log. One that is idle says so
// once in each heartbeat; a dump that does not follow is never idle, and while such a source looks for what to send its heartbeats advance.
const (
	mostIdle    = 100
	longestIdle = 10 * time.Minute
)

// idleness is what a source has sent beside its log since it last came further in it.
type idleness struct {
	follow  bool      // the dump goes on at the end of the log
	since   time.Time // of the last progress; zero before the first packet
	packets int
	number  uint64 // of the furthest log that was named, and the place in it
	offset  int64
}

// add counts an event, which ends at an offset of a named log. It reports whether the source only pretends to be busy.
func (i *idleness) add(kind Kind, file string, offset int64, now time.Time) (endless bool) {
	if kind == Logged || i.advance(file, offset) || i.since.IsZero() {
		i.since, i.packets = now, 0
	}
	i.packets++
	idle := now.Sub(i.since)
	if i.follow {
		return i.packets > mostIdle+2*int(idle/heartbeat)
	}
	return i.packets > mostIdle || idle > longestIdle
}

// advance reports whether a place is behind all that were named before.
func (i *idleness) advance(file string, offset int64) bool {
	_, number, ok := logfile.CutNumber(file)
	if !ok || number < i.number || number == i.number && offset <= i.offset {
		return false
	}
	i.number, i.offset = number, offset
	return true
}

// isEndless counts the event that was received.
func (s *stream) isEndless() bool {
	e := &s.event
	file, offset := s.file, s.offset
	if e.Type == decoder.EventHeartbeat { // the header has the place, the body the name
		name := s.small[headerLength:]
		if decoder.EndsInChecksum(s.small) {
			name = name[:len(name)-checksumLength]
		}
		file, offset = string(bytes.TrimRight(name, "\x00")), int64(e.EndLogPos)
	}
	return s.idle.add(e.Kind, file, offset, time.Now())
}
