package crypt

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha512"
	"encoding/binary"
)

// Stream decrypts a log that MySQL encrypted: AES-256-CTR, with the offset as the counter.
type Stream struct {
	block cipher.Block
	nonce [blockLength / 2]byte
}

// Open finds the key that a header names and makes the log's stream with it. It can't verify the key: if the key is right,
// the decrypted log begins with the magic number of a log.
//
// The key decrypts the file's password (AES-256-CBC, no padding). The password's SHA-512 is the stream's key, 32 bytes,
// and the first half of its counter blocks, 8 bytes; the rest of it is not used (MySQL source: Aes_ctr_cipher).
func (k *Keyring) Open(h *Header) (*Stream, error) {
	key, ok := k.keys[h.KeyID]
	if !ok {
		return nil, &MissingKeyError{h.KeyID}
	}
	block, err := aes.NewCipher(key())
	if err != nil {
		return nil, err
	}
	var password [passwordLength]byte
	cipher.NewCBCDecrypter(block, h.iv[:]).CryptBlocks(password[:], h.password[:])
	digest := sha512.Sum512(password[:])
	s := &Stream{}
	if s.block, err = aes.NewCipher(digest[:32]); err != nil {
		return nil, err
	}
	copy(s.nonce[:], digest[32:])
	return s, nil
}

// Decrypt decrypts bytes in place. offset is where they begin in the log, counted from the end of the header.
func (s *Stream) Decrypt(b []byte, offset int64) {
	var counter [blockLength]byte
	copy(counter[:], s.nonce[:])
	binary.BigEndian.PutUint64(counter[len(s.nonce):], uint64(offset)/blockLength)
	ctr := cipher.NewCTR(s.block, counter[:])
	if inside := offset % blockLength; inside > 0 {
		var skipped [blockLength]byte
		ctr.XORKeyStream(skipped[:inside], skipped[:inside])
	}
	ctr.XORKeyStream(b, b)
}
