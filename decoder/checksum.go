package decoder

import (
	"hash/crc32"

	"binmend/decoder/internal/bin"
)

// EndsInChecksum reports whether raw is an event that ends in its own CRC-32. By chance, other bytes do once in 2^32 times.
func EndsInChecksum(raw []byte) bool {
	end := len(raw) - checksumLength
	return end >= headerLength && crc32.ChecksumIEEE(raw[:end]) == uint32(bin.Uint(raw[end:]))
}
