package export

import (
	"hash/fnv"
	"slices"
	"strings"

	"binmend/emit/export/parquetfile"
)

type tableKey struct{ database, table string }

// table is what a table is over the whole export: the columns of all its definitions, each of a kind that holds the values of all. Of a
// table whose files are not being written it has only the places of its shapes in the temporary file.
type table struct {
	places []shapePlace
	last   int // the place that was looked up

	union
	shapes []*shape
	maps   [][]int // columnsOf, by shape
}

// shapePlace is where a shape is.
type shapePlace struct {
	sum    [16]byte // of what it is packed into
	offset int64
	length int
}

// place is the index of the shape that has the sum; -1: the table does not have it.
func (t *table) place(sum [16]byte) int {
	if t.last < len(t.places) && t.places[t.last].sum == sum {
		return t.last
	}
	isIt := func(p shapePlace) bool { return p.sum == sum }
	if i := slices.IndexFunc(t.places, isIt); i >= 0 {
		t.last = i
		return i
	}
	return -1
}

// settle makes the columns, when all shapes are known: in the order of those over all logs, then of the definitions that this export has
// seen, then of the rows. A name is spelled as in the last definition of the first of these that has it.
func (t *table) settle(overall, seen union) {
	t.union, t.maps = union{}, nil
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

// release gives back what settle has made, and the shapes.
func (t *table) release() { t.union, t.shapes, t.maps = union{}, nil, nil }

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
