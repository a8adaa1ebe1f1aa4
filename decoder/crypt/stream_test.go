package crypt_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"binmend/decoder/crypt"
	"binmend/decoder/crypt/crypttest"
)

// Any bytes of a log can be decrypted by themselves.
func TestStreamAnywhere(t *testing.T) {
	id, key := crypttest.KeyID(1), crypttest.Key("k", 32)
	log := bytes.Repeat([]byte("what is in the log, again and again; "), 30)
	encrypted := crypttest.MySQL(log, id, key)[crypt.HeaderLength:]
	var keyring crypt.Keyring
	if err := keyring.AddFile(crypttest.Keyring(id, key)); err != nil {
		t.Fatal(err)
	}
	stream, err := keyring.Open(header(t, id, key))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, len(log)).Draw(t, "from")
		to := rapid.IntRange(from, len(log)).Draw(t, "to")
		got := bytes.Clone(encrypted[from:to])
		stream.Decrypt(got, int64(from))
		if !bytes.Equal(got, log[from:to]) {
			t.Fatalf("bytes %d to %d: got %q, want %q", from, to, got, log[from:to])
		}
	})
}
