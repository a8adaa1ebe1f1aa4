package crypt

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
)

// opensslMagic begins a file that "openssl enc" made with a password.
var opensslMagic = []byte("Salted__")

const opensslSaltLength = 8

// opensslDecrypt decrypts what "openssl enc -aes-256-cbc -md sha1" made. Valid padding does not prove the password: one wrong
// password in 256 gives valid padding too.
//
//	offset  bytes  field
//	0       8      "Salted__"
//	8       8      salt
//	16      16·n   AES-256-CBC, padded
func opensslDecrypt(file, password []byte) (plain []byte, ok bool) {
	body := bytes.TrimPrefix(file, opensslMagic)
	if len(body) <= opensslSaltLength || (len(body)-opensslSaltLength)%aes.BlockSize != 0 {
		return nil, false
	}
	salt, body := body[:opensslSaltLength], body[opensslSaltLength:]
	key, iv := opensslKey(password, salt)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, false
	}
	plain = make([]byte, len(body))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, body)
	return unpad(plain)
}

// opensslKey derives a key and an IV from a password: SHA-1 of the password and the salt, then repeatedly of the previous
// digest, the password and the salt (OpenSSL: EVP_BytesToKey with a count of 1).
func opensslKey(password, salt []byte) (key, iv []byte) {
	const keyLength, ivLength = 32, aes.BlockSize
	var all, digest []byte
	for len(all) < keyLength+ivLength {
		h := sha1.New()
		h.Write(digest)
		h.Write(password)
		h.Write(salt)
		digest = h.Sum(nil)
		all = append(all, digest...)
	}
	return all[:keyLength], all[keyLength : keyLength+ivLength]
}

// unpad removes the padding of PKCS #7: n bytes of the value n, at least one.
func unpad(b []byte) ([]byte, bool) {
	n := int(b[len(b)-1])
	if n == 0 || n > aes.BlockSize {
		return nil, false
	}
	padding := b[len(b)-n:]
	return b[:len(b)-n], bytes.Count(padding, padding[:1]) == n
}
