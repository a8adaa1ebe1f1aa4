package parquetfile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"sync"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

const magic = "PAR1"

// Writer writes one file.
type Writer struct {
	out    io.Writer
	length int64
	leaves []leaf
	footer format.FileMetaData
}

// KeyValue is something that a file says of itself.
type KeyValue struct{ Key, Value string }

// New begins a file.
func New(out io.Writer, fields []Field, createdBy string, says ...KeyValue) (*Writer, error) {
	w := &Writer{out: out}
	list, leaves := elements(fields)
	w.leaves = leaves
	w.footer = format.FileMetaData{Version: 1, Schema: list, CreatedBy: createdBy}
	for _, kv := range says {
		w.footer.KeyValueMetadata = append(w.footer.KeyValueMetadata, format.KeyValue(kv))
	}
	for range leaves {
		w.footer.ColumnOrders = append(w.footer.ColumnOrders, format.ColumnOrder{Value: new(format.TypeDefinedOrder)})
	}
	return w, w.write([]byte(magic))
}

// Length is how many bytes are written.
func (w *Writer) Length() int64 { return w.length }

func (w *Writer) write(b []byte) error {
	n, err := w.out.Write(b)
	w.length += int64(n)
	return err
}

// Encoders make columns, one each at a time.
type Encoders []*Chunk

// NewEncoders makes n of them.
func NewEncoders(n int) (list Encoders, err error) {
	for range n {
		c, err := newChunk()
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// group is a row group in the making by several goroutines: each takes the next column, makes it, and writes it in its turn.
type group struct {
	writer *Writer
	of     format.RowGroup
	add    func(column int, c *Chunk) error

	mu   sync.Mutex
	turn sync.Cond
	next int // to be taken
	done int // written
	err  error
}

// WriteGroup writes a row group. add makes the pages of a column; it is called from as many goroutines as there are encoders.
func (w *Writer) WriteGroup(rows int, encoders Encoders, add func(column int, c *Chunk) error) error {
	g := &group{writer: w, add: add}
	g.turn.L = &g.mu
	g.of = format.RowGroup{NumRows: int64(rows), Ordinal: int16(len(w.footer.RowGroups)), FileOffset: w.length}
	var wait sync.WaitGroup
	for _, c := range encoders {
		wait.Go(func() { g.work(c) })
	}
	wait.Wait()
	w.footer.NumRows += int64(rows)
	w.footer.RowGroups = append(w.footer.RowGroups, g.of)
	return g.err
}

func (g *group) work(c *Chunk) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.err == nil && g.next < len(g.writer.leaves) {
		column := g.next
		g.next++
		g.mu.Unlock()
		c.begin(g.writer.leaves[column])
		err := g.add(column, c)
		g.mu.Lock()
		for g.done < column && g.err == nil {
			g.turn.Wait()
		}
		if err == nil && g.err == nil {
			err = g.writeColumn(c)
		}
		g.err = errors.Join(g.err, err)
		g.done++
		g.turn.Broadcast()
	}
}

func (g *group) writeColumn(c *Chunk) error {
	m := c.metadata(g.writer.length)
	g.of.Columns = append(g.of.Columns, m)
	g.of.TotalByteSize += c.uncompressed
	g.of.TotalCompressedSize += int64(c.length)
	for _, part := range c.parts {
		if err := g.writer.write(part); err != nil {
			return err
		}
	}
	c.parts = nil
	return g.writer.write(c.out)
}

// Close writes the footer. It does not close what the file is written to.
func (w *Writer) Close() error {
	at := w.length
	buffered := bufio.NewWriter(counted{w})
	err := thrift.NewEncoder(new(thrift.CompactProtocol).NewWriter(buffered)).Encode(&w.footer)
	if err = errors.Join(err, buffered.Flush()); err != nil {
		return err
	}
	return w.write(append(binary.LittleEndian.AppendUint32(nil, uint32(w.length-at)), magic...))
}

// counted writes to the file and counts.
type counted struct{ *Writer }

func (c counted) Write(b []byte) (int, error) { return len(b), c.write(b) }
