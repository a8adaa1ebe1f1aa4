package crypt_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"binmend/decoder/crypt"
	"binmend/decoder/crypt/crypttest"
)

func TestHeader(t *testing.T) {
	id := crypttest.KeyID(1)
	if got := header(t, id, crypttest.Key("k", 32)).KeyID; got != id {
		t.Errorf("key id %q, want %q", got, id)
	}
}

func TestHeaderThatIsNone(t *testing.T) {
	id := crypttest.KeyID(1)
	good := crypttest.MySQL(nil, id, crypttest.Key("k", 32))
	password := 7 + len(id)
	iv := password + 1 + 32
	tests := []struct {
		name   string
		damage func(b []byte) []byte
		want   string
	}{
		{"empty", func(b []byte) []byte { return nil }, "found 0"},
		{"cut", func(b []byte) []byte { return b[:511] }, "found 511"},
		{"magic", func(b []byte) []byte { b[0] = 0xfe; return b }, "found fe62696e"},
		{"version", func(b []byte) []byte { b[4] = 2; return b }, "found version 2"},
		{"unknown field", func(b []byte) []byte { b[5] = 9; return b }, "found 9"},
		{"no key id", func(b []byte) []byte { b[6] = 0; return append(b[:7], b[password:]...) }, "id of the key"},
		{"no field at all", func(b []byte) []byte { b[5] = 0; return b }, "id of the key"},
		{"no password", func(b []byte) []byte { return append(b[:password], b[iv:]...) }, "a file password"},
		{"no IV", func(b []byte) []byte { b[iv] = 0; return b }, "an IV"},
		{"no end", func(b []byte) []byte { copy(b[iv+17:], bytes.Repeat([]byte{3}, 512)); return b }, "encryption header"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := tt.damage(bytes.Clone(good))
			if tt.name != "empty" && tt.name != "cut" {
				b = append(b, make([]byte, crypt.HeaderLength)...)
			}
			_, err := crypt.ParseHeader(b)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want one that says %q", err, tt.want)
			}
			var version *crypt.VersionError
			if errors.As(err, &version) != (tt.name == "version") {
				t.Errorf("error %v: is it a VersionError?", err)
			}
		})
	}
}
