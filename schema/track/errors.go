package track

import (
	"fmt"
	"path/filepath"
	"strings"

	"binmend/decoder"
	"binmend/schema"
	"binmend/schema/dump"
)

// TableError says why a table is not known at a point of the log, where statements of the log have to do with it.
type TableError struct {
	Name   dump.Name
	Pos    decoder.Position // of the rows; zero when it is not about rows
	What   string
	Advice string
	Cause  error // what is wrong apart from the statements; may be nil
}

func (e *TableError) Error() string {
	at := ""
	if e.Pos.File != "" {
		at = fmt.Sprintf(" at %s:%d", filepath.Base(e.Pos.File), e.Pos.Offset)
	}
	return fmt.Sprintf("table %s%s: %s", e.Name, at, e.What)
}

// Hint says what to do.
func (e *TableError) Hint() string { return e.Advice }

// Unwrap is the cause.
func (e *TableError) Unwrap() error { return e.Cause }

// explain makes the error of a table that no definition fits. Where no statement has to do with it, it is the cause.
func (t *Tracker) explain(name dump.Name, ref schema.Ref, l *lineage, mismatch error) error {
	cause := mismatch
	if cause == nil {
		cause = l.reason
	}
	var later []Statement
	for _, f := range t.foreseen[lower(name)] {
		later = append(later, f.Statement)
	}
	made, isMade := t.madeBy(name)
	e := &TableError{Name: name, Pos: ref.Pos, Cause: cause}
	switch {
	case l.gone != nil:
		e.What = fmt.Sprintf("the log has no such table here since the %s", l.gone)
		e.Advice = "the log does not tell all that happened: begin with a log from before that"
	case mismatch != nil && isMade:
		e.What = fmt.Sprintf("%v; the definition is from after the %s, which comes later in the log", mismatch, made)
		e.Advice = before(later[0])
	case mismatch != nil && len(l.changed) > 0:
		e.What = fmt.Sprintf("%v; the log changes the table before these rows (%s)", mismatch, list(l.changed))
		e.Advice = "--schema-at start says that the definition is from before those statements, --schema-at end from after all"
	case cause != nil && len(later) > 0:
		e.What = fmt.Sprintf("%v, and the log changes the table after these rows (%s)", cause, list(later))
		e.Advice = before(later[0])
	case cause != nil && len(l.changed) > 0:
		e.What = cause.Error()
		e.Advice = "give the table's definition as it was after the " + l.changed[len(l.changed)-1].String() + ", with --schema-at end"
	default:
		return cause
	}
	return e
}

// before tells how to come by a definition from before a statement.
func before(s Statement) string {
	return "give the table's definition from before the " + s.String() + ": SHOW CREATE TABLE on a replica that has " +
		"not applied it yet; or begin with a log that has the table's CREATE TABLE"
}

// madeBy finds the statement to come that leaves the table as the files have it.
func (t *Tracker) madeBy(name dump.Name) (s Statement, ok bool) {
	if t.files == nil || t.at == Start {
		return s, false
	}
	def, err := t.files.Definition(name)
	if err != nil {
		return s, false
	}
	for _, later := range t.foreseen[lower(name)] {
		if c := later.change; c.Kind == dump.AlterTable && c.Leaves(def) {
			return later.Statement, true
		}
	}
	return s, false
}

// list names statements, the first few.
func list(statements []Statement) string {
	const most = 3
	var names []string
	for _, s := range statements[:min(len(statements), most)] {
		names = append(names, s.String())
	}
	if more := len(statements) - most; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}

// ambiguous makes the error of a table that has two definitions at this point, according to when the files were written.
func (t *Tracker) ambiguous(name dump.Name, a, b candidate) error {
	s := b.after
	if s == nil {
		s = a.after
	}
	what := fmt.Sprintf("the definition in %s can be from before and from after", a.def.Table.Source)
	if s != nil {
		what += " the " + s.String()
	} else {
		what = fmt.Sprintf("the table may be as %s says, or as %s does", a.def.Table.Source, b.def.Table.Source)
	}
	return &TableError{Name: name, What: what + ", which makes a difference",
		Advice: "say when the schema file was written: --schema-at start or --schema-at end"}
}
