package optionfile

import (
	"bytes"
	"crypto/aes"
	"encoding/binary"
	"fmt"

	"binmend/decoder/fault"
)

// maxLogin bounds a login file; the clients read lines of up to 4 KiB, and people have a few dozen.
const maxLogin = 1 << 20

const (
	loginUnused = 4
	loginKey    = 20
	loginLength = 4
	loginMost   = 4096 // bytes of a line, the clients' own bound
)

// loginError is the error of a file that is no login file.
func loginError(offset int, what string) error {
	return &fault.Error{Reason: ErrLogin, What: fmt.Sprintf("expected a login file, but at offset %d %s", offset, what)}
}

// Reveal returns the text of a login file, as mysql_config_editor writes it: an option file of which each line is
// obfuscated with a key that stands beside it. It keeps nothing secret.
//
//	0    4   unused, 0
//	4    20  the key; byte n goes into byte n modulo 16 of the AES key by exclusive or
//	24   4   the length of what follows, little endian; a multiple of 16
//	28   n   a line with its \n, by AES-128-ECB, padded with 1 to 16 bytes of which each is their number
//	…        further lines
//
// Source: MySQL, mysys/my_default.cc (mysql_file_getline) and mysys/my_aes.cc (my_aes_create_key).
func Reveal(text []byte) ([]byte, error) {
	const header = loginUnused + loginKey
	switch {
	case len(text) > maxLogin:
		return nil, loginError(0, fmt.Sprintf("there are more than %d bytes", maxLogin))
	case len(text) < header:
		return nil, loginError(0, fmt.Sprintf("there are only %d bytes", len(text)))
	}
	var key [aes.BlockSize]byte
	for i, b := range text[loginUnused:header] {
		key[i%len(key)] ^= b
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	var plain []byte
	for at := header; at < len(text); {
		line, next, err := loginLine(text, at)
		if err != nil {
			return nil, err
		}
		for i := 0; i < len(line); i += aes.BlockSize {
			plain = append(plain, make([]byte, aes.BlockSize)...)
			block.Decrypt(plain[len(plain)-aes.BlockSize:], line[i:])
		}
		padding := int(plain[len(plain)-1])
		if padding < 1 || padding > aes.BlockSize || !bytes.Equal(plain[len(plain)-padding:], bytes.Repeat([]byte{byte(padding)}, padding)) {
			return nil, loginError(at, "is a line that the key does not reveal")
		}
		plain = plain[:len(plain)-padding]
		at = next
	}
	return plain, nil
}

// loginLine is the hidden line whose length stands at an offset, and where the next one is.
func loginLine(text []byte, at int) (line []byte, next int, err error) {
	rest := text[at:]
	if len(rest) < loginLength {
		return nil, 0, loginError(at, fmt.Sprintf("there are only %d bytes of a length", len(rest)))
	}
	n := binary.LittleEndian.Uint32(rest)
	rest = rest[loginLength:]
	switch {
	case n == 0, n%aes.BlockSize != 0, n > loginMost:
		return nil, 0, loginError(at, fmt.Sprintf("a line has %d bytes", n))
	case int(n) > len(rest):
		return nil, 0, loginError(at, fmt.Sprintf("a line of %d bytes ends after %d", n, len(rest)))
	}
	return rest[:n], at + loginLength + int(n), nil
}
