// Package logfile reads binary and relay log files as sources of raw events: one file, standard input, or several files in
// order. In go names of files and keys; out come events, decompressed and decrypted, each with its offset, which is the
// server's position. It knows the magic numbers, the length field of an event header and how a log says that it is encrypted,
// and nothing else of the format. A file is read in large pieces, never mapped, and an event never takes more memory than the
// bytes that are really there.
package logfile

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"binmend/decoder"
	"binmend/decoder/crypt"
	"binmend/decoder/fault"
)

// Magic begins every binary and relay log.
var Magic = []byte{0xfe, 'b', 'i', 'n'}

const (
	headerLength = 19
	typeOffset   = 4
	lengthOffset = 9
	flagsOffset  = 17
	minBuffer    = 32 << 10 // enough for the beginning of a file
	maxBuffer    = 1 << 19  // for reading a whole file; a larger event gets what it needs
)

// File is one log, open for reading. It implements decoder.Source.
type File struct {
	name string
	r    io.Reader
	file *os.File // nil when Open did not open it
	disk bool     // file is on a disk, so any part of it can be read
	buf  []byte
	have []byte // read and not yet returned; part of buf
	pos  int64  // offset of have's first byte

	last  decoder.EventType // of the event that was returned last
	fills int               // reads in turn that filled buf: there may be more
	whole []byte            // what buf is a part of
	ahead ahead

	checked     run  // read ahead
	isChecked   bool // the event returned last was one of them
	asksChecked bool // who reads the events asks of each whether it is checked

	opener Opener
	holes  []Hole
	packed *unpacker     // of a compressed file; nil for others
	stream *crypt.Stream // of a log encrypted by MySQL; nil for others
	base   int64         // where offset 0 is in the file: after the header of a log encrypted by MySQL
	events encryption    // of a log encrypted by MariaDB
}

// Opener opens logs: also those compressed with gzip or zstd and, if it has the keys, encrypted ones. The zero value has none.
type Opener struct {
	Keyring     *crypt.Keyring // for logs encrypted by MySQL
	KeyFile     *crypt.KeyFile // for logs encrypted by MariaDB
	MaxInflated uint64         // see decoder.TrustedSource; 0 for the usual bound

	// Reading is called before each read, with how many bytes of the file on disk were read so far. Its error ends reading. Files
	// that are read concurrently call it concurrently. It may be nil.
	Reading func(file string, read int64) error

	// Dir is the folder of the names; "" for names as they are. Positions and messages have the names without it.
	Dir string

	// Holes are the parts that copies leave out, by the name under which a file is opened.
	Holes map[string][]Hole

	Opened func(name string) // called for each log that is opened; may be nil

	// End, unless nil, returns the offset between two events where a log ends for Files. What is after it is still being written.
	End func(name string) int64

	// Growing, unless nil, lets the last of Files end inside an event if an index file beside it says that it is the source's last
	// log, which is still being written. It is called with the place where the event begins.
	Growing func(decoder.Position)
}

// Hole is a part of a log that a copy leaves out, from the end of one event to the beginning of a later one. The events after
// it have the same offsets as in the whole log. The bytes of a hole are never read.
type Hole struct{ From, To int64 }

// Open opens a log that is not encrypted.
func Open(name string) (*File, error) { return Opener{}.Open(name) }

// NewReader reads a log that is not encrypted.
func NewReader(r io.Reader, name string) (*File, error) { return Opener{}.NewReader(r, name) }

// path is the path of a log.
func (o Opener) path(name string) string {
	if o.Dir == "" {
		return name
	}
	return filepath.Join(o.Dir, name)
}

// Open opens a log file and checks its magic number.
func (o Opener) Open(name string) (*File, error) { return o.OpenAfter(nil, name) }

// OpenAfter is Open after another file was closed, whose buffer it takes over: each of many small files would make a new one grow.
// Events of the other file are no longer valid. before may be nil.
func (o Opener) OpenAfter(before *File, name string) (*File, error) {
	var buffer []byte
	var spare [][]byte
	if before != nil && len(before.whole) <= maxBuffer {
		buffer, spare = before.whole, before.ahead.spare
		before.buf, before.have, before.whole, before.ahead.spare = nil, nil, nil, nil
	}
	f, err := os.Open(o.path(name))
	if err != nil {
		return nil, err
	}
	if o.Opened != nil {
		o.Opened(name)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		f.Close()
		return nil, notALog(ErrFolder, name, "a folder")
	}
	lf := &File{name: name, r: f, file: f, buf: buffer, whole: buffer, ahead: ahead{spare: spare},
		disk: err == nil && info.Mode().IsRegular(), opener: o, holes: o.Holes[name]}
	if err := lf.readMagic(); err != nil {
		lf.Close()
		return nil, err
	}
	return lf, nil
}

// NewReader reads a log from r, which need not be able to seek; name appears in positions and errors.
func (o Opener) NewReader(r io.Reader, name string) (*File, error) {
	lf := &File{name: name, r: r, opener: o}
	return lf, lf.readMagic()
}

// Close closes a file that Open opened, and frees the decompressor.
func (f *File) Close() error {
	if f.packed != nil {
		f.packed.from.Close()
	}
	f.ahead.drop()
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}

// MaxInflated is the opener's bound for compressed events. It makes File a decoder.TrustedSource.
func (f *File) MaxInflated() uint64 { return f.opener.MaxInflated }

// Name is the name that the file was opened by.
func (f *File) Name() string { return f.name }

// Offset is the offset of the next event.
func (f *File) Offset() int64 { return f.pos }

// CanSeek reports whether SeekTo can go back.
func (f *File) CanSeek() bool { return f.disk }

// Progress is how many bytes of the file on disk were read. Bytes that SeekTo skipped count as read.
func (f *File) Progress() int64 {
	if f.packed != nil {
		return f.packed.source.n.Load()
	}
	return f.base + f.pos
}

// Size is where the log ends at this moment, or -1 when that is unknown, as for a compressed log.
func (f *File) Size() int64 {
	if !f.isRandom() {
		return -1
	}
	info, err := f.file.Stat()
	if err != nil {
		return -1
	}
	return max(0, info.Size()-f.base)
}

// isRandom reports whether any part of the log can be read directly.
func (f *File) isRandom() bool { return f.disk && f.packed == nil }

// SeekTo makes the event at offset the next one. In a compressed file it decompresses everything before it.
func (f *File) SeekTo(offset int64) error {
	switch {
	case !f.disk:
		return fmt.Errorf("%s: can't seek", f.name)
	case f.packed != nil:
		return f.unpackTo(offset)
	}
	f.ahead.drop()
	if _, err := f.file.Seek(f.base+offset, io.SeekStart); err != nil {
		return err
	}
	f.have, f.pos, f.fills, f.checked = nil, offset, 0, run{}
	return nil
}

// ReadAt reads bytes at an offset without moving the reader. If the file SealsEvents, they are still encrypted.
func (f *File) ReadAt(b []byte, offset int64) (int, error) {
	if !f.isRandom() {
		return 0, fmt.Errorf("%s: can't read at any place", f.name)
	}
	n, err := f.file.ReadAt(b, f.base+offset)
	f.decrypt(b[:n], offset)
	return n, err
}

func (f *File) readMagic() error {
	b, err := f.peek(len(Magic))
	if err != nil && err != io.EOF {
		return err
	}
	switch packing := packingOf(b); {
	case bytes.Equal(b, Magic):
		f.take(len(Magic))
		return nil
	case packing != nil && f.packed == nil && f.stream == nil:
		return f.openPacked(packing)
	case bytes.Equal(b, crypt.Magic) && f.stream == nil:
		return f.openEncrypted()
	case len(b) == 0:
		return notALog(ErrEmpty, f.name, "an empty file")
	}
	return cmp.Or(packedOtherwise(f.name, b), notALog(decoder.ErrNotALog, f.name, fmt.Sprintf("%q", b)))
}

func notALog(reason *fault.Reason, name, found string) error {
	return &fault.Error{Reason: reason, Pos: decoder.Position{File: name},
		What: "expected a log that begins with fe 62 69 6e, found " + found}
}

// The reasons of errors that a file gives.
var (
	ErrNotAFile  = decoder.ErrNotALog.Kind("not a file")
	ErrFolder    = decoder.ErrNotALog.Kind("a folder")
	ErrNoLogs    = decoder.ErrNotALog.Kind("a folder without logs")
	ErrEmpty     = decoder.ErrNotALog.Kind("an empty file")
	ErrNotIndex  = decoder.ErrNotALog.Kind("not an index file")
	ErrNoEvent   = decoder.ErrCorrupt.Kind("no event begins here")
	ErrUnwritten = decoder.ErrCorrupt.Kind("allocated and never written")
)

// Next returns the next event as it stands in the file. It is valid until the next call.
func (f *File) Next() (raw []byte, pos decoder.Position, err error) {
	pos = decoder.Position{File: f.name, Offset: f.pos}
	if raw := f.nextChecked(); raw != nil {
		return raw, pos, nil
	}
	if len(f.holes) > 0 {
		if err := f.skipHole(); err != nil {
			return nil, pos, err
		}
		pos.Offset = f.pos
	}
	head, err := f.peek(headerLength)
	if err != nil {
		if err == io.EOF && len(head) > 0 {
			err = f.truncated(pos, head, headerLength)
		}
		return nil, pos, err
	}
	length := binary.LittleEndian.Uint32(head[lengthOffset:])
	if length < headerLength {
		return nil, pos, f.badLength(pos, head, length)
	}
	raw, err = f.peek(int(length))
	if err == io.EOF {
		return nil, pos, f.truncated(pos, raw, int64(length))
	}
	if err != nil {
		return nil, pos, err
	}
	if err := f.events.decrypt(f, raw); err != nil {
		return nil, pos, err
	}
	f.isChecked = false
	f.take(int(length))
	f.last = decoder.EventType(raw[typeOffset])
	return raw[:length:length], pos, nil
}

// skipHole skips a hole that begins here.
func (f *File) skipHole() error {
	for _, h := range f.holes {
		if h.From == f.pos {
			return f.SeekTo(h.To)
		}
	}
	return nil
}

// peek makes at least n bytes available and returns them; fewer with io.EOF at the end of the file. The buffer grows
// only when the bytes that fill it are there.
func (f *File) peek(n int) ([]byte, error) {
	for len(f.have) < n {
		if err := f.fill(n); err != nil {
			if err == io.EOF {
				return f.have, io.EOF
			}
			return nil, f.readFailed(err)
		}
	}
	return f.have[:n], nil
}

// readFailed is the error of reading on after what there is.
func (f *File) readFailed(err error) error {
	pos := decoder.Position{File: f.name, Offset: f.pos + int64(len(f.have))}
	var packed *fault.Error
	if errors.As(err, &packed) {
		packed.Pos, packed.Facts.Whole = pos, f.pos
		return packed
	}
	return fmt.Errorf("%s: offset %d: %w", pos.File, pos.Offset, err)
}

// fill reads once into the rest of the buffer; n bytes are wanted.
func (f *File) fill(n int) error {
	used := len(f.have)
	if err := f.checkUnpacked(used); err != nil {
		return err
	}
	if f.opener.Reading != nil {
		if err := f.opener.Reading(f.name, f.Progress()); err != nil {
			return err
		}
	}
	read, err := f.read(n)
	f.decrypt(f.buf[used:used+read], f.pos+int64(used))
	f.have = f.buf[:used+read]
	if used+read < len(f.buf) {
		f.fills = 0
	} else {
		f.fills++
		f.readAhead()
	}
	if read > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

// read reads once behind what the buffer has; n bytes are wanted in all.
func (f *File) read(n int) (int, error) {
	if len(f.ahead.queue) > 0 {
		if read, err := f.takePiece(); read > 0 || err != io.EOF {
			return read, err
		} // the end when it was read ahead: a log that is being written may have more now
	}
	switch used := len(f.have); {
	case used == len(f.buf), f.fills > 0 && len(f.buf) < maxBuffer:
		f.resize(f.larger(n))
	case len(f.buf) > largeBuffer && max(n, used) <= maxBuffer && f.last == decoder.EventQuery:
		f.resize(maxBuffer) // others may read the statement again meanwhile; large rows come one after the other, and need it again
	default:
		copy(f.buf, f.have)
	}
	return f.r.Read(f.buf[len(f.have):])
}

// larger is the next size of the buffer when n bytes are wanted: n if the file has so many, else twice the present size, of
// which half is known to be there; when that is large, no more than n.
func (f *File) larger(n int) int {
	size := max(minBuffer, 2*len(f.buf))
	if n > maxBuffer && f.pos+int64(n) <= f.Size() {
		return n
	}
	if size > maxBuffer && size > n {
		size = max(n, maxBuffer)
	}
	if most := f.mostUnpacked(); f.packed != nil && len(f.buf) < most {
		if size > largeBuffer {
			size = n // not half of it first, which would take memory beside it
		}
		size = min(size, most)
	}
	return size
}

// resize changes the size of the buffer. Before a large one is made, garbage is collected, the old buffer included: otherwise
// both would take memory for a while.
func (f *File) resize(size int) {
	have := f.have
	if size >= largeBuffer {
		if len(have) <= maxBuffer {
			have = bytes.Clone(have)
			f.buf, f.have, f.whole = nil, nil, nil
		}
		runtime.GC()
	}
	f.buf = make([]byte, size)
	f.whole = f.buf
	f.have = f.buf[:copy(f.buf, have)]
}

// largeBuffer is the size of a buffer of which there should never be two.
const largeBuffer = 8 << 20

func (f *File) take(n int) {
	f.have = f.have[n:]
	f.pos += int64(n)
}

func (f *File) truncated(pos decoder.Position, found []byte, want int64) error {
	e := &fault.Error{Reason: decoder.ErrTruncated, Pos: pos, Facts: fault.Facts{Whole: pos.Offset},
		What: fmt.Sprintf("expected an event of %d bytes, the file ends after %d of them", want, len(found))}
	if len(found) < headerLength {
		e.What = fmt.Sprintf("expected an event header of %d bytes, the file ends after %d of them", headerLength, len(found))
	}
	return e
}

func (f *File) badLength(pos decoder.Position, head []byte, length uint32) error {
	e := &fault.Error{Reason: ErrNoEvent, Pos: pos,
		What: fmt.Sprintf("expected an event of at least %d bytes, its header says %d", headerLength, length)}
	if bytes.Count(head, []byte{0}) == len(head) {
		e.Reason, e.What = ErrUnwritten, "expected an event, found zero bytes"
	}
	return e
}
