package terminal

import (
	"bufio"
	"io"
)

// Output buffers a stream and keeps its first write error, so that a closed pipe is noticed at the end at the latest.
type Output struct {
	*bufio.Writer
	Prompt bool // each write goes out at once
}

// NewOutput buffers a stream.
func NewOutput(w io.Writer) *Output { return &Output{Writer: bufio.NewWriterSize(w, 64<<10)} }

// Write does not copy what is larger than the buffer.
func (o *Output) Write(b []byte) (int, error) {
	if len(b) > o.Size() {
		if err := o.Flush(); err != nil {
			return 0, err
		}
	}
	n, err := o.Writer.Write(b)
	if err == nil && o.Prompt {
		err = o.Flush()
	}
	return n, err
}

// WriteString is Write for a string.
func (o *Output) WriteString(text string) (int, error) { return o.Write([]byte(text)) }
