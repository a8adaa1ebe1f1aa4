package decoder

import (
	"encoding/binary"
	"testing"

	"binmend/decoder/gtid"
	"binmend/decoder/internal/bin"

	"pgregory.net/rapid"
)

// appendVarint writes a number as MySQL's serialization library does: the shorter the number, the fewer bytes, up to
// nine.
func appendVarint(dst []byte, v uint64) []byte {
	for n := 1; n < 9; n++ {
		if v < 1<<(7*n) {
			b := binary.LittleEndian.AppendUint64(nil, v<<n|(1<<(n-1)-1))
			return append(dst, b[:n]...)
		}
	}
	return binary.LittleEndian.AppendUint64(append(dst, 0xff), v)
}

func TestVarint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Uint64().Draw(t, "number") >> rapid.IntRange(0, 63).Draw(t, "shift")
		stored := appendVarint(nil, v)
		c := bin.New(stored)
		if got := varint(&c, "f"); got != v || c.Len() != 0 || c.Err() != nil {
			t.Fatalf("%x: %d, %d bytes left, %v; want %d", stored, got, c.Len(), c.Err(), v)
		}
		signed := int64(v >> 1)
		if v&1 == 1 {
			signed = ^signed
		}
		c = bin.New(stored)
		if got := signedVarint(&c, "f"); got != signed {
			t.Fatalf("%x: %d, want %d", stored, got, signed)
		}
	})
}

// taggedBody is the body of a GTID_TAGGED event.
func taggedBody(flags, gno uint64, tag string, committed, sequence uint64) []byte {
	var fields []byte
	field := func(id uint64, values ...uint64) {
		fields = appendVarint(fields, id)
		for _, v := range values {
			fields = appendVarint(fields, v)
		}
	}
	field(taggedFlags, flags)
	field(taggedUUID)
	for i := range uint64(16) {
		fields = appendVarint(fields, 0xf0+i)
	}
	field(taggedGNO, gno<<1)
	field(taggedTag, uint64(len(tag)))
	fields = append(fields, tag...)
	field(taggedLastCommitted, committed<<1)
	field(taggedSequenceNumber, sequence<<1)
	field(6, 1700000000000000)
	body := appendVarint(nil, 1)
	body = appendVarint(body, uint64(len(fields)))
	return append(appendVarint(body, 11), fields...)
}

func TestGtidEvents(t *testing.T) {
	const uuid = "f0f1f2f3-f4f5-f6f7-f8f9-fafbfcfdfeff"
	old := []byte{1, 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff, 5, 0, 0, 0, 0, 0, 0, 0}
	commits := []byte{1, 2, 3, 4, 5, 6, 0x80, 7, 0, 0, 0, 0, 0, 0}
	counters := []byte{2, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0}
	maria := []byte{9, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0}
	for _, tc := range []struct {
		name string
		raw  []byte
		want Gtid
		id   string
	}{
		{"MySQL 5.6", buildEvent(EventGtid, old), Gtid{Flags: 1}, uuid + ":5"},
		{"MySQL 5.7", buildEvent(EventGtid, old, counters), Gtid{Flags: 1, LastCommitted: 3, SequenceNumber: 4}, uuid + ":5"},
		{"MySQL 8.0", buildEvent(EventGtid, old, counters, commits[7:]),
			Gtid{Flags: 1, LastCommitted: 3, SequenceNumber: 4, ImmediateCommit: 7, OriginalCommit: 7}, uuid + ":5"},
		{"MySQL 8.0, from another server", buildEvent(EventGtid, old, counters, commits),
			Gtid{Flags: 1, LastCommitted: 3, SequenceNumber: 4, ImmediateCommit: 0x060504030201, OriginalCommit: 7}, uuid + ":5"},
		{"anonymous", buildEvent(EventAnonymousGtid, old, counters), Gtid{Flags: 1, LastCommitted: 3, SequenceNumber: 4}, ""},
		{"tagged", buildEvent(EventGtidTagged, taggedBody(1, 1<<40, "night_shift", 300, 301)),
			Gtid{Flags: 1, LastCommitted: 300, SequenceNumber: 301, ImmediateCommit: 1700000000000000, OriginalCommit: 1700000000000000}, uuid + ":night_shift:1099511627776"},
		{"tagged, without a tag", buildEvent(EventGtidTagged, taggedBody(0, 7, "", 0, 1)),
			Gtid{SequenceNumber: 1, ImmediateCommit: 1700000000000000, OriginalCommit: 1700000000000000}, uuid + ":7"},
		{"MariaDB", buildEvent(EventMariaGtid, maria, []byte{0x0d, 0, 0, 0, 0, 0, 0}), Gtid{Flags: 0x0d}, "2-0-9"},
		{"MariaDB, committed with others", buildEvent(EventMariaGtid, maria, []byte{0x02, 8, 0, 0, 0, 0, 0, 0, 1}), Gtid{Flags: 0x02, CommitID: 1<<56 | 8}, "2-0-9"},
		{"MariaDB, XA", buildEvent(EventMariaGtid, maria, []byte{0x40, 1, 0, 0, 0, 1, 2, 'g', 'b', 'b', 0x10, 7, 0, 0, 0}),
			Gtid{Flags: 0x40, ThreadID: 7}, "2-0-9"},
		{"MariaDB, the end of an ALTER", buildEvent(EventMariaGtid, maria, []byte{0x20, 0x15, 2, 1, 2, 3, 4, 5, 6, 7, 8, 7, 0, 0, 0}),
			Gtid{Flags: 0x20, ThreadID: 7}, "2-0-9"},
	} {
		got, err := lastOf(t, buildFormat("8.4.0", nil), tc.raw).Gtid()
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if got.ID.String() != tc.id {
			t.Errorf("%s: GTID %s, want %s", tc.name, got.ID, tc.id)
		}
		got.ID = gtid.GTID{}
		if got != tc.want {
			t.Errorf("%s: got %+v, want %+v", tc.name, got, tc.want)
		}
	}
}
