package logfile

import (
	"encoding/binary"
	"io"

	"binmend/decoder"
)

// NextOf returns the next event of a wanted type. It skips the events before it by the lengths in their headers: they are not
// checked and, if the file can seek, not read. It never skips an event that starts encryption.
func (f *File) NextOf(wanted func(decoder.EventType) bool) (raw []byte, pos decoder.Position, err error) {
	for {
		if err := f.pass(wanted); err != nil {
			return nil, decoder.Position{File: f.name, Offset: f.pos}, err
		}
		raw, pos, err = f.Next()
		if err != nil || wanted(decoder.EventType(raw[typeOffset])) {
			return raw, pos, err
		}
	}
}

// pass goes to the next wanted event, or to the first whose type or end can't be read.
func (f *File) pass(wanted func(decoder.EventType) bool) error {
	for !f.events.sealed(f.pos) {
		if err := f.skipHole(); err != nil {
			return err
		}
		head, err := f.peek(headerLength)
		if err == io.EOF {
			return nil // Next reports whether the file ends here as it should
		}
		if err != nil {
			return err
		}
		length := binary.LittleEndian.Uint32(head[lengthOffset:])
		t := decoder.EventType(head[typeOffset])
		if length < headerLength || t == decoder.EventMariaStartEncryption || wanted(t) {
			return nil
		}
		if passed, err := f.jump(int64(length)); !passed {
			return err
		}
	}
	return nil
}

// jump skips n bytes without reading them, if the file has so many and can seek.
func (f *File) jump(n int64) (bool, error) {
	if n <= int64(len(f.have)) {
		f.take(int(n))
		return true, nil
	}
	if f.pos+n > f.Size() {
		return false, nil
	}
	return true, f.SeekTo(f.pos + n)
}
