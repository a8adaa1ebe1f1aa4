package logfile

import "io"

// ahead reads the next piece of a file while the one before it is worked on, on another processor if there is one. A piece ends
// anywhere, also inside an event. It is read to a place with room before it for what is left of the piece before, so that only
// that is copied. The zero value reads nothing.
type ahead struct {
	spare  []byte // where the next piece is read to
	busy   bool   // a piece is being read, or is there
	read   func() // reads a piece; made once
	result chan readResult
}

type readResult struct {
	n   int
	err error
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
			a.result <- readResult{n, err}
		}
	}
	if a.spare == nil {
		a.spare = make([]byte, maxBuffer)
	}
	a.busy = true
	go a.read()
}

// drop forgets a piece. Nothing is read after it.
func (a *ahead) drop() {
	if a.busy {
		<-a.result
		a.busy = false
	}
}

// takePiece puts the piece that was read ahead behind the rest of the buffer.
func (f *File) takePiece() (read int, err error) {
	r := <-f.ahead.result
	f.ahead.busy = false
	used, piece := len(f.have), f.ahead.spare
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
	if f.fills > 1 && f.disk && f.packed == nil && len(f.whole) == maxBuffer {
		f.ahead.start(f.file)
	}
}
