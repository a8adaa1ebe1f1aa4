package crypt_test

import (
	"encoding/hex"
	"testing"

	"binmend/decoder/crypt"
	"binmend/decoder/crypt/crypttest"
)

// A header that can be read names a key and, with any key of that name, gives a stream.
func FuzzHeader(f *testing.F) {
	key := crypttest.Key("k", 32)
	f.Add(crypttest.MySQL(nil, crypttest.KeyID(1), key))
	f.Add(crypttest.MySQL(nil, "", key))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := crypt.ParseHeader(b)
		if (err == nil) != (h != nil) {
			t.Fatalf("header %v, error %v", h, err)
		}
		if err == nil && h.KeyID == "" {
			t.Error("a header without the id of a key")
		}
	})
}

// Whatever a keyring file holds, reading it ends, and a key that it names opens a log.
func FuzzKeyring(f *testing.F) {
	id, key := crypttest.KeyID(1), crypttest.Key("k", 32)
	f.Add(crypttest.Keyring(id, key))
	f.Add([]byte("Keyring file version:2.0"))
	f.Fuzz(func(t *testing.T, file []byte) {
		var keyring crypt.Keyring
		if err := keyring.AddFile(file); err != nil {
			return
		}
		if err := keyring.AddFile(file); err != nil {
			t.Errorf("the same file twice: %v", err)
		}
	})
}

// Whatever a key file and its password are, reading it ends, and a key that was read opens no log of another.
func FuzzKeyFile(f *testing.F) {
	encrypted, err := hex.DecodeString(encryptedKeyFile)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(crypttest.KeyFile(crypttest.Key("k", 16)), []byte(nil))
	f.Add(encrypted, []byte("secret"))
	f.Add(encrypted[:24], []byte("secret"))
	f.Fuzz(func(t *testing.T, file, password []byte) {
		k, err := crypt.ParseKeyFile(file, password)
		if (err == nil) != (k != nil) {
			t.Fatalf("key file %v, error %v", k, err)
		}
	})
}
