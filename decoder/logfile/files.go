package logfile

import (
	"errors"
	"io"

	"binmend/decoder"
)

// Files reads several logs one after the other. It implements decoder.Source.
type Files struct {
	opener Opener
	names  []string
	cur    *File
	start  int64 // events before this offset of the first file are skipped, except the file's prologue
	wanted func(decoder.EventType) bool
	more   func() ([]string, error) // see Follow
	before *File                    // the last one that was closed; may be nil
}

// Follow makes Next wait for more after the last log, by calling more: it returns when a log has grown, with the names of those
// that have begun since. io.EOF from it ends the reading.
func (fs *Files) Follow(more func() ([]string, error)) { fs.more = more }

// Waits reports whether Next would wait for more.
func (fs *Files) Waits() bool {
	return fs.more != nil && len(fs.names) == 0 && (fs.cur == nil || fs.atEnd())
}

// atEnd reports whether the file at hand is read up to where the opener says that it ends.
func (fs *Files) atEnd() bool {
	return fs.opener.End != nil && fs.cur.Offset() >= fs.opener.End(fs.cur.Name())
}

// Only makes Next skip events of unwanted types, as File.NextOf does; nil makes it return all events again.
func (fs *Files) Only(wanted func(decoder.EventType) bool) { fs.wanted = wanted }

// OpenFiles reads the named logs, which are not encrypted, in the given order.
func OpenFiles(names ...string) *Files { return Opener{}.OpenFiles(names...) }

// OpenFiles reads the named logs in the given order; each is opened when the one before it is done.
func (o Opener) OpenFiles(names ...string) *Files { return &Files{opener: o, names: names} }

// OpenFilesAt reads the named logs from an offset of the first one, where an event must begin. The prologue comes first all
// the same: the format descriptions, without which no event can be read, and what else stands before the first transaction.
func (o Opener) OpenFilesAt(offset int64, names ...string) *Files {
	return &Files{opener: o, names: names, start: offset}
}

// MaxInflated is the opener's bound for compressed events. It makes Files a decoder.TrustedSource.
func (fs *Files) MaxInflated() uint64 { return fs.opener.MaxInflated }

// Checked makes Files a decoder.CheckedSource.
func (fs *Files) Checked() bool { return fs.cur != nil && fs.cur.Checked() }

// Next returns the next event of the current file, or the first of the next file.
func (fs *Files) Next() (raw []byte, pos decoder.Position, err error) {
	for {
		if err := fs.advance(); err != nil {
			return nil, pos, err
		}
		raw, pos, err = fs.read()
		if err == nil && (pos.Offset >= fs.start || IsPrologue(decoder.EventType(raw[typeOffset]))) {
			return raw, pos, nil
		}
		if err == nil {
			err = fs.skip()
		} else {
			err = fs.end(pos, err)
		}
		if err != nil {
			return raw, pos, err
		}
	}
}

// advance opens the next file that has an event to read, or waits for one; the current file stays while it has more.
func (fs *Files) advance() error {
	for {
		switch isRead := fs.cur == nil || fs.atEnd(); {
		case !isRead:
			return nil
		case len(fs.names) > 0:
			if fs.cur != nil {
				fs.leave()
			}
			if err := fs.openNext(); err != nil {
				return err
			}
			if fs.opener.End == nil {
				return nil
			}
		case fs.more != nil:
			names, err := fs.more()
			if err != nil {
				return err
			}
			fs.names = names
		default:
			return io.EOF
		}
	}
}

// leave closes the current file.
func (fs *Files) leave() {
	fs.cur.Close()
	fs.before = fs.cur
	fs.cur, fs.start = nil, 0
}

// end closes the current file if err says that it ends here.
func (fs *Files) end(pos decoder.Position, err error) error {
	if fs.growing(err) {
		fs.opener.Growing(pos)
		err = io.EOF
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	fs.leave()
	return nil
}

func (fs *Files) read() (raw []byte, pos decoder.Position, err error) {
	if fs.wanted == nil {
		return fs.cur.Next()
	}
	raw, pos, err = fs.cur.NextOf(fs.wanted)
	if end := fs.opener.End; end != nil && pos.Offset >= end(pos.File) {
		err = io.EOF // those before it were passed over
	}
	return raw, pos, err
}

// Resync goes to the next event after damage in the current file, see File.Resync. The error is io.EOF when the file has
// none: the next event is then the first of the next file.
func (fs *Files) Resync(damage decoder.Position) (offset int64, err error) {
	if fs.cur == nil { // the damage is in what comes before the first event
		return damage.Offset, decoder.ErrNoProof
	}
	return fs.cur.Resync(damage)
}

func (fs *Files) openNext() error {
	f, err := fs.opener.OpenAfter(fs.before, fs.names[0])
	if err != nil {
		return err
	}
	fs.cur, fs.names, fs.before = f, fs.names[1:], nil
	return nil
}

// skip goes to the start offset.
func (fs *Files) skip() error {
	if !fs.cur.CanSeek() {
		return nil
	}
	return fs.cur.SeekTo(fs.start)
}

// IsPrologue reports whether events of the type may stand before the first transaction of a file.
func IsPrologue(t decoder.EventType) bool {
	switch t {
	case decoder.EventFormatDescription, decoder.EventRotate, decoder.EventPreviousGtids, decoder.EventMariaGtidList,
		decoder.EventMariaBinlogCheckpoint, decoder.EventMariaStartEncryption:
		return true
	}
	return false
}

// Close closes the current file.
func (fs *Files) Close() error {
	if fs.cur == nil {
		return nil
	}
	return fs.cur.Close()
}
