package render

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"path/filepath"
	"strings"

	"binmend/emit/display"
	"binmend/emit/stats"
)

//go:embed page.html
var pageSource string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

// HTML writes the report as one page that needs nothing else: no network, no other file. The page works without its
// script, which adds a cursor to the plots and sorts tables. Its Content-Security-Policy lets nothing run or load but the
// style and the script in it, whatever a log names its tables.
func HTML(w io.Writer, r *stats.Report) error { return pageTemplate.Execute(w, newPage(r)) }

// page is what the template is filled with.
type page struct {
	Policy   string
	Style    template.CSS
	Script   template.JS
	Title    string
	Lead     []string
	Sections []link
	Figures  []figure
	Findings []finding
	Time     *timeline
	Lists    []list
}

type link struct{ ID, Name string }

// figure is a number that stands out.
type figure struct{ Name, Value, Note string }

type finding struct {
	Text string
	Link *link
}

func newPage(r *stats.Report) *page {
	lines := summaryLines(r)
	title, _, _ := strings.Cut(lines[0], ": ")
	p := &page{
		Policy: "default-src 'none'; style-src " + hash(pageStyle) + "; script-src " + hash(pageScript) + "; base-uri 'none'; form-action 'none'",
		Style:  template.CSS(pageStyle), Script: template.JS(pageScript),
		Title: title, Lead: lead(r, strings.TrimPrefix(lines[0], title+": ")),
		Figures: figures(r), Time: newTimeline(r), Lists: lists(r),
	}
	if len(r.Findings) > 0 {
		p.Sections = append(p.Sections, link{"look", "Worth a look"})
	}
	if p.Time != nil {
		p.Sections = append(p.Sections, link{"time", "Time"})
	}
	for _, l := range p.Lists {
		p.Sections = append(p.Sections, link{l.ID, l.Name})
	}
	for _, f := range r.Findings {
		p.Findings = append(p.Findings, finding{f.Text, p.sectionOf(f.Kind)})
	}
	return p
}

// lead is what the page begins with; the numbers come as figures.
func lead(r *stats.Report, first string) []string {
	lines := []string{first}
	if r.Rate.Begin != nil {
		lines = append(lines, spanText(&r.Rate))
	}
	if r.Logs.FirstGTID != "" {
		lines = append(lines, gtidText(&r.Logs))
	}
	return lines
}

// hash is how a Content-Security-Policy names a text.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// findingSections are where the numbers behind a finding are.
var findingSections = map[string]string{
	"large-transaction": "largest", "long-transaction": "longest", "no-key": "tables", "key-unknown": "tables", "slow-ddl": "ddl",
	"statements": "statements", "delay": "time", "burst": "time", "serial": "parallel", "several-servers": "servers",
}

func (p *page) sectionOf(kind string) *link {
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

// list is a section with a table.
type list struct {
	ID, Name string
	Notes    []string
	Fold     string // what the table is folded under; "": it is open
	Heads    []head
	Rows     []row
	Rest     []cell // sums up what is left out
}

type head struct {
	Text   string
	Number bool
}

type row struct {
	Class string
	Cells []cell
}

// cell is one cell of a table.
type cell struct {
	Text  string
	Class string
	Head  bool // names the row
	Sort  bool
	Value float64 // sorted by
	Bar   bool
	Share float64 // of the bar, in percent
}

func heading(text string) cell { return cell{Text: text, Head: true} }
func words(text string) cell   { return cell{Text: text, Class: "w"} }
func tight(text string) cell   { return cell{Text: text, Class: "t"} }
func code(text string) cell    { return cell{Text: text, Class: "w code"} }

func sorted(text string, value float64) cell {
	return cell{Text: text, Class: "n", Sort: true, Value: value}
}

func amount(n uint64) cell { return sorted(number(n), float64(n)) }
func size(n uint64) cell   { return sorted(display.Bytes(n), float64(n)) }

func share(part, all uint64) cell {
	c := sorted(display.Percent(part, all), float64(part))
	if all > 0 {
		c.Bar, c.Share = true, rounded(float64(part)/float64(all)*100)
	}
	return c
}

func heads(names ...string) []head {
	all := make([]head, len(names))
	for i, name := range names {
		text, isNumber := strings.CutPrefix(name, "#")
		all[i] = head{text, isNumber}
	}
	return all
}

// lists are the sections that are tables, without those that are empty.
func lists(r *stats.Report) []list {
	var all []list
	for _, l := range []list{tablesList(r), transactionsList("largest", "Largest transactions", r.Largest), transactionsList("longest", "Longest transactions", r.Longest),
		ddlList(r), parallelList(r), serversList(r), threadsList(r), statementsList(r), eventsList(r)} {
		if len(l.Rows) > 0 || l.ID == "parallel" && r.Totals.Transactions > 0 {
			all = append(all, l)
		}
	}
	return all
}

func tablesList(r *stats.Report) list {
	l := list{ID: "tables", Name: "Tables", Heads: heads("Table", "#Rows", "#Inserts", "#Updates", "#Deletes", "#Transactions", "#Bytes", "#Share of bytes", "Key"),
		Notes: []string{"Key: what a replica finds an updated or deleted row by. Without one it may read the whole table for each row."}}
	for _, t := range r.Tables {
		key := cell{Text: string(t.Key), Class: "state"}
		class := ""
		if t.Key == stats.KeyNone && t.Updates+t.Deletes > 0 {
			class, key.Text = "none", "none ⚠"
		}
		l.Rows = append(l.Rows, row{class, []cell{heading(name(t.Database, t.Table)), amount(t.Rows.Total()), amount(t.Inserts), amount(t.Updates),
			amount(t.Deletes), amount(t.Transactions), size(t.Bytes), share(t.Bytes, r.Totals.Bytes), key}})
	}
	if o := &r.OtherTables; o.Count > 0 {
		l.Rest = []cell{{Text: others(o, "other table")}, amount(o.Rows), {}, {}, {}, amount(o.Transactions), size(o.Bytes), share(o.Bytes, r.Totals.Bytes), {}}
	}
	return l
}

func transactionsList(id, title string, transactions []stats.Transaction) list {
	l := list{ID: id, Name: title, Heads: heads("Changes", "#Bytes", "#Took", "Committed", "Where", "Session", "GTID"),
		Notes: []string{"Where: file, and offsets of the beginning and the end. Session: server id and thread. To see one: binmend events --start-position BEGIN --stop-position END FILE"}}
	for i := range transactions {
		x := &transactions[i]
		ending := ""
		if x.Ending != "committed" && x.Ending != "statement" {
			ending = " (" + x.Ending + ")"
		}
		l.Rows = append(l.Rows, row{Cells: []cell{heading(x.Changes() + ending), size(x.Bytes), sorted(took(x.Seconds), float64(x.Seconds)), tight(clock(&x.Committed)),
			tight(offsets(x)), tight(sessionText(x.ServerID, x.ThreadID)), code(dash(x.GTID))}})
	}
	return l
}

func ddlList(r *stats.Report) list {
	l := list{ID: "ddl", Name: "DDL", Heads: heads("Statement", "Database", "#Took", "Time", "Where", "Session")}
	for i := range r.DDL {
		s := &r.DDL[i]
		l.Rows = append(l.Rows, row{Cells: []cell{code(s.Text), words(dash(display.Printable(s.Database))), sorted(took(int64(s.Seconds)), float64(s.Seconds)),
			tight(clock(&s.Time)), tight(fmt.Sprintf("%s:%d", display.Printable(filepath.Base(s.File)), s.Offset)), tight(sessionText(s.ServerID, s.ThreadID))}})
	}
	if r.OtherDDL > 0 {
		l.Notes = []string{"And " + display.Count(uint64(r.OtherDDL), "more statement") + "."}
	}
	return l
}

func parallelList(r *stats.Report) list {
	p := &r.Parallel
	l := list{ID: "parallel", Name: "Parallel apply", Notes: parallelLines(r), Heads: heads("Transactions at once", "#Groups", "#Transactions", "#Share of transactions")}
	for i := range p.Sizes {
		if s := &p.Sizes[i]; s.Groups > 0 {
			l.Rows = append(l.Rows, row{Cells: []cell{heading(sizeText(s)), amount(s.Groups), amount(s.Transactions), share(s.Transactions, p.Transactions)}})
		}
	}
	return l
}

func serversList(r *stats.Report) list {
	l := list{ID: "servers", Name: "Servers", Heads: heads("Server id", "#Transactions", "#Rows", "#Bytes", "#Share of bytes", "First commit", "Last commit")}
	for i := range r.Servers {
		s := &r.Servers[i]
		l.Rows = append(l.Rows, row{Cells: append([]cell{heading(fmt.Sprint(s.ServerID))}, written(r, s)...)})
	}
	l.Rest = writtenByOthers(r, &r.OtherServers, "other server")
	return l
}

func threadsList(r *stats.Report) list {
	l := list{ID: "sessions", Name: "Sessions", Heads: heads("Server:thread", "#Transactions", "#Rows", "#Bytes", "#Share of bytes", "First commit", "Last commit")}
	if noThreads(r.Threads) {
		return l
	}
	for i := range r.Threads {
		s := &r.Threads[i]
		l.Rows = append(l.Rows, row{Cells: append([]cell{heading(sessionText(s.ServerID, s.ThreadID))}, written(r, s)...)})
	}
	l.Rest = writtenByOthers(r, &r.OtherThreads, "other session")
	return l
}

func written(r *stats.Report, s *stats.Session) []cell {
	return []cell{amount(s.Transactions), amount(s.Rows.Total()), size(s.Bytes), share(s.Bytes, r.Totals.Bytes), tight(clock(s.Begin)), tight(clock(s.End))}
}

func writtenByOthers(r *stats.Report, o *stats.Others, what string) []cell {
	if o.Count == 0 {
		return nil
	}
	return []cell{{Text: others(o, what)}, amount(o.Transactions), amount(o.Rows), size(o.Bytes), share(o.Bytes, r.Totals.Bytes), {}, {}}
}

func statementsList(r *stats.Report) list {
	l := list{ID: "statements", Name: "Statements", Heads: heads("Statement", "Kind", "#Count"),
		Notes: []string{"What was logged as a statement. What those of the kind dml changed is not among the rows."}}
	for _, v := range r.Verbs {
		l.Rows = append(l.Rows, row{Cells: []cell{heading(v.Verb), words(v.Kind), amount(v.Count)}})
	}
	return l
}

func eventsList(r *stats.Report) list {
	l := list{ID: "events", Name: "Events", Fold: "Events by type", Heads: heads("Type", "#Count", "#Bytes")}
	for _, e := range r.Events {
		l.Rows = append(l.Rows, row{Cells: []cell{heading(e.Type), amount(e.Count), size(e.Bytes)}})
	}
	return l
}
