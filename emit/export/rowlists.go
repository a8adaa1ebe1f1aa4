package export

import "binmend/emit/export/parquetfile"

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
		if at.none() {
			l.addEmpty(b.rows)
			continue
		}
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

// none reports whether no row to come has absent columns.
func (a *absentColumns) none() bool { return a.row < 0 && len(a.missing[0]) == 0 }

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
