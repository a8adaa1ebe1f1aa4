package crypt_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"binmend/decoder"
	"binmend/decoder/crypt"
	"binmend/decoder/crypt/crypttest"
)

// ciphers are what file_key_management_encryption_algorithm may name.
var ciphers = map[string]crypttest.Cipher{"aes_cbc": crypttest.CBC, "aes_ctr": crypttest.CTR}

// anEvent makes an event that begins at an offset of the source's log.
func anEvent(kind decoder.EventType, offset int64, body []byte) []byte {
	e := make([]byte, 19, 19+len(body))
	length := uint32(19 + len(body))
	binary.LittleEndian.PutUint32(e, 1700000000)
	e[4], e[5] = byte(kind), 1
	binary.LittleEndian.PutUint32(e[9:], length)
	binary.LittleEndian.PutUint32(e[13:], uint32(offset)+length)
	return append(e, body...)
}

func withChecksum(event []byte) []byte {
	binary.LittleEndian.PutUint32(event[9:], uint32(len(event)+4))
	return binary.LittleEndian.AppendUint32(event, crc32.ChecksumIEEE(event))
}

// start is a START_ENCRYPTION event's body, and its nonce.
func start(t *testing.T) (s crypt.Start, nonce []byte) {
	t.Helper()
	nonce = crypttest.Key("nonce", 12)
	s, err := crypt.ParseStart(append([]byte{1, 1, 0, 0, 0}, nonce...))
	if err != nil {
		t.Fatal(err)
	}
	return s, nonce
}

func keyFile(t *testing.T, key []byte) *crypt.KeyFile {
	t.Helper()
	k, err := crypt.ParseKeyFile(crypttest.KeyFile(key), nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Every event comes back as it was, at any offset, also after 4 GiB, where the offset's last 32 bits count.
func TestEvents(t *testing.T) {
	s, nonce := start(t)
	for name, cipher := range ciphers {
		for _, length := range []int{16, 24, 32} {
			key := crypttest.Key("k", length)
			first := anEvent(decoder.EventMariaGtidList, 296, []byte("the first"))
			events, err := keyFile(t, key).Open(s, crypttest.Seal(first, nonce, key, 296, cipher), 296)
			if err != nil {
				t.Fatalf("%s with %d bytes: %v", name, length, err)
			}
			rapid.Check(t, func(t *rapid.T) {
				offset := rapid.Int64Range(300, 1<<34).Draw(t, "offset")
				want := anEvent(decoder.EventQuery, offset, rapid.SliceOfN(rapid.Byte(), 0, 70).Draw(t, "body"))
				got := crypttest.Seal(want, nonce, key, offset, cipher)
				events.Decrypt(got, offset)
				if !bytes.Equal(got, want) {
					t.Fatalf("%s: got %x, want %x", name, got, want)
				}
			})
		}
	}
}

// The first event shows whether the key fits: in a binary log by its place, in a relay log by its checksum, or by what the
// first events of a relay log without checksums hold.
func TestFirstEvent(t *testing.T) {
	rotate := append(make([]byte, 8), "binlog.000042"...)
	rotate[0] = 4
	format := append([]byte{4, 0}, "10.11.19-MariaDB-log"...)
	format = append(format, make([]byte, 52+1+57-len(format))...)
	const offset, source = 296, 123456
	tests := []struct {
		name  string
		event []byte
		err   error
	}{
		{"in a binary log", anEvent(decoder.EventMariaGtidList, offset, make([]byte, 4)), nil},
		{"with a checksum", withChecksum(anEvent(decoder.EventQuery, source, make([]byte, 30))), nil},
		{"Rotate", anEvent(decoder.EventRotate, source, rotate), nil},
		{"Format_desc", anEvent(decoder.EventFormatDescription, source, format), nil},
		{"neither place nor checksum", anEvent(decoder.EventQuery, source, make([]byte, 30)), crypt.ErrWrongKey},
		{"Rotate to nowhere", anEvent(decoder.EventRotate, source, rotate[:8]), crypt.ErrWrongKey},
		{"Rotate to no name", anEvent(decoder.EventRotate, source, bytes.Repeat([]byte{0}, 20)), crypt.ErrWrongKey},
		{"Rotate to no position", anEvent(decoder.EventRotate, source, bytes.Repeat([]byte("x"), 20)), crypt.ErrWrongKey},
		{"Format_desc, cut", anEvent(decoder.EventFormatDescription, source, format[:20]), crypt.ErrWrongKey},
		{"Format_desc of version 1", anEvent(decoder.EventFormatDescription, source, append([]byte{1}, format[1:]...)), crypt.ErrWrongKey},
	}
	s, nonce := start(t)
	key := crypttest.Key("k", 32)
	for _, tt := range tests {
		for name, cipher := range ciphers {
			sealed := crypttest.Seal(tt.event, nonce, key, offset, cipher)
			if _, err := keyFile(t, key).Open(s, sealed, offset); !errors.Is(err, tt.err) {
				t.Errorf("%s, %s: error %v, want %v", tt.name, name, err, tt.err)
			}
			_, err := keyFile(t, crypttest.Key("another", 32)).Open(s, sealed, offset)
			if !errors.Is(err, crypt.ErrWrongKey) {
				t.Errorf("%s, %s, with another key: error %v, want %v", tt.name, name, err, crypt.ErrWrongKey)
			}
			hides(t, key, err)
		}
	}
	if _, err := keyFile(t, key).Open(s, make([]byte, 18), offset); !errors.Is(err, crypt.ErrWrongKey) {
		t.Errorf("an event shorter than its header: error %v, want %v", err, crypt.ErrWrongKey)
	}
}

// No key out of many makes a likely event of another key's.
func TestWrongKeys(t *testing.T) {
	s, nonce := start(t)
	rotate := anEvent(decoder.EventRotate, 0, append(make([]byte, 8), "binlog.000042"...))
	for name, cipher := range ciphers {
		sealed := crypttest.Seal(rotate, nonce, crypttest.Key("k", 32), 296, cipher)
		for i := range 10000 {
			wrong := keyFile(t, crypttest.Key(strings.Repeat("w", i), 16))
			if _, err := wrong.Open(s, sealed, 296); !errors.Is(err, crypt.ErrWrongKey) {
				t.Fatalf("%s, wrong key %d: error %v, want %v", name, i, err, crypt.ErrWrongKey)
			}
		}
	}
}

func TestStartThatIsNone(t *testing.T) {
	tests := []struct {
		name, want string
		body       []byte
	}{
		{"empty", "scheme", nil},
		{"cut", "nonce", []byte{1, 1, 0, 0, 0, 9}},
		{"another scheme", "found 2", append([]byte{2, 1, 0, 0, 0}, make([]byte, 12)...)},
		{"a key that was rotated", "found version 7", append([]byte{1, 7, 0, 0, 0}, make([]byte, 12)...)},
	}
	for _, tt := range tests {
		if _, err := crypt.ParseStart(tt.body); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one that says %q", tt.name, err, tt.want)
		}
	}
}
