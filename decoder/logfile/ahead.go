package logfile

import (
	"encoding/binary"
	"io"

	"binmend/decoder"
)

// ahead reads the next piece of a file while the one before it is worked on, on another processor if there is one, and compares the
// checksums of the events that are whole in it. A piece ends anywhere, also inside an event. It is read to a place with room before it
// for what is left of the piece before, so that only that is copied. The zero value reads nothing.
type ahead struct {
	spare  []byte // where the next piece is read to
	busy   bool   // a piece is being read, or is there
	read   func() // reads a piece; made once
	result chan readResult
	checks bool // whether checksums are compared
	cut    cut  // the event that the piece before ends in
	cuts   bool // cut is known
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

// start reads a piece of a file, always the same.
func (a *ahead) start(file io.Reader) {
	if a.read == nil {
		a.result = make(chan readResult, 1)
		a.read = func() {
			n, err := file.Read(a.spare[room:])
			r := readResult{n: n, err: err}
			if a.checks {
				r.first, r.last = a.check(a.spare[room : room+n])
			}
			a.result <- r
		}
	}
	if a.spare == nil {
		a.spare = make([]byte, maxBuffer)
	}
	a.busy = true
	go a.read()
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
	head  []byte
	bytes int
}

func (c *cut) set(beginning []byte) {
	c.head = append(c.head[:0], beginning[:min(len(beginning), headerLength)]...)
	c.bytes = len(beginning)
}

// restIn is how many bytes of the piece behind it belong to the event.
func (c *cut) restIn(piece []byte) int {
	if c.bytes == 0 {
		return 0
	}
	head := append(c.head, piece[:min(len(piece), headerLength)]...)
	if len(head) < headerLength {
		return len(piece)
	}
	length := int(binary.LittleEndian.Uint32(head[lengthOffset:]))
	return min(max(0, length-c.bytes), len(piece))
}

func anyEvent([]byte) bool { return true }

// drop forgets a piece. Nothing is read after it.
func (a *ahead) drop() {
	if a.busy {
		<-a.result
		a.busy, a.cuts = false, false
	}
}

// takePiece puts the piece that was read ahead behind the rest of the buffer.
func (f *File) takePiece() (read int, err error) {
	r := <-f.ahead.result
	f.ahead.busy = false
	used, piece := len(f.have), f.ahead.spare
	begins := f.pos + int64(used)
	f.checked = run{begins + int64(r.first), begins + int64(r.last)}
	if used > room {
		f.resize(used + r.n)
		copy(f.buf[used:], piece[room:room+r.n])
		return r.n, r.err
	}
	begin := room - used
	copy(piece[begin:], f.have)
	f.buf = piece[begin:]
	f.whole, f.ahead.spare = piece, f.whole
	return r.n, r.err
}

// readAhead begins to read the next piece, if the file is read from one end to the other in pieces of full size.
func (f *File) readAhead() {
	if f.fills <= 1 || !f.disk || f.packed != nil || len(f.whole) != maxBuffer {
		return
	}
	a := &f.ahead
	a.checks = f.asksChecked && f.stream == nil && f.events.from == 0
	if a.checks && !a.cuts {
		a.cut.set(pastEvents(f.have, anyEvent))
	}
	a.cuts = a.checks
	a.start(f.file)
}

// run is a run of events that end in their own checksums, as they stand in the buffer: the offset of the next one, and where the last
// one ends. Only an event that begins just at next is one of them: behind it, other bytes may look like events.
type run struct{ next, end int64 }

// take reports whether the event of so many bytes at an offset is the next one of the run, and goes past it.
func (r *run) take(offset int64, length int) bool {
	if offset != r.next || offset+int64(length) > r.end {
		return false
	}
	r.next += int64(length)
	return true
}

// Checked makes File a decoder.CheckedSource.
func (f *File) Checked() bool {
	f.asksChecked = true
	return f.isChecked
}
