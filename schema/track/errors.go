package track

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"binmend/decoder/fault"
	"binmend/schema"
	"binmend/schema/dump"
)

// The reasons why a table is not known at a point of the log, where statements of the log have to do with it.
var (
	ErrGone      = fault.NewReason("the log has no such table here")
	ErrNoCreate  = dump.ErrMissingTable.Kind("the logs change the table and do not create it")
	ErrForgotten = dump.ErrMissingTable.Kind("what the logs do to the table was not kept")
	ErrBefore    = fault.NewReason("the definition from before a statement is needed")
	ErrAfter     = fault.NewReason("the definition from after a statement is needed")
	ErrAtEnds    = fault.NewReason("the definition from before or after all statements is needed")
	ErrOtherTime = fault.NewReason("the definition is from another time")
	ErrReadWrong = fault.NewReason("rows were read with a definition from after a statement")
	ErrWhichTime = fault.NewReason("the definition is from before or after a statement")
)

// errNoFiles stands for the error of every table that no statement has made, if there are no files.
var errNoFiles = dump.Missing(dump.Name{}, nil, nil)

// tableError is the error for a table; cause is what else is wrong besides the statements, and may be nil.
func tableError(reason *fault.Reason, name dump.Name, what string, cause error) *fault.Error {
	return &fault.Error{Reason: reason, About: "table " + name.String(), What: what, Cause: cause, Facts: fault.Facts{Name: name.Database}}
}

// beforeError is the error of a table that is needed as it was before a statement.
func beforeError(name dump.Name, what string, s *Statement, cause error) *fault.Error {
	e := tableError(ErrBefore, name, what, cause)
	if s != nil {
		e.Facts.First = s.String()
	}
	return e
}

// explain is the error for a table that no definition fits. If no statement is about the table, that is the cause alone.
func (t *Tracker) explain(name dump.Name, l *lineage, mismatch error) error {
	later, reason := historyOf(t.later(name)), l.reason
	if reason == errNoFiles {
		reason = dump.Missing(name, nil, nil)
	}
	switch {
	case l.gone != nil:
		return tableError(ErrGone, name, fmt.Sprintf("the log has no such table here since the %s", l.gone), reason)
	case errors.Is(reason, ErrForgotten):
		return tableError(ErrForgotten, name, t.whatIsForgotten(), nil)
	case later.n+l.changed.n == 0:
		return cmp.Or(mismatch, reason)
	case mismatch != nil:
		return t.explainMismatch(name, l, mismatch, later)
	case reason == nil:
		return tableError(ErrAtEnds, name, fmt.Sprintf("no definition is known that the %s leads to", l.changed.last), nil)
	case errors.Is(reason, dump.ErrMissingTable):
		return t.explainMissing(name, reason, later)
	case l.changed.n == 0:
		what := fmt.Sprintf("%v, and the log changes the table after these rows, first by the %s", reason, later.first[0])
		return beforeError(name, what, &later.first[0], reason)
	}
	e := tableError(ErrAtEnds, name, reason.Error(), reason)
	e.Facts.First = l.changed.first[0].String()
	return e
}

// explainMismatch makes the error of a definition from another time than the rows.
func (t *Tracker) explainMismatch(name dump.Name, l *lineage, mismatch error, later history) error {
	if l.reason != nil && l.changed.n > 0 {
		what := fmt.Sprintf("%v; %s", l.reason, misfit(mismatch))
		e := tableError(ErrAfter, name, what, mismatch)
		e.Facts.Last = l.changed.last.String()
		return e
	}
	if made, ok := t.madeBy(name); ok {
		what := fmt.Sprintf("%s: it is from after the %s, which comes later in the log", misfit(mismatch), made)
		return beforeError(name, what, &later.first[0], mismatch)
	}
	if l.changed.n > 0 {
		what := fmt.Sprintf("%s; the log changes the table before these rows: %s", misfit(mismatch), l.changed)
		return tableError(ErrOtherTime, name, what, mismatch)
	}
	what := fmt.Sprintf("%s; the log changes the table after these rows: %s", misfit(mismatch), later)
	return beforeError(name, what, &later.first[0], mismatch)
}

// misfit says how a definition does not fit.
func misfit(mismatch error) string {
	var m *schema.MismatchError
	if !errors.As(mismatch, &m) {
		return mismatch.Error()
	}
	return fmt.Sprintf("its definition in %s does not fit these rows (%s)", m.Table.Source, m.Disagreements[0])
}

// explainMissing makes the error of a table that the log changes but does not create.
func (t *Tracker) explainMissing(name dump.Name, missing error, later history) error {
	what := "no schema file was given"
	if t.files != nil && len(t.files.Places()) > 0 {
		what = "it is not in " + strings.Join(t.files.Places(), ", ")
	}
	what += ", and the logs change the table but do not hold its CREATE TABLE before these rows"
	if later.n > 0 {
		return beforeError(name, what, &later.first[0], missing)
	}
	return tableError(ErrNoCreate, name, what, missing)
}

// madeBy finds the statement to come that leaves the table as the files have it.
func (t *Tracker) madeBy(name dump.Name) (s Statement, ok bool) {
	if t.files == nil || t.at == Start {
		return s, false
	}
	def, err := t.ofFiles(name)
	if err != nil {
		return s, false
	}
	for _, later := range t.later(name) {
		if c := later.change; c != nil && c.Kind == dump.AlterTable && c.Leaves(def) {
			return later.Statement, true
		}
	}
	return s, false
}

// ambiguous makes the error of a table that has two definitions at this point, according to when the files were written.
func (t *Tracker) ambiguous(name dump.Name, a, b candidate) error {
	if s := b.before; s != nil {
		what := fmt.Sprintf("the definition in %s is from after statements that come after these rows, and before the %s the table may have been "+
			"one of several that fit", origin(b.def), s)
		return beforeError(name, what, s, nil)
	}
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
	return tableError(ErrWhichTime, name, what+", which makes a difference", nil)
}
