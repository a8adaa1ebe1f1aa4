package crypt_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"binmend/decoder/crypt"
	"binmend/decoder/crypt/crypttest"
)

// header is the encryption header of an empty log.
func header(t *testing.T, id string, key []byte) *crypt.Header {
	t.Helper()
	h, err := crypt.ParseHeader(crypttest.MySQL(nil, id, key))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Before a rotation the keyring has one key, after it another: with both files every log can be read.
func TestKeyringOfSeveralFiles(t *testing.T) {
	first, second := crypttest.KeyID(1), crypttest.KeyID(2)
	key := crypttest.Key("k", 32)
	var keyring crypt.Keyring
	for _, id := range []string{first, second, first} {
		if err := keyring.AddFile(crypttest.Keyring(id, key)); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{first, second} {
		if _, err := keyring.Open(header(t, id, key)); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	_, err := keyring.Open(header(t, crypttest.KeyID(3), key))
	var missing *crypt.MissingKeyError
	if !errors.As(err, &missing) || missing.ID != crypttest.KeyID(3) {
		t.Errorf("error %v, want a MissingKeyError", err)
	}
}

func TestKeyringThatIsNone(t *testing.T) {
	key := crypttest.Key("k", 32)
	good := string(crypttest.Keyring(crypttest.KeyID(1), key))
	secret := fmt.Sprintf("%X", key)
	tests := []struct{ name, file, want string }{
		{"empty", "", "found something else"},
		{"text", "-- MySQL dump", "found something else at byte 2"},
		{"cut", good[:len(good)-20], "found something else"},
		{"another JSON", `[1, 2]`, "found something else"},
		{"a number for data", strings.Replace(good, `"`+secret+`"`, "123456", 1), "found something else"},
		{"no version", `{"elements":[]}`, `found version ""`},
		{"another version", strings.Replace(good, "1.0", "2.0", 1), `found version "2.0"`},
		{"no element", `{"version":"1.0","elements":[]}`, "none of its 0 elements"},
		{"keys for tables only", strings.Replace(good, "MySQLReplicationKey_", "INNODBKey-", 1), "none of its 1 elements"},
		{"a short key", strings.Replace(good, secret, secret[:32], 1), "none of its 1 elements"},
		{"no hexadecimal data", strings.Replace(good, secret, "x"+secret[1:], 1), "element 1"},
		{"the keyring_file plugin", "Keyring file version:2.0\x80\x00", "mysql_migrate_keyring"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var keyring crypt.Keyring
			err := keyring.AddFile([]byte(tt.file))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want one that says %q", err, tt.want)
			}
			hides(t, key, err)
		})
	}
}

func TestKeyringsThatDisagree(t *testing.T) {
	var keyring crypt.Keyring
	one, other := crypttest.Key("one", 32), crypttest.Key("other", 32)
	if err := keyring.AddFile(crypttest.Keyring(crypttest.KeyID(1), one)); err != nil {
		t.Fatal(err)
	}
	err := keyring.AddFile(crypttest.Keyring(crypttest.KeyID(1), other))
	if err == nil || !strings.Contains(err.Error(), crypttest.KeyID(1)) {
		t.Fatalf("error %v, want one that names the key", err)
	}
	hides(t, one, err)
	hides(t, other, err)
}

// No verb of fmt prints a key.
func TestFormat(t *testing.T) {
	key := crypttest.Key("k", 32)
	keyring := &crypt.Keyring{}
	if err := keyring.AddFile(crypttest.Keyring(crypttest.KeyID(1), key)); err != nil {
		t.Fatal(err)
	}
	keyFile, err := crypt.ParseKeyFile(crypttest.KeyFile(key), nil)
	if err != nil {
		t.Fatal(err)
	}
	nested := struct {
		keyring *crypt.Keyring
		keyFile *crypt.KeyFile
	}{keyring, keyFile}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		for _, value := range []any{keyring, *keyring, keyFile, *keyFile, nested, &nested} {
			hides(t, key, fmt.Sprintf(verb, value))
		}
	}
}

// hides fails the test when a text shows a key, or a good part of it.
func hides(t *testing.T, key []byte, text any) {
	t.Helper()
	said := fmt.Sprint(text)
	for at := 0; at+4 <= len(key); at++ {
		part := key[at : at+4]
		decimal := strings.Trim(fmt.Sprint(part), "[]")
		if strings.Contains(strings.ToLower(said), hex.EncodeToString(part)) || strings.Contains(said, string(part)) || strings.Contains(said, decimal) {
			t.Fatalf("a key is to be seen in %q", said)
		}
	}
}
