package crypt

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
)

// KeyFile holds the key for logs out of a key file of MariaDB's file_key_management.
type KeyFile struct{ key secret }

// systemKey is the number of the key that encrypts logs (MariaDB source: ENCRYPTION_KEY_SYSTEM_DATA).
const systemKey = 1

// ParseKeyFile reads a key file: lines of a key's number, a semicolon and the key in hexadecimal. What follows a key, empty
// lines, and lines that begin with # are ignored. A file made by "openssl enc -aes-256-cbc -md sha1" needs its password; for
// any other file the password must be empty.
func ParseKeyFile(file, password []byte) (*KeyFile, error) {
	if !bytes.HasPrefix(file, opensslMagic) {
		if len(password) > 0 {
			return nil, errors.New("the key file is not encrypted, and needs no password")
		}
		return parseKeys(file)
	}
	if len(password) == 0 {
		return nil, fmt.Errorf("%w, and no password is given", ErrPassword)
	}
	plain, ok := opensslDecrypt(file, password)
	if !ok {
		return nil, fmt.Errorf("%w, and not with this password, or it is damaged", ErrPassword)
	}
	k, err := parseKeys(plain)
	if err != nil {
		return nil, fmt.Errorf("%w, and what this password makes of it is no key file: %v", ErrPassword, err)
	}
	return k, nil
}

// TrimPassword removes the line end from a password read from a file, as the server does with a FILE: password.
func TrimPassword(file []byte) []byte { return bytes.TrimRight(file, "\r\n") }

func parseKeys(file []byte) (*KeyFile, error) {
	k := &KeyFile{}
	number := 0
	for line := range bytes.Lines(file) {
		number++
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		id, key, err := parseKey(line)
		if err != nil {
			return nil, fmt.Errorf("line %d of the key file: %w", number, err)
		}
		if id == systemKey {
			k.key = keep(key)
		}
	}
	if k.key == nil {
		return nil, fmt.Errorf("the key file has no key %d, which is the one for logs", systemKey)
	}
	return k, nil
}

// parseKey reads a number, a semicolon and a key.
func parseKey(line []byte) (id uint64, key []byte, err error) {
	number, rest, found := bytes.Cut(line, []byte(";"))
	id, err = strconv.ParseUint(string(number), 10, 32)
	if !found || err != nil || id == 0 {
		return 0, nil, errors.New("expected a number from 1 on, a semicolon and a key, found something else")
	}
	digits := len(rest) - len(bytes.TrimLeft(rest, "0123456789abcdefABCDEF"))
	switch digits {
	case 2 * 16, 2 * 24, 2 * 32:
	default:
		return 0, nil, fmt.Errorf("expected a key of 32, 48 or 64 hexadecimal digits, found %d", digits)
	}
	key = make([]byte, digits/2)
	_, err = hex.Decode(key, rest[:digits])
	return id, key, err
}
