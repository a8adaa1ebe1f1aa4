package script

import (
	"fmt"
	"strings"

	"binmend/decoder"
	"binmend/decoder/words"
	"binmend/emit/plan"
	"binmend/emit/repair"
	"binmend/emit/sqltext"
)

// maxNamed bounds how many rows OpenEnds names; the script has all of them.
const maxNamed = 3

// OpenEnds says in one line what a repair's script leaves to its reader, "" for nothing. It is for those who don't see the script,
// because it goes to a file.
func OpenEnds(r *repair.Repair) string {
	p := r.Plan
	if p == nil {
		return fmt.Sprintf("no change of rows mends error %d: the script runs nothing, and says what to do", r.Replica.Errno)
	}
	var ends []string
	if n := len(p.Refusals); n > 0 {
		ends = append(ends, words.Count(n, "row")+" can't be rebuilt from the log: "+refusedRows(p, sqltext.For(r.Replica.Version))+
			"; the script has the SELECT to run on the source")
	}
	if n := len(p.UnknownKeys); n > 0 {
		ends = append(ends, words.Count(n, "key value")+" that no row may have, but that the log does not hold in full")
	}
	if n := len(p.Contradictions); n > 0 {
		ends = append(ends, words.Count(n, "row")+" with a key value that another row has: the replica has a unique key that the source can't have")
	}
	if r.Probed != nil && len(r.Probed.Parentless) > 0 {
		ends = append(ends, words.Count(len(r.Probed.Parentless), "parent row")+" that the replica does not have: the applier stops again, with error 1452; the script "+
			"has the SELECT to run on the source")
	}
	if r.Probed != nil && len(r.Probed.Children) > 0 {
		ends = append(ends, "rows of the replica that refer to "+words.Count(len(r.Probed.Children), "row")+" that the transaction removes: the applier stops again, with error 1451; "+
			"the script has the SELECT that finds them")
	}
	if n := len(r.Violations); n > 0 {
		ends = append(ends, words.Count(n, "CHECK")+" of the replica, which forbid rows that the source had: error 3819; the script has the ALTER TABLE")
	}
	if r.Statements > 0 {
		ends = append(ends, words.Count(r.Statements, "statement")+" logged as such, which the script does not cover")
	}
	if r.Advice != nil {
		ends = append(ends, "a statement failed, not a row event; the script says what is in its way")
	}
	if r.Doubted != nil {
		ends = append(ends, r.Doubted.Error())
	}
	if r.Changes() == 0 && len(ends) == 0 {
		end := "no row has to be changed for this transaction"
		if r.Facts.Filtered != "" {
			end += " in the tables that were asked for: " + r.Facts.Filtered
		}
		ends = append(ends, end)
	}
	return strings.Join(ends, "; ")
}

// refusedRows names the first rows by a key.
func refusedRows(p *plan.Plan, d sqltext.Dialect) string {
	var names []string
	for i := range p.Refusals {
		if i == maxNamed {
			names = append(names, "…")
			break
		}
		names = append(names, refusedRow(&p.Refusals[i], d))
	}
	return strings.Join(names, ", ")
}

func refusedRow(r *plan.Refusal, d sqltext.Dialect) string {
	t := r.Row.Table
	if r.Key == nil {
		return fmt.Sprintf("%s, row %d at %s", t.FullName(), r.Origin.Row, r.Origin.Pos)
	}
	var parts []string
	for _, part := range r.Key.Parts {
		if part.Column < 0 || r.Row.Cells[part.Column].State() != decoder.Value {
			continue
		}
		column := &t.Columns[part.Column]
		if value, err := d.AppendLiteral(nil, column, r.Row.Cells[part.Column]); err == nil {
			parts = append(parts, column.Name+" = "+string(value))
		}
	}
	return t.FullName() + " " + strings.Join(parts, ", ")
}
