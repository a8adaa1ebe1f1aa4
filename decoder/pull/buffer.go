package pull

// buffer collects what is written to a log. It writes out whole events, so that a reader of the growing log sees a partial
// event only if that is larger than the buffer. After an error it writes nothing more: a part may have been written.
type buffer struct {
	file  file
	b     []byte
	whole int // bytes of b that are whole events
	err   error
}

const writeBuffer = 256 << 10

func newBuffer(f file) *buffer { return &buffer{file: f, b: make([]byte, 0, writeBuffer)} }

// write appends a part of an event.
func (w *buffer) write(p []byte) error {
	if len(w.b)+len(p) > writeBuffer {
		w.flush()
	}
	if len(w.b)+len(p) > writeBuffer {
		w.put(w.b)
		w.b = w.b[:0]
	}
	if len(p) > writeBuffer {
		w.put(p)
	} else {
		w.b = append(w.b, p...)
	}
	return w.err
}

// mark marks the event written last as whole.
func (w *buffer) mark() { w.whole = len(w.b) }

// flush writes the whole events to the file.
func (w *buffer) flush() error {
	if w.whole > 0 {
		w.put(w.b[:w.whole])
		w.b = append(w.b[:0], w.b[w.whole:]...)
		w.whole = 0
	}
	return w.err
}

func (w *buffer) put(p []byte) {
	if w.err == nil {
		_, w.err = w.file.Write(p)
	}
}

// drop drops the partial event.
func (w *buffer) drop() { w.b = w.b[:w.whole] }
