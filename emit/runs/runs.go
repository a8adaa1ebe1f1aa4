// Package runs sorts records in bounded memory: what does not fit goes to sorted files, which are merged when the records are
// read. In go keys and values; out they come by ascending key, those of one key in the order in which they were added. The
// records can be read as often as needed. It knows nothing of what they are.
package runs

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

const (
	// fanIn is how many runs are merged at once, each read through a buffer of its own.
	fanIn     = 48
	bufferOf  = 32 << 10
	entrySize = 24 // bytes of an entry
)

// Sorter takes records and gives them sorted. A Sorter belongs to one goroutine.
type Sorter struct {
	folder func() (string, error) // makes the folder of the runs when the first is written
	limit  int                    // bytes of records in memory

	dir     string
	arena   []byte
	entries []entry
	runs    []*os.File
	made    int // runs so far, for their names
	count   uint64
}

// entry is a record in the arena: its key, and its value after it.
type entry struct {
	at         int
	key, value uint32
}

// New returns a sorter that keeps at most limit bytes of records in memory. Folder is asked for a folder of the sorter's own
// when they are more.
func New(limit int, folder func() (string, error)) *Sorter {
	return &Sorter{folder: folder, limit: limit}
}

// Len is the number of records.
func (s *Sorter) Len() uint64 { return s.count }

// AddRecord adds a record. It keeps neither slice.
func (s *Sorter) AddRecord(key, value []byte) error {
	if size := len(s.arena) + len(key) + len(value) + entrySize*(len(s.entries)+1); size > s.limit && len(s.entries) > 0 {
		if err := s.flush(); err != nil {
			return err
		}
	}
	s.entries = append(s.entries, entry{len(s.arena), uint32(len(key)), uint32(len(value))})
	s.arena = append(append(s.arena, key...), value...)
	s.count++
	return nil
}

func (s *Sorter) keyOf(e entry) []byte { return s.arena[e.at : e.at+int(e.key)] }

func (s *Sorter) valueOf(e entry) []byte {
	begin := e.at + int(e.key)
	return s.arena[begin : begin+int(e.value)]
}

func (s *Sorter) sort() {
	slices.SortStableFunc(s.entries, func(a, b entry) int { return bytes.Compare(s.keyOf(a), s.keyOf(b)) })
}

// flush writes the records in memory as a run.
func (s *Sorter) flush() error {
	s.sort()
	err := s.writeRun(func(w *bufio.Writer) error {
		for _, e := range s.entries {
			if err := writeRecord(w, s.keyOf(e), s.valueOf(e)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if cap(s.arena) > 2*s.limit { // one large record
		s.arena = nil
	}
	s.arena, s.entries = s.arena[:0], s.entries[:0]
	if len(s.runs) == fanIn {
		return s.mergeRuns()
	}
	return nil
}

// writeRun makes the next run.
func (s *Sorter) writeRun(write func(*bufio.Writer) error) (err error) {
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
	w := bufio.NewWriterSize(f, 256<<10)
	if err := errors.Join(write(w), w.Flush()); err != nil {
		return errors.Join(err, f.Close())
	}
	s.runs = append(s.runs, f)
	return nil
}

// mergeRuns makes one run of all, which is older than those to come.
func (s *Sorter) mergeRuns() error {
	all := s.runs
	s.runs = nil
	err := s.writeRun(func(w *bufio.Writer) error {
		return mergeAll(openRuns(all), func(key, value []byte) error { return writeRecord(w, key, value) })
	})
	for _, f := range all {
		err = errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return err
}

func writeRecord(w *bufio.Writer, key, value []byte) error {
	var head [2 * binary.MaxVarintLen32]byte
	n := binary.PutUvarint(head[:], uint64(len(key)))
	n += binary.PutUvarint(head[n:], uint64(len(value)))
	w.Write(head[:n])
	w.Write(key)
	_, err := w.Write(value)
	return err
}

// Each calls yield with each record, by ascending key. The slices are valid until yield returns; an error of yield's ends it.
// Records may be added afterwards, not meanwhile.
func (s *Sorter) Each(yield func(key, value []byte) error) error {
	s.sort()
	return mergeAll(append(openRuns(s.runs), &memory{sorter: s}), yield)
}

// Close removes the runs. Their folder is whose who made it.
func (s *Sorter) Close() error {
	var errs []error
	for _, f := range s.runs {
		errs = append(errs, f.Close(), os.Remove(f.Name()))
	}
	*s = Sorter{}
	return errors.Join(errs...)
}

// source gives the records of one run; ok is false at its end.
type source interface {
	next() (ok bool, err error)
	record() (key, value []byte)
}

// memory is the run that is still in memory.
type memory struct {
	sorter *Sorter
	at     int
}

func (m *memory) next() (bool, error) {
	m.at++
	return m.at <= len(m.sorter.entries), nil
}

func (m *memory) record() (key, value []byte) {
	e := m.sorter.entries[m.at-1]
	return m.sorter.keyOf(e), m.sorter.valueOf(e)
}

// file is a run on disk. Several may read one file at a time.
type file struct {
	in         *bufio.Reader
	buf        []byte
	key, value int
}

func openRuns(runs []*os.File) (all []source) {
	for _, f := range runs {
		all = append(all, &file{in: bufio.NewReaderSize(io.NewSectionReader(f, 0, 1<<62), bufferOf)})
	}
	return all
}

func (f *file) next() (bool, error) {
	key, err := binary.ReadUvarint(f.in)
	if err == io.EOF {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	value, err := binary.ReadUvarint(f.in)
	if err != nil {
		return false, err
	}
	f.key, f.value = int(key), int(value)
	if n := f.key + f.value; n > cap(f.buf) || cap(f.buf) > 1<<20 && n < cap(f.buf)/4 {
		f.buf = make([]byte, n)
	} else {
		f.buf = f.buf[:n]
	}
	_, err = io.ReadFull(f.in, f.buf)
	return err == nil, err
}

func (f *file) record() (key, value []byte) { return f.buf[:f.key], f.buf[f.key : f.key+f.value] }

// merger is a heap of sources by the current key; of equal ones the older run comes first.
type merger struct {
	sources []source
	order   []int // numbers of sources
}

func mergeAll(sources []source, yield func(key, value []byte) error) error {
	m := merger{sources: sources}
	for i := range sources {
		ok, err := sources[i].next()
		if err != nil {
			return err
		}
		if ok {
			m.order = append(m.order, i)
			m.up(len(m.order) - 1)
		}
	}
	for len(m.order) > 0 {
		first := m.sources[m.order[0]]
		if err := yield(first.record()); err != nil {
			return err
		}
		ok, err := first.next()
		if err != nil {
			return err
		}
		if !ok {
			last := len(m.order) - 1
			m.order[0] = m.order[last]
			m.order = m.order[:last]
		}
		m.down()
	}
	return nil
}

func (m *merger) less(a, b int) bool {
	x, _ := m.sources[m.order[a]].record()
	y, _ := m.sources[m.order[b]].record()
	if c := bytes.Compare(x, y); c != 0 {
		return c < 0
	}
	return m.order[a] < m.order[b]
}

func (m *merger) up(i int) {
	for i > 0 && m.less(i, (i-1)/2) {
		m.order[i], m.order[(i-1)/2] = m.order[(i-1)/2], m.order[i]
		i = (i - 1) / 2
	}
}

func (m *merger) down() {
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(m.order); child++ {
			if m.less(child, least) {
				least = child
			}
		}
		if least == i {
			return
		}
		m.order[i], m.order[least] = m.order[least], m.order[i]
		i = least
	}
}
