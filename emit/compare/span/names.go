package span

import (
	"slices"
	"sort"

	"binmend/schema/dump"
)

// Which table a name stands for, at each place of the logs.

// segment is a stretch of the logs in which a name stands for a table; nil: for none.
type segment struct {
	from  place
	table *Table
}

// mark notes that a statement may change what names stand for.
func (l *timeline) mark(at place) {
	l.marks = append(l.marks, at)
	l.generation.Add(1)
	clear(l.seen)
}

// markAfter is the next mark after a place.
func (l *timeline) markAfter(at place) (next place, ok bool) {
	i := sort.Search(len(l.marks), func(i int) bool { return at.before(l.marks[i]) })
	if i == len(l.marks) {
		return place{}, false
	}
	return l.marks[i], true
}

func (l *timeline) isKnown(name dump.Name) bool {
	list := l.names[l.fold(name)]
	return len(list) > 0 && list[len(list)-1].table != nil
}

// isEnded reports whether the span has dropped what a name stood for.
func (l *timeline) isEnded(name dump.Name) bool {
	list := l.names[l.fold(name)]
	return len(list) > 0 && list[len(list)-1].table == nil
}

// fold is a name as the replica compares it.
func (l *timeline) fold(name dump.Name) dump.Name {
	if l.options.Filters.LowerCase {
		return name.Fold()
	}
	return name
}

// begin begins a table under a name: one that is made, or emptied.
func (l *timeline) begin(name dump.Name, at place, o Origin, whole bool) {
	name = l.fold(name)
	l.end(name, at)
	t := l.newTable(name)
	t.Whole, t.empty, t.Begun = whole, whole, o
	l.names[name] = append(l.names[name], segment{at, t})
}

func (l *timeline) newTable(name dump.Name) *Table {
	t := &Table{Name: name, id: uint32(len(l.tables)), prefix: appendUnsigned(nil, uint64(len(l.tables)))}
	l.tables = append(l.tables, t)
	return t
}

// end ends what a name stands for.
func (l *timeline) end(name dump.Name, at place) {
	name = l.fold(name)
	list := l.names[name]
	if len(list) == 0 || list[len(list)-1].table == nil {
		if len(list) == 0 {
			t := l.newTable(name)
			t.gone = true
			list = append(list, segment{table: t})
		}
	} else {
		list[len(list)-1].table.gone = true
	}
	l.names[name] = append(list, segment{from: at})
}

// current is the table that has a name now; if nothing is known of the name, a table from before the span.
func (l *timeline) current(name dump.Name, at place) *Table {
	name = l.fold(name)
	list := l.names[name]
	if n := len(list); n > 0 && list[n-1].table != nil {
		return list[n-1].table
	}
	t := l.newTable(name)
	var from place
	if len(list) > 0 {
		from = at
	}
	l.names[name] = append(list, segment{from, t})
	return t
}

// at is the table that has a name at a place. For a name whose table was dropped before, it is a new table of which nothing is known.
func (l *timeline) at(name dump.Name, at place) *Table {
	name = l.fold(name)
	list := l.names[name]
	for i, s := range slices.Backward(list) {
		switch {
		case at.before(s.from):
		case s.table != nil:
			return s.table
		case i == len(list)-1:
			return l.current(name, s.from)
		default:
			return &Table{Name: name, gone: true}
		}
	}
	return l.current(name, place{})
}
