package export

import (
	"bytes"
	"encoding/binary"

	"binmend/emit/export/parquetfile"
)

// commonLeaf is a field that every record has, and where a run has it.
type commonLeaf struct {
	name     string
	id       int32
	optional bool
	text     int // -1: it is a number
	number   int
	of       parquetfile.Type
}

func textLeaf(name string, id int32, optional bool, at int) commonLeaf {
	return commonLeaf{name, id, optional, at, 0, parquetfile.String}
}

// commonLeaves is how many fields are the same for a run.
const commonLeaves = 12

// runLeaves are these fields, in the order of the schema.
var runLeaves = [commonLeaves]commonLeaf{
	textLeaf("change", idChange, false, textChange),
	textLeaf("source", idSource, true, textSource),
	textLeaf("file", idFile, false, textFile),
	{"offset", idOffset, false, -1, numberOffset, parquetfile.Int(64)},
	{"transaction", idTransaction, false, -1, numberTransaction, parquetfile.Int(64)},
	textLeaf("transaction_key", idTransactionKey, false, textTransaction),
	textLeaf("gtid", idGTID, true, textGTID),
	{"time", idTime, false, -1, numberTime, parquetfile.Timestamp},
	{"commit_time", idCommitTime, true, -1, numberCommit, parquetfile.Timestamp},
	{"server_id", idServer, false, -1, numberServer, parquetfile.Uint(32)},
	{"thread_id", idThread, true, -1, numberThread, parquetfile.Uint(32)},
	textLeaf("statement", idStatement, true, textStatement),
}

// plain is the value of a block's run as PLAIN has it; nil for NULL.
func (l *commonLeaf) plain(dst []byte, b *block, r *blockRun) []byte {
	if l.text >= 0 {
		text := b.text(r.texts[l.text])
		if l.optional && len(text) == 0 {
			return nil
		}
		return appendBytes(dst, text)
	}
	n := r.numbers[l.number]
	switch {
	case l.optional && n == 0:
		return nil
	case l.number == numberServer, l.number == numberThread:
		return binary.LittleEndian.AppendUint32(dst, uint32(n))
	}
	return binary.LittleEndian.AppendUint64(dst, uint64(n))
}

// appendBytes appends bytes after their length.
func appendBytes(dst, b []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(dst, uint32(len(b))), b...)
}

// dictionary numbers values.
type dictionary struct {
	numbers map[string]int32
	data    []byte // of all
	last    []byte
	number  int32 // of last
}

func newDictionary() *dictionary { return &dictionary{numbers: map[string]int32{}} }

// of is the number of a value in PLAIN encoding.
func (d *dictionary) of(plain []byte) int32 {
	if d.last != nil && bytes.Equal(d.last, plain) {
		return d.number
	}
	n, ok := d.numbers[string(plain)]
	if !ok {
		n = int32(len(d.numbers))
		d.numbers[string(plain)] = n
		d.data = append(d.data, plain...)
	}
	d.last, d.number = append(d.last[:0], plain...), n
	return n
}

// isWide reports whether a dictionary takes more than it saves, of so many values: values that stand near each other are found by the
// compression as well.
func (d *dictionary) isWide(values int) bool {
	const fewest = 256
	return len(d.numbers) > fewest && 4*len(d.numbers) > values
}

// addTo adds the dictionary and a page of values.
func (d *dictionary) addTo(c *parquetfile.Chunk, p *parquetfile.Page, numbers []int32) error {
	c.KeepIndexes(numbers)
	if len(d.numbers) == 0 {
		return c.AddPage(p)
	}
	if err := c.AddDictionary(len(d.numbers), d.data); err != nil {
		return err
	}
	return c.AddIndexes(p, len(d.numbers), numbers)
}

// addRunColumn makes a column whose values are the same for each run: with a dictionary, unless nearly all runs differ.
func (g *rowGroup) addRunColumn(column int, c *parquetfile.Chunk) error {
	l := &runLeaves[column]
	if g.wide[column] {
		return g.addPlainRuns(l, c)
	}
	d, runs := newDictionary(), 0
	p, numbers := c.Page(), c.Indexes()
	var scratch []byte
	for _, b := range g.blocks {
		for i := range b.runs {
			r := &b.runs[i]
			p.Values += r.rows
			plain := l.plain(scratch[:0], b, r)
			if plain == nil {
				p.Definitions = appendRepeated(p.Definitions, 0, r.rows)
				continue
			}
			scratch = plain
			if l.optional {
				p.Definitions = appendRepeated(p.Definitions, 1, r.rows)
			}
			numbers = appendRepeated(numbers, d.of(plain), r.rows)
			if runs++; d.isWide(max(runs, len(numbers)/8)) {
				g.wide[column] = true
				return g.addPlainRuns(l, c)
			}
		}
	}
	return d.addTo(c, p, numbers)
}

func (g *rowGroup) addPlainRuns(l *commonLeaf, c *parquetfile.Chunk) error {
	p := pagesOf(c)
	for _, b := range g.blocks {
		data := p.Data
		for i := range b.runs {
			r := &b.runs[i]
			p.Values += r.rows
			present := byte(1)
			for range r.rows {
				plain := l.plain(data, b, r)
				if plain == nil {
					present = 0
					break
				}
				data = plain
			}
			if l.optional {
				p.Definitions = appendRepeated(p.Definitions, present, r.rows)
			}
		}
		p.Data = data
		if err := p.cut(); err != nil {
			return err
		}
	}
	return p.end()
}
