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
	"io/fs"
	"os"
	"path/filepath"

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
	switch {
	case err != nil && name == "-":
		return nil, &fault.Error{Reason: ErrStdin, What: "standard input is no file: a command that looks into a log twice, or into several, can't read it"}
	case errors.Is(err, fs.ErrPermission):
		return nil, &fault.Error{Reason: ErrPermission, Err: err}
	case err != nil:
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

// The reasons of errors that a file gives. Of one that is NotOpened nothing is known.
var (
	ErrNotOpened  = fault.NewReason("not opened")
	ErrStdin      = ErrNotOpened.Kind("standard input")
	ErrPermission = ErrNotOpened.Kind("no permission to read it")

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
