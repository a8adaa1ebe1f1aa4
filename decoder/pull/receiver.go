package pull

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/remote"
)

const checksumLength = 4

// receiver writes the events of one dump to the store. It implements remote.Handler.
type receiver struct {
	store    *store
	observer Observer
	from     int64 // see Begin.Position
	seen     int64 // up to here the store's last log is known to equal the source's

	event    *remote.Event
	mode     mode
	sum      uint32 // CRC-32 of the event so far
	stored   [checksumLength]byte
	done     int64  // bytes of the event so far
	format   []byte // the format description so far
	checksum decoder.Checksum
	compared [16 << 10]byte

	leavesInUse bool // the source leaves a log that it did not close cleanly marked as in use
	closed      bool // the last event closes its log

	ack  decoder.Position // to be acknowledged; no file for none
	last uint32           // timestamp of the last event
	idle bool             // the source has nothing more
	took bool             // something new has arrived
}

// mode says what to do with the bytes of an event.
type mode uint8

const (
	pass    mode = iota
	take         // write them to the store
	compare      // compare them with the store, which has them
)

// Begin implements remote.Handler.
func (r *receiver) Begin(e *remote.Event) error {
	r.event, r.mode, r.sum, r.done, r.format = e, pass, 0, 0, r.format[:0]
	r.idle = e.Kind == remote.Aside
	switch e.Kind {
	case remote.Rotated:
		return r.checkRotation(e)
	case remote.Logged:
		return r.place(e)
	}
	return nil
}

// checkRotation makes sure that the store does not have more of a log than the source, which has ended it.
func (r *receiver) checkRotation(e *remote.Event) error {
	if current := r.store.current(); current != "" && e.Pos.File != current && r.seen < r.store.end {
		return r.diverged("the source's %s ends at %d, and the folder's at %d", current, r.seen, r.store.end)
	}
	return nil
}

// place decides whether an event is new.
func (r *receiver) place(e *remote.Event) error {
	s := r.store
	if e.Pos.File != s.current() {
		if e.Type != decoder.EventFormatDescription || e.Pos.Offset != magicLength {
			return r.diverged("expected %s to begin with a format description, found %s at %d", e.Pos.File, e.Type, e.Pos.Offset)
		}
		if err := r.finish(); err != nil {
			return err
		}
		if err := r.endBegin(); err != nil {
			return err
		}
		if err := s.begin(e.Pos.File); err != nil {
			return err
		}
		r.seen = s.end
	}
	if err := r.checkFrom(e); err != nil {
		return err
	}
	switch {
	case e.Pos.Offset == s.end:
		r.mode = take
	case e.Pos.Offset < s.end && e.End() <= s.end:
		r.mode = compare
	default:
		return r.diverged("expected an event that begins at %s:%d, found one from %d to %d", s.current(), s.end, e.Pos.Offset, e.End())
	}
	return nil
}

const magicLength = 4

// checkFrom makes sure that an event begins at the requested position.
func (r *receiver) checkFrom(e *remote.Event) error {
	if r.from > e.Pos.Offset && r.from < e.End() {
		return &fault.Error{Reason: ErrInside, What: fmt.Sprintf("no event of %s begins at %d: it is inside the %s event from %d to %d", e.Pos.File, r.from, e.Type, e.Pos.Offset, e.End())}
	}
	if e.Pos.Offset >= r.from {
		r.from = 0
	}
	return nil
}

// endBegin makes sure that the requested position was reached when its log ends.
func (r *receiver) endBegin() error {
	if current := r.store.current(); current != "" && r.from > r.seen {
		return &fault.Error{Reason: ErrAfterEnd, What: fmt.Sprintf("%s of the source ends at %d, and was to have an event at %d", current, r.seen, r.from)}
	}
	if r.store.current() != "" {
		r.from = 0
	}
	return nil
}

// finish reports that the last log is complete.
func (r *receiver) finish() error {
	if r.store.file == nil {
		return nil
	}
	if err := r.store.sync(); err != nil {
		return err
	}
	if r.leavesInUse && !r.closed {
		if err := r.store.markInUse(); err != nil {
			return err
		}
	}
	r.observer.Finished(r.store.current(), r.store.end)
	return nil
}

// Write implements remote.Handler.
func (r *receiver) Write(b []byte) (int, error) {
	if r.event.Type == decoder.EventFormatDescription {
		if len(r.format)+len(b) > maxFormat {
			return 0, &fault.Error{Reason: ErrFormat, What: "the source's format description is larger than any server writes"}
		}
		r.format = append(r.format, b...)
	}
	switch r.mode {
	case take:
		r.addChecksum(b)
		r.done += int64(len(b))
		return len(b), r.store.write(b)
	case compare:
		return r.compare(b)
	}
	return len(b), nil
}

// maxFormat bounds what is kept of a format description; servers write about 120 bytes.
const maxFormat = 4 << 10

// addChecksum adds bytes to the event's CRC-32, which is stored in its last four bytes.
func (r *receiver) addChecksum(b []byte) {
	body := int64(r.event.Length) - checksumLength - r.done
	if body > 0 {
		n := min(body, int64(len(b)))
		r.sum = crc32.Update(r.sum, crc32.IEEETable, b[:n])
		b = b[n:]
		body -= n
	}
	copy(r.stored[max(0, -body):], b)
}

// compare compares bytes with those in the store.
func (r *receiver) compare(b []byte) (int, error) {
	if err := r.store.flush(); err != nil {
		return 0, err
	}
	all := len(b)
	for len(b) > 0 {
		have := r.compared[:min(len(b), len(r.compared))]
		if _, err := r.store.file.ReadAt(have, r.event.Pos.Offset+r.done); err != nil && err != io.EOF {
			return all - len(b), err
		}
		if !bytes.Equal(have, b[:len(have)]) {
			return all - len(b), r.diverged("the %s event at %s is another one on the source", r.event.Type, r.event.Pos)
		}
		b = b[len(have):]
		r.done += int64(len(have))
	}
	return all, nil
}

// End implements remote.Handler.
func (r *receiver) End() error {
	e := r.event
	if len(r.format) > 0 {
		if err := r.readFormat(); err != nil {
			return err
		}
	}
	if r.mode == pass {
		return nil
	}
	if r.mode == take {
		if e.Type != decoder.EventFormatDescription && r.checksum == decoder.ChecksumCRC32 && r.sum != binary.LittleEndian.Uint32(r.stored[:]) {
			return &fault.Error{Reason: ErrBadChecksum, What: fmt.Sprintf("the %s event at %s of the source does not have the checksum that it says", e.Type, e.Pos)}
		}
		r.store.appended(e.Pos, e.Length)
		r.took = true
	}
	r.seen, r.last = e.End(), e.Timestamp
	r.closed = e.Type == decoder.EventRotate || e.Type == decoder.EventStop
	if e.Ack {
		r.ack = decoder.Position{File: e.Pos.File, Offset: e.End()}
	}
	return nil
}

// readFormat finds out whether events have checksums, and verifies the format description's.
func (r *receiver) readFormat() error {
	reader := decoder.NewReader(&single{raw: r.format, pos: r.event.Pos})
	if _, err := reader.Next(); err != nil {
		return err
	}
	r.checksum = reader.Format().Checksum
	return nil
}

// single is a decoder.Source of one event.
type single struct {
	raw []byte
	pos decoder.Position
}

func (s *single) Next() ([]byte, decoder.Position, error) {
	raw := s.raw
	if s.raw = nil; raw == nil {
		return nil, s.pos, io.EOF
	}
	return raw, s.pos, nil
}

func (r *receiver) diverged(format string, args ...any) error {
	return &fault.Error{Reason: ErrOtherHistory, What: "the source's log is not the one in " + r.store.dir + ": " + fmt.Sprintf(format, args...)}
}
