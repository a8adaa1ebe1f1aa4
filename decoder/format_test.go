package decoder

import (
	"errors"
	"strings"
	"testing"

	"binmend/decoder/fault"
)

func TestParseVersion(t *testing.T) {
	for _, tc := range []struct {
		text                string
		flavor              Flavor
		major, minor, patch int
		ok                  bool
	}{
		{"5.1.30-debug-log", MySQL, 5, 1, 30, true},
		{"5.6.3-m5-debug-log", MySQL, 5, 6, 3, true},
		{"8.0.46", MySQL, 8, 0, 46, true},
		{"9.7.4-2", MySQL, 9, 7, 4, true},
		{"5.7.18-16-debug-asan", MySQL, 5, 7, 18, true},
		{"10.11.19-MariaDB-0+deb12u1-log", MariaDB, 10, 11, 19, true},
		{"5.5.5-10.4.32-MariaDB", MariaDB, 10, 4, 32, true},
		{"11.8.6-MariaDB-0+deb13u1 from Debian-log", MariaDB, 11, 8, 6, true},
		{"8.0.26beta", MySQL, 8, 0, 26, true},
		{"8.0", MySQL, 8, 0, 0, true},
		{"8", MySQL, 0, 0, 0, false},
		{"eight.zero", MySQL, 0, 0, 0, false},
		{"", MySQL, 0, 0, 0, false},
	} {
		v, ok := ParseVersion(tc.text)
		if ok != tc.ok || v.Flavor != tc.flavor || v.Text != tc.text {
			t.Errorf("%q: got %+v, %v", tc.text, v, ok)
		}
		if ok && (v.Major != tc.major || v.Minor != tc.minor || v.Patch != tc.patch) {
			t.Errorf("%q: got %d.%d.%d", tc.text, v.Major, v.Minor, v.Patch)
		}
	}
}

func TestAtLeast(t *testing.T) {
	v := Version{Major: 8, Minor: 0, Patch: 22}
	for _, tc := range []struct {
		major, minor, patch int
		want                bool
	}{
		{8, 0, 22, true}, {8, 0, 21, true}, {8, 0, 23, false}, {5, 7, 99, true}, {8, 1, 0, false}, {9, 0, 0, false},
	} {
		if got := v.AtLeast(tc.major, tc.minor, tc.patch); got != tc.want {
			t.Errorf("8.0.22 at least %d.%d.%d: %v", tc.major, tc.minor, tc.patch, got)
		}
	}
}

// A server writes its version over what was in its buffer: the text ends at the first zero byte.
func TestVersionEndsAtZero(t *testing.T) {
	e := lastOf(t, buildFormat("10.1.28-MariaDB\x00log", nil))
	if got := e.Format.Server.Text; got != "10.1.28-MariaDB" {
		t.Errorf("version %q", got)
	}
}

// A format description that can't be right is refused, and the error says why.
func TestBadFormat(t *testing.T) {
	for _, tc := range []struct {
		name string
		raw  []byte
		kind error
		what string
	}{
		{"no version", buildFormat("\x01\x02", nil), ErrCorrupt, "server version"},
		{"short Query", buildFormat("5.5.9", map[EventType]byte{EventQuery: 11}), ErrCorrupt, "Query post-header of 13 bytes"},
		{"cut", buildEvent(EventFormatDescription, make([]byte, 20)), ErrCorrupt, "server version at byte 2 needs 50 bytes"},
		{"of MySQL 4.1", buildEvent(EventStartV3, []byte{3, 0}), ErrUnsupported, "binlog version 3"},
		{"longer headers of a server that has none", withChecksum(changed(buildFormat("5.7.1", nil), headerLength+56, 27)), ErrCorrupt, "found 27"},
		{"too long headers", changed(buildFormat("5.1.63", nil), headerLength+56, 32), ErrCorrupt, "expected event headers of 19 to 31 bytes"},
		{"an alpha with too many event types", buildFormat("5.2.2-a_drop6p13", nil), ErrCorrupt, "expected 22 event types"},
		{"shorter headers", changed(buildFormat("5.1.63", nil), headerLength+56, 13), ErrCorrupt, "found 13"},
		{"other checksums", withChecksum(changed(buildFormat("5.7.1", nil), -5, 2)), ErrUnsupported, "found 2"},
	} {
		_, err := readAll(tc.raw)
		if !errors.Is(err, tc.kind) || !strings.Contains(err.Error(), tc.what) {
			t.Errorf("%s: error %v, want %v with %q", tc.name, err, tc.kind, tc.what)
		}
	}
}

// changed sets one byte; a negative offset counts from the end.
func changed(raw []byte, offset int, b byte) []byte {
	if offset < 0 {
		offset += len(raw)
	}
	raw[offset] = b
	return raw
}

func TestEventBeforeFormat(t *testing.T) {
	_, err := readAll(buildEvent(EventXid, make([]byte, 8)))
	var e *fault.Error
	if !errors.As(err, &e) || e.Reason == nil || !strings.Contains(e.What, "Format_desc") {
		t.Errorf("error %v", err)
	}
}
