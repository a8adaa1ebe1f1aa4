package track

import (
	"binmend/decoder"
	"binmend/schema/dump"
)

// Table maps of rows to come tell definitions apart that fit the rows at hand alike: a definition that statements to come lead to
// another shape than that of the rows after them is not the table's.

// shape is the table map that rows to come have, from a statement on.
type shape struct {
	number int // of the last statement before them
	m      *decoder.TableMap
}

// shapes are those of the tables that statements to come change, by the table's name in lower case, in the order of the log.
type shapes struct {
	of     map[dump.Name][]shape
	before []int32 // changes that were foreseen up to each statement
	passed int     // the last statement that was applied
	bytes  int
	isCut  bool                    // there were more statements than before has
	last   shape                   // that was reported
	names  map[dump.Name]dump.Name // of the tables, by the name in lower case
}

// maxShapes bounds the table maps that are kept.
const maxShapes = 8 << 20

// maxBefore bounds the statements after which table maps are told apart.
const maxBefore = 1 << 20

func (s *shapes) foresee(changes int) {
	if s.isCut = len(s.before) >= maxBefore; !s.isCut {
		s.before = append(s.before, int32(changes))
	}
}

// ForeseeShape reports a table map that comes after the first n of the statements that were foreseen. They have to come in the order of
// the log, and after all that is foreseen.
func (t *Tracker) ForeseeShape(n int, m *decoder.TableMap) {
	s := shape{m: m}
	if n > len(t.shapes.before) && t.shapes.isCut {
		return
	}
	if n > 0 && n <= len(t.shapes.before) {
		s.number = int(t.shapes.before[n-1])
	}
	if s == t.shapes.last || t.shapes.bytes > maxShapes {
		return
	}
	t.shapes.last = s
	name := dump.Name{Database: m.Database, Table: m.Table}
	key := name.Fold()
	t.tellRowsApart(name, key, s.number)
	known := t.shapes.of[key]
	if !t.IsForeseen(name) || len(known) > 0 && known[len(known)-1].m == m && !t.isChanged(name, known[len(known)-1].number, s.number) {
		return
	}
	t.shapes.of[key] = append(t.shapes.of[key], s)
	t.shapes.bytes += m.Size()
}

// isChanged reports whether one of the statements to come after one and up to another changes a table.
func (t *Tracker) isChanged(name dump.Name, after, upTo int) bool {
	for _, f := range t.later(name) {
		if f.number > after {
			return f.number <= upTo
		}
	}
	return false
}

// ExpectShapes is called before all table maps to come are reported.
func (t *Tracker) ExpectShapes() {
	t.shapes.of, t.shapes.names = map[dump.Name][]shape{}, map[dump.Name]dump.Name{}
}

// HasShapes reports whether the table maps to come were reported, as far as they are kept.
func (t *Tracker) HasShapes() bool { return t.shapes.of != nil }

// span is a part of a table's life between two statements on it.
type span struct {
	name     dump.Name
	from, to int // the statement that it begins with, and the one that ends it; 0: none
}

// life is the table's life from the current point of the log on: before the first of the statements to come on it, and after each.
func (t *Tracker) life(name dump.Name, future []ahead, end ending) []span {
	life := []span{{name: name, from: t.shapes.passed}}
	for _, f := range future {
		life[len(life)-1].to = f.number
		life = append(life, span{name: f.after, from: f.number})
	}
	life[len(life)-1].to = end.number
	return life
}

// hasShape reports whether a definition fits the rows of a span of the table's life.
func (t *Tracker) hasShape(def *dump.Definition, s span) bool {
	for _, rows := range t.shapes.of[s.name.Fold()] {
		of := dump.Name{Database: rows.m.Database, Table: rows.m.Table}
		if rows.number < s.from || s.to > 0 && rows.number >= s.to || !t.isSame(of, s.name) {
			continue
		}
		if _, err := (candidate{def: def}).fit(rows.m); err != nil {
			return false
		}
	}
	return true
}
