package logfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"

	"binmend/decoder"
	"binmend/decoder/fault"
)

const (
	checksumLength = 4
	maxProof       = 16 << 20 // a larger event is not looked for
	unusedFlags    = 0x3c02   // event flags that no server uses
)

// Bounds on the bytes whose checksums are computed, for each byte skipped and in all. More means that someone made the bytes
// look like events.
const (
	proofsPerByte = 256
	proofsInAll   = 256 << 20
)

// Resync goes to the first place after the beginning of damage where bytes look like an event and end in their own CRC-32, as
// events do in a log with checksums. The error is io.EOF when there is none. A stream that can't go back begins the search
// where it stands. Random bytes that look like an event pass with a chance of one in 2^32.
func (f *File) Resync(damage decoder.Position) (offset int64, err error) {
	if err := f.goBack(damage.Offset + 1); err != nil {
		return f.pos, err
	}
	budget := int64(proofsInAll)
	for budget > 0 {
		head, err := f.peek(headerLength + checksumLength)
		if isEnd(err) {
			break
		}
		if err != nil {
			return f.pos, err
		}
		if length, ok := f.eventLength(head); ok {
			budget -= int64(length)
			switch raw, err := f.peek(length); {
			case err == nil && f.proved(raw):
				return f.pos, nil
			case err != nil && !isEnd(err):
				return f.pos, err
			}
		}
		f.take(1)
		budget += proofsPerByte
	}
	f.take(len(f.have))
	f.ahead.drop()
	f.r = strings.NewReader("") // a damaged compressed file would return its error again and again
	return f.pos, io.EOF
}

// isEnd reports whether an error ends reading: at the end of the file, or because its compressed data can't be read.
func isEnd(err error) bool {
	var packed *fault.Error
	return err == io.EOF || errors.As(err, &packed)
}

// goBack goes to an offset that was read already, if it can.
func (f *File) goBack(offset int64) error {
	back := f.pos - offset
	switch before := f.before(); {
	case back <= 0:
		return nil
	case back <= int64(before) && !f.SealsEvents():
		f.have = f.buf[int64(before)-back : before+len(f.have)]
		f.pos = offset
	case f.disk:
		return f.SeekTo(offset)
	}
	return nil
}

// before is how many of the bytes returned last are still in the buffer.
func (f *File) before() int {
	if f.have == nil {
		return 0
	}
	return cap(f.buf) - cap(f.have)
}

// eventLength is the length of the event here, if the bytes can be an event header.
func (f *File) eventLength(head []byte) (int, bool) {
	length := binary.LittleEndian.Uint32(head[lengthOffset:])
	if length < headerLength+checksumLength || length > maxProof {
		return 0, false
	}
	if f.SealsEvents() { // only the length can be read
		return int(length), true
	}
	known := decoder.EventType(head[typeOffset]).IsKnown()
	return int(length), known && binary.LittleEndian.Uint16(head[flagsOffset:])&unusedFlags == 0
}

// proved reports whether the bytes at the reader end in their checksum.
func (f *File) proved(raw []byte) bool {
	if f.SealsEvents() {
		raw = bytes.Clone(raw)
		f.events.cipher.Decrypt(raw, f.pos)
	}
	return decoder.EndsInChecksum(raw)
}
