package track

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"binmend/schema"
	"binmend/schema/dump"
)

// TableError says why a table is not known at a point of the log, where statements of the log have to do with it.
type TableError struct {
	Name   dump.Name
	What   string
	Advice string
	Cause  error // what is wrong apart from the statements; may be nil
}

func (e *TableError) Error() string { return fmt.Sprintf("table %s: %s", e.Name, e.What) }

// Hint says what to do.
func (e *TableError) Hint() string { return e.Advice }

// Unwrap is the cause.
func (e *TableError) Unwrap() error { return e.Cause }

// explain makes the error of a table that no definition fits. Where no statement has to do with it, it is the cause.
func (t *Tracker) explain(name dump.Name, l *lineage, mismatch error) error {
	later := historyOf(t.foreseen[lower(name)])
	var missing *dump.MissingTableError
	switch {
	case l.gone != nil:
		return &TableError{name, fmt.Sprintf("the log has no such table here since the %s", l.gone),
			"the log does not tell all that happened: begin with a log from before that", l.reason}
	case later.n+l.changed.n == 0:
		return cmp.Or(mismatch, l.reason)
	case mismatch != nil:
		return t.explainMismatch(name, l, mismatch, later)
	case errors.As(l.reason, &missing):
		return t.explainMissing(name, missing, later)
	case l.changed.n == 0:
		what := fmt.Sprintf("%v, and the log changes the table after these rows, first by the %s", l.reason, later.first[0])
		return &TableError{name, what, before(later.first[0]), l.reason}
	}
	return &TableError{name, l.reason.Error(), "give the table's definition from before the " + l.changed.first[0].String() +
		" with --schema-at start, or from after all that the logs do to it with --schema-at end", l.reason}
}

// explainMismatch makes the error of a definition from another time than the rows.
func (t *Tracker) explainMismatch(name dump.Name, l *lineage, mismatch error, later history) error {
	if l.reason != nil && l.changed.n > 0 {
		what := fmt.Sprintf("%v; %s", l.reason, misfit(mismatch))
		return &TableError{name, what, "give the table's definition from after the " + l.changed.last.String(), mismatch}
	}
	if made, ok := t.madeBy(name); ok {
		what := fmt.Sprintf("%s: it is from after the %s, which comes later in the log", misfit(mismatch), made)
		return &TableError{name, what, before(later.first[0]), mismatch}
	}
	if l.changed.n > 0 {
		what := fmt.Sprintf("%s; the log changes the table before these rows: %s", misfit(mismatch), l.changed)
		return &TableError{name, what, "give the table's definition from before the first of those, with --schema-at start, " +
			"or from after the last, with --schema-at end", mismatch}
	}
	what := fmt.Sprintf("%s; the log changes the table after these rows: %s", misfit(mismatch), later)
	return &TableError{name, what, before(later.first[0]), mismatch}
}

// misfit says in what a definition does not fit.
func misfit(mismatch error) string {
	var m *schema.MismatchError
	if !errors.As(mismatch, &m) {
		return mismatch.Error()
	}
	return fmt.Sprintf("its definition in %s does not fit these rows (%s)", m.Table.Source, m.Disagreements[0])
}

// explainMissing makes the error of a table that the log changes but does not create.
func (t *Tracker) explainMissing(name dump.Name, missing *dump.MissingTableError, later history) error {
	files := "no schema file was given"
	if len(missing.Files) > 0 {
		files = "it is not in " + strings.Join(missing.Files, ", ")
	}
	advice := missing.Hint()
	if later.n > 0 {
		advice = before(later.first[0])
	}
	return &TableError{name, files + ", and the logs change the table but do not hold its CREATE TABLE before these rows",
		advice, missing}
}

// before tells how to come by a definition from before a statement.
func before(s Statement) string {
	return "give the table's definition from before the " + s.String() + ", as SHOW CREATE TABLE prints it on a replica " +
		"that has not applied it yet; or begin with a log that holds the table's CREATE TABLE"
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
		if c := later.change; c != nil && c.Kind == dump.AlterTable && c.Leaves(def) {
			return later.Statement, true
		}
	}
	return s, false
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
