package export

import (
	"bytes"
	"encoding/binary"

	"binmend/emit/export/parquetfile"
)

// rowGroup is the slabs of a row group, and makes its columns.
type rowGroup struct {
	table  *table
	blocks []*block
	rows   int
	size   int
}

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

// runLeaves are the fields that are the same for a run, in the order of the schema.
var runLeaves = []commonLeaf{
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

// The leaves after runLeaves.
const (
	leafRow = iota
	leafKey
	leafAbsent
	leafInexactKey
	leafInexactValue
	leafImages // the first one of the before image; those of the after image follow
)

func commonFields() (list []parquetfile.Field) {
	for _, l := range runLeaves {
		f := parquetfile.Leaf(l.name, l.id, l.of)
		if l.optional {
			f = parquetfile.Optional(f)
		}
		list = append(list, f)
	}
	return append(list,
		parquetfile.Optional(parquetfile.Leaf("row", idRow, parquetfile.Int(32))),
		parquetfile.List("primary_key", idPrimaryKey, parquetfile.String),
		parquetfile.List("absent", idAbsent, parquetfile.String),
		parquetfile.Map("not_representable", idNotRepresentable))
}

// addColumn makes a column. It is called by several goroutines.
func (g *rowGroup) addColumn(column int, c *parquetfile.Chunk) error {
	if column < len(runLeaves) {
		return g.addRunColumn(&runLeaves[column], c)
	}
	switch column -= len(runLeaves); column {
	case leafRow:
		return g.addNumbers(c)
	case leafKey:
		return g.addKeys(c)
	case leafAbsent:
		return g.addAbsent(c)
	case leafInexactKey, leafInexactValue:
		return g.addInexact(c, column == leafInexactValue)
	}
	column -= leafImages
	return g.addImageColumn(column/len(g.table.names), column%len(g.table.names), c)
}

// plain is the value of a run as PLAIN has it; nil for NULL.
func (l *commonLeaf) plain(dst []byte, r *blockRun) []byte {
	if l.text >= 0 {
		text := r.texts[l.text]
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
func (g *rowGroup) addRunColumn(l *commonLeaf, c *parquetfile.Chunk) error {
	d, runs := newDictionary(), 0
	p, numbers := c.Page(), c.Indexes()
	var scratch []byte
	for _, b := range g.blocks {
		for i := range b.runs {
			r := &b.runs[i]
			p.Values += r.rows
			plain := l.plain(scratch[:0], r)
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
				return g.addPlainRuns(l, c)
			}
		}
	}
	return d.addTo(c, p, numbers)
}

// pageBytes is the size from which a page ends.
const pageBytes = 512 << 10

// pages cuts a column into pages.
type pages struct {
	*parquetfile.Page
	of *parquetfile.Chunk
}

func pagesOf(c *parquetfile.Chunk) pages { return pages{c.Page(), c} }

// cut ends the page if it is large enough.
func (p *pages) cut() error {
	if len(p.Data) < pageBytes && p.Values < pageBytes {
		return nil
	}
	return p.end()
}

func (p *pages) end() error {
	if p.Values == 0 {
		return nil
	}
	err := p.of.AddPage(p.Page)
	p.Page = p.of.Page()
	return err
}

func (g *rowGroup) addPlainRuns(l *commonLeaf, c *parquetfile.Chunk) error {
	p := pagesOf(c)
	for _, b := range g.blocks {
		for i := range b.runs {
			r := &b.runs[i]
			p.Values += r.rows
			present := byte(1)
			for range r.rows {
				plain := l.plain(p.Data, r)
				if plain == nil {
					present = 0
					break
				}
				p.Data = plain
			}
			if l.optional {
				p.Definitions = appendRepeated(p.Definitions, present, r.rows)
			}
		}
		if err := p.cut(); err != nil {
			return err
		}
	}
	return p.end()
}

// addNumbers makes the column with the numbers of the rows in their events.
func (g *rowGroup) addNumbers(c *parquetfile.Chunk) error {
	p := pagesOf(c)
	for _, b := range g.blocks {
		for at := 0; at < len(b.number); at += 4 {
			if n := b.number[at : at+4]; binary.LittleEndian.Uint32(n) == 0 {
				p.Definitions = append(p.Definitions, 0)
			} else {
				p.Definitions, p.Data = append(p.Definitions, 1), append(p.Data, n...)
			}
		}
		p.Values += b.rows
		if err := p.cut(); err != nil {
			return err
		}
	}
	return p.end()
}

// lists is a column of lists whose values are few.
type lists struct {
	*parquetfile.Page
	dictionary *dictionary
	numbers    []int32
}

func listsOf(c *parquetfile.Chunk) lists {
	return lists{Page: c.Page(), dictionary: newDictionary(), numbers: c.Indexes()}
}

// addEmpty adds empty lists for n rows.
func (l *lists) addEmpty(n int) {
	l.Values += n
	l.Repetitions, l.Definitions = appendRepeated(l.Repetitions, 0, n), appendRepeated(l.Definitions, 0, n)
}

// add adds a value; first: it begins a list.
func (l *lists) add(value []byte, first bool) {
	l.numbers = append(l.numbers, l.dictionary.of(value))
	l.addLevels(first)
}

func (l *lists) addLevels(first bool) {
	repetition := byte(1)
	if first {
		repetition = 0
	}
	l.Values++
	l.Repetitions, l.Definitions = append(l.Repetitions, repetition), append(l.Definitions, 1)
}

// addKeys makes the column with the names of the primary key's columns.
func (g *rowGroup) addKeys(c *parquetfile.Chunk) error {
	l := listsOf(c)
	for _, b := range g.blocks {
		if len(b.shape.key) == 0 {
			l.addEmpty(b.rows)
			continue
		}
		var names [][]byte
		for _, name := range b.shape.key {
			names = append(names, appendBytes(nil, []byte(name)))
		}
		for range b.rows {
			for i, name := range names {
				l.add(name, i == 0)
			}
		}
	}
	return l.dictionary.addTo(c, l.Page, l.numbers)
}

// imageNames are the names of the images' columns as absent and not_representable have them, in PLAIN encoding.
func (g *rowGroup) imageName(image, column int) []byte {
	return appendBytes(nil, []byte([2]string{"before.", "after."}[image]+g.table.names[column]))
}

// addAbsent makes the column that names what is not NULL but was left out by the log, or by the definition of the table at the time.
func (g *rowGroup) addAbsent(c *parquetfile.Chunk) error {
	l := listsOf(c)
	for _, b := range g.blocks {
		at := b.absentColumns(g)
		row := 0
		for i := range b.runs {
			r := &b.runs[i]
			if !at.any(r) {
				l.addEmpty(r.rows)
				row += r.rows
				continue
			}
			for range r.rows {
				first := true
				at.each(row, r, func(name []byte) {
					l.add(name, first)
					first = false
				})
				if first {
					l.addEmpty(1)
				}
				row++
			}
		}
	}
	return l.dictionary.addTo(c, l.Page, l.numbers)
}

// absentColumns reads the absent columns of a block row by row.
type absentColumns struct {
	logged  blockReader
	row     int         // of the list to come; -1: there is none
	names   [2][][]byte // of the shape's columns
	missing [2][][]byte // columns that the shape does not have
}

func (b *block) absentColumns(g *rowGroup) *absentColumns {
	a := &absentColumns{logged: blockReader{b.absent}}
	for image := range a.names {
		a.names[image] = make([][]byte, len(b.shape.names))
		for column, at := range b.columns {
			if at < 0 {
				a.missing[image] = append(a.missing[image], g.imageName(image, column))
			} else if len(b.absent) > 0 {
				a.names[image][at] = g.imageName(image, column)
			}
		}
	}
	a.next()
	return a
}

func (a *absentColumns) next() {
	if a.row = -1; len(a.logged.rest) > 0 {
		a.row = a.logged.uvarint()
	}
}

// any reports whether rows of a run may have absent columns.
func (a *absentColumns) any(r *blockRun) bool {
	return a.row >= 0 || len(a.missing[0]) > 0 && (r.has(0) || r.has(1))
}

// each gives the names of a row's absent columns.
func (a *absentColumns) each(row int, r *blockRun, yield func(name []byte)) {
	if row == a.row {
		for range a.logged.uvarint() {
			column := a.logged.uvarint()
			yield(a.names[column/len(a.names[0])][column%len(a.names[0])])
		}
		a.next()
	}
	for image := range a.missing {
		if r.has(image) {
			for _, name := range a.missing[image] {
				yield(name)
			}
		}
	}
}

// addInexact makes the keys or the values of the map of values that Parquet can't hold.
func (g *rowGroup) addInexact(c *parquetfile.Chunk, values bool) error {
	l := listsOf(c)
	for _, b := range g.blocks {
		table := make([]int, len(b.shape.names)) // the table's columns by those of the shape
		for column, at := range b.columns {
			if at >= 0 {
				table[at] = column
			}
		}
		next, last := 0, -1 // the row after the last one with such values, and that one
		for r := (blockReader{b.inexact}); len(r.rest) > 0; {
			row, leaf := r.uvarint(), r.uvarint()
			text := r.bytes(r.uvarint())
			l.addEmpty(max(0, row-next))
			if values {
				l.Data = appendBytes(l.Data, text)
				l.addLevels(row != last)
			} else {
				l.add(g.imageName(leaf/len(table), table[leaf%len(table)]), row != last)
			}
			next, last = row+1, row
		}
		l.addEmpty(b.rows - next)
	}
	return l.dictionary.addTo(c, l.Page, l.numbers)
}

// addImageColumn makes a column of an image.
func (g *rowGroup) addImageColumn(image, column int, c *parquetfile.Chunk) error {
	to := g.table.kinds[column]
	p := pagesOf(c)
	for _, b := range g.blocks {
		at := b.columns[column]
		var data []byte
		from := to
		if at >= 0 {
			data, from = b.leaves[image*len(b.shape.names)+at].data, b.shape.kinds[at]
		}
		isPage := len(data) >= pageBytes && from.isAlike(to) && to.family != familyVector
		if isPage { // of its own, and not copied: it may be a value of many megabytes
			if err := p.end(); err != nil {
				return err
			}
		}
		begin := len(p.Definitions)
		p.Definitions = b.appendLevels(p.Definitions, image, at)
		p.Values += b.rows
		switch {
		case isPage:
			copied := p.Data
			p.Data = data
			err := c.AddPage(p.Page)
			p.Data = copied
			if p.Page = c.Page(); err != nil {
				return err
			}
		case to.family == familyVector:
			p.addVectors(begin, data)
		case from.isAlike(to):
			p.Data = append(p.Data, data...)
		default:
			p.Data = convertAll(p.Data, data, from, to)
		}
		if err := p.cut(); err != nil {
			return err
		}
	}
	return p.end()
}

// isAlike reports whether both kinds have the same bytes.
func (k kind) isAlike(o kind) bool {
	if k.isInteger() && o.isInteger() {
		return k.size() == o.size() && (k.family == o.family || k.bits < 32)
	}
	return k == o || k.family == o.family && k.family != familyDecimal
}

// addVectors makes lists out of levels that begin at an index, and the bytes of the numbers of each vector that is there.
func (p *pages) addVectors(begin int, data []byte) {
	states := bytes.Clone(p.Definitions[begin:])
	p.Definitions = p.Definitions[:begin]
	for _, state := range states {
		n := 0
		if state == stateValue {
			var value []byte
			value, data = kind{family: familyVector}.split(data)
			n = len(value) / 4
			p.Data = append(p.Data, value...)
		}
		if n == 0 {
			p.Repetitions, p.Definitions = append(p.Repetitions, 0), append(p.Definitions, state)
			continue
		}
		p.Values += n - 1
		p.Repetitions = appendRepeated(append(p.Repetitions, 0), 1, n-1)
		p.Definitions = appendRepeated(p.Definitions, stateValue+1, n)
	}
}
