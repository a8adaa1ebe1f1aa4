package parquetfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Chunk is a column of a row group in the making.
type Chunk struct {
	of           leaf
	parts        [][]byte // the pages so far, before out
	out          []byte
	length       int // of all of them
	dictionary   int // bytes of the dictionary page, which comes first; 0: there is none
	values       int64
	nulls        int64
	uncompressed int64
	bounds       bounds
	page         Page // for Page
	indexes      []int32

	raw     []byte // of the page in the making
	scratch []byte // its levels or places in the dictionary
	packed  []byte
	zstd    *zstd.Encoder
	header  bytes.Buffer
}

// zstdWindow bounds how far back zstd looks: pages are about as large, and an encoder holds some of these.
const zstdWindow = 256 << 10

func newChunk() (*Chunk, error) {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(zstdWindow), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false))
	return &Chunk{zstd: e}, err
}

// keepBytes bounds the buffers that a chunk keeps for the next column.
const keepBytes = 2 << 20

func (c *Chunk) begin(of leaf) {
	c.of, c.parts, c.length, c.dictionary, c.values, c.nulls, c.uncompressed = of, nil, 0, 0, 0, 0, 0
	c.bounds = bounds{of: of.of}
	c.out, c.raw, c.scratch, c.packed = kept(c.out), kept(c.raw), kept(c.scratch), kept(c.packed)
}

// Page returns a page to be filled, with the room that the pages before it took.
func (c *Chunk) Page() *Page {
	c.page = Page{Repetitions: kept(c.page.Repetitions), Definitions: kept(c.page.Definitions), Data: kept(c.page.Data)}
	return &c.page
}

// Indexes returns room for places in a dictionary, which KeepIndexes gives back.
func (c *Chunk) Indexes() []int32 { return c.indexes[:0] }

// KeepIndexes takes room back.
func (c *Chunk) KeepIndexes(list []int32) { c.indexes = list }

// kept empties a buffer; one that grew too large is given up.
func kept(b []byte) []byte {
	if cap(b) > keepBytes {
		return nil
	}
	return b[:0]
}

// Page is what a data page holds.
type Page struct {
	Values      int    // NULLs and empty lists count too
	Repetitions []byte // a level for each; of columns in a list
	Definitions []byte // a level for each; of columns that can be NULL
	Data        []byte // the values that are there, as PLAIN has them
}

// AddPage adds a page of values in full.
func (c *Chunk) AddPage(p *Page) error {
	if err := c.addLevels(p); err != nil {
		return err
	}
	c.bounds.add(p.Data)
	return c.addPage(p.Data, format.PageHeader{Type: format.DataPage,
		DataPageHeader: thrift.New(format.DataPageHeader{NumValues: int32(p.Values), Encoding: format.Plain,
			DefinitionLevelEncoding: format.RLE, RepetitionLevelEncoding: format.RLE})})
}

// AddDictionary adds the dictionary, which comes before all data pages: n values as PLAIN has them.
func (c *Chunk) AddDictionary(n int, data []byte) error {
	c.bounds.add(data)
	c.raw = c.raw[:0]
	err := c.addPage(data, format.PageHeader{Type: format.DictionaryPage,
		DictionaryPageHeader: thrift.New(format.DictionaryPageHeader{NumValues: int32(n), Encoding: format.Plain})})
	c.dictionary = c.length
	return err
}

// AddIndexes adds a page whose values are places in the dictionary of n values; p's Data is not used.
func (c *Chunk) AddIndexes(p *Page, n int, indexes []int32) error {
	if err := c.addLevels(p); err != nil {
		return err
	}
	width := max(1, bits.Len(uint(n-1)))
	encoded, err := (&rle.Encoding{BitWidth: width}).EncodeInt32(c.scratch[:0], indexes)
	if err != nil {
		return err
	}
	c.scratch = encoded
	c.raw = append(c.raw, byte(width))
	return c.addPage(encoded, format.PageHeader{Type: format.DataPage,
		DataPageHeader: thrift.New(format.DataPageHeader{NumValues: int32(p.Values), Encoding: format.RLEDictionary,
			DefinitionLevelEncoding: format.RLE, RepetitionLevelEncoding: format.RLE})})
}

// addLevels begins a data page with its levels.
func (c *Chunk) addLevels(p *Page) (err error) {
	c.raw = c.raw[:0]
	c.values += int64(p.Values)
	if c.of.repetitions > 0 {
		if err = c.addRuns(p.Repetitions, c.of.repetitions); err != nil {
			return err
		}
	}
	if c.of.definitions > 0 {
		err = c.addRuns(p.Definitions, c.of.definitions)
		for _, level := range p.Definitions {
			if level < c.of.definitions {
				c.nulls++
			}
		}
	}
	return err
}

// addRuns adds levels as the hybrid of runs and packed bits, after its length.
func (c *Chunk) addRuns(levels []byte, highest uint8) error {
	encoded, err := (&rle.Encoding{BitWidth: bits.Len8(highest)}).EncodeLevels(c.scratch[:0], levels)
	if err != nil {
		return err
	}
	c.scratch = encoded
	c.raw = append(binary.LittleEndian.AppendUint32(c.raw, uint32(len(encoded))), encoded...)
	return nil
}

// largePage is the size from which a page is not copied: it may be a value of many megabytes.
const largePage = 4 << 20

// addPage compresses a page and adds it: what raw has so far, and data.
func (c *Chunk) addPage(data []byte, h format.PageHeader) (err error) {
	whole := len(c.raw) + len(data)
	packed := c.packed[:0]
	if len(data) >= largePage {
		packed, err = c.stream(data)
	} else {
		c.raw = append(c.raw, data...)
		packed = c.zstd.EncodeAll(c.raw, packed)
	}
	if err != nil {
		return err
	}
	h.UncompressedPageSize, h.CompressedPageSize = int32(whole), int32(len(packed))
	c.header.Reset()
	if err := thrift.NewEncoder(new(thrift.CompactProtocol).NewWriter(&c.header)).Encode(&h); err != nil {
		return err
	}
	c.uncompressed += int64(c.header.Len() + whole)
	c.length += c.header.Len() + len(packed)
	c.out = append(c.out, c.header.Bytes()...)
	if len(packed) >= largePage {
		c.parts, c.out, c.packed = append(c.parts, c.out, packed), nil, nil
		return nil
	}
	c.out, c.packed = append(c.out, packed...), packed
	return nil
}

// stream compresses raw and data without a copy of both.
func (c *Chunk) stream(data []byte) ([]byte, error) {
	var packed bytes.Buffer
	packed.Grow(len(data) / 4)
	c.zstd.Reset(&packed)
	_, err := c.zstd.Write(c.raw)
	if err == nil {
		_, err = c.zstd.Write(data)
	}
	return packed.Bytes(), errors.Join(err, c.zstd.Close())
}

// metadata is what the footer says of the column, which begins at an offset of the file.
func (c *Chunk) metadata(at int64) format.ColumnChunk {
	m := format.ColumnMetaData{
		Type: c.of.of.physical, Encoding: thrift.Slice[format.Encoding]{format.Plain, format.RLE}, PathInSchema: c.of.path,
		Codec: format.Zstd, NumValues: c.values, TotalUncompressedSize: c.uncompressed, TotalCompressedSize: int64(c.length),
		DataPageOffset: at + int64(c.dictionary), Statistics: c.bounds.statistics(c.nulls),
	}
	if c.dictionary > 0 {
		m.DictionaryPageOffset = at
		m.Encoding = append(m.Encoding, format.RLEDictionary)
	}
	return format.ColumnChunk{FileOffset: at, MetaData: m}
}
