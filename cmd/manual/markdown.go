package manual

import (
	"fmt"
	"regexp"
	"strings"

	"binmend/emit/display"
)

// plain turns a topic's Markdown into a text as commands have it: paragraphs, and lines that begin with a blank and stay as
// they are. Code keeps its lines; lists and tables are wrapped here.
func plain(markdown string) string {
	var p plainer
	for line := range strings.Lines(markdown) {
		p.addLine(strings.TrimRight(line, "\n"))
	}
	p.end()
	return strings.TrimRight(p.out.String(), "\n") + "\n"
}

type plainer struct {
	out    strings.Builder
	item   []string   // the lines of the item of a list
	table  [][]string // the rows of a table
	fenced bool
}

// The beginning of a list's item, and the line between a table's head and its rows.
var (
	bullet = regexp.MustCompile(`^(\*|\d+\.) +`)
	rule   = regexp.MustCompile(`^\|[ |:-]+\|$`)
)

func (p *plainer) addLine(line string) {
	switch {
	case strings.HasPrefix(line, "```"):
		p.end()
		p.fenced = !p.fenced
	case p.fenced:
		p.out.WriteString(strings.TrimRight("    "+line, " ") + "\n")
	case bullet.MatchString(line):
		p.end()
		p.item = []string{line}
	case len(p.item) > 0 && strings.HasPrefix(line, "  "):
		p.item = append(p.item, strings.TrimSpace(line))
	case strings.HasPrefix(line, "|"):
		if !rule.MatchString(line) {
			p.table = append(p.table, cells(line))
		}
	case strings.HasPrefix(line, "<!--"):
		p.end()
	case strings.HasPrefix(line, "    "):
		p.end()
		p.out.WriteString(line + "\n")
	case strings.HasPrefix(line, "## "):
		p.end()
		p.out.WriteString(strings.ToUpper(spoken(line[3:])) + "\n")
	default:
		p.end()
		p.out.WriteString(spoken(line) + "\n")
	}
}

// end ends a list's item or a table.
func (p *plainer) end() {
	if len(p.item) > 0 {
		sign := bullet.FindString(p.item[0])
		lead, hang := " "+sign, strings.Repeat(" ", 1+len(sign))
		text := spoken(strings.TrimPrefix(strings.Join(p.item, " "), sign))
		for _, line := range display.Wrap(text, Width-len(hang)) {
			p.out.WriteString(lead + line + "\n")
			lead = hang
		}
	}
	p.writeTable()
	p.item, p.table = nil, nil
}

// cells splits a table's row.
func cells(line string) (all []string) {
	for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
		all = append(all, spoken(strings.TrimSpace(cell)))
	}
	return all
}

// In a table of few columns, wider ones are wrapped.
const wideCell = 30

// writeTable writes the table in columns. The last column of a narrow table is wrapped.
func (p *plainer) writeTable() {
	if len(p.table) == 0 {
		return
	}
	widths := make([]int, len(p.table[0]))
	for _, row := range p.table {
		for i := range min(len(row), len(widths)) {
			widths[i] = max(widths[i], display.Width(row[i]))
		}
	}
	last := len(widths) - 1
	for _, row := range p.table {
		line := " "
		for i, cell := range row[:min(len(row), last)] {
			line += fmt.Sprintf(" %s%s ", cell, strings.Repeat(" ", widths[i]-display.Width(cell)))
		}
		lead := line + " "
		if last >= len(row) {
			p.out.WriteString(strings.TrimRight(lead, " ") + "\n")
			continue
		}
		room := 0 // a table of many columns is not wrapped
		if last < 3 && display.Width(lead) < Width-wideCell {
			room = Width - display.Width(lead)
		}
		for _, text := range display.Wrap(row[last], room) {
			p.out.WriteString(strings.TrimRight(lead+text, " ") + "\n")
			lead = strings.Repeat(" ", display.Width(lead))
		}
	}
}

// spoken removes the markup from a text.
func spoken(s string) string { return strings.NewReplacer("**", "", "`", "").Replace(s) }
