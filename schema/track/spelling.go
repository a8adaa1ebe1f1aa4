package track

import (
	"cmp"
	"slices"

	"binmend/schema/dump"
)

// Names that differ in case only are those of one table or of two, by the server's lower_case_table_names, which no log has. One table is
// taken for granted until something can't be true of one.

// tellApart takes names that differ in case only for those of two tables when one of them gets a table while the other's exists.
func (t *Tracker) tellApart(c *dump.Change) {
	name, isMade := made(c)
	if !isMade {
		return
	}
	for _, other := range t.folded[name.Fold()] {
		if as := t.tables[other].isAs(); as != (dump.Name{}) && as != name {
			t.setApart(name.Fold())
		}
	}
}

// setApart notes that a name in lower case is that of several tables. If there are too many such names, their tables are unknown.
func (t *Tracker) setApart(key dump.Name) {
	if t.apart[key] {
		return
	}
	if t.apartBytes += bytesOfApart + len(key.Database) + len(key.Table); t.apartBytes > maxApart {
		t.forget(key, t.last)
		return
	}
	t.apart[key] = true
}

// IsSpelledOtherwise reports whether statements to come have the name in other case than its rows, and nothing is known to tell the two
// apart. A name with capitals in rows does: servers that take both for one table write small letters there.
func (t *Tracker) IsSpelledOtherwise(name dump.Name) bool {
	isOther := func(f foreseen) bool { return f.name != name }
	return !t.isApart(name) && slices.ContainsFunc(t.foreseen[name.Fold()], isOther)
}

// IsSpelledInTwoWays reports whether statements to come spell a table in two ways, or not as the files do.
func (t *Tracker) IsSpelledInTwoWays() bool {
	files, _ := t.files.(*dump.Schema)
	for _, list := range t.foreseen {
		if isOther := func(f foreseen) bool { return f.name != list[0].name }; slices.ContainsFunc(list, isOther) {
			return true
		}
		if files != nil {
			if def, err := files.Definition(list[0].name); err == nil && nameOf(def) != list[0].name {
				return true
			}
		}
	}
	return false
}

// tellRowsApart does so when rows to come have both names, or have capitals in a name that statements spell otherwise, or are of a table
// that was dropped under the other name.
func (t *Tracker) tellRowsApart(name, key dump.Name, number int) {
	first, ok := t.shapes.names[key]
	if !ok {
		t.shapes.names[key] = name
		t.shapes.bytes += bytesOfShape + 2*(len(name.Database)+len(name.Table))
	}
	if ok && first != name || !ok && name != key && t.IsSpelledOtherwise(name) {
		t.setApart(key)
	}
	var last foreseen
	for _, f := range t.foreseen[key] {
		if f.number <= number {
			last = f
		}
	}
	if last.change != nil && last.change.Kind == dump.DropTable && last.name != name {
		t.setApart(key)
	}
}

// isAs is the name under which rows or a statement have shown that the table exists; empty if nothing has.
func (l *lineage) isAs() dump.Name {
	if l.gone != nil || l.lost != nil {
		return dump.Name{}
	}
	return cmp.Or(l.rowsAs, l.named)
}

// ofRows is the lineage of the table that rows are of. A server writes one name for the rows of one table.
func (t *Tracker) ofRows(name dump.Name) *lineage {
	l := t.lineage(name)
	if l.rowsAs != (dump.Name{}) && l.rowsAs != name && l.gone == nil {
		t.setApart(name.Fold())
		l = t.lineage(name)
	}
	l.rowsAs = name
	if isOther := l.named != (dump.Name{}) && l.named.Fold() == name.Fold() && l.named != name; name != name.Fold() && (isOther || t.IsSpelledOtherwise(name)) {
		t.setApart(name.Fold())
	}
	if t.isApart(name) {
		l = t.lineage(name)
		l.rowsAs = name
	}
	return l
}

// made is the name that a change gives to a table where none was.
func made(c *dump.Change) (name dump.Name, ok bool) {
	switch c.Kind {
	case dump.CreateTable, dump.CreateTableLike:
		return c.Name, !c.Optional && !c.Replaces
	case dump.RenameTable:
		return c.Other, c.Other.Fold() != c.Name.Fold()
	}
	return dump.Name{}, false
}

// isApart reports whether a name is that of another table than names which differ from it in case only.
func (t *Tracker) isApart(name dump.Name) bool {
	key := name.Fold()
	if !t.apart[key] && (t.hasBoth(name) || t.conflicts(name)) {
		t.setApart(key)
	}
	return t.apart[key]
}

// hasBoth reports whether the files have a table of the name and one whose name differs from it in case only.
func (t *Tracker) hasBoth(name dump.Name) bool {
	files, ok := t.files.(*dump.Schema)
	return ok && files.HasBoth(name.Database, name.Table)
}

// conflicts reports whether the statements to come can't be about one table: it would be made under one name while it exists under the
// other, or altered under one after it was dropped under the other.
func (t *Tracker) conflicts(name dump.Name) bool {
	var there, gone dump.Name // as which it is there, or was dropped; empty: that is not known
	if l := t.tables[name]; l != nil {
		there = l.isAs()
	}
	isOther := func(known, now dump.Name) bool { return known != (dump.Name{}) && known != now }
	for i, f := range t.foreseen[name.Fold()] {
		if f.change == nil {
			return false
		}
		if i == 0 && t.isFirst(name, f) {
			there = name
		}
		as, isMade := made(f.change)
		isMade = isMade && as == f.name
		switch kind := f.change.Kind; {
		case isMade && isOther(there, f.name), kind == dump.AlterTable && isOther(gone, f.name):
			return true
		case isMade, kind == dump.AlterTable:
			there, gone = f.name, dump.Name{}
		case kind == dump.DropTable:
			there, gone = dump.Name{}, f.name
		case kind == dump.CreateTable, kind == dump.CreateTableLike:
			gone = dump.Name{}
		default:
			there, gone = dump.Name{}, dump.Name{}
		}
	}
	return false
}

// isFirst reports whether the files have a table of exactly this name from before the first of the statements to come.
func (t *Tracker) isFirst(name dump.Name, first foreseen) bool {
	if t.files == nil || !t.written.isBefore(first.Statement) {
		return false
	}
	def, err := t.files.Definition(name)
	return err == nil && nameOf(def) == name
}

func nameOf(def *dump.Definition) dump.Name {
	return dump.Name{Database: def.Table.Database, Table: def.Table.Name}
}

// later lists the statements to come on a name, in log order.
func (t *Tracker) later(name dump.Name) []foreseen {
	list := t.foreseen[name.Fold()]
	if len(list) == 0 || !t.isApart(name) {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(f foreseen) bool { return f.name != name })
}

// isSame reports whether two names are those of one table.
func (t *Tracker) isSame(a, b dump.Name) bool {
	return a == b || a.Fold() == b.Fold() && !t.isApart(a)
}

// ofFiles is the files' definition of a table. Where names that differ in case are those of two tables, it has exactly this name.
func (t *Tracker) ofFiles(name dump.Name) (*dump.Definition, error) {
	def, err := t.files.Definition(name)
	if err == nil && nameOf(def) != name && t.isApart(name) {
		return nil, dump.Missing(name, t.files.Places(), nil)
	}
	return def, err
}
