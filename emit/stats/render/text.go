package render

import (
	"io"
	"slices"
	"strings"
	"time"

	"github.com/fatih/color"

	"binmend/emit/display"
	"binmend/emit/stats"
)

// Terminal is what the text is written for.
type Terminal struct {
	Width int // cells of a line; 0: no limit
	Color bool
}

// Text writes the report as tables.
func Text(w io.Writer, r *stats.Report, to Terminal) error {
	t := text{width: to.Width, bold: style(to.Color, color.Bold), warn: style(to.Color, color.FgYellow), dim: style(to.Color, color.Faint)}
	t.summary(r)
	t.findings(r.Findings)
	for _, s := range sheets(r) {
		if s.minor {
			continue
		}
		t.section(&s)
		if s.id == "tables" {
			t.timeline(r)
		}
	}
	_, err := io.WriteString(w, t.out.String())
	return err
}

func style(colored bool, attributes ...color.Attribute) display.Style {
	c := color.New(attributes...)
	if colored {
		c.EnableColor()
	} else {
		c.DisableColor()
	}
	return func(s string) string { return c.Sprint(s) }
}

type text struct {
	out             strings.Builder
	width           int
	bold, warn, dim display.Style
}

// lines writes a text, broken to the width of the terminal.
func (t *text) lines(s string, paint display.Style) {
	for _, l := range display.Wrap(s, t.width) {
		t.out.WriteString(paint(l) + "\n")
	}
}

func plain(s string) string { return s }

func (t *text) summary(r *stats.Report) {
	s := summaryOf(r)
	t.lines(s.title+": "+s.logs, t.bold)
	for _, l := range []string{s.span, s.load, s.gtids} {
		if l != "" {
			t.lines(l, plain)
		}
	}
}

func (t *text) findings(list []stats.Finding) {
	if len(list) == 0 {
		return
	}
	t.heading("Worth a look", "")
	for _, f := range list {
		lead := "* "
		for _, l := range display.Wrap(f.Text, t.width-len(lead)) {
			t.out.WriteString(lead + t.warn(l) + "\n")
			lead = "  "
		}
	}
}

func (t *text) heading(name, hint string) {
	t.out.WriteString("\n" + t.bold(strings.ToUpper(name)))
	if hint != "" {
		t.out.WriteString(t.dim("  " + hint))
	}
	t.out.WriteString("\n")
}

func (t *text) section(s *sheet) {
	t.heading(s.name, s.hint)
	for _, l := range s.lines {
		t.lines(l, plain)
	}
	if len(s.rows) == 0 {
		return
	}
	if len(s.lines) > 0 {
		t.out.WriteString("\n")
	}
	table := t.table(s)
	if gtid := slices.IndexFunc(s.columns, func(c column) bool { return c.head == "GTID" }); gtid >= 0 && !table.Fits(t.width) {
		table = t.folded(s, gtid)
	}
	t.write(table)
}

func (t *text) write(table *display.Table) {
	table.Write(&t.out, t.width, t.dim) // a strings.Builder takes all
}

func displayColumns(columns []column) []display.Column {
	all := make([]display.Column, len(columns))
	for i, c := range columns {
		all[i] = display.Column{Head: strings.ToUpper(c.head), Least: c.least, Drop: c.drop}
		if c.number {
			all[i].Align = display.Right
		}
	}
	return all
}

func texts(cells []cell) []string {
	all := make([]string, len(cells))
	for i, c := range cells {
		all[i] = c.text
	}
	return all
}

func (t *text) table(s *sheet) *display.Table {
	table := &display.Table{Columns: displayColumns(s.columns)}
	for _, r := range s.rows {
		paint := display.Style(nil)
		if r.warn {
			paint = t.warn
		}
		table.AddStyled(paint, texts(r.cells)...)
	}
	if s.rest != nil {
		table.AddStyled(t.dim, texts(s.rest)...)
	}
	return table
}

// folded puts the columns from the GTID on into a line of their own: a GTID that is cut is of no use.
func (t *text) folded(s *sheet, gtid int) *display.Table {
	table := &display.Table{Columns: displayColumns(s.columns[:gtid])}
	for _, r := range s.rows {
		table.AddRow(texts(r.cells[:gtid])...)
		table.Note(nil, "    "+strings.Join(texts(r.cells[gtid:]), " "))
	}
	return table
}

// barCells is the length of the longest bar.
const barCells = 24

// timeline is a line for each bucket, with a bar, and one for each time in which nothing was committed.
func (t *text) timeline(r *stats.Report) {
	if len(r.Buckets) < 2 {
		return
	}
	s := buckets(r)
	t.heading(s.name, s.hint)
	table := &display.Table{Columns: append(displayColumns(s.columns), display.Column{Drop: 1})}
	var most uint64
	for i := range r.Buckets {
		most = max(most, r.Buckets[i].Bytes)
	}
	for i := range r.Buckets {
		b := &r.Buckets[i]
		if i > 0 {
			if quiet := int64(b.Begin.Sub(r.Buckets[i-1].Begin)/time.Second) - r.IntervalSeconds; quiet > r.IntervalSeconds {
				table.Note(t.dim, "(nothing for "+display.Seconds(quiet)+")")
			}
		}
		table.AddRow(append(texts(s.rows[i].cells), display.Bar(b.Bytes, most, barCells))...)
	}
	t.write(table)
}
