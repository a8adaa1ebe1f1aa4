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
	f.asksChecked = false // most events are not asked for
	for !f.events.sealed(f.pos) {
		if err := f.skipHole(); err != nil {
			return err
		}
		if len(f.holes) == 0 {
			f.passLoaded(wanted)
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

// passLoaded goes to the first wanted event, or to the first that is not whole in the buffer or that pass has to look at.
func (f *File) passLoaded(wanted func(decoder.EventType) bool) {
	rest := pastEvents(f.have, func(event []byte) bool {
		t := decoder.EventType(event[typeOffset])
		return t != decoder.EventMariaStartEncryption && !wanted(t)
	})
	f.take(len(f.have) - len(rest))
}

// pastEvents is what follows the events that passes lets by. It ends before an event that is not whole.
func pastEvents(have []byte, passes func(event []byte) bool) []byte {
	for len(have) >= headerLength {
		length := binary.LittleEndian.Uint32(have[lengthOffset:])
		if length < headerLength || uint64(length) > uint64(len(have)) || !passes(have[:length]) {
			break
		}
		have = have[length:]
	}
	return have
}

// jump skips n bytes, if the file has so many. It does not read many of them if the file can seek.
func (f *File) jump(n int64) (bool, error) {
	if n <= room {
		have, err := f.peek(int(n))
		if err == nil {
			f.take(len(have))
		}
		return err == nil, ignoreEOF(err)
	}
	if n <= int64(len(f.have)) {
		f.take(int(n))
		return true, nil
	}
	if f.pos+n > f.Size() {
		return false, nil
	}
	return true, f.SeekTo(f.pos + n)
}

func ignoreEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}
