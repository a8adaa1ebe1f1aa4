package export

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strconv"
	"strings"

	"binmend/decoder"
	"binmend/decoder/cache"
	"binmend/emit/export/parquetfile"
	"binmend/schema"
	"binmend/schema/changes"
)

// Parquet writes each row change to a file of its table and day: path/database=shop/table=orders/day=2024-01-31/…, the layout
// known as Hive partitioning. path must not exist or be empty. If it fails, nothing is left behind.
//
// All rows go to a temporary file in path first. When everything was read, the columns of each table over the whole export are known, and
// the files are written one after the other: all files of a table have the same schema. A table has one file per day, and another one
// after each 128 MB.
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
	w := &spill{dir: dir.staging}
	var seen Columns
	s.Definitions.Seen = seen.Add
	all, err = fill(ctx, w, s, o)
	if err == nil {
		p := partitions{Options: o, folder: dir, spill: w, seen: &seen}
		err = p.write(ctx)
	}
	if closed := w.close(); err == nil {
		err = closed
	}
	if err != nil {
		return all, err
	}
	all.Files = len(dir.files)
	err = complete(&all)
	return all, err
}

// fill reads the stream into the temporary file.
func fill(ctx context.Context, w *spill, s *changes.Stream, o Options) (all Summary, err error) {
	slabbers := make([]slabber, o.Workers)
	for i := range slabbers {
		slabbers[i].allDates, slabbers[i].records.options, slabbers[i].records.filter = o.AllDates, &o, s.Filter
	}
	var ready changes.Handover[[]*slab]
	err = s.Run(ctx, o.Workers,
		func(worker int, c *changes.Chunk) error {
			return slabbers[worker].addChunk(c, &ready)
		},
		func(c *changes.Chunk) error {
			for _, slab := range ready.Take(c) {
				if err := w.addSlab(slab); err != nil {
					return err
				}
				slab.empty()
				slab.layout.used.Put(slab)
			}
			return nil
		})
	for i := range slabbers {
		all.addSummary(slabbers[i].summary)
	}
	return all, errors.Join(err, w.flush())
}

// slabber turns chunks into slabs, in one goroutine.
type slabber struct {
	records records
	chunk   *changes.Chunk // in work
	ready   *changes.Handover[[]*slab]
	layouts cache.Cache[*schema.Table, *layout]
	slabs   []*slab // of the current chunk
	at      map[slabKey]*slab
	bytes   int // of their memory
	summary Summary

	allDates bool
}

type slabKey struct {
	layout *layout
	day    int64
}

// What a slab and each of its columns take besides the values.
const (
	ofSlab = 512
	ofLeaf = 64
)

// maxSlabs bounds the bytes of the slabs of a chunk.
const maxSlabs = 1 << 20

func (s *slabber) addChunk(c *changes.Chunk, ready *changes.Handover[[]*slab]) error {
	s.forget()
	s.chunk, s.ready = c, ready
	summary, err := s.records.each(c, s)
	s.summary.addSummary(summary)
	ready.Give(c, s.slabs)
	return err
}

func (s *slabber) takeRow(r *record, t *schema.Table, row *decoder.Row) error {
	if row.ContentLength() >= maxSlabs { // in this chunk's turn, no other goroutine inflates large values
		if err := s.handOver(); err != nil {
			return err
		}
	}
	slab := s.slab(s.layout(t), int64(r.time)/secondsPerDay)
	before := slab.size
	err := slab.addRow(r, row)
	s.summary.NotRepresentable += uint64(slab.notExact)
	s.bytes += slab.size - before
	if err != nil {
		return err
	}
	return s.handOverFull()
}

func (s *slabber) takeDDL(r *record) error {
	r.statement = strings.ToValidUTF8(r.statement, "\uFFFD")
	slab := s.slab(layoutOf(&schema.Table{Database: r.database, Name: r.table}), int64(r.time)/secondsPerDay)
	slab.begin(r)
	s.bytes += slab.size + len(r.statement)
	return s.handOverFull()
}

// handOverFull hands over the slabs if they are large.
func (s *slabber) handOverFull() error {
	if s.bytes < maxSlabs {
		return nil
	}
	return s.handOver()
}

// handOver hands over the slabs of the chunk so far, in its turn.
func (s *slabber) handOver() error {
	s.ready.Give(s.chunk, s.slabs)
	s.forget()
	return flush(s.chunk)
}

func (s *slabber) forget() {
	s.slabs, s.at, s.bytes = nil, map[slabKey]*slab{}, 0
}

// slab returns the current chunk's slab for a table and day.
func (s *slabber) slab(l *layout, day int64) *slab {
	key := slabKey{l, day}
	if found := s.at[key]; found != nil {
		return found
	}
	made, ok := l.used.Get().(*slab)
	if !ok {
		made = newSlab(l)
	}
	made.day = day
	s.at[key] = made
	s.bytes += ofSlab + len(made.leaves)*ofLeaf
	s.slabs = append(s.slabs, made)
	return made
}

func (s *slabber) layout(t *schema.Table) *layout {
	l, ok := s.layouts.Get(t)
	if !ok {
		l = layoutOf(t)
		l.allDates = s.allDates
		s.layouts.Put(t, l, t.Size()+len(l.columns)*layoutColumn)
	}
	return l
}

// layoutColumn estimates the memory that a layout and its kept slab take for each column.
const layoutColumn = 512

const (
	maxGroup = 6 << 20 // bytes of a row group before it is compressed
	maxRows  = 1 << 18 // rows of a row group
)

// maxFile is the bytes of a file after which the next row group begins another one. Tests make it smaller.
var maxFile int64 = 128_000_000

type partitionKey struct {
	tableKey
	day int64
}

// partitions writes the files of an export.
type partitions struct {
	Options
	folder   *folder
	spill    *spill
	seen     *Columns // of the definitions that the export has seen
	encoders parquetfile.Encoders
	file     *os.File // nil: none is open
	writer   *parquetfile.Writer
}

// write writes all files.
func (p *partitions) write(ctx context.Context) (err error) {
	runtime.GC() // what the reading took
	if p.encoders, err = parquetfile.NewEncoders(p.Workers); err != nil {
		return err
	}
	for _, q := range p.spill.order {
		err := p.writeQueue(ctx, q)
		if err = errors.Join(err, p.end()); err != nil {
			return err
		}
	}
	return nil
}

// writeQueue writes the files of a partition.
func (p *partitions) writeQueue(ctx context.Context, q *queue) error {
	if err := p.spill.readShapes(q.table); err != nil {
		return err
	}
	defer q.table.release()
	q.table.settle(p.Columns.of(q.key.tableKey), p.seen.of(q.key.tableKey))
	g := rowGroup{table: q.table}
	err := p.spill.each(q, func(b *block) error {
		if g.size > 0 && (g.size+b.size > maxGroup || g.rows+b.rows > maxRows) {
			if err := p.writeGroup(&g, q.key); err != nil {
				return err
			}
		}
		g.blocks = append(g.blocks, b)
		g.size += b.size
		g.rows += b.rows
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	return p.writeGroup(&g, q.key)
}

// writeGroup writes a row group, to a new file if the open one is full or there is none.
func (p *partitions) writeGroup(g *rowGroup, key partitionKey) error {
	if p.file != nil && p.writer.Length() >= maxFile {
		if err := p.end(); err != nil {
			return err
		}
	}
	if p.file == nil {
		if err := p.create(g.table, key); err != nil {
			return err
		}
	}
	err := p.writer.WriteGroup(g.rows, p.encoders, g.addColumn)
	isLarge := g.size > 2*maxGroup
	p.spill.giveBack(g.blocks)
	clear(g.blocks)
	g.blocks, g.size, g.rows = g.blocks[:0], 0, 0
	if isLarge {
		runtime.GC()
	}
	return err
}

// create begins a file.
func (p *partitions) create(t *table, key partitionKey) (err error) {
	if p.file, err = p.folder.create(key); err != nil {
		return err
	}
	p.writer, err = parquetfile.New(p.file, t.fields(), p.Program, parquetfile.KeyValue{Key: "binmend.version", Value: strconv.Itoa(version)})
	return err
}

// end completes the open file.
func (p *partitions) end() (err error) {
	if p.file == nil {
		return nil
	}
	if p.writer != nil {
		err = p.writer.Close()
	}
	err = errors.Join(err, p.file.Close())
	p.file, p.writer = nil, nil
	return err
}
