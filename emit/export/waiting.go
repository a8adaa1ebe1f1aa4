package export

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"

	"github.com/parquet-go/parquet-go"

	"binmend/schema"
)

// waiting keeps the slabs of partitions without an open file in a temporary file: an open Parquet file takes memory for each of its
// columns, and nothing can be added to a complete one. The temporary file is deleted as soon as it is open, if the system allows
// that.
type waiting struct {
	dir    string
	file   *os.File // nil until it is needed
	length int64
	record []byte
	byKey  map[partitionKey]*queue
	queues []*queue // oldest first
}

// queue is the waiting records of one partition, as long as its columns stay the same. Each record points to the one before it.
type queue struct {
	key   partitionKey
	table *schema.Table
	last  int64 // offset of its last record
}

// recordHead is the size of a record's head: the offset of the record before, -1 for none, and the length of what follows.
const recordHead = 16

func (w *waiting) addSlab(key partitionKey, s *slab) error {
	if w.file == nil {
		if err := w.open(); err != nil {
			return err
		}
	}
	q := w.byKey[key]
	if q == nil || q.table != s.layout.table && !s.layout.equal(q.table) {
		q = &queue{key: key, table: s.layout.table, last: -1}
		w.byKey[key] = q
		w.queues = append(w.queues, q)
	}
	b := binary.LittleEndian.AppendUint64(w.record[:0], uint64(q.last))
	b = s.appendTo(append(b, make([]byte, 8)...))
	binary.LittleEndian.PutUint64(b[8:], uint64(len(b)-recordHead))
	w.record = b
	if cap(b) > maxSlabs {
		w.record = nil
	}
	q.last = w.length
	w.length += int64(len(b))
	if _, err := w.file.Write(b); err != nil {
		return fmt.Errorf("temporary file of the export: %w", err)
	}
	return nil
}

func (w *waiting) open() (err error) {
	w.byKey = map[partitionKey]*queue{}
	w.file, err = temporaryFile(w.dir, ".waiting-*.part")
	return err
}

func (w *waiting) close() error { return closeTemporary(w.file) }

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

// each calls yield for the slabs of a queue, in order.
func (w *waiting) each(q *queue, yield func(*slab) error) error {
	var offsets []int64
	head := make([]byte, recordHead)
	for at := q.last; at >= 0; at = int64(binary.LittleEndian.Uint64(head)) {
		offsets = append(offsets, at)
		if _, err := w.file.ReadAt(head, at); err != nil {
			return fmt.Errorf("temporary file of the export: %w", err)
		}
	}
	s := newSlab(layoutOf(q.table))
	for _, at := range slices.Backward(offsets) {
		if _, err := w.file.ReadAt(head, at); err != nil {
			return fmt.Errorf("temporary file of the export: %w", err)
		}
		b := make([]byte, binary.LittleEndian.Uint64(head[8:]))
		if _, err := w.file.ReadAt(b, at+recordHead); err != nil {
			return fmt.Errorf("temporary file of the export: %w", err)
		}
		s.empty()
		s.day = q.key.day
		s.takeFrom(b)
		if err := yield(s); err != nil {
			return err
		}
	}
	return nil
}

// appendTo appends the values of a slab as bytes:
//
//	uvarint  rows
//	for each leaf:
//	uvarint  values
//	for each value:
//	1        kind; 255 for NULL
//	1        repetition level, and twice the definition level
//	uvarint  length, of byte arrays only
//	rest     the value
func (s *slab) appendTo(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(s.rows))
	for _, values := range s.leaves {
		b = binary.AppendUvarint(b, uint64(len(values)))
		for _, v := range values {
			b = append(b, byte(v.Kind()), byte(v.RepetitionLevel()|v.DefinitionLevel()<<1))
			if isBytes(v.Kind()) {
				b = binary.AppendUvarint(b, uint64(len(v.ByteArray())))
			}
			b = v.AppendBytes(b)
		}
	}
	return b
}

func isBytes(k parquet.Kind) bool { return k == parquet.ByteArray || k == parquet.FixedLenByteArray }

// takeFrom reads what appendTo wrote. The values point into b.
func (s *slab) takeFrom(b []byte) {
	number := func() int {
		n, size := binary.Uvarint(b)
		b = b[size:]
		return int(n)
	}
	s.rows = number()
	for leaf := range s.leaves {
		for range number() {
			kind, levels := parquet.Kind(int8(b[0])), int(b[1])
			b = b[2:]
			n := 0
			switch {
			case isBytes(kind):
				n = number()
			case kind == parquet.Int32, kind == parquet.Float:
				n = 4
			case kind == parquet.Int64, kind == parquet.Double:
				n = 8
			}
			var v parquet.Value
			if kind >= 0 {
				v = kind.Value(b[:n:n])
			}
			s.texts += n
			b = b[n:]
			s.leaves[leaf] = append(s.leaves[leaf], v.Level(levels&1, levels>>1, leaf))
		}
	}
}
