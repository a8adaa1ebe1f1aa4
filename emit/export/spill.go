package export

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/klauspost/compress/s2"
)

// spill keeps all slabs in a temporary file until everything was read: only then it is known what columns a table has over the whole
// export, and each file can be written in one go, whatever the order of the tables in the log. The temporary file is deleted as
// soon as it is open, if the system allows that.
type spill struct {
	dir    string
	file   *os.File // nil until it is needed
	out    *bufio.Writer
	length int64
	meta   []byte
	packed []byte
	tables map[tableKey]*table
	queues map[partitionKey]*queue
	order  []*queue // oldest first
	free   []*block
	kept   int // bytes of free
}

// queue is the slabs of one partition. Each points to the one before it.
type queue struct {
	key   partitionKey
	table *table
	last  int64 // offset of its last slab
}

// The head of a slab in the file:
//
//	8  offset of the slab before it in its partition, -1 for none
//	4  the table's shape that it has
//	4  length of what follows
//	4  its length before it was compressed (S2); 0: it is not
const slabHead = 20

func (w *spill) addSlab(s *slab) error {
	if w.file == nil {
		if err := w.open(); err != nil {
			return err
		}
	}
	q := w.queue(s)
	shape, err := w.shape(q.table, s.layout.shape)
	if err != nil {
		return err
	}
	w.meta = s.appendTo(w.meta[:0])
	whole := len(w.meta)
	for i := range s.leaves {
		whole += len(s.leaves[i].data)
	}
	head := binary.LittleEndian.AppendUint64(make([]byte, 0, slabHead), uint64(q.last))
	head = binary.LittleEndian.AppendUint32(head, uint32(shape))
	q.last = w.length
	if whole < leastPacked || whole > mostPacked {
		return w.write(binary.LittleEndian.AppendUint64(head, uint64(whole)), s)
	}
	for i := range s.leaves {
		w.meta = append(w.meta, s.leaves[i].data...)
	}
	w.packed = s2.Encode(w.packed[:cap(w.packed)], w.meta)
	head = binary.LittleEndian.AppendUint32(head, uint32(len(w.packed)))
	head = binary.LittleEndian.AppendUint32(head, uint32(len(w.meta)))
	w.meta, w.packed = w.packed, w.meta
	return w.write(head, nil)
}

// Slabs of these sizes are compressed: a small one gains nothing, and of a large one there is no other copy in memory.
const (
	leastPacked = 1 << 10
	mostPacked  = 2 << 20
)

// write writes a head, what was made of the slab, and the values of s.
func (w *spill) write(head []byte, s *slab) error {
	parts := [][]byte{head, w.meta}
	if s != nil {
		for i := range s.leaves {
			parts = append(parts, s.leaves[i].data)
		}
	}
	for _, part := range parts {
		n, err := w.out.Write(part)
		if w.length += int64(n); err != nil {
			return temporary(err)
		}
	}
	return nil
}

func temporary(err error) error { return fmt.Errorf("temporary file of the export: %w", err) }

// shape is the index of a slab's shape among those of its table. A new one goes to the file.
func (w *spill) shape(t *table, s *shape) (int, error) {
	sum := s.sum()
	if i := t.place(sum); i >= 0 {
		return i, nil
	}
	t.places = append(t.places, shapePlace{sum, w.length, len(s.packed())})
	n, err := w.out.WriteString(s.packed())
	if w.length += int64(n); err != nil {
		return 0, temporary(err)
	}
	return len(t.places) - 1, nil
}

// readShapes reads the shapes of a table.
func (w *spill) readShapes(t *table) error {
	for _, p := range t.places {
		text := make([]byte, p.length)
		if _, err := w.file.ReadAt(text, p.offset); err != nil {
			return temporary(err)
		}
		t.shapes = append(t.shapes, unpackShape(string(text)))
	}
	return nil
}

// queue finds the partition of a slab.
func (w *spill) queue(s *slab) *queue {
	key := partitionKey{tableKey{s.layout.table.Database, s.layout.table.Name}, s.day}
	q := w.queues[key]
	if q == nil {
		t := w.tables[key.tableKey]
		key.tableKey = tableKey{strings.Clone(key.database), strings.Clone(key.table)} // not a part of a statement
		if t == nil {
			t = &table{}
			w.tables[key.tableKey] = t
		}
		q = &queue{key: key, table: t, last: -1}
		w.queues[key] = q
		w.order = append(w.order, q)
	}
	return q
}

func (w *spill) open() (err error) {
	w.tables, w.queues = map[tableKey]*table{}, map[partitionKey]*queue{}
	w.file, err = temporaryFile(w.dir, ".waiting-*.part")
	w.out = bufio.NewWriterSize(w.file, spillBuffer)
	return err
}

const spillBuffer = 128 << 10

// flush ends the writing.
func (w *spill) flush() error {
	if w.file == nil {
		return nil
	}
	err := w.out.Flush()
	w.meta, w.packed, w.out, w.tables, w.queues = nil, nil, nil, nil, nil
	return err
}

func (w *spill) close() error { return closeTemporary(w.file) }

// temporaryFile creates a file and deletes it as soon as it is open, if the system allows that.
func temporaryFile(dir, pattern string) (*os.File, error) {
	f, err := os.CreateTemp(dir, pattern)
	if err == nil && runtime.GOOS != "windows" {
		err = os.Remove(f.Name())
	}
	return f, err
}

// closeTemporary closes a temporary file, unless it is nil.
func closeTemporary(f *os.File) error {
	if f == nil {
		return nil
	}
	err := f.Close()
	if runtime.GOOS == "windows" {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}

// each calls yield for the slabs of a partition, in order.
func (w *spill) each(q *queue, yield func(*block) error) error {
	var offsets []int64
	head := make([]byte, slabHead)
	for at := q.last; at >= 0; at = int64(binary.LittleEndian.Uint64(head)) {
		offsets = append(offsets, at)
		if _, err := w.file.ReadAt(head[:8], at); err != nil {
			return temporary(err)
		}
	}
	for _, at := range slices.Backward(offsets) {
		b, err := w.read(q.table, at, head)
		if err == nil {
			err = yield(b)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// read reads the slab at an offset.
func (w *spill) read(t *table, at int64, head []byte) (*block, error) {
	if _, err := w.file.ReadAt(head, at); err != nil {
		return nil, temporary(err)
	}
	b := w.block()
	length, whole := int(binary.LittleEndian.Uint32(head[12:])), int(binary.LittleEndian.Uint32(head[16:]))
	into := &b.stored
	if whole > 0 {
		into = &w.packed
	}
	*into = resized(*into, length)
	if _, err := w.file.ReadAt(*into, at+slabHead); err != nil {
		return nil, temporary(err)
	}
	if whole > 0 {
		b.stored = resized(b.stored, whole)
		if _, err := s2.Decode(b.stored, w.packed); err != nil {
			return nil, temporary(err)
		}
	}
	shape := int(binary.LittleEndian.Uint32(head[8:]))
	b.columns = t.columnsOf(shape)
	b.take(t.shapes[shape])
	return b, nil
}

// block is one that is not in use.
func (w *spill) block() (b *block) {
	n := len(w.free)
	if n == 0 {
		return new(block)
	}
	b, w.free = w.free[n-1], w.free[:n-1]
	w.kept -= b.capacity()
	return b
}

// giveBack takes blocks that are no longer in use. Those of large values, and those of tables with very many columns, are given up, and
// what is more than a row group has.
func (w *spill) giveBack(list []*block) {
	for _, b := range list {
		if size := b.capacity(); cap(b.stored) <= mostPacked && cap(b.leaves) <= 256 && w.kept+size <= maxGroup {
			w.free = append(w.free, b)
			w.kept += size
		}
	}
}
