package decoder

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"

	"binmend/decoder/internal/bin"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zlib"
)

// inflater inflates MariaDB's compressed events into a buffer of its own.
type inflater struct {
	in  bytes.Reader
	z   io.ReadCloser
	buf []byte
	max uint64 // of a TrustedSource; 0 for the usual bound
}

// How large compressed bytes may become: without a bound, a hostile event could fill the memory a thousand times over.
const (
	minInflated   = 48 << 20
	inflatedRatio = 16
)

// TrustedSource is a Source with a bound of its own for what one compressed event or value may inflate to, in bytes; 0 is the usual one:
// 48 MiB, or 16 times the compressed size where that is more.
type TrustedSource interface {
	Source
	MaxInflated() uint64
}

// checkInflated refuses a size over the bound; set is the bound of a TrustedSource.
func checkInflated(size uint64, compressed int, set uint64) error {
	if size > cmp.Or(set, max(minInflated, inflatedRatio*uint64(compressed))) {
		return fmt.Errorf("%w: %d compressed bytes that inflate to %d", ErrTooLarge, compressed, size)
	}
	return nil
}

// inflateError is the error of an event that can't be inflated.
func (e *Event) inflateError(what string, err error) error {
	if !errors.Is(err, ErrTooLarge) {
		return e.fail(ErrCorrupt, "%s: %v", what, err)
	}
	return e.fail(ErrTooLarge, "%s: %v", what, err)
}

// inflate returns the inflated bytes; they live until the next call. (MariaDB source: binlog_buf_uncompress.)
//
//	bytes  field
//	1      bits 0-2: size of the length; bits 4-6: algorithm, 0 is zlib; bit 7: set
//	n      length of the inflated bytes, big-endian
//	rest   zlib stream
func (f *inflater) inflate(data []byte) ([]byte, error) {
	c := bin.New(data)
	head := c.Uint8("compression header")
	n := int(head & 7)
	length := bin.UintBE(c.Bytes(uint64(n), "inflated length"))
	if c.Err() != nil {
		return nil, c.Err()
	}
	if head&0x80 == 0 || n < 1 || n > 4 {
		return nil, fmt.Errorf("expected a compression header, found 0x%02x", head)
	}
	if algorithm := head >> 4 & 7; algorithm != 0 {
		return nil, fmt.Errorf("expected compression algorithm 0 (zlib), found %d", algorithm)
	}
	stream := c.Rest()
	err := checkInflated(length, len(stream), f.max)
	if err != nil {
		return nil, err
	}
	if uint64(cap(f.buf)) < length {
		f.buf = nil
	}
	f.buf, err = f.stream(f.buf[:0], stream, length)
	return f.buf, err
}

// inflatedLength is the inflated length that compressed bytes claim; 0 when they claim none.
func inflatedLength(data []byte) uint64 {
	c := bin.New(data)
	n := uint64(c.Uint8("compression header") & 7)
	return bin.UintBE(c.Bytes(min(n, 4), "inflated length"))
}

// keptInflated is how much memory is kept for the next event. What a larger event took is freed.
const keptInflated = 4 << 20

// release frees the memory of a large event.
func (f *inflater) release() {
	if cap(f.buf) > keptInflated {
		f.buf = nil
	}
}

// stream appends the inflated bytes of a zlib stream, which must be of the given length.
func (f *inflater) stream(dst, compressed []byte, length uint64) ([]byte, error) {
	f.in.Reset(compressed)
	var err error
	if f.z == nil {
		f.z, err = zlib.NewReader(&f.in)
	} else {
		err = f.z.(zlib.Resetter).Reset(&f.in, nil)
	}
	if err != nil {
		return dst, err
	}
	return readInflated(dst, f.z, length)
}

// readInflated appends length bytes of z.
func readInflated(dst []byte, z io.Reader, length uint64) ([]byte, error) {
	dst, err := readGrowing(dst, z, int64(length))
	if err != nil {
		return dst, fmt.Errorf("expected %d inflated bytes: %w", length, err)
	}
	return dst, nil
}

var errColumnCompression = errors.New("expected a compressed column value")

// appendInflatedColumn inflates the value of a MariaDB COMPRESSED column. (MariaDB source: Field_longstr::compress,
// compress_zlib.)
//
//	bytes  field
//	1      bits 0-2: size of the length; bit 3: no zlib header; bits 4-7: method, 0 is none, 8 is zlib
//	n      length of the inflated value, big-endian; zlib only
//	rest   the value or its deflate stream
//
// An empty value has no bytes at all. most is the bound of a TrustedSource, as for events.
func appendInflatedColumn(dst, data []byte, most uint64) ([]byte, error) {
	if len(data) == 0 {
		return dst, nil
	}
	head, rest := data[0], data[1:]
	switch head >> 4 {
	case 0:
		return append(dst, rest...), nil
	case 8:
		return inflateColumn(dst, head, rest, most)
	}
	return dst, fmt.Errorf("%w: method %d is unknown", errColumnCompression, head>>4)
}

// inflatedColumnLength is the inflated length that a value of a COMPRESSED column claims.
func inflatedColumnLength(data []byte) int {
	if len(data) == 0 || data[0]>>4 != 8 {
		return len(data)
	}
	c := bin.New(data[1:])
	return int(bin.UintBE(c.Bytes(uint64(data[0]&7), "inflated length")))
}

func inflateColumn(dst []byte, head byte, rest []byte, most uint64) ([]byte, error) {
	c := bin.New(rest)
	length := bin.UintBE(c.Bytes(uint64(head&7), "inflated length"))
	stream := c.Rest()
	if c.Err() != nil {
		return dst, c.Err()
	}
	if err := checkInflated(length, len(stream), most); err != nil {
		return dst, err
	}
	if head&8 == 0 {
		var f inflater
		return f.stream(dst, stream, length)
	}
	z := flate.NewReader(bytes.NewReader(stream))
	return readInflated(dst, z, length)
}
