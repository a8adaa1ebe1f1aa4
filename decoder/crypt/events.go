package crypt

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"

	"binmend/decoder/internal/bin"
)

const (
	eventHeaderLength = 19
	nonceLength       = 12
	scheme            = 1
	keyVersion        = 1 // file_key_management has no other
)

// Start is what a START_ENCRYPTION event says about the events after it.
type Start struct{ nonce [nonceLength]byte }

// ParseStart reads the body of a START_ENCRYPTION event (MariaDB source: Start_encryption_log_event).
//
//	offset  bytes  field
//	0       1      scheme, 1
//	1       4      version of the key
//	5       12     nonce
func ParseStart(body []byte) (Start, error) {
	var s Start
	c := bin.New(body)
	kind, version := c.Uint8("scheme"), c.Uint32("key version")
	copy(s.nonce[:], c.Bytes(nonceLength, "nonce"))
	switch {
	case c.Err() != nil:
		return s, c.Err()
	case kind != scheme:
		return s, fmt.Errorf("expected encryption scheme %d, found %d", scheme, kind)
	case version != keyVersion:
		return s, fmt.Errorf("expected version %d of the key, as file_key_management has it, found version %d", keyVersion, version)
	}
	return s, nil
}

// Events decrypts the events of one log of MariaDB.
type Events struct {
	block   cipher.Block
	nonce   [nonceLength]byte
	decrypt func(block cipher.Block, iv, b []byte)
}

// ErrWrongKey: the decrypted bytes are not an event.
var ErrWrongKey = errors.New("the key in the key file does not fit the log")

// Open makes the cipher for the events after a START_ENCRYPTION event. first is the first of them, and offset is where it
// begins. It shows whether the key is right, and which of two ciphers the server used: the log does not name it
// (file_key_management_encryption_algorithm).
func (k *KeyFile) Open(s Start, first []byte, offset int64) (*Events, error) {
	block, err := aes.NewCipher(k.key())
	if err != nil {
		return nil, err
	}
	plain := make([]byte, len(first))
	for _, decrypt := range []func(cipher.Block, []byte, []byte){decryptCBC, decryptCTR} {
		e := &Events{block: block, nonce: s.nonce, decrypt: decrypt}
		copy(plain, first)
		e.Decrypt(plain, offset)
		if plausible(plain, offset) {
			return e, nil
		}
	}
	return nil, ErrWrongKey
}

// Decrypt decrypts a whole event in place; offset is where it begins in the file. An event that is shorter than a header
// stays as it is.
//
// The length of an encrypted event stands where it always does. The four encrypted bytes that it displaces stand at the
// beginning, in place of the timestamp (MariaDB source: decrypt_event):
//
//	offset  bytes  plain        encrypted
//	0       4      timestamp    bytes 9 to 12 of the encrypted event
//	4       5      …            encrypted, from here on
//	9       4      length       length
//	13      …      …            encrypted
//
// The bytes from 4 on are encrypted, with the timestamp in place of the length.
func (e *Events) Decrypt(event []byte, offset int64) {
	if len(event) < eventHeaderLength {
		return
	}
	var iv [aes.BlockSize]byte
	copy(iv[:], e.nonce[:])
	binary.LittleEndian.PutUint32(iv[nonceLength:], uint32(offset))

	timestamp, length := event[:4], event[9:13]
	kept := [4]byte(length)
	copy(length, timestamp)
	e.decrypt(e.block, iv[:], event[4:])
	copy(timestamp, length)
	copy(length, kept[:])
}

// decryptCBC decrypts whole blocks by AES-CBC. The bytes after the last one are XORed with the encrypted IV (MariaDB source:
// MyCTX_nopad).
func decryptCBC(block cipher.Block, iv, b []byte) {
	whole := len(b) / aes.BlockSize * aes.BlockSize
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(b[:whole], b[:whole])
	var mask [aes.BlockSize]byte
	block.Encrypt(mask[:], iv)
	for i := range b[whole:] {
		b[whole+i] ^= mask[i]
	}
}

// decryptCTR decrypts by AES-CTR.
func decryptCTR(block cipher.Block, iv, b []byte) { cipher.NewCTR(block, iv).XORKeyStream(b, b) }
