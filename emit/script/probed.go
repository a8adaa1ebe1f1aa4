package script

import (
	"bytes"
	"fmt"
	"strings"

	"binmend/decoder"
	"binmend/decoder/words"
	"binmend/emit/display"
	"binmend/emit/plan"
	"binmend/emit/probe"
	"binmend/emit/repair"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// probedText writes into the header what was left out.
func probedText(p *repair.Probed) string {
	if p == nil {
		return ""
	}
	s := fmt.Sprintf("%s: %s. What changes there after the probe is not seen", p.Server, needed(p))
	if p.Met > 0 {
		s += fmt.Sprintf(". %s that can't be rebuilt from the log and that the replica has", words.Count(p.Met, "row"))
	}
	return s
}

// needed says how many of the planned statements are in the script.
func needed(p *repair.Probed) string {
	verb := " are needed"
	n, planned := len(p.Plan.Absences)+len(p.Plan.Presences), words.Count(p.Planned, "planned statement")
	if n == 1 {
		verb = " is needed"
	}
	if n == p.Planned {
		return planned + verb
	}
	return fmt.Sprintf("%d of %s%s; what would change nothing is left out", n, planned, verb)
}

// maxShown is how many of the rows that a statement removes its comment shows.
const maxShown = 3

// removed writes which rows a DELETE removes.
func (c *composer) removed(s *probe.Seen) {
	for i := range s.Rows {
		if i == maxShown {
			c.line(fmt.Sprintf("  and %s more", words.Count(len(s.Rows)-i, "row")))
			break
		}
		c.text("the replica has " + rowText(&s.Rows[i]) + "; it must have no such row")
		c.fateOf(s, i)
	}
	if len(s.Rows) == 0 && len(s.Unasked) == 0 {
		c.text("the replica has no such row; one that was put back above may be")
	}
	c.unasked(s)
}

// replaced writes what is in the place where a row is put.
func (c *composer) replaced(p *plan.Presence, s *probe.Seen) {
	switch {
	case s.There:
		c.text("the replica has this row, and a statement above may remove it")
		return
	case len(s.Rows) == 0 && len(s.Unasked) == 0 && p.Key != nil:
		c.text("the replica has no such row")
	}
	for i := range s.Rows {
		if i == maxShown {
			c.line(fmt.Sprintf("  and %s more", words.Count(len(s.Rows)-i, "row")))
			break
		}
		c.replacedRow(p, &s.Rows[i])
		c.fateOf(s, i)
	}
	c.unasked(s)
}

// fateOf says what was found out about a row, if anything.
func (c *composer) fateOf(s *probe.Seen, i int) {
	if i < len(s.Found) {
		c.fate(&s.Rows[i], s.Found[i])
	}
}

func (c *composer) replacedRow(p *plan.Presence, row *sqltext.Stored) {
	differences, err := c.differences(p, row)
	switch {
	case err != nil:
		c.err = err
	case p.Key != nil && c.hasKeyValue(p, row):
		if differences == "" {
			differences = rowText(row)
		}
		c.text("the replica's row has " + differences)
	default:
		c.text("this removes the replica's row " + rowText(row) + ", which has a unique value of the one put")
	}
}

// hasKeyValue reports whether the row is the one that a Presence identifies by its key, judged by bytes.
func (c *composer) hasKeyValue(p *plan.Presence, row *sqltext.Stored) bool {
	for i := range p.Key.Parts {
		column := p.Key.Parts[i].Column
		literal, err := c.dialect.AppendLiteral(nil, &p.Row.Table.Columns[column], p.Row.Cells[column])
		if err != nil || !bytes.Equal(literal, row.Literals[column]) {
			return false
		}
	}
	return true
}

// differences lists the columns in which a row is not as it must be.
func (c *composer) differences(p *plan.Presence, row *sqltext.Stored) (string, error) {
	var list []string
	for i := range p.Row.Table.Columns {
		column, cell := &p.Row.Table.Columns[i], p.Row.Cells[i]
		isKnown := cell.State() == decoder.Value || cell.State() == decoder.Null
		if !isKnown || !column.Assignable() || row.Literals[i] == nil {
			continue
		}
		literal, err := c.dialect.AppendLiteral(nil, column, cell)
		if err != nil {
			return "", err
		}
		if !bytes.Equal(literal, row.Literals[i]) {
			list = append(list, fmt.Sprintf("%s = %s, not %s", column.Name, brief(row.Literals[i]), brief(literal)))
		}
	}
	return strings.Join(list, "; "), nil
}

func (c *composer) unasked(s *probe.Seen) {
	for _, key := range s.Unasked {
		c.text(fmt.Sprintf("by key %s the replica could not be asked: it may have a row that this removes", key.Name))
	}
}

// rowText shows a row's columns.
func rowText(row *sqltext.Stored) string {
	var list []string
	for i := range row.Table.Columns {
		if row.Literals[i] != nil && row.Table.Columns[i].Generated == schema.NotGenerated {
			list = append(list, row.Table.Columns[i].Name+" = "+string(brief(row.Literals[i])))
		}
	}
	return strings.Join(list, ", ")
}

// maxLiteral bounds the length of a literal in a comment, in bytes.
const maxLiteral = 60

// brief cuts a literal for a comment.
func brief(literal []byte) string {
	if len(literal) <= maxLiteral {
		return string(literal)
	}
	return string(literal[:display.WholeRunes(literal, maxLiteral)]) + "…"
}
