package export

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/snappy"

	"binmend/decoder"
	"binmend/decoder/cache"
	"binmend/schema"
	"binmend/schema/changes"
)

// Parquet writes each row change to a file of its table and day: path/database=shop/table=orders/day=2024-01-31/…, the layout
// known as Hive partitioning. path must not exist or be empty. If it fails, nothing is left behind.
//
// A table has one file per day. It gets another one after 128 MB or very many columns, and when its columns change. All files
// together hold at most 6 MiB of rows not yet written. Only as many files are open as memory allows; rows of other tables and days
// wait in a temporary file in path, and are written after everything was read.
func Parquet(ctx context.Context, path string, s *changes.Stream, o Options) (Summary, error) {
	dir, err := openFolder(path)
	if err != nil {
		return Summary{}, err
	}
	return writeParquet(ctx, dir, s, o, func(*Summary) error { return dir.complete() })
}

// writeParquet writes the files of a folder; complete then gives them their names.
func writeParquet(ctx context.Context, dir *folder, s *changes.Stream, o Options, complete func(*Summary) error) (all Summary, err error) {
	defer func() {
		if err != nil {
			dir.discard()
		}
	}()
	slabbers := make([]slabber, o.Workers)
	var ready changes.Handover[[]*slab]
	w := &partitions{folder: dir, open: map[partitionKey]*partition{}, waiting: waiting{dir: dir.staging}, pages: pages{dir: dir.staging}}
	err = s.Run(ctx, o.Workers,
		func(worker int, c *changes.Chunk) error {
			return slabbers[worker].addChunk(c, &o, &ready)
		},
		func(c *changes.Chunk) error {
			for _, slab := range ready.Take(c) {
				if err := w.addSlab(slab); err != nil {
					return err
				}
				slab.layout.used.Put(slab)
			}
			return nil
		})
	for i := range slabbers {
		all.addSummary(slabbers[i].summary)
	}
	if err == nil {
		err = w.finish(ctx)
	}
	if closed := w.close(); err == nil {
		err = closed
	}
	if err != nil {
		return all, err
	}
	all.Files = len(dir.files)
	return all, complete(&all)
}

// slabber turns chunks into slabs, in one goroutine.
type slabber struct {
	rows    changes.RowReader
	gtids   gtids
	layouts cache.Cache[*schema.Table, *layout]
	last    *schema.Table // the last one looked up
	found   *layout       // for last
	names   parquetNames
	slabs   []*slab // of the current chunk
	bytes   int     // of their memory
	summary Summary
}

// parquetNames are values that many records share.
type parquetNames struct {
	of                         record
	change, file, gtid, source parquet.Value
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
	if n.of.source != r.source {
		n.source = parquet.ByteArrayValue([]byte(r.source))
	}
	n.of = *r
}

// maxSlabs bounds the bytes of the slabs of a chunk.
const maxSlabs = 1 << 20

func (s *slabber) addChunk(c *changes.Chunk, o *Options, ready *changes.Handover[[]*slab]) error {
	s.slabs, s.bytes = nil, 0
	summary, err := eachRow(c, o, &s.rows, &s.gtids, func(r *record, t *schema.Table, row *decoder.Row) error {
		if row.ContentLength() >= maxSlabs { // in this chunk's turn, no other goroutine inflates large values
			if err := s.handOver(c, ready); err != nil {
				return err
			}
		}
		s.names.set(r)
		slab := s.slab(t, int64(r.time)/secondsPerDay)
		before := slab.held()
		err := slab.addRow(r, &s.names, row)
		s.summary.NotRepresentable += uint64(slab.inexact)
		if s.bytes += slab.held() - before; err != nil || s.bytes < maxSlabs {
			return err
		}
		return s.handOver(c, ready)
	})
	s.summary.addSummary(summary)
	ready.Give(c, s.slabs)
	return err
}

// handOver hands over the slabs of the chunk so far, in its turn.
func (s *slabber) handOver(c *changes.Chunk, ready *changes.Handover[[]*slab]) error {
	ready.Give(c, s.slabs)
	s.slabs, s.bytes = nil, 0
	return flush(c)
}

// slab returns the current chunk's slab for a table and day.
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

// layoutColumn estimates the memory that a layout and its kept slab take for each column.
const layoutColumn = 512

const (
	maxBuffered = 6 << 20     // bytes of rows in all open files
	maxOpen     = 64          // files
	maxLeaves   = 600         // columns of all open files, when there are several
	maxFile     = 128_000_000 // bytes of a file
	largeSlab   = 8 << 20     // bytes of values after which a row group is written at once
	largeGroup  = 4 << 20     // bytes of a row group of values of which a few fill a slab
	maxChunks   = 16_384      // columns of all row groups of a file: the library keeps the metadata of each until the end
	pageBytes   = 32 << 10    // of a column
	allPages    = 4 << 20     // of all columns of a file
	minPage     = 1 << 10
)

type partitionKey struct {
	database, table string
	day             int64
}

// partition is an open file.
type partition struct {
	key      partitionKey
	number   int // of the file in the export
	layout   *layout
	file     *os.File
	writer   *parquet.GenericWriter[any]
	columns  []*parquet.ColumnWriter
	buffered int
	groups   int // written so far
}

// isFull reports whether the next rows go to another file.
func (f *partition) isFull() bool {
	at, err := f.file.Seek(0, io.SeekCurrent)
	return err == nil && (at >= maxFile || f.groups*len(f.columns) >= maxChunks)
}

// partitions are the files of an export.
type partitions struct {
	folder   *folder
	open     map[partitionKey]*partition
	leaves   int // columns of the open files
	buffered int
	large    *partition // the file that had large values last
	waiting  waiting
	pages    pages
}

// addSlab writes the records of a slab to their file, or puts them into the waiting file.
func (p *partitions) addSlab(s *slab) error {
	f, err := p.partition(s)
	if err != nil {
		return err
	}
	if f == nil {
		return p.waiting.addSlab(s.key(), s)
	}
	return p.write(f, s)
}

// write writes the records of a slab to a file.
func (p *partitions) write(f *partition, s *slab) error {
	for i, values := range s.leaves {
		if _, err := f.columns[i].WriteRowValues(values); err != nil {
			return err
		}
	}
	n := s.bytes()
	f.buffered += n
	p.buffered += n
	if s.texts >= largeSlab || s.texts >= maxSlabs && f.buffered > largeGroup {
		return p.flushLarge(f)
	}
	if p.buffered > maxBuffered {
		return p.flush(p.largest())
	}
	return nil
}

// flushLarge writes the row group of a file with large values. The library keeps several times their memory until the file ends, so
// there is at most one such file.
func (p *partitions) flushLarge(f *partition) error {
	var err error
	if p.large != nil && p.large != f && p.open[p.large.key] == p.large {
		err = p.end(p.large)
	}
	p.large = f
	err = errors.Join(err, p.flush(f))
	runtime.GC()
	return err
}

func (s *slab) key() partitionKey {
	return partitionKey{s.layout.table.Database, s.layout.table.Name, s.day}
}

// partition returns the open file for a slab; nil when there is no room for one. A table whose columns have changed gets a new file.
func (p *partitions) partition(s *slab) (*partition, error) {
	key := s.key()
	if f, ok := p.open[key]; ok {
		if (f.layout == s.layout || f.layout.equal(s.layout.table)) && !f.isFull() {
			return f, nil
		}
		if err := p.end(f); err != nil {
			return nil, err
		}
	}
	if n := len(p.open); n >= maxOpen || n > 0 && p.leaves+len(s.leaves) > maxLeaves || p.waiting.byKey[key] != nil {
		return nil, nil
	}
	return p.create(s)
}

// create begins a file.
func (p *partitions) create(s *slab) (*partition, error) {
	key := s.key()
	out, err := p.folder.create(key.database, key.table, key.day)
	if err != nil {
		return nil, err
	}
	f := &partition{key: key, number: len(p.folder.files), layout: s.layout, file: out}
	options := []parquet.WriterOption{s.layout.schema(), parquet.Compression(&snappy.Codec{}),
		parquet.PageBufferSize(max(minPage, min(pageBytes, allPages/len(s.leaves)))), parquet.CreatedBy("binmend", "", ""),
		parquet.KeyValueMetadata("binmend.version", strconv.Itoa(version)), parquet.ColumnPageBuffers(&p.pages)}
	f.writer = parquet.NewGenericWriter[any](out, append(options, s.layout.withoutBounds()...)...)
	f.columns = f.writer.ColumnWriters()
	p.open[key] = f
	p.leaves += len(s.leaves)
	return f, nil
}

// finish writes the waiting rows, one partition after the other.
func (p *partitions) finish(ctx context.Context) error {
	if err := p.endAll(); err != nil {
		return err
	}
	for _, q := range p.waiting.queues {
		var f *partition
		err := p.waiting.each(q, func(s *slab) (err error) {
			if f != nil && f.isFull() {
				err = p.end(f)
				f = nil
			}
			if f == nil && err == nil {
				f, err = p.create(s)
			}
			if err == nil {
				err = p.write(f, s)
			}
			return errors.Join(err, ctx.Err())
		})
		if err == nil && f != nil {
			err = p.end(f)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// largest is the open file with most in memory.
func (p *partitions) largest() (largest *partition) {
	for _, f := range p.open {
		if largest == nil || f.buffered > largest.buffered || f.buffered == largest.buffered && f.number < largest.number {
			largest = f
		}
	}
	return largest
}

// flush writes the row group of a file.
func (p *partitions) flush(f *partition) error {
	p.buffered -= f.buffered
	f.buffered = 0
	f.groups++
	return f.writer.Flush()
}

// end completes a file and closes it.
func (p *partitions) end(f *partition) error {
	delete(p.open, f.key)
	p.leaves -= len(f.columns)
	p.buffered -= f.buffered
	err := f.writer.Close()
	if closed := f.file.Close(); err == nil {
		err = closed
	}
	return err
}

func (p *partitions) endAll() (err error) {
	for _, f := range p.open {
		if ended := p.end(f); err == nil {
			err = ended
		}
	}
	return err
}

func (p *partitions) close() error {
	return errors.Join(p.endAll(), p.waiting.close(), p.pages.close())
}
