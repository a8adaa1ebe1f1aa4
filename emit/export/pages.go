package export

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/parquet-go/parquet-go"
)

// pages is where the library puts the pages of columns until their row group is complete. The library's own pool takes at least
// 32 KiB per column: 256 MiB for the 8,000 columns that a table of 4,000 columns becomes. Here all columns together take maxPages of
// memory; the rest goes to a shared temporary file.
type pages struct {
	dir string

	mu     sync.Mutex
	memory int // bytes that the buffers hold in memory
	used   int // buffers in use
	file   *os.File
	length int64 // of the used part of the file
}

// maxPages bounds the memory of all pages.
const maxPages = 4 << 20

// pageBuffer holds the pages of a column: those in the file come first.
type pageBuffer struct {
	pages  *pages
	pieces []piece
	bytes  []byte
	read   int // pieces read so far
	at     int64
}

// piece is a part of the file.
type piece struct{ offset, length int64 }

// GetBuffer makes pages a parquet.BufferPool.
func (p *pages) GetBuffer() io.ReadWriteSeeker {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.used++
	return &pageBuffer{pages: p}
}

// PutBuffer takes a buffer back. When none is in use, the file starts over.
func (p *pages) PutBuffer(b io.ReadWriteSeeker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if b, ok := b.(*pageBuffer); ok {
		p.memory -= cap(b.bytes)
		*b = pageBuffer{pages: p}
	}
	if p.used--; p.used == 0 {
		p.length = 0
	}
}

var _ parquet.BufferPool = (*pages)(nil)

// Write appends data to the buffer.
func (b *pageBuffer) Write(data []byte) (int, error) {
	p := b.pages
	p.mu.Lock()
	defer p.mu.Unlock()
	had := cap(b.bytes)
	if need := len(b.bytes) + len(data); need > had && p.memory-had+need > maxPages {
		if err := b.spill(data); err != nil {
			return 0, fmt.Errorf("temporary file of the export: %w", err)
		}
		p.memory -= had
		return len(data), nil
	}
	if need := len(b.bytes) + len(data); need > had {
		b.bytes = append(make([]byte, 0, need), b.bytes...)
	}
	b.bytes = append(b.bytes, data...)
	p.memory += cap(b.bytes) - had
	return len(data), nil
}

// spill moves the buffer to the file, followed by data.
func (b *pageBuffer) spill(data []byte) (err error) {
	p := b.pages
	if p.file == nil {
		if p.file, err = temporaryFile(p.dir, ".pages-*.part"); err != nil {
			return err
		}
	}
	for _, part := range [][]byte{b.bytes, data} {
		if _, err := p.file.WriteAt(part, p.length); err != nil {
			return err
		}
		n := int64(len(part))
		if last := len(b.pieces) - 1; last >= 0 && b.pieces[last].offset+b.pieces[last].length == p.length {
			b.pieces[last].length += n
		} else if n > 0 {
			b.pieces = append(b.pieces, piece{p.length, n})
		}
		p.length += n
	}
	b.bytes = nil
	return nil
}

// Read reads what was written, from where Seek went.
func (b *pageBuffer) Read(into []byte) (int, error) {
	if b.read < len(b.pieces) {
		part := b.pieces[b.read]
		n := int64(min(int64(len(into)), part.length-b.at))
		read, err := b.pages.file.ReadAt(into[:n], part.offset+b.at)
		if b.at += int64(read); b.at == part.length {
			b.read, b.at = b.read+1, 0
		}
		return read, err
	}
	n := copy(into, b.bytes[b.at:])
	b.at += int64(n)
	if n == 0 && len(into) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// Seek goes to the beginning. The library asks for nothing else.
func (b *pageBuffer) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekStart {
		return 0, errors.New("pages of a column are read from the beginning only")
	}
	b.read, b.at = 0, 0
	return 0, nil
}

func (p *pages) close() error { return closeTemporary(p.file) }
