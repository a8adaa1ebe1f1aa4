package decoder

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"binmend/decoder/fault"
	"binmend/fixtures/octets"
)

// payloadEvent is a Transaction_payload event with the given fields before its content.
func payloadEvent(fields []byte, content ...[]byte) []byte {
	body := slices.Concat(content...)
	return buildEvent(EventTransactionPayload, fields, []byte{payloadSize, 1, byte(len(body)), payloadEnd}, body)
}

var (
	plainField = []byte{payloadCompression, 3, 0xfc, payloadNone, 0}
	zstdField  = []byte{payloadCompression, 1, payloadZstd}
)

// The events of a payload follow it, however they are held, and what follows the payload follows them.
func TestPayload(t *testing.T) {
	begin, xid := buildEvent(EventQuery, queryBody("d", "BEGIN")), buildEvent(EventXid, make([]byte, 8))
	unknown := []byte{77, 2, 1, 2} // a field of a later version
	for name, payload := range map[string][]byte{
		"plain": payloadEvent(plainField, begin, xid),
		"zstd":  payloadEvent(slices.Concat(zstdField, unknown), octets.Zstd(slices.Concat(begin, xid))),
	} {
		log := builtLog{buildFormat("8.0.30", nil), payload, buildEvent(EventStop)}
		var got []string
		for e, err := range NewReader(&log).All() {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got = append(got, e.Type.String()+strings.Repeat("'", e.Inner))
		}
		if got := strings.Join(got, " "); got != "Format_desc Transaction_payload Query' Xid'' Stop" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestSkipPayload(t *testing.T) {
	log := builtLog{buildFormat("8.0.30", nil), payloadEvent(plainField, buildEvent(EventXid, make([]byte, 8))), buildEvent(EventStop)}
	r := NewReader(&log)
	for e, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		if e.Inner > 0 {
			t.Fatalf("a %s event of the payload, which was to be passed over", e.Type)
		}
		r.SkipPayload()
	}
}

func TestBadPayloads(t *testing.T) {
	xid := buildEvent(EventXid, make([]byte, 8))
	for _, tc := range []struct {
		name string
		raw  []byte
		kind error
		what string
	}{
		{"no compression type", payloadEvent(nil, xid), ErrCorrupt, "expected a compression type"},
		{"an unknown compression", payloadEvent([]byte{payloadCompression, 1, 9}, xid), ErrUnsupported, "found 9"},
		{"shorter than it says", buildEvent(EventTransactionPayload, plainField, []byte{payloadSize, 1, 50, payloadEnd, 1}), ErrCorrupt, "payload at byte 9 needs 50 bytes, 1 are left"},
		{"fields without an end", buildEvent(EventTransactionPayload, plainField), ErrCorrupt, "payload field type"},
		{"half an event", payloadEvent(plainField, xid, xid[:20]), ErrCorrupt, "event 2 inside: expected 27 bytes"},
		{"half a header", payloadEvent(plainField, xid[:5]), ErrCorrupt, "event 1 inside: expected an event header"},
		{"no zstd", payloadEvent(zstdField, xid), ErrCorrupt, "event 1 inside"},
		{"a payload in a payload", payloadEvent(plainField, payloadEvent(plainField, xid)), ErrCorrupt, "inside another"},
	} {
		_, err := readAll(buildFormat("8.0.30", nil), tc.raw)
		var e *fault.Error
		if !errors.Is(err, tc.kind) || !errors.As(err, &e) || !strings.Contains(e.What, tc.what) || e.Reason == nil {
			t.Errorf("%s: error %v, want one that says %q and what to do", tc.name, err, tc.what)
		}
	}
}

// Events inside that are not wanted are passed over, whatever their size; the others keep their numbers.
func TestOnlyInside(t *testing.T) {
	begin, large, xid := buildEvent(EventQuery, queryBody("d", "BEGIN")), buildEvent(EventIgnorable, make([]byte, 1<<20)), buildEvent(EventXid, make([]byte, 8))
	log := builtLog{buildFormat("8.0.30", nil), payloadEvent(zstdField, octets.Zstd(slices.Concat(begin, large, xid))), buildEvent(EventStop)}
	r := NewReader(&log)
	r.OnlyInside(func(kind EventType) bool { return kind != EventIgnorable })
	var got []string
	for e, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e.Type.String()+strings.Repeat("'", e.Inner))
	}
	if got := strings.Join(got, " "); got != "Format_desc Transaction_payload Query' Xid''' Stop" {
		t.Error(got)
	}
	if cap(r.payload.buf) > 1<<16 {
		t.Errorf("%d bytes were kept for an event that was passed over", cap(r.payload.buf))
	}
}
