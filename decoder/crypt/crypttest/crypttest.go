// Package crypttest encrypts logs as servers do. In go a plain log and a key; out come the log as a server keeps it, and the
// file that holds the key. It is for tests only.
package crypttest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
)

// Key derives a key of up to 64 bytes from a word.
func Key(word string, length int) []byte {
	digest := sha512.Sum512([]byte(word))
	return digest[:length]
}

// KeyID is the name that MySQL gives to a replication key.
func KeyID(number int) string {
	return fmt.Sprintf("MySQLReplicationKey_01234567-89ab-cdef-0123-456789abcdef_%d", number)
}

// Keyring is the file of component_keyring_file with one replication key.
func Keyring(id string, key []byte) []byte {
	return fmt.Appendf(nil, `{"version":"1.0","elements":[{"user":"","data_id":%q,"data_type":"AES","data":"%X","extension":[]}]}`, id, key)
}

// MySQL encrypts a log with a key of 32 bytes.
func MySQL(log []byte, id string, key []byte) []byte {
	password, iv := Key("password of the file", 32), Key("IV of the password", aes.BlockSize)
	encrypted := make([]byte, len(password))
	cipher.NewCBCEncrypter(block(key), iv).CryptBlocks(encrypted, password)

	header := append([]byte{0xfd, 'b', 'i', 'n', 1, 1, byte(len(id))}, id...)
	header = append(append(header, 2), encrypted...)
	header = append(append(header, 3), iv...)
	header = append(header, make([]byte, 512-len(header))...)

	digest := sha512.Sum512(password)
	counter := append(bytes.Clone(digest[32:40]), make([]byte, 8)...)
	out := append(header, log...)
	cipher.NewCTR(block(digest[:32]), counter).XORKeyStream(out[len(header):], log)
	return out
}

// KeyFile is the file of file_key_management with the key for logs.
func KeyFile(key []byte) []byte {
	return []byte("# keys\n2;" + hex.EncodeToString(Key("another", 16)) + "\n1;" + hex.EncodeToString(key) + "\n")
}

// Cipher is what file_key_management_encryption_algorithm chooses.
type Cipher func(block cipher.Block, iv, b []byte)

// StartLength is how much longer MariaDB makes a log with checksums by encrypting it.
const StartLength = 40

// MariaDB encrypts a log, which begins with a Format_desc event, with a key of 16, 24 or 32 bytes.
func MariaDB(log, key []byte, encrypt Cipher) []byte {
	at := 4 + length(log[4:])
	nonce := Key("nonce", 12)
	out := append(bytes.Clone(log[:at]), start(log[4:at], nonce)...)
	for at < len(log) {
		n := length(log[at:])
		out = append(out, Seal(log[at:at+n], nonce, key, int64(len(out)), encrypt)...)
		at += n
	}
	return out
}

// Seal encrypts an event of a MariaDB log for its offset.
func Seal(event, nonce, key []byte, offset int64, encrypt Cipher) []byte {
	e := bytes.Clone(event)
	copy(e[9:], e[:4])
	encrypt(block(key), binary.LittleEndian.AppendUint32(bytes.Clone(nonce), uint32(offset)), e[4:])
	copy(e[:4], e[9:])
	binary.LittleEndian.PutUint32(e[9:], uint32(len(e)))
	return e
}

func length(event []byte) int { return int(binary.LittleEndian.Uint32(event[9:])) }

// start makes a START_ENCRYPTION event that follows the given Format_desc event.
func start(format, nonce []byte) []byte {
	const checksum = 4
	size := StartLength
	if format[len(format)-checksum-1] == 0 {
		size -= checksum
	}
	e := append(bytes.Clone(format[:9]), make([]byte, 10)...)
	e[4] = 164
	binary.LittleEndian.PutUint32(e[9:], uint32(size))
	binary.LittleEndian.PutUint32(e[13:], uint32(4+len(format)+size))
	e = append(append(e, 1, 1, 0, 0, 0), nonce...)
	if len(e) < size {
		e = binary.LittleEndian.AppendUint32(e, crc32.ChecksumIEEE(e))
	}
	return e
}

// CBC is aes_cbc: whole blocks chained, the rest XORed with the encrypted IV.
func CBC(b cipher.Block, iv, plain []byte) {
	whole := len(plain) &^ (aes.BlockSize - 1)
	cipher.NewCBCEncrypter(b, iv).CryptBlocks(plain[:whole], plain[:whole])
	var mask [aes.BlockSize]byte
	b.Encrypt(mask[:], iv)
	for i := range plain[whole:] {
		plain[whole+i] ^= mask[i]
	}
}

// CTR is aes_ctr.
func CTR(b cipher.Block, iv, plain []byte) { cipher.NewCTR(b, iv).XORKeyStream(plain, plain) }

func block(key []byte) cipher.Block {
	b, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // a test with a key of a wrong length
	}
	return b
}
