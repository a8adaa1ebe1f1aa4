package logfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"

	"binmend/decoder"
	"binmend/decoder/fault"
)

// peek makes at least n bytes available and returns them; fewer with io.EOF at the end of the file. The buffer grows
// only when the bytes that fill it are there.
func (f *File) peek(n int) ([]byte, error) {
	for len(f.have) < n {
		if err := f.fill(n); err != nil {
			if err == io.EOF {
				return f.have, io.EOF
			}
			return nil, f.readFailed(err)
		}
	}
	return f.have[:n], nil
}

// readFailed is the error of reading on after what there is.
func (f *File) readFailed(err error) error {
	pos := decoder.Position{File: f.name, Offset: f.pos + int64(len(f.have))}
	var packed *fault.Error
	if errors.As(err, &packed) {
		packed.Pos, packed.Facts.Whole = pos, f.pos
		return packed
	}
	return fmt.Errorf("%s: offset %d: %w", pos.File, pos.Offset, err)
}

// fill reads once into the rest of the buffer; n bytes are wanted.
func (f *File) fill(n int) error {
	used := len(f.have)
	if err := f.checkUnpacked(used); err != nil {
		return err
	}
	if f.opener.Reading != nil {
		if err := f.opener.Reading(f.name, f.Progress()); err != nil {
			return err
		}
	}
	read, err := f.read(n)
	f.decrypt(f.buf[used:used+read], f.pos+int64(used))
	f.have = f.buf[:used+read]
	if used+read < len(f.buf) {
		f.fills = 0
	} else {
		f.fills++
		f.readAhead()
	}
	if read > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

// read reads once behind what the buffer has; n bytes are wanted in all.
func (f *File) read(n int) (int, error) {
	if len(f.ahead.queue) > 0 {
		if read, err := f.takePiece(); read > 0 || err != io.EOF {
			return read, err
		} // the end when it was read ahead: a log that is being written may have more now
	}
	switch used := len(f.have); {
	case used == len(f.buf), f.fills > 0 && len(f.buf) < maxBuffer:
		f.resize(f.larger(n))
	case len(f.buf) > largeBuffer && max(n, used) <= maxBuffer && f.last == decoder.EventQuery:
		f.resize(maxBuffer) // others may read the statement again meanwhile; large rows come one after the other, and need it again
	default:
		copy(f.buf, f.have)
	}
	return f.r.Read(f.buf[len(f.have):])
}

// larger is the next size of the buffer when n bytes are wanted: n if the file has so many, else twice the present size, of
// which half is known to be there; when that is large, no more than n.
func (f *File) larger(n int) int {
	size := max(minBuffer, 2*len(f.buf))
	if n > maxBuffer && f.pos+int64(n) <= f.Size() {
		return n
	}
	if size > maxBuffer && size > n {
		size = max(n, maxBuffer)
	}
	if most := f.mostUnpacked(); f.packed != nil && len(f.buf) < most {
		if size > largeBuffer {
			size = n // not half of it first, which would take memory beside it
		}
		size = min(size, most)
	}
	return size
}

// resize changes the size of the buffer. Before a large one is made, garbage is collected, the old buffer included: otherwise
// both would take memory for a while.
func (f *File) resize(size int) {
	have := f.have
	if size >= largeBuffer {
		if len(have) <= maxBuffer {
			have = bytes.Clone(have)
			f.buf, f.have, f.whole = nil, nil, nil
		}
		runtime.GC()
	}
	f.buf = make([]byte, size)
	f.whole = f.buf
	f.have = f.buf[:copy(f.buf, have)]
}

// largeBuffer is the size of a buffer of which there should never be two.
const largeBuffer = 8 << 20

func (f *File) take(n int) {
	f.have = f.have[n:]
	f.pos += int64(n)
}
