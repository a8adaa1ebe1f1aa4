package display

import (
	"io"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Align is the alignment of a column's cells.
type Align uint8

const (
	Left Align = iota
	Right
)

// Column is one column of a Table.
type Column struct {
	Head  string
	Align Align
	// Least is the width to which a column may be cut when the table is too wide, the last column first. 0: it is never cut.
	Least int
	// Drop says when a column is left out if the table is still too wide: those with the highest number first. 0: never.
	Drop int
}

// Table is rows of text in columns.
type Table struct {
	Columns []Column
	rows    []line
}

// line is a row, or a note between rows.
type line struct {
	cells []string
	note  string
	style Style
}

// Style colours a line; nil leaves it as it is.
type Style func(string) string

func (s Style) paint(text string) string {
	if s == nil {
		return text
	}
	return s(text)
}

// AddRow adds a row: a cell for each column. The caller makes text from logs Printable.
func (t *Table) AddRow(cells ...string) { t.AddStyled(nil, cells...) }

// AddStyled adds a row in a style.
func (t *Table) AddStyled(style Style, cells ...string) {
	t.rows = append(t.rows, line{cells: cells, style: style})
}

// Note adds a line across the columns.
func (t *Table) Note(style Style, text string) {
	t.rows = append(t.rows, line{note: text, style: style})
}

const gap = "  "

// Fits reports whether the table is at most limit cells wide with nothing cut and nothing left out.
func (t *Table) Fits(limit int) bool { return limit <= 0 || total(t.widths()) <= limit }

// Write writes the table. No line is wider than limit cells, unless the columns that have to stay are; 0: no limit.
func (t *Table) Write(w io.Writer, limit int, head Style) error {
	heads := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		heads[i] = c.Head
	}
	widths := t.fit(limit)
	var b strings.Builder
	b.WriteString(head.paint(t.text(heads, widths)) + "\n")
	for _, row := range t.rows {
		text := row.note
		if row.cells != nil {
			text = t.text(row.cells, widths)
		} else if limit > 0 {
			text = Cut(text, limit)
		}
		b.WriteString(row.style.paint(text) + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// dropped marks the width of a column that is left out.
const dropped = -1

// widths are how wide the columns would be.
func (t *Table) widths() []int {
	widths := make([]int, len(t.Columns))
	for i, c := range t.Columns {
		widths[i] = Width(c.Head)
		for _, row := range t.rows {
			if row.cells != nil {
				widths[i] = max(widths[i], Width(row.cells[i]))
			}
		}
	}
	return widths
}

// total is the width of a line.
func total(widths []int) int {
	n := -len(gap)
	for _, w := range widths {
		if w != dropped {
			n += w + len(gap)
		}
	}
	return n
}

// fit computes the width of each column for lines of limit cells.
func (t *Table) fit(limit int) []int {
	widths := t.widths()
	if limit <= 0 {
		return widths
	}
	for excess(t.cut(widths, limit), limit) > 0 && t.drop(widths) {
	}
	return t.cut(widths, limit)
}

func excess(widths []int, limit int) int { return total(widths) - limit }

// cut makes columns narrower, the last one first.
func (t *Table) cut(widths []int, limit int) []int {
	widths = slices.Clone(widths)
	for i := len(widths) - 1; i >= 0; i-- {
		if least := t.Columns[i].Least; least > 0 && widths[i] > least {
			widths[i] = max(least, widths[i]-max(0, excess(widths, limit)))
		}
	}
	return widths
}

// drop leaves out the columns with the highest number; false when there are none.
func (t *Table) drop(widths []int) bool {
	most := 0
	for i, c := range t.Columns {
		if widths[i] != dropped {
			most = max(most, c.Drop)
		}
	}
	for i, c := range t.Columns {
		if most > 0 && c.Drop == most {
			widths[i] = dropped
		}
	}
	return most > 0
}

func (t *Table) text(cells []string, widths []int) string {
	var shown []string
	for i, cell := range cells {
		if widths[i] == dropped {
			continue
		}
		cell = Cut(cell, widths[i])
		padding := strings.Repeat(" ", widths[i]-Width(cell))
		if t.Columns[i].Align == Right {
			shown = append(shown, padding+cell)
		} else {
			shown = append(shown, cell+padding)
		}
	}
	return strings.TrimRight(strings.Join(shown, gap), " ")
}

// Cut shortens a text to a number of terminal cells; if it is cut, the last one is an ellipsis.
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

// Bar is a bar for part of all, drawn in eighths of a cell; all would be whole cells long. A part that is not zero has a visible
// bar.
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

// Wrap breaks a text at blanks into lines of at most limit cells, unless a word is longer; 0 or less means no limit. Line breaks in
// the text stay.
func Wrap(s string, limit int) []string {
	if limit <= 0 {
		return []string{s}
	}
	var lines []string
	line := ""
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }) {
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

// Fill breaks the paragraphs of a text into lines of at most limit cells. Lines that begin with a blank stay as they are.
func Fill(text string, limit int) string {
	var b, paragraph strings.Builder
	end := func() {
		if paragraph.Len() > 0 {
			for _, line := range Wrap(paragraph.String(), limit) {
				b.WriteString(line + "\n")
			}
		}
		paragraph.Reset()
	}
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" && line[0] != ' ' {
			paragraph.WriteString(line + " ")
			continue
		}
		end()
		b.WriteString(line + "\n")
	}
	end()
	return b.String()
}
