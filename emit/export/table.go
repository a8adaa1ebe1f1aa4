package export

import (
	"hash/fnv"
	"strings"

	"binmend/emit/export/parquetfile"
)

type tableKey struct{ database, table string }

// table is what a table is over the whole export: the columns of all its definitions, each of a kind that holds the values of all.
type table struct {
	union
	shapes  []*shape
	last    *shape  // that was looked up
	found   int     // its index
	settled bool    // union is that of the export
	maps    [][]int // columnsOf, by shape
}

// shapeOf is the index of a shape, which may be a new one.
func (t *table) shapeOf(s *shape) int {
	if s == t.last {
		return t.found
	}
	t.last = s
	for t.found = 0; t.found < len(t.shapes); t.found++ {
		if t.shapes[t.found].equal(s) {
			return t.found
		}
	}
	t.shapes = append(t.shapes, s)
	return t.found
}

// settle makes the columns, when all shapes are known: in the order of those over all logs, then of the definitions that this export has
// seen, then of the rows. A name is spelled as in the last definition of the first of these that has it.
func (t *table) settle(overall, seen union) {
	if t.settled {
		return
	}
	t.settled = true
	t.add(overall.names, overall.kinds)
	t.add(seen.names, seen.kinds)
	for range 2 { // a column may be told from another one by a later shape only
		for _, s := range t.shapes {
			t.add(s.names, s.kinds)
		}
	}
	t.add(seen.names, seen.kinds)
	t.add(overall.names, overall.kinds)
}

// columnsOf is where a shape has the columns of the table; -1: it does not have the column.
func (t *table) columnsOf(shape int) []int {
	for len(t.maps) < len(t.shapes) {
		t.maps = append(t.maps, nil)
	}
	if t.maps[shape] == nil {
		list := appendRepeated([]int{}, -1, len(t.names))
		for i, at := range t.find(t.shapes[shape].names) {
			list[at] = i
		}
		t.maps[shape] = list
	}
	return t.maps[shape]
}

// The ids of fields, which never change. Those of columns are made of their names, so that a column has the same one in every export.
const (
	idChange = 1 + iota
	idFile
	idOffset
	idRow
	idTransaction
	idGTID
	idTime
	idServer
	idThread
	idAbsent
	_
	idNotRepresentable
	_
	_
	idBefore
	idAfter
	idTransactionKey
	idCommitTime
	idPrimaryKey
	_
	idStatement
	idSource
	firstColumnID = 1024
)

// fields is the schema of the table's files: leaves in the order of commonLeaves, then those of the images.
func (t *table) fields() []parquetfile.Field {
	list := commonFields()
	if len(t.names) == 0 { // only statements
		return list
	}
	ids := columnIDs{}
	return append(list,
		parquetfile.Optional(parquetfile.Group("before", idBefore, t.image("before", ids)...)),
		parquetfile.Optional(parquetfile.Group("after", idAfter, t.image("after", ids)...)))
}

func (t *table) image(name string, ids columnIDs) (list []parquetfile.Field) {
	for i, k := range t.kinds {
		list = append(list, parquetfile.Optional(k.field(t.names[i], ids.of(name+"."+strings.ToLower(t.names[i])))))
	}
	return list
}

// columnIDs are those in use.
type columnIDs map[int32]bool

// of is the id of a column: an even number, for the elements of a list have the next one.
func (ids columnIDs) of(path string) int32 {
	h := fnv.New32a()
	h.Write([]byte(path))
	id := int32(h.Sum32()>>3)*2 + firstColumnID
	for ids[id] {
		id += 2
	}
	ids[id] = true
	return id
}
