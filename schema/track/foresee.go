package track

import (
	"strings"
	"unsafe"

	"binmend/decoder"
	"binmend/schema/dump"
)

// Statements that are still to come: a file's definition may have been written after them.

// foreseen is a statement that is still to come.
type foreseen struct {
	Statement
	name   dump.Name    // of the table, as the statement spells it
	number int          // in the order of the log
	change *dump.Change // nil without files, and when there are too many
}

// size is about how many bytes of memory it takes in the list of those to come, without its change.
func (f *foreseen) size() int {
	return int(unsafe.Sizeof(*f)) + 3*(len(f.name.Database)+len(f.name.Table)) + bytesOfForeseen
}

// Foresee takes a statement that comes later in the log than all that were applied. With End all of them must be foreseen before the first
// table is asked for; otherwise they make errors more precise.
func (t *Tracker) Foresee(pos decoder.Position, st dump.Statement) {
	defer func() { t.shapes.foresee(t.foreseeing) }()
	t.pack()
	counted := false
	_ = t.foreseer.Parse(st, func(c *dump.Change) { // Apply gives the error
		if !counted {
			counted = true
			t.kept += len(st.SQL)
		}
		t.foreseeChange(c, Statement{pos, c.Verb, st.Ended})
	})
}

func (t *Tracker) foreseeChange(c *dump.Change, s Statement) {
	if t.ahead != nil {
		c.ConvertTo(t.ahead.encoding)
	}
	t.foreseeing++
	t.kept += c.Size()
	t.scout(c, s)
	names := []dump.Name{c.Name}
	if c.Kind == dump.RenameTable {
		names = append(names, c.Other)
	}
	for _, name := range names {
		if name.Table == "" {
			continue
		}
		key := name.Fold()
		later := foreseen{Statement: s, name: name, number: t.foreseeing}
		if t.files != nil && t.kept < maxForeseen {
			later.change = c.Outline()
		}
		if !t.admitsForeseen(later) {
			t.forget(key, s)
			continue
		}
		t.foreseen[key] = append(t.foreseen[key], later)
		t.foreseenKeys = max(t.foreseenKeys, len(t.foreseen))
	}
}

// IsForeseen reports whether a statement that was foreseen, and is not applied yet, changes the table.
func (t *Tracker) IsForeseen(name dump.Name) bool { return len(t.later(name)) > 0 }

// IsUnaltered reports whether no statement, applied or foreseen, changes a table, other than the CREATE TABLE that makes it.
func (t *Tracker) IsUnaltered(name dump.Name) bool {
	l := t.lineage(name)
	return !t.IsForeseen(name) && (l.changed.n == 0 || l.created && strings.HasPrefix(l.changed.last.Verb, "CREATE TABLE"))
}

// passed takes a statement off the list of those to come.
func (t *Tracker) passed(name dump.Name, s Statement) {
	key := name.Fold()
	if later := t.foreseen[key]; len(later) > 0 && later[0].Pos == s.Pos {
		t.shapes.passed = later[0].number
		t.passForeseen(key)
	}
}
