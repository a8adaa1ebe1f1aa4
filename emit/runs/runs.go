// Package runs sorts records in bounded memory: what does not fit goes to sorted files, which are merged when the records are read.
// In go keys and values; they come out by ascending key, equal keys in the order in which they were added. The records can be
// read as often as needed. It does not know what they mean.
package runs

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

const (
	// fanIn is how many runs are merged at once, each with its own buffer.
	fanIn      = 48
	readSize   = 32 << 10
	writeSize  = 128 << 10
	blockSize  = 1 << 20 // of the memory for records
	firstBlock = 64 << 10
	entrySize  = 16 // bytes of an entry
)

// Sorter sorts records. A Sorter belongs to one goroutine.
type Sorter struct {
	folder func() (string, error) // makes the folder for the runs before the first is written
	limit  int                    // bytes of records in memory

	dir     string
	blocks  [][]byte // of records, each as AppendRecord makes them; kept when they are written
	used    int      // blocks that have records
	size    int      // bytes of records in memory
	entries []entry
	runs    []*os.File
	made    int // runs so far, for their names
	count   uint64
	out     []byte // what is to be written to a run
}

// entry is a record in memory. Keys differ mostly in their first bytes, so that few records are looked at to sort them.
type entry struct {
	first uint64 // bytes of the key
	block uint32
	at    uint32 // in its block
}

// New returns a sorter that keeps at most limit bytes of records in memory. If there are more, folder is called to make a folder for
// this sorter alone.
func New(limit int, folder func() (string, error)) *Sorter {
	return &Sorter{folder: folder, limit: limit}
}

// AppendRecord appends a record for AddRecords:
//
//	uvarint  length of the key
//	uvarint  length of the value
//	…        key, value
func AppendRecord(dst, key, value []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(key)))
	dst = binary.AppendUvarint(dst, uint64(len(value)))
	return append(append(dst, key...), value...)
}

// cut cuts the first record off. ok is false where it is not whole.
func cut(b []byte) (key, value, rest []byte, ok bool) {
	k, n := binary.Uvarint(b)
	if n <= 0 {
		return nil, nil, b, false
	}
	v, m := binary.Uvarint(b[n:])
	if m <= 0 {
		return nil, nil, b, false
	}
	rest = b[n+m:]
	if k > uint64(len(rest)) || v > uint64(len(rest))-k {
		return nil, nil, b, false
	}
	return rest[:k:k], rest[k : k+v : k+v], rest[k+v:], true
}

// Len is the number of records.
func (s *Sorter) Len() uint64 { return s.count }

// AddRecord adds a record. It keeps neither slice.
func (s *Sorter) AddRecord(key, value []byte) error {
	length := len(key) + len(value) + 2*binary.MaxVarintLen32
	if err := s.makeRoom(length); err != nil {
		return err
	}
	b := &s.blocks[s.used-1]
	at := len(*b)
	*b = AppendRecord(*b, key, value)
	s.note(key, at, len(*b)-at)
	return nil
}

// AddRecords adds records that AppendRecord has made. It does not keep them.
func (s *Sorter) AddRecords(records []byte) error {
	for len(records) > 0 {
		key, _, rest, ok := cut(records)
		if !ok {
			return ErrRecord
		}
		length := len(records) - len(rest)
		if err := s.makeRoom(length); err != nil {
			return err
		}
		b := &s.blocks[s.used-1]
		at := len(*b)
		*b = append(*b, records[:length]...)
		s.note(key, at, length)
		records = rest
	}
	return nil
}

// makeRoom makes the last block take so many bytes more.
func (s *Sorter) makeRoom(length int) error {
	if s.size+length+entrySize*(len(s.entries)+1) > s.limit && len(s.entries) > 0 {
		if err := s.flush(); err != nil {
			return err
		}
	}
	if n := s.used; n > 0 && cap(s.blocks[n-1])-len(s.blocks[n-1]) >= length {
		return nil
	}
	if s.used == len(s.blocks) {
		s.blocks = append(s.blocks, nil)
	}
	if cap(s.blocks[s.used]) < length {
		size := blockSize
		if s.used == 0 {
			size = firstBlock
		}
		s.blocks[s.used] = make([]byte, 0, max(length, min(size, s.limit)))
	}
	s.used++
	return nil
}

func (s *Sorter) note(key []byte, at, length int) {
	s.entries = append(s.entries, entry{firstOf(key), uint32(s.used - 1), uint32(at)})
	s.size += length
	s.count++
}

// firstOf orders keys as far as their first bytes do.
func firstOf(key []byte) uint64 {
	if len(key) >= 8 {
		return binary.BigEndian.Uint64(key)
	}
	var first [8]byte
	copy(first[:], key)
	return binary.BigEndian.Uint64(first[:])
}

func (s *Sorter) recordOf(e entry) (key, value []byte) {
	key, value, _, _ = cut(s.blocks[e.block][e.at:])
	return key, value
}

func (s *Sorter) sort() {
	slices.SortFunc(s.entries, func(a, b entry) int {
		if a.first != b.first {
			return cmp.Compare(a.first, b.first)
		}
		x, _ := s.recordOf(a)
		y, _ := s.recordOf(b)
		return cmp.Or(bytes.Compare(x, y), cmp.Compare(a.block, b.block), cmp.Compare(a.at, b.at))
	})
}

// flush writes the records in memory as a run.
func (s *Sorter) flush() error {
	s.sort()
	err := s.writeRun(func(f *os.File) error {
		for _, e := range s.entries {
			if err := s.write(f, s.blocks[e.block][e.at:]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	kept := s.blocks[:0]
	for _, b := range s.blocks {
		if cap(b) <= blockSize { // else it had one large record
			kept = append(kept, b[:0])
		}
	}
	clear(s.blocks[len(kept):])
	s.blocks, s.used, s.size, s.entries = kept, 0, 0, s.entries[:0]
	if len(s.runs) == fanIn {
		return s.mergeRuns()
	}
	return nil
}

// Spill gives the memory for records back, where there are runs already: the last of them is written.
func (s *Sorter) Spill() error {
	if len(s.runs) == 0 {
		return nil
	}
	if len(s.entries) > 0 {
		if err := s.flush(); err != nil {
			return err
		}
	}
	s.blocks, s.entries, s.out = nil, nil, nil
	return nil
}

// write writes the first of some records to the run that is being made.
func (s *Sorter) write(f *os.File, records []byte) error {
	_, _, rest, _ := cut(records)
	s.out = append(s.out, records[:len(records)-len(rest)]...)
	return s.writeOut(f, writeSize)
}

// writeOut writes what is to be written when it is as much as that.
func (s *Sorter) writeOut(f *os.File, least int) error {
	if len(s.out) < least {
		return nil
	}
	_, err := f.Write(s.out)
	s.out = s.out[:0]
	return err
}

// writeRun makes the next run.
func (s *Sorter) writeRun(write func(*os.File) error) (err error) {
	if s.dir == "" {
		if s.dir, err = s.folder(); err != nil {
			return err
		}
	}
	f, err := os.Create(filepath.Join(s.dir, fmt.Sprintf("run.%06d", s.made)))
	if err != nil {
		return err
	}
	s.made++
	s.out = s.out[:0]
	if err = write(f); err == nil {
		err = s.writeOut(f, 1)
	}
	if cap(s.out) > 2*writeSize {
		s.out = nil
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	s.runs = append(s.runs, f)
	return nil
}

// mergeRuns merges all runs into one, which is older than those to come.
func (s *Sorter) mergeRuns() error {
	all := s.runs
	s.runs = nil
	err := s.writeRun(func(f *os.File) error {
		return mergeAll(openRuns(all), func(key, value []byte) error {
			s.out = AppendRecord(s.out, key, value)
			return s.writeOut(f, writeSize)
		})
	})
	for _, f := range all {
		err = errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return err
}

// Each calls yield with each record, by ascending key. The slices are valid until yield returns; an error from yield ends it. Records
// may be added afterwards, but not meanwhile.
func (s *Sorter) Each(yield func(key, value []byte) error) error {
	s.sort()
	return mergeAll(append(openRuns(s.runs), &memory{sorter: s}), yield)
}

// Close removes the runs, but not their folder.
func (s *Sorter) Close() error {
	var errs []error
	for _, f := range s.runs {
		errs = append(errs, f.Close(), os.Remove(f.Name()))
	}
	*s = Sorter{}
	return errors.Join(errs...)
}
