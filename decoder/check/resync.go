package check

import (
	"encoding/binary"
	"io"

	"binmend/decoder"
	"binmend/decoder/logfile"
)

const (
	headerLength   = 19
	lengthOffset   = 9
	checksumLength = 4
	window         = 1 << 20
	maxProof       = 64 << 20 // an event that is larger is not looked for
)

// nextProved returns the first offset at or behind from where bytes stand that end in their own CRC-32, as an event
// does. A random match has a chance of one in 2^32 for each offset whose length field fits.
func nextProved(f *logfile.File, from int64) (int64, bool) {
	size := f.Size()
	budget := 16 * max(size-from, window) // bytes to prove; more means that the bytes were made to look like events
	buf := make([]byte, window+headerLength)
	for low := from; low+headerLength+checksumLength <= size && budget > 0; low += window {
		n, err := f.ReadAt(buf, low)
		if err != nil && err != io.EOF {
			return 0, false
		}
		for i := 0; i < window && i+headerLength <= n && budget > 0; i++ {
			length := int64(binary.LittleEndian.Uint32(buf[i+lengthOffset:]))
			if length < headerLength+checksumLength || length > min(size-low-int64(i), maxProof) {
				continue
			}
			budget -= length
			if proved(f, low+int64(i), length, buf[i:n]) {
				return low + int64(i), true
			}
		}
	}
	return 0, false
}

// proved says whether the bytes at offset end in their checksum. have is what is read of them already.
func proved(f *logfile.File, offset, length int64, have []byte) bool {
	raw := have
	if int64(len(raw)) < length || f.SealsEvents() {
		raw = make([]byte, length)
		if err := f.ReadEventAt(raw, offset); err != nil {
			return false
		}
	}
	return decoder.EndsInChecksum(raw[:length])
}
