package export

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"

	"binmend/schema"
)

// shape is what a definition of a table makes of its rows in Parquet.
type shape struct {
	names []string
	kinds []kind
	key   []string // columns of the primary key
	text  string   // packed; empty until it is needed
	hash  [16]byte // of the text; the same
}

// packed writes a shape: the number of its columns, these, and those of its key, each with its length before it.
func (s *shape) packed() string {
	if s.text == "" {
		columns := packColumns(s.names, s.kinds)
		b := append(binary.AppendUvarint(nil, uint64(len(columns))), columns...)
		for _, name := range s.key {
			b = append(binary.AppendUvarint(b, uint64(len(name))), name...)
		}
		s.text = string(b)
	}
	return s.text
}

// sum tells shapes apart.
func (s *shape) sum() (short [16]byte) {
	if s.hash == short {
		sum := sha256.Sum256([]byte(s.packed()))
		copy(s.hash[:], sum[:])
	}
	return s.hash
}

// unpackShape reads what packed has written.
func unpackShape(text string) *shape {
	next := func() (part string) {
		n, length := binary.Uvarint([]byte(text[:min(len(text), binary.MaxVarintLen64)]))
		part, text = text[length:length+int(n)], text[length+int(n):]
		return part
	}
	columns := unpackColumns(next())
	s := &shape{names: columns.names, kinds: columns.kinds}
	for text != "" {
		s.key = append(s.key, next())
	}
	return s
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
