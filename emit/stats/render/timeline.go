package render

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kballard/go-shellquote"

	"binmend/emit/display"
	"binmend/emit/stats"
)

// timeline is the section of the plots.
type timeline struct {
	Interval string
	Notes    []string // what the plots leave out
	Plots    []plot
	Table    section
	Last     int // index of the last row
	Highest  int // of the one with most bytes
	DDL      bool
}

// plot is bars over time. Lengths are those of its viewBox.
type plot struct {
	ID, Name, Label, Summary string
	Chosen                   bool
	Top                      float64 // where the highest line stands for
	Ticks                    []tick
	Tens                     []tick // of the scale by powers of ten
	Times                    []tick
	Bars                     []bar
	Legend                   []key
}

type tick struct {
	At                float64
	Text, Day, Anchor string
}

type bar struct {
	Index            int // of the bucket
	X, Reach, Middle float64
	Parts            []part
	DDL              bool
	Title            string
}

type part struct {
	Class               string
	X, Y, Width, Height float64
}

type key struct{ Class, Name string }

// The plot's frame in its viewBox of 1000 by 300.
const (
	frameLeft, frameRight = 70.0, 990.0
	frameTop, frameBottom = 10.0, 250.0
)

// measure is a number of each bucket, in parts that add up.
type measure struct {
	id, name, label string
	legend          []key
	parts           func(*stats.Bucket) []float64
	text            func(float64) string
}

var measures = []measure{
	{"rows", "Rows", "Row changes over time",
		[]key{{"insert", "Inserts"}, {"update", "Updates"}, {"delete", "Deletes"}},
		func(b *stats.Bucket) []float64 {
			return []float64{float64(b.Inserts), float64(b.Updates), float64(b.Deletes)}
		}, whole},
	{"bytes", "Bytes", "Bytes over time", []key{{"largest", "Largest transaction"}, {"other", "All others"}},
		func(b *stats.Bucket) []float64 { return []float64{float64(b.Largest), float64(b.Bytes - b.Largest)} },
		func(v float64) string { return display.Bytes(uint64(v)) }},
	{"transactions", "Transactions", "Transactions over time", []key{{"other", "Transactions"}},
		func(b *stats.Bucket) []float64 { return []float64{float64(b.Transactions)} }, whole},
	{"delay", "Delay", "Longest delay over time", []key{{"largest", "Longest delay to the commit on the first server"}},
		func(b *stats.Bucket) []float64 { return []float64{b.MaxDelay} },
		func(v float64) string { return display.Decimal(v) + " s" }},
}

// tableClasses are the classes of the tables with most rows.
var tableClasses = []string{"insert", "update", "delete", "largest"}

// byTable is the measure of rows by table: which one made a peak. A bucket names its own largest tables; of the others the rows are
// among all others.
func byTable(r *stats.Report) measure {
	type name struct{ database, table string }
	sums := map[name]uint64{}
	for i := range r.Buckets {
		for _, t := range r.Buckets[i].Tables {
			sums[name{t.Database, t.Table}] += t.Rows
		}
	}
	names := slices.SortedFunc(maps.Keys(sums), func(a, b name) int {
		return cmp.Or(cmp.Compare(sums[b], sums[a]), cmp.Compare(a.database, b.database), cmp.Compare(a.table, b.table))
	})
	names = names[:min(len(names), len(tableClasses))]
	m := measure{id: "tables", name: "Tables", label: "Row changes by table over time", text: whole}
	for i, n := range names {
		m.legend = append(m.legend, key{tableClasses[i], display.Printable(n.database + "." + n.table)})
	}
	m.legend = append(m.legend, key{"other", "All others"})
	m.parts = func(b *stats.Bucket) []float64 {
		parts := make([]float64, len(names)+1)
		rest := b.Rows.Total()
		for _, t := range b.Tables {
			if i := slices.Index(names, name{t.Database, t.Table}); i >= 0 {
				parts[i] = float64(t.Rows)
				rest -= min(rest, t.Rows)
			}
		}
		parts[len(names)] = float64(rest)
		return parts
	}
	return m
}

func whole(v float64) string { return display.Number(uint64(v)) }

// mostBars is how many bars a plot has: the page stays small, and a bar can be hit.
const mostBars = 120

// newTimeline is nil where there is nothing to plot.
func newTimeline(r *stats.Report) *timeline {
	if len(r.Buckets) < 2 {
		return nil
	}
	asked := r.IntervalSeconds
	r = r.Coarser(mostBars)
	numbers := buckets(r)
	addPlaces(&numbers, r)
	t := &timeline{Interval: display.Seconds(r.IntervalSeconds), Last: len(r.Buckets) - 1, Table: newSection(&numbers)}
	t.Table.Plain = true
	ms := slices.Insert(slices.Clone(measures), 1, byTable(r))
	for i := range r.Buckets {
		b := &r.Buckets[i]
		t.DDL = t.DDL || b.DDL > 0
		if b.Bytes > r.Buckets[t.Highest].Bytes {
			t.Highest = i
		}
	}
	axis := newAxis(r)
	if left := len(r.Buckets) - len(axis.buckets); left > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("The plots leave out %s far from the others; the table has them.", display.Count(uint64(left), "bar")))
	}
	if r.IntervalSeconds > asked {
		t.Notes = append(t.Notes, fmt.Sprintf("A page has at most %d bars; text and JSON have %s each.", mostBars, display.Seconds(asked)))
	}
	for i := range ms {
		if m := &ms[i]; m.id != "delay" || r.Totals.Delayed > 0 {
			t.Plots = append(t.Plots, axis.plot(m))
		}
	}
	t.Plots[0].Chosen = true
	if r.Totals.Rows.Total() == 0 {
		t.Plots[0].Chosen, t.Plots[2].Chosen = false, true
	}
	return t
}

// addPlaces adds which tables each bucket is of, and the command that shows its transactions.
func addPlaces(s *sheet, r *stats.Report) {
	s.columns = append(s.columns, column{head: "Most rows"}, column{head: "To see them"})
	for i := range r.Buckets {
		b := &r.Buckets[i]
		var tables []string
		for _, t := range b.Tables {
			tables = append(tables, fmt.Sprintf("%s.%s %s", display.Printable(t.Database), display.Printable(t.Table), display.Number(t.Rows)))
		}
		s.rows[i].cells = append(s.rows[i].cells, code(dash(strings.Join(tables, ", "))), code(command(r, &b.Span)))
	}
}

// mostFiles is how many logs a command names.
const mostFiles = 10

// command shows the transactions of a part of the logs.
func command(r *stats.Report, s *stats.Span) string {
	if s.File == "" {
		return "-"
	}
	files := r.FilesOf(s)
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = shellquote.Join(filepath.Base(f))
	}
	if len(names) > mostFiles {
		names = []string{names[0], "…", names[len(names)-1]}
	}
	return display.Printable(fmt.Sprintf("binmend events --transactions --start-position %d --stop-position %d %s", s.Start, s.End, strings.Join(names, " ")))
}

// axis is the time that the plots show.
type axis struct {
	buckets  []stats.Bucket
	offset   int // of the first bucket among those of the report
	begin    time.Time
	interval time.Duration
	seconds  float64
}

func newAxis(r *stats.Report) *axis {
	first, last := r.Bulk()
	a := &axis{buckets: r.Buckets[first : last+1], offset: first, interval: time.Duration(r.IntervalSeconds) * time.Second}
	a.begin = a.buckets[0].Begin
	a.seconds = a.end().Sub(a.begin).Seconds()
	return a
}

func (a *axis) end() time.Time { return a.buckets[len(a.buckets)-1].Begin.Add(a.interval) }

func (a *axis) at(t time.Time) float64 {
	return rounded(frameLeft + t.Sub(a.begin).Seconds()/a.seconds*(frameRight-frameLeft))
}

func rounded(v float64) float64 { return math.Round(v*100) / 100 }

func (a *axis) plot(m *measure) plot {
	p := plot{ID: m.id, Name: m.name, Label: m.label, Legend: m.legend, Times: a.times()}
	most, mostAt := 0.0, a.begin
	for i := range a.buckets {
		if v := sum(m.parts(&a.buckets[i])); v > most {
			most, mostAt = v, a.buckets[i].Begin
		}
	}
	top := niceTop(most, m.id == "bytes")
	for i := 0; i <= 4; i++ {
		v := top * float64(i) / 4
		p.Ticks = append(p.Ticks, tick{At: frameBottom - (frameBottom-frameTop)*float64(i)/4, Text: m.text(v)})
	}
	p.Top = top
	for v := 1.0; v <= top; v *= 10 {
		p.Tens = append(p.Tens, tick{At: rounded(frameBottom - (frameBottom-frameTop)*math.Log1p(v)/math.Log1p(top)), Text: m.text(v)})
	}
	p.Summary = fmt.Sprintf("%d bars, the highest %s at %s", len(a.buckets), m.text(most), clock(&mostAt))
	for i := range a.buckets {
		p.Bars = append(p.Bars, a.bar(m, i, top))
	}
	return p
}

func sum(values []float64) (all float64) {
	for _, v := range values {
		all += v
	}
	return all
}

func (a *axis) bar(m *measure, i int, top float64) bar {
	bucket := &a.buckets[i]
	x, end := a.at(bucket.Begin), a.at(bucket.Begin.Add(a.interval))
	width := max(1, (end-x)*0.88)
	b := bar{Index: a.offset + i, X: x, Reach: rounded(end - x), Middle: rounded(x + width/2), DDL: bucket.DDL > 0,
		Title: fmt.Sprintf("%s: %s", clock(&bucket.Begin), m.text(sum(m.parts(bucket))))}
	y := frameBottom
	for j, v := range m.parts(bucket) {
		if v <= 0 {
			continue
		}
		height := v / top * (frameBottom - frameTop)
		y -= height
		b.Parts = append(b.Parts, part{Class: m.legend[j].Class, X: x, Y: rounded(y), Width: rounded(width), Height: rounded(height)})
	}
	return b
}

// niceTop is a round number, of four parts that are round as well, that is not less than v.
func niceTop(v float64, binary bool) float64 {
	if v <= 0 {
		return 4
	}
	base := 1.0
	if binary {
		for base*1000 < v {
			base *= 1024
		}
	}
	scale := base * math.Pow(10, math.Floor(math.Log10(v/base)))
	for _, step := range []float64{1, 2, 4, 6, 8, 10} {
		if top := step * scale; top >= v && (binary || top >= 4) {
			return top
		}
	}
	return max(4, 10*scale)
}

// timeSteps are the lengths between two times that are written below a plot.
var timeSteps = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 2 * 24 * time.Hour, 7 * 24 * time.Hour,
	28 * 24 * time.Hour, 13 * 28 * 24 * time.Hour, 130 * 28 * 24 * time.Hour,
}

// mostTimes is how many times have room below a plot.
const mostTimes = 9

// times are round times along the axis, each day's first one with the day.
func (a *axis) times() []tick {
	length := a.end().Sub(a.begin)
	step := timeSteps[len(timeSteps)-1]
	for _, s := range timeSteps {
		if length/s < mostTimes {
			step = s
			break
		}
	}
	var all []tick
	before := ""
	for t := a.begin.Truncate(step); !t.After(a.end()); t = t.Add(step) {
		if t.Before(a.begin) {
			continue
		}
		label := tick{At: a.at(t), Text: t.Format(layoutOf(step)), Anchor: anchor(a.at(t))}
		if day := t.Format(time.DateOnly); day != before && day != label.Text {
			before, label.Day = day, day
		}
		all = append(all, label)
	}
	return all
}

func layoutOf(step time.Duration) string {
	switch {
	case step < time.Minute:
		return time.TimeOnly
	case step < 24*time.Hour:
		return "15:04"
	}
	return time.DateOnly
}

// anchor keeps a text within the plot.
func anchor(x float64) string {
	switch {
	case x < frameLeft+40:
		return "start"
	case x > frameRight-40:
		return "end"
	}
	return "middle"
}
