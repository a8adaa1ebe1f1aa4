package export

import (
	"slices"
	"sync"

	"binmend/schema"
)

// shape is what a definition of a table makes of its rows in Parquet.
type shape struct {
	names []string
	kinds []kind
	key   []string // columns of the primary key
}

func (s *shape) equal(o *shape) bool {
	return slices.Equal(s.names, o.names) && slices.Equal(s.kinds, o.kinds) && slices.Equal(s.key, o.key)
}

// layout is how the rows of a table are stored as a definition has them.
type layout struct {
	*shape  // apart: it is kept for each table, when the definition is not in use any more
	table   *schema.Table
	columns []column
	used    sync.Pool // of slabs

	allDates bool // what Options says
}

func layoutOf(t *schema.Table) *layout {
	l := &layout{shape: &shape{}, table: t, columns: columnsOf(t)}
	l.key = keyOf(t)
	for i := range l.columns {
		l.names = append(l.names, l.columns[i].Name)
		l.kinds = append(l.kinds, kindOf(&l.columns[i]))
	}
	return l
}

// keyOf lists the columns of the primary key; none when the table has no such key.
func keyOf(t *schema.Table) (names []string) {
	key := t.Primary()
	if key == nil {
		return nil
	}
	for _, part := range key.Parts {
		if part.Column >= 0 {
			names = append(names, t.Columns[part.Column].Name)
		}
	}
	return names
}
