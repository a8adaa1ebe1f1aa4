package app

import (
	"errors"
	"fmt"
	"strings"

	"binmend/decoder"
	"binmend/emit/plan"
	"binmend/emit/script"
	"binmend/emit/sqltext"
)

// maxNamed bounds the rows that a message names one by one; the script has all of them.
const maxNamed = 3

// openEnds says what a script leaves to its reader, nil when that is nothing. It goes to standard error as well, since
// the script may go to a file unseen.
func openEnds(in *script.Input, d sqltext.Dialect, statements int) error {
	var ends []string
	p := in.Plan
	if n := len(p.Refusals); n > 0 {
		ends = append(ends, count(n, "row")+" can't be rebuilt from the log: "+refusedRows(p, d)+
			"; the script has the SELECT to run on the source")
	}
	if n := len(p.UnknownKeys); n > 0 {
		ends = append(ends, count(n, "key value")+" that no row may have, but that the log does not hold in full")
	}
	if n := len(p.Contradictions); n > 0 {
		ends = append(ends, count(n, "row")+" with a key value that another row has: the replica has a unique key that the source can't have")
	}
	if statements > 0 {
		ends = append(ends, count(statements, "statement")+" logged as such, which the script does not cover")
	}
	if in.Changes() == 0 && len(ends) == 0 {
		ends = append(ends, "no row has to be changed for this transaction")
	}
	if len(ends) == 0 {
		return nil
	}
	return finding{errors.New(strings.Join(ends, "; "))}
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
	name := t.Database + "." + t.Name
	if r.Key == nil {
		return fmt.Sprintf("%s, row %d at %s", name, r.Origin.Row, r.Origin.Pos)
	}
	var parts []string
	for _, part := range r.Key.Parts {
		if part.Column < 0 || r.Row.Cells[part.Column].State() != decoder.Value {
			continue
		}
		column := &t.Columns[part.Column]
		value, err := d.AppendLiteral(nil, column, r.Row.Cells[part.Column])
		if err != nil {
			continue
		}
		parts = append(parts, column.Name+" = "+string(value))
	}
	return name + " " + strings.Join(parts, ", ")
}
