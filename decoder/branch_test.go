package decoder

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"testing"
)

// TestLongHeaders reads logs of Google's branch of 5.1, whose headers have a group id, a checksum, or both after the usual
// fields. TestDifferential has real ones.
func TestLongHeaders(t *testing.T) {
	for _, tc := range []struct {
		name   string
		length byte
		flags  uint16
		damage int // this byte of the event is changed; 0: none
		kind   error
	}{
		{"a group id", 27, 0, 0, nil},
		{"a checksum", 23, flagHeaderChecksum, 0, nil},
		{"both", 31, flagHeaderChecksum, 0, nil},
		{"both, the body damaged", 31, flagHeaderChecksum, -1, ErrChecksum},
		{"both, the header damaged", 31, flagHeaderChecksum, 20, ErrChecksum},
		{"room for a checksum, but none", 31, 0, -1, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			format := changed(buildFormat("5.1.63-google-log", nil), headerLength+56, tc.length)
			binary.LittleEndian.PutUint16(format[flagsOffset:], tc.flags)
			event := withHeaderChecksum(buildEvent(EventXid, make([]byte, int(tc.length)-headerLength), []byte{7, 0, 0, 0, 0, 0, 0, 0}), int(tc.length))
			if tc.damage != 0 {
				changed(event, tc.damage, 99)
			}
			e, err := readAll(format, event)
			if !errors.Is(err, tc.kind) {
				t.Fatalf("error %v, want %v", err, tc.kind)
			}
			if err == nil && len(e.Body) != 8 {
				t.Errorf("a body of %d bytes, want 8", len(e.Body))
			}
		})
	}
	t.Run("cut in the header", func(t *testing.T) {
		_, err := readAll(changed(buildFormat("5.1.63", nil), headerLength+56, 27), buildEvent(EventXid, make([]byte, 3)))
		if !errors.Is(err, ErrCorrupt) {
			t.Errorf("error %v, want %v", err, ErrCorrupt)
		}
	})
	t.Run("a Rotate event has the usual header", func(t *testing.T) {
		e := lastOf(t, changed(buildFormat("5.1.63", nil), headerLength+56, 27), buildEvent(EventRotate, []byte{4, 0, 0, 0, 0, 0, 0, 0}, []byte("next")))
		if r, err := e.Rotate(); err != nil || r.File != "next" {
			t.Errorf("to %q, %v", r.File, err)
		}
	})
}

// withHeaderChecksum puts the checksum of an event at the end of its header.
func withHeaderChecksum(raw []byte, header int) []byte {
	at := header - checksumLength
	sum := crc32.Update(crc32.ChecksumIEEE(raw[:at]), crc32.IEEETable, raw[header:])
	binary.LittleEndian.PutUint32(raw[at:], sum)
	return raw
}

// TestAlphaVersions: the versions that gave event types other numbers, and their neighbours.
func TestAlphaVersions(t *testing.T) {
	for text, want := range map[string]bool{
		"5.1.2-a_drop5p13": true, "5.1.5-a_drop5p20": true, "5.1.4-a_drop6p1": true, "5.2.0-a_drop6p3": true,
		"5.2.2-a_drop6p13-debug-log": true, "5.1.5-a_drop6p1": false, "5.1.6-a_drop5p1": false, "5.2.3-a_drop6": false,
		"5.1.4-alpha-log": false, "5.1.30-log": false, "8.0.1-a_drop6": false,
	} {
		if v, ok := ParseVersion(text); !ok || v.isAlpha() != want {
			t.Errorf("%s: %v, want %v", text, v.isAlpha(), want)
		}
	}
}
