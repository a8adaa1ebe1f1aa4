package decoder

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"testing"
)

// These functions build logs for tests that need something no recorded log has. They write no checksums.

// buildEvent makes an event with nothing but its type in the header.
func buildEvent(kind EventType, body ...[]byte) []byte {
	raw := make([]byte, headerLength)
	raw[4] = byte(kind)
	for _, part := range body {
		raw = append(raw, part...)
	}
	binary.LittleEndian.PutUint32(raw[9:], uint32(len(raw)))
	return raw
}

// buildFormat makes a format description of a server. Row events of version 2 have the post-header length 10, others 8,
// but where lengths says otherwise.
func buildFormat(server string, lengths map[EventType]byte) []byte {
	body := make([]byte, 2+serverVersionLength+4+1)
	body[0] = 4
	copy(body[2:], server)
	body[len(body)-1] = headerLength
	version, _ := ParseVersion(server)
	types := EventType(maxTypesWithoutChecksums)
	if version.knowsChecksums() {
		types = EventGtidTagged
	}
	for t := EventType(1); t <= types; t++ {
		n := byte(8)
		switch {
		case t == EventQuery:
			n = postHeaderQuery
		case t >= EventWriteRows && t <= EventDeleteRows || t == EventPartialUpdateRows:
			n = 10
		}
		if other, ok := lengths[t]; ok {
			n = other
		}
		body = append(body, n)
	}
	if version.knowsChecksums() {
		body = append(body, byte(ChecksumNone))
		return withChecksum(buildEvent(EventFormatDescription, body, make([]byte, checksumLength)))
	}
	return buildEvent(EventFormatDescription, body)
}

// withChecksum computes the checksum at the end of an event.
func withChecksum(raw []byte) []byte {
	end := len(raw) - checksumLength
	binary.LittleEndian.PutUint32(raw[end:], crc32.ChecksumIEEE(raw[:end]))
	return raw
}

// builtLog is a Source of built events.
type builtLog [][]byte

func (l *builtLog) Next() ([]byte, Position, error) {
	if len(*l) == 0 {
		return nil, Position{}, io.EOF
	}
	raw := (*l)[0]
	*l = (*l)[1:]
	return raw, Position{File: "built", Offset: 4}, nil
}

// readAll reads a built log to its last event or first error.
func readAll(events ...[]byte) (last *Event, err error) {
	log := builtLog(events)
	r := NewReader(&log)
	for len(log) > 0 || r.payload.open {
		e, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return last, err
		}
		last = e
	}
	return last, nil
}

// lastOf reads a built log, which must be sound, to its last event.
func lastOf(t *testing.T, events ...[]byte) *Event {
	t.Helper()
	e, err := readAll(events...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}
