package logfile

import (
	"cmp"
	"encoding/binary"
	"io"

	"binmend/decoder"
)

// ahead reads the next two pieces of a file while the one before them is worked on, on another processor if there is one, and compares
// the checksums of the events that are whole in them. A piece ends anywhere, also inside an event. It is read to a place with room before
// it for what is left of the piece before, so that only that is copied. The zero value reads nothing.
type ahead struct {
	queue []piece  // being read, or there
	spare [][]byte // buffers for others
	cut   cut      // the event that the piece before ends in; who checks a piece has it
	cuts  bool     // it is known: the next piece's checksums are compared
}

// pieces is how many are read ahead: to pass over events, and to compare checksums, takes less time than to read.
const pieces = 2

// piece is a part of a file that is being read behind the first bytes of a buffer.
type piece struct {
	buf    []byte
	passed chan struct{} // closed when those up to it are checked
	result chan readResult
}

type readResult struct {
	n   int
	err error
	// The bytes of the piece from first to last are events that end in their own checksums.
	first, last int
}

// room is how much of a piece may be left when the next one is wanted. More is copied into a larger buffer, and no further piece
// is read ahead: the log has large events.
const room = 1 << 15

// start reads the piece at an offset of a file.
func (a *ahead) start(file io.ReaderAt, offset int64) {
	p := piece{passed: make(chan struct{}), result: make(chan readResult, 1)}
	if last := len(a.spare) - 1; last >= 0 {
		p.buf, a.spare = a.spare[last], a.spare[:last]
	} else {
		p.buf = make([]byte, maxBuffer)
	}
	var before chan struct{}
	if last := len(a.queue) - 1; last >= 0 {
		before = a.queue[last].passed
	}
	a.queue = append(a.queue, p)
	checks := a.cuts
	go func() {
		var r readResult
		r.n, r.err = file.ReadAt(p.buf[room:], offset)
		if before != nil {
			<-before
		}
		if checks {
			r.first, r.last = a.check(p.buf[room : room+r.n])
		}
		close(p.passed)
		p.result <- r
	}()
}

// take waits for the next piece. Those after one that is not full are dropped: the file may have grown between.
func (a *ahead) take() (buf []byte, r readResult) {
	p := a.queue[0]
	r = <-p.result
	a.queue = append(a.queue[:0], a.queue[1:]...)
	if r.n < len(p.buf)-room {
		a.drop()
	}
	return p.buf, r
}

// check compares the checksums of the events of a piece, from the first that begins in it up to one that is wrong or not whole.
func (a *ahead) check(piece []byte) (first, last int) {
	first = a.cut.restIn(piece)
	rest := pastEvents(piece[first:], decoder.EndsInChecksum)
	last = len(piece) - len(rest)
	a.cut.set(pastEvents(rest, anyEvent))
	return first, last
}

// cut is an event of which only the beginning has been read: its header as far as it is there, and the number of its bytes.
type cut struct {
	head  [headerLength]byte
	bytes int
}

func (c *cut) set(beginning []byte) {
	copy(c.head[:], beginning)
	c.bytes = len(beginning)
}

// restIn is how many bytes of the piece behind it belong to the event.
func (c *cut) restIn(piece []byte) int {
	if c.bytes == 0 {
		return 0
	}
	if c.bytes < headerLength {
		copy(c.head[c.bytes:], piece)
	}
	if c.bytes+len(piece) < headerLength {
		return len(piece)
	}
	length := int(binary.LittleEndian.Uint32(c.head[lengthOffset:]))
	return min(max(0, length-c.bytes), len(piece))
}

func anyEvent([]byte) bool { return true }

// keep takes a buffer for a piece, if it has the size of all.
func (a *ahead) keep(buf []byte) {
	if len(buf) == maxBuffer {
		a.spare = append(a.spare, buf)
	}
}

// drop forgets all pieces. Nothing is read after it.
func (a *ahead) drop() {
	for _, p := range a.queue {
		<-p.result
		a.keep(p.buf)
	}
	a.queue, a.cuts = a.queue[:0], false
}

// takePiece puts the piece that was read ahead behind the rest of the buffer.
func (f *File) takePiece() (read int, err error) {
	buf, r := f.ahead.take()
	used := len(f.have)
	begins := f.pos + int64(used)
	f.checked = run{begins + int64(r.first), begins + int64(r.last)}
	if used > room {
		f.resize(used + r.n)
		copy(f.buf[used:], buf[room:room+r.n])
		f.ahead.keep(buf)
	} else {
		begin := room - used
		copy(buf[begin:], f.have)
		f.buf = buf[begin:]
		f.ahead.keep(f.whole)
		f.whole = buf
	}
	if len(f.ahead.queue) == 0 {
		_, err = f.file.Seek(f.base+begins+int64(r.n), io.SeekStart)
	}
	return r.n, cmp.Or(r.err, err)
}

// readAhead begins to read the next pieces, if the file is read from one end to the other in pieces of full size.
func (f *File) readAhead() {
	if f.fills <= 1 || !f.disk || f.packed != nil || len(f.whole) != maxBuffer {
		return
	}
	a := &f.ahead
	checks := f.asksChecked && f.stream == nil && f.events.from == 0
	for next := f.base + f.pos + int64(len(f.have)); len(a.queue) < pieces; {
		if checks && !a.cuts {
			if len(a.queue) > 0 {
				return // what is before the piece is not known yet
			}
			a.cut.set(pastEvents(f.have, anyEvent))
		}
		a.cuts = checks
		a.start(f.file, next+int64(len(a.queue)*(maxBuffer-room)))
	}
}

// run is where a run of events that end in their own checksums begins and ends. Only an event that begins just at next is one of them:
// behind it, other bytes may look like events.
type run struct{ next, end int64 }

// nextChecked returns the next event if it is the next one of the run: it is whole in the buffer. Nearly all events of a large log are.
func (f *File) nextChecked() []byte {
	if f.pos != f.checked.next || f.pos >= f.checked.end || len(f.holes) > 0 || f.events.from != 0 {
		return nil
	}
	length := binary.LittleEndian.Uint32(f.have[lengthOffset:])
	raw := f.have[:length:length]
	f.last = decoder.EventType(raw[typeOffset])
	if f.last == decoder.EventMariaStartEncryption {
		return nil
	}
	f.take(int(length))
	f.checked.next, f.isChecked = f.pos, true
	return raw
}

// Checked makes File a decoder.CheckedSource.
func (f *File) Checked() bool {
	f.asksChecked = true
	return f.isChecked
}
