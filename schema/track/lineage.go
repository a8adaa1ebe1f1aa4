package track

import (
	"errors"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/schema"
	"binmend/schema/dump"
)

// What is known of one table name: the definitions that the table may have, and what was applied to it.

// lineage is what is known about one table name.
type lineage struct {
	candidates []candidate      // the likeliest first
	isOpen     bool             // none of them is packed
	isWanted   bool             // and was asked for again since
	changed    history          // what was applied to it
	created    bool             // the last definition is the log's own
	assumed    *Statement       // the CREATE DATABASE IF NOT EXISTS that says what the character set of columns is
	doubtful   *Statement       // the CREATE TABLE IF NOT EXISTS that the definition is from: the table may have existed
	reason     error            // why there is no candidate, or one less
	gone       *Statement       // the table was dropped or renamed by it
	past       []*dump.Change   // the last of what was applied to it
	used       *dump.Definition // the files', with which rows were read before any statement
	lost       *Statement       // the last statement on it that is not understood
	named      dump.Name        // as the last statement that left it there spells it
	rowsAs     dump.Name        // as its rows spell it
	bytes      int              // of the name, if the files do not have it, and of all definitions packed
	ofName     int              // of these, of the name
	isOut      bool             // its name was taken off the tables
}

// become replaces all that is known of a table.
func (l *lineage) become(now lineage) {
	now.bytes, now.ofName, now.isOut = l.bytes, l.ofName, l.isOut
	*l = now
}

// candidate is one definition that the table may have.
type candidate struct {
	def      *dump.Definition // nil where it is packed
	packed   *dump.Packed
	ofFiles  bool       // it is the files' as it is
	after    *Statement // the files were written after it; nil: before all that was applied, or the log's own definition
	fallback bool       // counts only when no other one fits
	before   *Statement // it was made by taking back statements to come, from this one on
	unknown  error      // the table may be something else that can't be told, and def is nil
}

// lineage finds what is known of a name: exactly, or else without regard to case as with lower_case_table_names. What is
// known of a new name is what the files say.
func (t *Tracker) lineage(name dump.Name) *lineage {
	if l, ok := t.tables[name]; ok {
		return t.opened(l)
	}
	name, exact := t.spelled(name)
	if l, ok := t.tables[name]; ok {
		return t.opened(l)
	}
	key := name.Fold()
	isForgotten := t.isForgotten(key)
	if same := t.folded[key]; !isForgotten && len(same) == 1 && !exact && !t.isApart(name) {
		return t.opened(t.tables[same[0]])
	}
	l := &lineage{}
	if isForgotten {
		l = t.again(name)
	} else {
		t.addFirst(l, name)
	}
	t.tables[name] = l
	t.folded[key] = append(t.folded[key], name)
	if !exact {
		l.ofName = bytesOfTable + 3*(len(name.Database)+len(name.Table))
		t.setSize(l, 0)
	}
	return l
}

// spelled is a table's name as the files spell it, if they have the table.
func (t *Tracker) spelled(name dump.Name) (dump.Name, bool) {
	if t.files == nil {
		return name, false
	}
	def, err := t.ofFiles(name)
	if err != nil {
		return name, false
	}
	return nameOf(def), true
}

// addFirst adds the files' definition to a table to which nothing was applied yet.
func (t *Tracker) addFirst(l *lineage, name dump.Name) {
	if s, ok := t.dropped[strings.ToLower(name.Database)]; ok {
		l.gone = &s
		return
	}
	if t.files == nil {
		l.reason = errNoFiles
		return
	}
	def, err := t.ofFiles(name)
	if err != nil {
		l.reason = err
		return
	}
	if later := t.later(name); t.atEnd() && len(later) > 0 {
		l.reason = errors.New("the definition in " + def.Table.Source + " is from the end of the logs")
		return
	}
	l.candidates = []candidate{{def: def, ofFiles: true}}
	if lost, ok := t.lost[strings.ToLower(name.Database)]; ok {
		l.changed, l.lost = l.changed.with(lost.Statement), &lost.Statement
	}
}

// isCertain reports whether the log has made the table, and all that was done to it since was understood.
func (t *Tracker) isCertain(l *lineage) bool {
	return l.created && l.doubtful == nil && l.lost == nil && len(l.candidates) > 0
}

// IsCertain reports whether the log has made the table, so that no other definition is needed.
func (t *Tracker) IsCertain(name dump.Name) bool { return t.isCertain(t.lineage(name)) }

// keep forgets the definitions that do not fit rows.
func (l *lineage) keep(m *decoder.TableMap) {
	l.candidates = slices.DeleteFunc(l.candidates, func(c candidate) bool { return schema.Verify(c.def.Table, m) != nil })
}
