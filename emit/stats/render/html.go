package render

import (
	_ "embed"
	"fmt"
	"io"
	"slices"

	"binmend/emit/display"
	"binmend/emit/page"
	"binmend/emit/stats"
)

//go:embed page.html
var pageSource string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

var layout = page.New("stats", pageSource, pageStyle, pageScript)

// Provenance says how a page was made.
type Provenance struct {
	Release string // of binmend
	Command string // as a shell takes it
}

// HTML writes the report as one page. The page works without its script, which adds a cursor and a zoom to the plots, sorts and
// searches tables, and saves them as CSV.
func HTML(w io.Writer, r *stats.Report, from Provenance) error {
	sum := summaryOf(r)
	c := newContent(r)
	c.From, c.Of = from, nonEmpty(sum.title, sum.span)
	return layout.Write(w, sum.title, nonEmpty(sum.logs, sum.span, sum.gtids), c)
}

// content is what the templates show.
type content struct {
	Sections []link
	Figures  []figure
	Findings []finding
	Time     *timeline
	Tables   []section
	From     Provenance
	Of       []string // the logs, and their time
}

type link struct{ ID, Name string }

// figure is a number that stands out.
type figure struct{ Name, Value, Note string }

type finding struct {
	Text string
	Link *link
}

func newContent(r *stats.Report) *content {
	p := &content{Figures: figures(r), Time: newTimeline(r)}
	for _, s := range sheets(r) {
		p.Tables = append(p.Tables, newSection(&s))
	}
	if len(r.Findings) > 0 {
		p.Sections = append(p.Sections, link{"look", "Worth a look"})
	}
	if p.Time != nil {
		p.Sections = append(p.Sections, link{"time", "Time"})
	}
	for _, l := range p.Tables {
		p.Sections = append(p.Sections, link{l.ID, l.Name})
	}
	for _, f := range r.Findings {
		p.Findings = append(p.Findings, finding{f.Text, p.sectionOf(f.Kind)})
	}
	return p
}

func nonEmpty(lines ...string) []string {
	return slices.DeleteFunc(lines, func(l string) bool { return l == "" })
}

// findingSections are where the numbers behind a finding are.
var findingSections = map[string]string{
	"large-transaction": "largest", "long-transaction": "longest", "no-key": "tables", "key-unknown": "tables", "slow-ddl": "ddl",
	"statements": "statements", "delay": "time", "burst": "time", "serial": "parallel", "several-servers": "servers",
}

func (p *content) sectionOf(kind string) *link {
	for _, s := range p.Sections {
		if s.ID == findingSections[kind] {
			return &s
		}
	}
	return nil
}

func figures(r *stats.Report) []figure {
	t := &r.Totals
	all := []figure{
		{"Transactions", display.Number(t.Transactions), ""},
		{"Row changes", display.Number(t.Rows.Total()), fmt.Sprintf("%s inserts · %s updates · %s deletes",
			display.Number(t.Inserts), display.Number(t.Updates), display.Number(t.Deletes))},
		{"Written", display.Bytes(t.Bytes), compressed(t)},
	}
	if r.Rate.Begin != nil && r.Rate.Seconds > 0 {
		all = append(all, figure{"Commits a second", display.Decimal(r.Rate.Mean), "at most " + display.Number(r.Rate.Peak) + " at " + clock(r.Rate.PeakAt)})
	}
	if len(r.Largest) > 0 {
		x := &r.Largest[0]
		all = append(all, figure{"Largest transaction", display.Bytes(x.Bytes), display.Percent(x.Bytes, t.Bytes) + " of all"})
	}
	if len(r.Longest) > 0 {
		all = append(all, figure{"Longest transaction", display.Seconds(r.Longest[0].Seconds), ""})
	}
	if p := &r.Parallel; p.Transactions > 0 {
		all = append(all, figure{"Applied at once", display.Decimal(p.MeanGroup), "on average · " + display.Count(uint64(p.Workers), "worker") + " can be used"})
	}
	return all
}

func compressed(t *stats.Totals) string {
	if t.LogBytes == t.Bytes {
		return ""
	}
	return display.Bytes(t.LogBytes) + " in the log"
}

// section is a section with a table.
type section struct {
	ID, Name string
	Notes    []string
	Fold     string // what the table is folded under; "": it is open
	Heads    []head
	Rows     []pageRow
	Rest     []pageCell
	Plain    bool // its columns are not to be sorted by
}

type head struct {
	Text   string
	Number bool
}

type pageRow struct {
	Warn  bool
	Cells []pageCell
}

type pageCell struct {
	Text  string
	Class string
	Head  bool // names the row
	Sort  bool
	Value float64 // sorted by
	Bar   bool
	Share float64 // of the bar, in percent
}

func newSection(s *sheet) section {
	l := section{ID: s.id, Name: s.name, Notes: s.lines}
	if s.explain != "" {
		l.Notes = append(l.Notes, s.explain)
	}
	if s.folded {
		l.Fold = "Show"
	}
	for _, c := range s.columns {
		l.Heads = append(l.Heads, head{c.head, c.number})
	}
	for _, r := range s.rows {
		l.Rows = append(l.Rows, pageRow{r.warn, pageCells(r.cells)})
	}
	if s.rest != nil {
		l.Rest = pageCells(s.rest)
	}
	return l
}

// classes are the classes of the style sheet for kinds of cells.
var classes = [...]string{kindPlain: "", kindName: "", kindNumber: "n", kindShare: "n", kindTight: "t", kindCode: "w code", kindState: "state"}

func pageCells(cells []cell) []pageCell {
	all := make([]pageCell, len(cells))
	for i, c := range cells {
		all[i] = pageCell{Text: c.text, Class: classes[c.kind], Head: c.kind == kindName, Sort: c.kind == kindNumber || c.kind == kindShare,
			Value: c.value, Bar: c.kind == kindShare, Share: c.share}
	}
	return all
}
