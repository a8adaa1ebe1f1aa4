// Package logintest writes login files for tests, as mysql_config_editor does.
package logintest

import (
	"bytes"
	"crypto/aes"
	"encoding/binary"
)

var key = []byte("12345678901234567890")

// File is a login file with the given lines. Their ends are part of them.
func File(lines ...string) []byte {
	var folded [aes.BlockSize]byte
	for i, b := range key {
		folded[i%len(folded)] ^= b
	}
	block, err := aes.NewCipher(folded[:])
	if err != nil {
		panic(err)
	}
	text := append([]byte{0, 0, 0, 0}, key...)
	for _, line := range lines {
		padding := aes.BlockSize - len(line)%aes.BlockSize
		hidden := append([]byte(line), bytes.Repeat([]byte{byte(padding)}, padding)...)
		for i := 0; i < len(hidden); i += aes.BlockSize {
			block.Encrypt(hidden[i:], hidden[i:])
		}
		text = binary.LittleEndian.AppendUint32(text, uint32(len(hidden)))
		text = append(text, hidden...)
	}
	return text
}
