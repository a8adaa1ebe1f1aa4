package decoder

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"

	"binmend/decoder/internal/bin"

	"github.com/klauspost/compress/zstd"
)

// payload returns the events inside a TRANSACTION_PAYLOAD event one by one, without keeping the inflated transaction.
type payload struct {
	open   bool
	outer  Event
	stream io.Reader
	zstd   *zstd.Decoder
	plain  bytes.Reader
	buf    []byte
	number int
	size   int    // of the compressed payload
	max    uint64 // of a TrustedSource; 0 for the usual bound
	wanted func(EventType) bool
}

// The fields of a payload event and its compression types (MySQL source: Transaction_payload_event).
const (
	payloadEnd         = 0
	payloadSize        = 1
	payloadCompression = 2

	payloadZstd    = 0
	payloadNone    = 255
	payloadUnknown = math.MaxUint64 // no field names the compression
)

// maxWindow bounds the memory of the decompressor, unless a TrustedSource raises it. zstd levels up to 19 need 8 MiB, level 20
// needs 32 MiB, level 22 needs 128 MiB.
const maxWindow = 32 << 20

// start reads the fields of a TRANSACTION_PAYLOAD event.
//
//	bytes   field
//	lenenc  field type; 0 ends the fields
//	lenenc  length
//	length  value; a lenenc integer in the known fields
//	rest    payload: events without checksums
func (p *payload) start(e *Event) error {
	if e.Inner > 0 {
		return e.fail(ErrCorrupt, "expected no compressed transaction inside another, found one")
	}
	c := bin.New(e.Body)
	compression, size := uint64(payloadUnknown), uint64(0)
	for {
		kind := c.LenEnc("payload field type")
		if kind == payloadEnd || c.Err() != nil {
			break
		}
		value := bin.New(c.Bytes(c.LenEnc("payload field length"), "payload field"))
		switch kind {
		case payloadSize:
			size = value.LenEnc("payload size")
		case payloadCompression:
			compression = value.LenEnc("compression type")
		}
		c.Fail(value.Err())
	}
	data := c.Bytes(size, "payload")
	if c.Err() != nil {
		return e.corrupt(c.Err())
	}
	p.plain.Reset(data)
	p.size = len(data)
	switch compression {
	case payloadNone:
		p.stream = &p.plain
	case payloadZstd:
		if err := p.resetZstd(); err != nil {
			return e.corrupt(err)
		}
		p.stream = p.zstd
	case payloadUnknown:
		return e.fail(ErrCorrupt, "expected a compression type among the fields of the payload, found none")
	default:
		return e.fail(ErrUnsupported, "expected compression type 0 (zstd) or 255 (none), found %d", compression)
	}
	p.open, p.outer, p.number = true, *e, 0
	return nil
}

func (p *payload) resetZstd() error {
	if p.zstd == nil {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(max(maxWindow, p.max)))
		if err != nil {
			return err
		}
		p.zstd = d
	}
	return p.zstd.Reset(&p.plain)
}

// next returns the next event inside, io.EOF at the end.
func (p *payload) next(r *Reader) (*Event, error) {
	r.inflate.release()
	raw, err := p.read()
	if err != nil {
		p.close()
		if err == io.EOF {
			return nil, err
		}
		return nil, p.outer.inflateError(fmt.Sprintf("event %d inside", p.number+1), err)
	}
	e := &r.event
	r.raw = raw
	*e = Event{Header: ParseHeader(raw), Pos: p.outer.Pos, Format: r.format, RelayLog: r.relay, Inner: p.number, Body: raw[headerLength:], reader: r}
	return e, r.remember(e)
}

// close frees the memory of large events inside.
func (p *payload) close() {
	p.open = false
	if cap(p.buf) > keptInflated {
		p.buf = nil
	}
}

// read inflates the next event that is wanted.
func (p *payload) read() ([]byte, error) {
	for {
		length, err := p.readHead()
		if err != nil {
			return nil, err
		}
		if p.wanted == nil || p.wanted(ParseHeader(p.buf).Type) {
			return p.readBody(length)
		}
		if _, err := io.CopyN(io.Discard, p.stream, length-headerLength); err != nil {
			return nil, fmt.Errorf("expected %d bytes, the payload ends: %w", length, noEOF(err))
		}
		p.number++
	}
}

// readHead inflates the header of an event, and returns the length of the event.
func (p *payload) readHead() (int64, error) {
	p.buf = grow(p.buf[:0], headerLength)
	if _, err := io.ReadFull(p.stream, p.buf); err != nil {
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF):
			err = errors.New("expected an event header, the payload ends")
		case errors.Is(err, zstd.ErrWindowSizeExceeded):
			err = fmt.Errorf("%w: decompressing the transaction takes more than %d MiB", ErrTooLarge, max(maxWindow, p.max)>>20)
		}
		return 0, err
	}
	length := int64(ParseHeader(p.buf).Length)
	if length < headerLength {
		return 0, fmt.Errorf("expected at least %d bytes, its header says %d", headerLength, length)
	}
	return length, checkInflated(uint64(length), p.size, p.max)
}

// readBody inflates the rest of an event.
func (p *payload) readBody(length int64) ([]byte, error) {
	if cap(p.buf) > keptInflated && int(length) < cap(p.buf)/4 {
		p.buf = append(make([]byte, 0, length), p.buf...)
	}
	var err error
	if p.buf, err = readGrowing(p.buf, p.stream, length-headerLength); err != nil {
		return nil, fmt.Errorf("expected %d bytes, the payload ends: %w", length, err)
	}
	p.number++
	return p.buf, nil
}

// largeBuffer is the size from which garbage is collected before a buffer grows.
const largeBuffer = 8 << 20

// trustedLength is how many bytes have to arrive before the length of the rest is believed and its memory taken at once.
const trustedLength = 1 << 20

// readGrowing appends n bytes of r. A length alone takes no memory: the buffer grows with the bytes that arrive.
func readGrowing(dst []byte, r io.Reader, n int64) ([]byte, error) {
	for n > 0 {
		begin := len(dst)
		step := n
		if begin < trustedLength {
			step = min(n, max(64<<10, int64(begin)))
		}
		if step >= largeBuffer && cap(dst)-begin < int(step) {
			runtime.GC() // frees what was inflated before
		}
		dst = grow(dst, int(step))
		if _, err := io.ReadFull(r, dst[begin:]); err != nil {
			return dst[:begin], noEOF(err)
		}
		n -= step
	}
	return dst, nil
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// grow returns b with n more bytes.
func grow(b []byte, n int) []byte {
	if cap(b)-len(b) >= n {
		return b[:len(b)+n]
	}
	bigger := make([]byte, len(b)+n, max(len(b)+n, 2*len(b)))
	copy(bigger, b)
	return bigger
}
