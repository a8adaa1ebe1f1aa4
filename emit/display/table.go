package display

import (
	"io"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Align is the side that a column's cells stand on.
type Align uint8

const (
	Left Align = iota
	Right
)

// Column is one column of a Table.
type Column struct {
	Head  string
	Align Align
	// Elastic columns are cut where the table is wider than the terminal; the last of them first.
	Elastic bool
}

// Table is rows of text in columns.
type Table struct {
	Columns []Column
	rows    [][]string
	styles  []Style
}

// Style colours a line; nil leaves it as it is.
type Style func(string) string

// Add adds a row: a cell for each column, made Printable by the caller where it comes from a log.
func (t *Table) Add(cells ...string) { t.AddStyled(nil, cells...) }

// AddStyled adds a row in a style.
func (t *Table) AddStyled(style Style, cells ...string) {
	t.rows = append(t.rows, cells)
	t.styles = append(t.styles, style)
}

// Len is the number of rows.
func (t *Table) Len() int { return len(t.rows) }

const gap = "  "

// Write writes the table. No line is wider than limit cells unless the columns that can't be cut are; 0: no limit.
func (t *Table) Write(w io.Writer, limit int, head Style) error {
	heads := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		heads[i] = c.Head
	}
	widths := t.fit(limit)
	var b strings.Builder
	t.appendLine(&b, heads, widths, head)
	for i, row := range t.rows {
		t.appendLine(&b, row, widths, t.styles[i])
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// fit works out the width of each column.
func (t *Table) fit(limit int) []int {
	widths := make([]int, len(t.Columns))
	total := len(gap) * (len(t.Columns) - 1)
	for i, c := range t.Columns {
		widths[i] = Width(c.Head)
		for _, row := range t.rows {
			widths[i] = max(widths[i], Width(row[i]))
		}
		total += widths[i]
	}
	for i := len(widths) - 1; i >= 0 && limit > 0; i-- {
		if c := t.Columns[i]; c.Elastic && total > limit {
			least := min(widths[i], max(Width(c.Head), 12))
			cut := min(total-limit, widths[i]-least)
			widths[i] -= cut
			total -= cut
		}
	}
	return widths
}

func (t *Table) appendLine(b *strings.Builder, cells []string, widths []int, style Style) {
	var line strings.Builder
	for i, cell := range cells {
		if i > 0 {
			line.WriteString(gap)
		}
		cell = Cut(cell, widths[i])
		padding := strings.Repeat(" ", widths[i]-Width(cell))
		if t.Columns[i].Align == Right {
			line.WriteString(padding + cell)
		} else {
			line.WriteString(cell + padding)
		}
	}
	text := strings.TrimRight(line.String(), " ")
	if style != nil {
		text = style(text)
	}
	b.WriteString(text + "\n")
}

// Cut shortens a text to a number of terminal cells; the last one is then an ellipsis.
func Cut(s string, cells int) string {
	if Width(s) <= cells {
		return s
	}
	used := 0
	for i, r := range s {
		if used+runeWidth(r) > cells-1 {
			return s[:i] + "…"
		}
		used += runeWidth(r)
	}
	return s
}

// Width is the number of terminal cells that a text takes.
func Width(s string) (cells int) {
	for _, r := range s {
		cells += runeWidth(r)
	}
	return cells
}

func runeWidth(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Bar is a bar of part out of all, whole being the length in cells of the longest, in eighths of a cell. What is not zero
// has a bar that can be seen.
func Bar(part, all uint64, whole int) string {
	if part == 0 || all == 0 {
		return ""
	}
	eighths := max(1, int(float64(part)/float64(all)*float64(whole)*8+0.5))
	bar := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		bar += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return bar
}

// Wrap breaks a text between words into lines of at most limit cells; a limit of 0 or less is none.
func Wrap(s string, limit int) []string {
	if limit <= 0 {
		return []string{s}
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && Width(line)+1+Width(word) > limit {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
