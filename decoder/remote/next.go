package remote

import "binmend/decoder"

// Next returns the next event of a log: Logged, or Repeated with its offset in the log. It makes Conn a decoder.Source; the
// bytes are valid until the next call. The whole event is in memory.
func (c *Conn) Next() (raw []byte, pos decoder.Position, err error) {
	b := &c.buffer
	for {
		b.event, b.raw = nil, b.raw[:0]
		if err := c.Receive(b); err != nil {
			return nil, pos, err
		}
		if e := b.event; e.Kind == Logged || e.Kind == Repeated && e.Type == decoder.EventFormatDescription {
			return b.raw, e.Pos, nil
		}
	}
}

// buffer keeps one event.
type buffer struct {
	event *Event
	raw   []byte
}

func (b *buffer) Begin(e *Event) error        { b.event = e; return nil }
func (b *buffer) Write(p []byte) (int, error) { b.raw = append(b.raw, p...); return len(p), nil }
func (b *buffer) End() error                  { return nil }
