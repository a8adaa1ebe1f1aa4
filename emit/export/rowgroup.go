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
	wide   [commonLeaves]bool // the values of a column of runLeaves took a wide dictionary in an earlier row group of the partition
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
		return g.addRunColumn(column, c)
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
