package export

import (
	"container/list"
	"context"
	"os"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/snappy"

	"binmend/decoder"
	"binmend/decoder/cache"
	"binmend/schema"
	"binmend/schema/changes"
)

// Parquet writes each row change to a file of its table and day: path/database=shop/table=orders/day=2024-01-31/…, the
// layout that engines know as Hive partitioning. path must not exist or be empty. When it fails, nothing is left of it.
//
// All files together hold at most 6 MiB of rows that are not yet written, and at most 64 files are open at a time.
func Parquet(ctx context.Context, path string, s *changes.Stream, workers int) (all Summary, err error) {
	dir, err := openFolder(path)
	if err != nil {
		return all, err
	}
	defer func() {
		if err != nil {
			dir.discard()
		}
	}()
	slabbers := make([]slabber, workers)
	var ready changes.Handover[[]*slab]
	w := &partitions{folder: dir, open: map[partitionKey]*list.Element{}}
	err = s.Run(ctx, workers,
		func(worker int, c *changes.Chunk) error {
			return slabbers[worker].add(c, &ready)
		},
		func(c *changes.Chunk) error {
			for _, slab := range ready.Take(c) {
				if err := w.add(slab); err != nil {
					return err
				}
				slab.layout.used.Put(slab)
			}
			return nil
		})
	for i := range slabbers {
		all.add(slabbers[i].summary)
	}
	if closed := w.close(); err == nil {
		err = closed
	}
	if err != nil {
		return all, err
	}
	all.Files = len(dir.files)
	return all, dir.complete()
}

// slabber makes slabs of chunks, in one goroutine.
type slabber struct {
	rows    changes.RowReader
	gtids   gtids
	layouts cache.Cache[*schema.Table, *layout]
	last    *schema.Table // looked up last
	found   *layout       // of last
	names   parquetNames
	slabs   []*slab // of the chunk at hand
	bytes   int     // that they take
	summary Summary
}

// parquetNames are values that many records share.
type parquetNames struct {
	of                 record
	change, file, gtid parquet.Value
}

func (n *parquetNames) set(r *record) {
	if n.of.change != r.change {
		n.change = parquet.ByteArrayValue([]byte(r.change))
	}
	if n.of.file != r.file {
		n.file = parquet.ByteArrayValue([]byte(r.file))
	}
	if n.of.gtid != r.gtid {
		n.gtid = parquet.ByteArrayValue([]byte(r.gtid))
	}
	n.of = *r
}

// maxSlabs bounds the bytes of the slabs of a chunk.
const maxSlabs = 1 << 20

func (s *slabber) add(c *changes.Chunk, ready *changes.Handover[[]*slab]) error {
	s.slabs, s.bytes = nil, 0
	summary, err := eachRow(c, &s.rows, &s.gtids, func(r *record, t *schema.Table, row *decoder.Row) error {
		s.names.set(r)
		slab := s.slab(t, int64(r.time)/secondsPerDay)
		before := slab.held()
		err := slab.add(r, &s.names, row)
		s.summary.NotRepresentable += uint64(slab.inexact)
		if s.bytes += slab.held() - before; err != nil || s.bytes < maxSlabs {
			return err
		}
		ready.Give(c, s.slabs)
		s.slabs, s.bytes = nil, 0
		return flush(c)
	})
	s.summary.add(summary)
	ready.Give(c, s.slabs)
	return err
}

// slab is that of a table and a day in the chunk at hand.
func (s *slabber) slab(t *schema.Table, day int64) *slab {
	l := s.layout(t)
	for _, found := range s.slabs {
		if found.layout == l && found.day == day {
			return found
		}
	}
	made, ok := l.used.Get().(*slab)
	if !ok {
		made = newSlab(l)
	}
	made.empty()
	made.day = day
	s.slabs = append(s.slabs, made)
	return made
}

func (s *slabber) layout(t *schema.Table) *layout {
	if t == s.last {
		return s.found
	}
	l, ok := s.layouts.Get(t)
	if !ok {
		l = layoutOf(t)
		s.layouts.Put(t, l, t.Size()+len(l.columns)*layoutColumn)
	}
	s.last, s.found = t, l
	return l
}

// layoutColumn is about what a layout takes for a column of its table, which has two in the Parquet schema.
const layoutColumn = 2 << 10

const (
	maxBuffered = 6 << 20  // bytes of rows in all open files
	maxOpen     = 64       // files
	pageBytes   = 32 << 10 // of a column
	allPages    = 4 << 20  // of all columns of a file
	minPage     = 1 << 10
)

type partitionKey struct {
	database, table string
	day             int64
}

// partition is an open file.
type partition struct {
	key      partitionKey
	layout   *layout
	file     *os.File
	writer   *parquet.GenericWriter[any]
	columns  []*parquet.ColumnWriter
	buffered int
}

// partitions are the files of an export.
type partitions struct {
	folder   *folder
	open     map[partitionKey]*list.Element
	recent   list.List // of *partition, the one last written to first
	buffered int
}

// add writes the records of a slab to their file.
func (p *partitions) add(s *slab) error {
	f, err := p.partition(s)
	if err != nil {
		return err
	}
	for i, values := range s.leaves {
		if _, err := f.columns[i].WriteRowValues(values); err != nil {
			return err
		}
	}
	n := s.bytes()
	f.buffered += n
	p.buffered += n
	if p.buffered > maxBuffered {
		return p.flushLargest()
	}
	return nil
}

// partition is the open file of a slab. A table whose columns have changed gets a new one.
func (p *partitions) partition(s *slab) (*partition, error) {
	key := partitionKey{s.layout.table.Database, s.layout.table.Name, s.day}
	if e, ok := p.open[key]; ok {
		f := e.Value.(*partition)
		if f.layout == s.layout || f.layout.equal(s.layout.table) {
			p.recent.MoveToFront(e)
			return f, nil
		}
		if err := p.end(e); err != nil {
			return nil, err
		}
	}
	if p.recent.Len() >= maxOpen {
		if err := p.end(p.recent.Back()); err != nil {
			return nil, err
		}
	}
	out, err := p.folder.create(key.database, key.table, key.day)
	if err != nil {
		return nil, err
	}
	f := &partition{key: key, layout: s.layout, file: out}
	f.writer = parquet.NewGenericWriter[any](out, s.layout.schema, parquet.Compression(&snappy.Codec{}),
		parquet.PageBufferSize(max(minPage, min(pageBytes, allPages/len(s.leaves)))), parquet.CreatedBy("binmend", "", ""),
		parquet.KeyValueMetadata("binmend.version", strconv.Itoa(version)))
	f.columns = f.writer.ColumnWriters()
	p.open[key] = p.recent.PushFront(f)
	return f, nil
}

// flushLargest writes the row group of the file that has most in memory.
func (p *partitions) flushLargest() error {
	var largest *partition
	for e := p.recent.Front(); e != nil; e = e.Next() {
		if f := e.Value.(*partition); largest == nil || f.buffered > largest.buffered {
			largest = f
		}
	}
	p.buffered -= largest.buffered
	largest.buffered = 0
	return largest.writer.Flush()
}

// end completes a file and closes it.
func (p *partitions) end(e *list.Element) error {
	f := p.recent.Remove(e).(*partition)
	delete(p.open, f.key)
	p.buffered -= f.buffered
	err := f.writer.Close()
	if closed := f.file.Close(); err == nil {
		err = closed
	}
	return err
}

func (p *partitions) close() (err error) {
	for p.recent.Len() > 0 {
		if ended := p.end(p.recent.Front()); err == nil {
			err = ended
		}
	}
	return err
}
