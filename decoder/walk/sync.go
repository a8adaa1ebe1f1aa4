package walk

import (
	"errors"
	"io"
	"math"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/internal/bin"
	"binmend/decoder/logfile"
	"binmend/decoder/txn"
)

const (
	magicLength  = 4
	headerLength = 19
	minWindow    = 64 << 10
	maxWindow    = 64 << 20
)

// syncPoint returns a position at or before offset of file i from which the logs can be followed: the beginning of a transaction
// or of a file. An event must begin at offset; 0 stands for the first one.
func (l Logs) syncPoint(i int, offset int64) (decoder.Position, error) {
	begin := decoder.Position{File: l.Names[i]}
	if offset <= magicLength {
		return l.fileStart(i)
	}
	f, err := l.Opener.Open(l.Names[i])
	if err != nil {
		return begin, err
	}
	defer f.Close()
	if size := f.Size(); size >= 0 && offset > size {
		return begin, afterEnd(l.Names[i], offset, size)
	}
	if pos, ok := l.backwards(f, offset); ok {
		return pos, nil
	}
	return l.syncForwards(i, offset)
}

// syncForwards reads the file from its beginning up to offset, or to its end where that is math.MaxInt64.
func (l Logs) syncForwards(i int, offset int64) (decoder.Position, error) {
	start, err := l.fileStart(i)
	if err != nil {
		return start, err
	}
	w := l.walk(start)
	defer w.Close()
	w.KeepClosed()
	for end := int64(magicLength); ; {
		e, step, err := w.Next()
		if err == io.EOF || err == nil && l.Index(e.Pos.File) > i {
			if end < offset && offset < math.MaxInt64 {
				return start, afterEnd(l.Names[i], offset, end)
			}
			return start, nil
		}
		if err != nil {
			return start, err
		}
		if e.Pos.File != l.Names[i] {
			continue
		}
		if e.Pos.Offset < offset && offset < e.End() {
			return start, inside(e.Pos.File, offset, e.Type, e.Pos.Offset, e.End())
		}
		if step.Begins() && e.Pos.Offset <= offset {
			start = e.Pos
		}
		if end = e.End(); end > offset {
			return start, nil
		}
	}
}

// fileStart returns the beginning of file i or, when the file begins inside a transaction, of that transaction in the
// files before.
func (l Logs) fileStart(i int) (decoder.Position, error) {
	begin := decoder.Position{File: l.Names[i]}
	continues, err := l.beginsInside(l.Names[i])
	if err != nil || !continues {
		return begin, err
	}
	if i == 0 {
		return begin, &fault.Error{Reason: ErrBeginsInside, What: l.Names[i] + " begins inside a transaction"}
	}
	f, err := l.Opener.Open(l.Names[i-1])
	if err != nil {
		return begin, err
	}
	size := f.Size()
	f.Close()
	if size < 0 { // compressed, or no file
		return l.syncForwards(i-1, math.MaxInt64)
	}
	return l.syncPoint(i-1, size)
}

// beginsInside reports whether a log's first transaction began in the log before: its first change has neither GTID nor BEGIN.
// This happens only in relay logs of MySQL 5.6 and MariaDB.
func (l Logs) beginsInside(name string) (bool, error) {
	f, err := l.Opener.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	r := decoder.NewReader(f)
	for {
		e, err := r.Next()
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		switch {
		case e.Type == decoder.EventFormatDescription: // the next event may show that the log is a relay log
		case !e.RelayLog:
			return false, nil
		case e.Type == decoder.EventTableMap, e.Type == decoder.EventXid, e.IsRows():
			return true, nil
		case e.IsGtid(), e.Type == decoder.EventQuery, e.Type == decoder.EventMariaQueryCompressed:
			return false, nil
		}
	}
}

// backwards looks for the beginning of a transaction before offset without reading the file from its beginning: it searches ever
// larger windows before offset for a chain of events with valid checksums that ends exactly there.
func (l Logs) backwards(f *logfile.File, offset int64) (decoder.Position, bool) {
	format, prologue, err := l.readPrologue(f.Name())
	if err != nil || format.Checksum != decoder.ChecksumCRC32 {
		return decoder.Position{}, false
	}
	if offset < prologue || !eventAt(f, offset) {
		return decoder.Position{}, false
	}
	for window := int64(minWindow); window <= maxWindow; window *= 4 {
		low := max(prologue, offset-window)
		chain, ok := chainBefore(f, low, offset)
		if !ok && low > prologue {
			continue
		}
		if pos, ok := l.lastBegin(f.Name(), chain, offset); ok {
			return pos, true
		}
		if low == prologue {
			break
		}
	}
	return decoder.Position{}, false
}

// errScrambled: each event is encrypted by itself, so that events can't be found by their checksums.
var errScrambled = errors.New("encrypted events")

// readPrologue returns the format description in force after the file's prologue, and where the prologue ends.
func (l Logs) readPrologue(name string) (*decoder.Format, int64, error) {
	src := l.Opener.OpenFiles(name)
	defer src.Close()
	r := decoder.NewReader(src)
	for {
		e, err := r.Next()
		if err != nil {
			return nil, 0, err
		}
		if e.StartsEncryption() {
			return nil, 0, errScrambled
		}
		if !logfile.IsPrologue(e.Type) {
			return e.Format, e.Pos.Offset, nil
		}
	}
}

// eventAt reports whether an event with a valid checksum begins at offset, or the file ends there.
func eventAt(f *logfile.File, offset int64) bool {
	var head [headerLength]byte
	n, err := f.ReadAt(head[:], offset)
	if n == 0 && err == io.EOF {
		return true
	}
	if n < headerLength {
		return false
	}
	length := bin.Uint(head[9:13])
	if length < headerLength || offset+int64(length) > f.Size() {
		return false
	}
	raw := make([]byte, length)
	if _, err := f.ReadAt(raw, offset); err != nil {
		return false
	}
	return decoder.EndsInChecksum(raw)
}

// chainBefore returns the first offset at or after low from which events follow each other exactly up to offset.
func chainBefore(f *logfile.File, low, offset int64) (int64, bool) {
	b := make([]byte, offset-low)
	if _, err := f.ReadAt(b, low); err != nil && err != io.EOF {
		return 0, false
	}
	budget := 8 * len(b) // bytes to checksum; more means that someone made the bytes look like events
	for at := 0; at+headerLength < len(b) && budget > 0; at++ {
		if chainFrom(b[at:], &budget) {
			return low + int64(at), true
		}
	}
	return offset, len(b) == 0
}

// chainFrom reports whether b consists of whole events.
func chainFrom(b []byte, budget *int) bool {
	for len(b) > 0 {
		if len(b) < headerLength || *budget <= 0 {
			return false
		}
		length := bin.Uint(b[9:13])
		if length < headerLength+4 || length > uint64(len(b)) {
			return false
		}
		*budget -= int(length)
		if !decoder.EndsInChecksum(b[:length]) {
			return false
		}
		b = b[length:]
	}
	return true
}

// lastBegin follows the events from chain to offset and returns where the transaction around offset begins; offset itself if it
// is between transactions.
func (l Logs) lastBegin(name string, chain, offset int64) (decoder.Position, bool) {
	src := l.Opener.OpenFilesAt(chain, name)
	defer src.Close()
	r := decoder.NewReader(src)
	tracker := txn.NewLostTracker()
	for {
		e, err := r.Next()
		if err != nil && err != io.EOF {
			return decoder.Position{}, false
		}
		if err == io.EOF || e.Pos.Offset >= offset {
			break
		}
		if e.Type == decoder.EventTransactionPayload {
			r.SkipPayload()
			tracker.AddClosed(e)
		} else if _, err := tracker.AddEvent(e); err != nil {
			return decoder.Position{}, false
		}
	}
	switch {
	case tracker.Lost():
		return decoder.Position{}, false
	case tracker.Open():
		return tracker.Current().Start, true
	}
	return decoder.Position{File: name, Offset: offset}, true
}
