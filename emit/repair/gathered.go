package repair

import (
	"fmt"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/txn"
	"binmend/emit/display"
	"binmend/emit/plan"
	"binmend/schema"
	"binmend/schema/changes"
)

// Gathered is what the transactions of a range do: their row changes, in a planner, and everything else.
type Gathered struct {
	Planner      *plan.Planner
	Definitions  *changes.Definitions
	Transactions []txn.Transaction // that are planned
	Writer       decoder.Version   // of the format description in force
	Rows         int
	Conflict     *schema.KeyedRow // see Repair
	Written      []Written        // see Repair
	Differing    []*schema.Table  // the replica's tables that differ from the source's
	Unsure       []*schema.Table  // the replica may have other columns than these definitions
	Collations   []string         // see Facts
	Parents      parents          // that the rows need
	Children     children         // that may not be
	Checks       checks           // of the replica
	Halves       halves           // of the failing transaction

	Statements     []string // logged statements, the first few
	MoreStatements int      // beyond those

	After, AfterApplied int    // transactions after the failing one: planned ones, and ones left out because they are applied
	Filtered            string // what the filter of tables has left out; "" without one
	Ended               string // why the range ends earlier than requested; "" if it does not

	applier applier
}

// maxStatements bounds the statements that are kept; they are only shown.
const maxStatements = 20

func (g *Gathered) addStatement(text string) {
	if len(g.Statements) == maxStatements {
		g.MoreStatements++
		return
	}
	g.Statements = append(g.Statements, text)
}

// plan is everything that the changes need, or the part that one error number needs.
func (g *Gathered) plan(errno int) *plan.Plan {
	switch errno {
	case 1062:
		return g.Planner.Absences()
	case 1032:
		return g.Planner.Presences()
	}
	return g.Planner.Plan()
}

// notes are what a reviewer has to know about what was gathered.
func (g *Gathered) notes(r *Range) []string {
	var notes []string
	if r.Ahead > 0 {
		note := "planned ahead: the failing transaction and " + count(g.After, "transaction") + " after it"
		if g.AfterApplied > 0 {
			note += fmt.Sprintf(", without %d that are applied already", g.AfterApplied)
		}
		notes = append(notes, note)
	}
	notes = append(notes, g.limits(r)...)
	if n := g.statementCount(); n > 0 {
		notes = append(notes, count(n, "statement")+" logged as such, not as rows, and not covered by this repair: "+g.statements())
	}
	for _, doubt := range slices.Concat(g.Definitions.Doubts, g.Definitions.Risks) {
		notes = append(notes, "RISK: "+doubt)
	}
	return append(notes, g.Definitions.Remarks...)
}

// limits say what was left out of the range.
func (g *Gathered) limits(r *Range) []string {
	limits := append(slices.Clone(r.Notes), g.applier.notes()...)
	if g.Ended != "" {
		limits = append(limits, g.Ended)
	}
	if g.Filtered != "" {
		limits = append(limits, "only the tables that were asked for are repaired: "+g.Filtered)
	}
	return limits
}

func (g *Gathered) statementCount() int { return len(g.Statements) + g.MoreStatements }

// statements lists the statements, the first few.
func (g *Gathered) statements() string {
	list := strings.Join(g.Statements, " · ")
	if g.MoreStatements > 0 {
		list += fmt.Sprintf(" · and %d more", g.MoreStatements)
	}
	return list
}

// noRows is the error of a range without row changes.
func (g *Gathered) noRows(r *Range) error {
	e := &fault.Error{Reason: ErrNoRows, What: "the range holds no row changes"}
	if remarks := append(g.limits(r), g.Definitions.Remarks...); len(remarks) > 0 {
		e.What += " to repair: " + strings.Join(remarks, "; ")
	} else if len(g.Statements) > 0 {
		e.What += ", only statements: " + g.statements()
	}
	if !g.Writer.AtLeast(5, 1, 0) {
		e.Reason = ErrNoRowEvents
		e.What += "; the log is of MySQL " + g.Writer.Text
	}
	return e
}

func count(n int, what string) string { return display.Count(uint64(n), what) }
