package crypt_test

import (
	"encoding/hex"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"binmend/decoder/crypt"
	"binmend/decoder/crypt/crypttest"
)

const aKey = "770A8A65DA156D24EE2A093277530142"

func TestKeyFile(t *testing.T) {
	tests := []struct{ name, file, err string }{
		{"one key", "1;" + aKey, ""},
		{"24 bytes", "1;" + aKey + aKey[:16] + "\n", ""},
		{"32 bytes, DOS lines", "1;" + aKey + aKey + "\r\n", ""},
		{"among others", "#\n  # keys\n\n33;" + aKey + "\n \t1;" + aKey + "\n2;" + aKey, ""},
		{"remarks behind keys", "1;" + aKey + " # the first\n2;" + aKey + " --> ignored\n", ""},
		{"empty", "", "no key 1"},
		{"remarks only", "# 1;" + aKey, "no key 1"},
		{"another key", "2;" + aKey, "no key 1"},
		{"no semicolon", "\n1 " + aKey, "line 2"},
		{"no number", ";" + aKey, "line 1"},
		{"number 0", "0;" + aKey, "line 1"},
		{"a large number", "4294967296;" + aKey, "line 1"},
		{"a short key", "1;" + aKey[1:], "expected a key of 32, 48 or 64 hexadecimal digits, found 31"},
		{"a long key", "1;" + aKey + aKey + aKey, "found 96"},
		{"no key", "1;", "found 0"},
		{"no hexadecimal key", "1;" + aKey[:8] + "x" + aKey[8:], "found 8"},
		{"binary", "\x00\x01\xff", "line 1"},
	}
	key, _ := hex.DecodeString(aKey)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := crypt.ParseKeyFile([]byte(tt.file), nil)
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Fatalf("error %v, want one that says %q", err, tt.err)
			}
			hides(t, key, err)
		})
	}
}

// encryptedKeyFile is what openssl enc -aes-256-cbc -md sha1 -k secret -S 0102030405060708 made of keys 1 and 2.
const encryptedKeyFile = "53616c7465645f5f0102030405060708" +
	"8c149ff39cb38427b10e1e6136e0be6709a763f16857a0f615fb1a2efea7d80bc6c8ee480f169e582d7a0af40d029cd1" +
	"a2fa0b00a457600c05304ebbeb5e8143fc5d1e895b745888bf13d7da196a967389fb1a84704d688d92aa1a4275628d2d"

func TestEncryptedKeyFile(t *testing.T) {
	file, err := hex.DecodeString(encryptedKeyFile)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := crypt.ParseKeyFile(file, []byte("secret")); err != nil {
		t.Errorf("with its password: %v", err)
	}
	tests := []struct {
		name     string
		file     []byte
		password string
		err      string
	}{
		{"no password", file, "", "no password is given"},
		{"another password", file, "Secret", "not with this password"},
		{"cut", file[:len(file)-1], "secret", "not with this password"},
		{"cut by a block", file[:len(file)-16], "secret", "not with this password"},
		{"salt only", file[:16], "secret", "not with this password"},
		{"magic only", file[:8], "secret", "not with this password"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := crypt.ParseKeyFile(tt.file, []byte(tt.password))
			if !errors.Is(err, crypt.ErrPassword) || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %v that says %q", err, crypt.ErrPassword, tt.err)
			}
		})
	}
	if _, err := crypt.ParseKeyFile([]byte("1;"+aKey), []byte("secret")); err == nil || !strings.Contains(err.Error(), "not encrypted") {
		t.Errorf("a password for a plain file: error %v", err)
	}
}

// A wrong password makes a padding that looks right once in 256 times; then what is decrypted is no key file.
func TestWrongPasswords(t *testing.T) {
	file, err := hex.DecodeString(encryptedKeyFile)
	if err != nil {
		t.Fatal(err)
	}
	key, _ := hex.DecodeString(aKey)
	for i := range 4096 {
		password := crypttest.Key(string(rune(i)), 8)
		if _, err := crypt.ParseKeyFile(file, password); !errors.Is(err, crypt.ErrPassword) {
			t.Fatalf("password %x: error %v, want %v", password, err, crypt.ErrPassword)
		} else {
			hides(t, key, err)
		}
	}
}

// What openssl makes on this machine can be read, whatever the length of the password and the file.
func TestKeyFileOfOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("no openssl on this machine")
	}
	for _, password := range []string{"x", "with spaces é", strings.Repeat("long", 64)} {
		for pad := range 17 {
			cmd := exec.Command("openssl", "enc", "-aes-256-cbc", "-md", "sha1", "-k", password)
			cmd.Stdin = strings.NewReader("#" + strings.Repeat("-", pad) + "\n1;" + aKey + "\n")
			file, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := crypt.ParseKeyFile(file, crypt.TrimPassword([]byte(password+"\r\n"))); err != nil {
				t.Errorf("password %q, %d bytes: %v", password, len(file), err)
			}
		}
	}
}
