package runs

import (
	"bytes"
	"io"
	"os"
)

// source gives the records of one run; ok is false at its end.
type source interface {
	next() (key, value []byte, ok bool, err error)
}

// memory is the run that is still in memory.
type memory struct {
	sorter *Sorter
	at     int
}

func (m *memory) next() (key, value []byte, ok bool, err error) {
	if m.at == len(m.sorter.entries) {
		return nil, nil, false, nil
	}
	key, value = m.sorter.recordOf(m.sorter.entries[m.at])
	m.at++
	return key, value, true, nil
}

// file is a run on disk. Several may read one file at a time.
type file struct {
	in   *os.File
	at   int64  // of what is not in buf yet
	buf  []byte // what has been read
	rest []byte // of buf: what has not been given
	end  bool   // nothing more is in the file
}

func openRuns(runs []*os.File) (all []source) {
	for _, f := range runs {
		all = append(all, &file{in: f, buf: make([]byte, readSize)})
	}
	return all
}

func (f *file) next() (key, value []byte, ok bool, err error) {
	for {
		if key, value, rest, ok := cut(f.rest); ok {
			f.rest = rest
			return key, value, true, nil
		}
		if f.end {
			if len(f.rest) > 0 {
				return nil, nil, false, ErrRecord
			}
			return nil, nil, false, nil
		}
		if err := f.fill(); err != nil {
			return nil, nil, false, err
		}
	}
}

// fill reads more after the unread rest, into a larger buffer if the rest takes most of it.
func (f *file) fill() error {
	begun := len(f.rest)
	switch {
	case begun > len(f.buf)/2:
		f.buf = append(append(make([]byte, 0, 2*len(f.buf)), f.rest...), make([]byte, 2*len(f.buf)-begun)...)
	case begun < readSize/2 && len(f.buf) > 1<<20: // after one large record
		f.buf = append(append(make([]byte, 0, readSize), f.rest...), make([]byte, readSize-begun)...)
	default:
		copy(f.buf, f.rest)
	}
	n, err := f.in.ReadAt(f.buf[begun:], f.at)
	f.at += int64(n)
	f.rest, f.end = f.buf[:begun+n], err == io.EOF
	if err == io.EOF {
		return nil
	}
	return err
}

// head is the current record of one run.
type head struct {
	source
	first      uint64
	key, value []byte
	number     int // of the run; older ones come first
}

// next takes the run's next record.
func (h *head) next() (ok bool, err error) {
	h.key, h.value, ok, err = h.source.next()
	h.first = firstOf(h.key)
	return ok, err
}

func (h *head) less(other *head) bool {
	if h.first != other.first {
		return h.first < other.first
	}
	if c := bytes.Compare(h.key, other.key); c != 0 {
		return c < 0
	}
	return h.number < other.number
}

// merger is a heap of runs by the current record.
type merger []*head

func mergeAll(sources []source, yield func(key, value []byte) error) error {
	var m merger
	for i, s := range sources {
		h := &head{source: s, number: i}
		ok, err := h.next()
		if err != nil {
			return err
		}
		if ok {
			m = append(m, h)
		}
	}
	for i := len(m) - 1; i >= 0; i-- {
		m.down(i)
	}
	for len(m) > 0 {
		first := m[0]
		if err := yield(first.key, first.value); err != nil {
			return err
		}
		ok, err := first.next()
		if err != nil {
			return err
		}
		if !ok {
			m[0] = m[len(m)-1]
			m = m[:len(m)-1]
		}
		m.down(0)
	}
	return nil
}

func (m merger) down(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(m); child++ {
			if m[child].less(m[least]) {
				least = child
			}
		}
		if least == i {
			return
		}
		m[i], m[least] = m[least], m[i]
		i = least
	}
}
