package bin

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func TestNumbers(t *testing.T) {
	c := New([]byte{1, 2, 1, 4, 3, 2, 1, 8, 7, 6, 5, 4, 3, 2, 1, 3, 2, 1})
	for _, tc := range []struct {
		name      string
		got, want uint64
	}{
		{"one byte", uint64(c.Uint8("f")), 1},
		{"two bytes", uint64(c.Uint16("f")), 0x0102},
		{"four bytes", uint64(c.Uint32("f")), 0x01020304},
		{"eight bytes", c.Uint64("f"), 0x0102030405060708},
		{"three bytes", c.Uint(3, "f"), 0x010203},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %#x, want %#x", tc.name, tc.got, tc.want)
		}
	}
	if c.Len() != 0 || c.Err() != nil {
		t.Errorf("%d bytes left, error %v", c.Len(), c.Err())
	}
}

func TestLenEnc(t *testing.T) {
	for _, tc := range []struct {
		bytes []byte
		want  uint64
		err   string
	}{
		{[]byte{0}, 0, ""},
		{[]byte{250}, 250, ""},
		{[]byte{0xfc, 0x34, 0x12}, 0x1234, ""},
		{[]byte{0xfd, 0x56, 0x34, 0x12}, 0x123456, ""},
		{[]byte{0xfe, 8, 7, 6, 5, 4, 3, 2, 1}, 0x0102030405060708, ""},
		{[]byte{0xfb}, 0, "f at byte 0 begins with 0xfb, which no length-encoded integer does"},
		{[]byte{0xff}, 0, "f at byte 0 begins with 0xff, which no length-encoded integer does"},
		{[]byte{0xfc, 1}, 0, "f at byte 1 needs 2 bytes, 1 are left"},
		{[]byte{}, 0, "f at byte 0 needs 1 bytes, 0 are left"},
	} {
		c := New(tc.bytes)
		got, message := c.LenEnc("f"), ""
		if c.Err() != nil {
			message = c.Err().Error()
		}
		if got != tc.want || message != tc.err {
			t.Errorf("%x: %d, %q; want %d, %q", tc.bytes, got, message, tc.want, tc.err)
		}
	}
}

// The first failure is kept, and all that is read after it is zero.
func TestFirstFailureStays(t *testing.T) {
	c := New([]byte{1, 2, 3})
	c.Uint8("first")
	if got := c.Uint32("second"); got != 0 {
		t.Errorf("a number that does not fit is %d", got)
	}
	if c.Uint8("third") != 0 || c.Bytes(1, "third") != nil || c.Rest() != nil || c.Len() != 0 {
		t.Error("something is read after a failure")
	}
	c.Fail(errors.New("another"))
	var short *ShortError
	if !errors.As(c.Err(), &short) || *short != (ShortError{Field: "second", Offset: 1, Need: 4, Have: 2}) {
		t.Errorf("error %v", c.Err())
	}
}

func TestFail(t *testing.T) {
	c := New([]byte{1})
	c.Fail(nil)
	if c.Err() != nil || c.Len() != 1 {
		t.Error("no error is a failure")
	}
	c.Fail(errors.New("that"))
	if c.Err() == nil || c.Err().Error() != "that" || c.Uint8("f") != 0 {
		t.Errorf("error %v", c.Err())
	}
}

// Appending to a returned slice does not overwrite the bytes after it.
func TestBytesAreBounded(t *testing.T) {
	buf := []byte{1, 2, 3}
	c := New(buf)
	_ = append(c.Bytes(2, "f"), 9)
	if buf[2] != 3 {
		t.Error("an append wrote over the next field")
	}
	if c.Offset() != 2 {
		t.Errorf("offset %d, want 2", c.Offset())
	}
}

// A length that is as large as can be does not wrap.
func TestHugeLength(t *testing.T) {
	for _, n := range []uint64{4, 1 << 31, 1 << 63, 1<<64 - 1} {
		c := New([]byte{1, 2, 3})
		if c.Bytes(n, "f") != nil || c.Err() == nil {
			t.Errorf("%d bytes were read of 3", n)
		}
	}
}

func TestByteOrders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "bytes")
		reversed := bytes.Clone(b)
		for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
			reversed[i], reversed[j] = reversed[j], reversed[i]
		}
		want := uint64(0)
		for _, x := range b {
			want = want<<8 + uint64(x)
		}
		if got := UintBE(b); got != want {
			t.Fatalf("big-endian %x: %d, want %d", b, got, want)
		}
		if got := Uint(reversed); got != want {
			t.Fatalf("little-endian %x: %d, want %d", reversed, got, want)
		}
	})
}

// TestPrefixed: the value and what is after it, and nothing of bytes that are too short.
func TestPrefixed(t *testing.T) {
	for _, c := range []struct {
		in    string
		width int
		value string
		rest  string
		ok    bool
	}{
		{"\x02abc", 1, "ab", "c", true},
		{"\x02\x00abc", 2, "ab", "c", true},
		{"\x02\x00\x00abc", 3, "ab", "c", true},
		{"\x02\x00\x00\x00ab", 4, "ab", "", true},
		{"\x00", 1, "", "", true},
		{"", 1, "", "", false},
		{"\x02", 2, "", "\x02", false},
		{"\x03ab", 1, "", "\x03ab", false},
		{"\xff\xff\xff\xffab", 4, "", "\xff\xff\xff\xffab", false},
	} {
		value, rest, ok := Prefixed([]byte(c.in), c.width)
		if string(value) != c.value || string(rest) != c.rest || ok != c.ok || cap(value) != len(value) {
			t.Errorf("%q with %d bytes of length: got %q, %q, %v, want %q, %q, %v", c.in, c.width, value, rest, ok, c.value, c.rest, c.ok)
		}
	}
}
