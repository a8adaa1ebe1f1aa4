package logfile

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"binmend/decoder"
	"binmend/decoder/fault"
)

// maxWindow bounds what a zstd file may make the reader remember. It is what zstd -20 needs.
const maxWindow = 32 << 20

// packing is a way in which a whole file is compressed.
type packing struct {
	name string
	open func(io.Reader) (io.ReadCloser, error)
}

var (
	gzipPacking = &packing{"gzip", func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }}
	zstdPacking = &packing{"zstd", func(r io.Reader) (io.ReadCloser, error) {
		z, err := zstd.NewReader(r, zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		return z.IOReadCloser(), nil
	}}
)

// packingOf recognises a compressed file by its first bytes (RFC 1952 and RFC 8878): a gzip member, a zstd frame, or a
// skippable zstd frame.
func packingOf(begin []byte) *packing {
	switch {
	case bytes.HasPrefix(begin, []byte{0x1f, 0x8b}):
		return gzipPacking
	case bytes.Equal(begin, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return zstdPacking
	case len(begin) == 4 && begin[0]&0xf0 == 0x50 && bytes.Equal(begin[1:], []byte{0x2a, 0x4d, 0x18}):
		return zstdPacking
	}
	return nil
}

// unreadable are the beginnings of files that are compressed otherwise, and what decompresses them.
var unreadable = []struct{ begin, name, program string }{
	{"\xfd7zX", "xz", "xz -dc"}, {"BZh", "bzip2", "bzip2 -dc"}, {"\x04\x22\x4d\x18", "lz4", "lz4 -dc"}, {"PK\x03\x04", "zip", "unzip -p"},
}

// packedOtherwise is why a file that is compressed otherwise can't be read; nil if it is no such file.
func packedOtherwise(name string, begin []byte) error {
	for _, p := range unreadable {
		if bytes.HasPrefix(begin, []byte(p.begin)) {
			return &fault.Error{Reason: ErrOtherPacking, Pos: decoder.Position{File: name}, Facts: fault.Facts{Name: p.program},
				What: fmt.Sprintf("expected a log, as it is or compressed with gzip or zstd, found one compressed with %s", p.name)}
		}
	}
	return nil
}

// unpacker reads the log in a compressed file.
type unpacker struct {
	*packing
	source countingReader
	from   io.ReadCloser
}

func (p *packing) unpack(r io.Reader) (*unpacker, error) {
	u := &unpacker{packing: p, source: countingReader{r: r}}
	var err error
	if u.from, err = p.open(&u.source); err != nil {
		return nil, u.failed(err)
	}
	return u, nil
}

func (u *unpacker) Read(b []byte) (int, error) {
	n, err := u.from.Read(b)
	if err != nil && err != io.EOF {
		err = u.failed(err)
	}
	return n, err
}

// Close ends the reading. The compressed file stays open: it is the caller's.
func (u *unpacker) Close() error { return u.from.Close() }

// Unpacked reads the contents of a file that may be compressed with gzip or zstd, which its first bytes show. The caller closes
// it, and then the file.
func Unpacked(r io.Reader) (io.ReadCloser, error) {
	b := bufio.NewReader(r)
	begin, err := b.Peek(4)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if p := packingOf(begin); p != nil {
		return p.unpack(b)
	}
	return io.NopCloser(b), nil
}

// The reasons of errors in a compressed file. Errors of reading the file are the system's.
var (
	ErrWindow        = decoder.ErrTooLarge.Kind("compressed with a larger window than is allowed")
	ErrPackedCut     = decoder.ErrTruncated.Kind("the compressed file is cut off")
	ErrOtherPacking  = decoder.ErrNotALog.Kind("compressed in a way that is not read")
	ErrPackedDamaged = decoder.ErrCorrupt.Kind("the compressed file is damaged")
)

// failed explains an error of reading compressed data. The caller adds the position.
func (u *unpacker) failed(err error) error {
	switch {
	case u.source.err != nil:
		return u.source.err
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		return &fault.Error{Reason: ErrWindow,
			What: fmt.Sprintf("expected a %s file that needs at most %d MiB of memory, found one that needs more", u.name, maxWindow>>20)}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &fault.Error{Reason: ErrPackedCut,
			What: fmt.Sprintf("the %s file ends after %d bytes, in the middle of compressed data", u.name, u.source.n.Load())}
	}
	// How far the file was read says nothing, and not twice the same: the decompressor reads ahead.
	return &fault.Error{Reason: ErrPackedDamaged, What: fmt.Sprintf("the %s file is damaged: %v", u.name, err)}
}

// The bounds for an event in a compressed file: so many bytes, or so many times the bytes of the file read by then. The
// opener's MaxInflated is in their place where it is set.
const (
	minUnpacked   = 48 << 20
	unpackedRatio = 16
)

func (f *File) mostUnpacked() int { return int(cmp.Or(f.opener.MaxInflated, minUnpacked)) }

// checkUnpacked refuses to read more of an event that is larger than the bounds.
func (f *File) checkUnpacked(read int) error {
	if f.packed == nil || read < f.mostUnpacked() {
		return nil
	}
	if packed := f.packed.source.n.Load(); int64(read)/unpackedRatio >= packed {
		return &fault.Error{Reason: decoder.ErrTooLarge,
			What: fmt.Sprintf("the %s file inflates to an event of more than %d bytes", f.packed.name, read)}
	}
	return nil
}

// countingReader counts the bytes read and keeps the first error. A decompressor reads ahead in its own goroutines.
type countingReader struct {
	r   io.Reader
	n   atomic.Int64
	err error // other than io.EOF; to be read after the decompressor has failed
}

func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n.Add(int64(n))
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

// openPacked begins reading the contents of a compressed file, whose first bytes are read already.
func (f *File) openPacked(p *packing) error {
	u, err := p.unpack(io.MultiReader(bytes.NewReader(bytes.Clone(f.have)), f.r))
	if err != nil {
		return f.readFailed(err)
	}
	f.packed, f.r = u, u
	f.have, f.pos = nil, 0
	return f.readMagic()
}

// unpackTo goes to an offset of a compressed log. If the reader is past it, it starts again at the beginning of the file.
func (f *File) unpackTo(offset int64) error {
	if offset < f.pos {
		if err := f.unpackAgain(); err != nil {
			return err
		}
	}
	for f.pos < offset {
		if _, err := f.peek(1); err == io.EOF {
			return nil // Next meets it again
		} else if err != nil {
			return err
		}
		f.take(int(min(offset-f.pos, int64(len(f.have)))))
	}
	return nil
}

// unpackAgain goes to the beginning of a compressed log.
func (f *File) unpackAgain() error {
	f.have, f.pos = nil, 0
	f.packed.from.Close() // it may read ahead until then
	if _, err := f.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	u, err := f.packed.unpack(f.file)
	if err != nil {
		return f.readFailed(err)
	}
	f.packed, f.r = u, u
	if _, err := io.CopyN(io.Discard, u, f.base); err != nil {
		return f.readFailed(err)
	}
	return nil
}
