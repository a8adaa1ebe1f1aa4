package render

import (
	"fmt"
	"io"
	"path/filepath"
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
	t := text{out: &strings.Builder{}, r: r, width: to.Width, bold: style(to.Color, color.Bold), warn: style(to.Color, color.FgYellow),
		dim: style(to.Color, color.Faint)}
	t.summary()
	t.findings()
	t.tables()
	t.timeline()
	t.transactions("LARGEST TRANSACTIONS", r.Largest)
	t.transactions("LONGEST TRANSACTIONS", r.Longest)
	t.ddl()
	t.servers()
	t.threads()
	t.parallel()
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
	out             *strings.Builder
	r               *stats.Report
	width           int
	bold, warn, dim display.Style
}

func (t *text) line(format string, args ...any) { fmt.Fprintf(t.out, format+"\n", args...) }

func (t *text) section(title, note string) {
	if note != "" {
		note = t.dim("  " + note)
	}
	t.line("\n%s%s", t.bold(title), note)
}

func (t *text) table(table *display.Table) {
	table.Write(t.out, t.width, t.dim) // a strings.Builder takes all
}

func (t *text) summary() {
	for i, l := range summaryLines(t.r) {
		for _, l := range display.Wrap(l, t.width) {
			if i == 0 {
				l = t.bold(l)
			}
			t.line("%s", l)
		}
	}
}

// summaryLines say in a few lines what the logs are.
func summaryLines(r *stats.Report) []string {
	files := display.Printable(filepath.Base(r.Logs.FirstFile))
	if r.Logs.Files > 1 {
		files += " to " + display.Printable(filepath.Base(r.Logs.LastFile)) + ", " + display.Count(uint64(r.Logs.Files), "file")
	}
	if r.Logs.Files == 0 {
		files = "no events"
	}
	first := fmt.Sprintf("%s: %s, %s", files, display.Bytes(r.Logs.Bytes), display.Count(r.Logs.Events, "event"))
	if len(r.Logs.Servers) > 0 {
		first += ", written by " + display.Printable(strings.Join(r.Logs.Servers, ", "))
	}
	lines := []string{first}
	if r.Rate.Begin != nil {
		lines = append(lines, spanText(&r.Rate))
	}
	lines = append(lines, fmt.Sprintf("%s%s, %s", display.Count(r.Totals.Transactions, "transaction"), rateText(&r.Rate), rowsText(&r.Totals)))
	if r.Logs.FirstGTID != "" {
		lines = append(lines, gtidText(&r.Logs))
	}
	return lines
}

func spanText(r *stats.Rate) string {
	return fmt.Sprintf("%s to %s UTC (%s)", clock(r.Begin), clock(r.End), display.Seconds(r.Seconds))
}

func gtidText(l *stats.Logs) string { return "GTIDs " + l.FirstGTID + " to " + l.LastGTID }

func rateText(r *stats.Rate) string {
	if r.Begin == nil || r.Seconds == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s a second, at most %s at %s)", display.Decimal(r.Mean), display.Number(r.Peak), r.PeakAt.Format(time.TimeOnly))
}

func rowsText(t *stats.Totals) string {
	return fmt.Sprintf("%s: %s, %s, %s", display.Count(t.Rows.Total(), "row"), display.Count(t.Inserts, "insert"),
		display.Count(t.Updates, "update"), display.Count(t.Deletes, "delete"))
}

func clock(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format(time.DateTime)
}

func (t *text) findings() {
	if len(t.r.Findings) == 0 {
		return
	}
	t.section("WORTH A LOOK", "")
	for _, f := range t.r.Findings {
		for i, l := range display.Wrap(f.Text, t.width-2) {
			lead := "  "
			if i == 0 {
				lead = "* "
			}
			t.line("%s%s", lead, t.warn(l))
		}
	}
}

const right = display.Right

func (t *text) tables() {
	if len(t.r.Tables) == 0 {
		return
	}
	t.section("TABLES", "most bytes first")
	table := display.Table{Columns: []display.Column{{Head: "TABLE", Least: 18}, {Head: "ROWS", Align: right}, {Head: "INSERTS", Align: right, Drop: 1},
		{Head: "UPDATES", Align: right, Drop: 1}, {Head: "DELETES", Align: right, Drop: 1}, {Head: "TRANSACTIONS", Align: right, Drop: 2},
		{Head: "BYTES", Align: right}, {Head: "SHARE", Align: right, Drop: 3}, {Head: "KEY"}}}
	for _, row := range t.r.Tables {
		paint := display.Style(nil)
		if row.Key == stats.KeyNone && row.Updates+row.Deletes > 0 {
			paint = t.warn
		}
		table.AddStyled(paint, name(row.Database, row.Table), display.Number(row.Rows.Total()), number(row.Inserts), number(row.Updates),
			number(row.Deletes), display.Number(row.Transactions), display.Bytes(row.Bytes), display.Percent(row.Bytes, t.r.Totals.Bytes), string(row.Key))
	}
	if o := t.r.OtherTables; o.Count > 0 {
		table.AddStyled(t.dim, others(&o, "other table"), display.Number(o.Rows), "", "", "", display.Number(o.Transactions),
			display.Bytes(o.Bytes), display.Percent(o.Bytes, t.r.Totals.Bytes), "")
	}
	t.table(&table)
}

// others names the row that sums up what a list leaves out.
func others(o *stats.Others, what string) string {
	text := display.Count(o.Count, what)
	if !o.Exact {
		text = "about " + text
	}
	return "(" + text + ")"
}

func name(database, table string) string { return display.Printable(database + "." + table) }

// number leaves zeros out: what is there stands out.
func number(n uint64) string {
	if n == 0 {
		return "-"
	}
	return display.Number(n)
}

func (t *text) timeline() {
	if len(t.r.Buckets) < 2 {
		return
	}
	t.section("TIME", fmt.Sprintf("by commit, UTC, %s each; the bar is bytes", display.Seconds(t.r.IntervalSeconds)))
	table := display.Table{Columns: []display.Column{{Head: "FROM"}, {Head: "TRANSACTIONS", Align: right}, {Head: "ROWS", Align: right},
		{Head: "INSERTS", Align: right, Drop: 3}, {Head: "UPDATES", Align: right, Drop: 3}, {Head: "DELETES", Align: right, Drop: 3},
		{Head: "DDL", Align: right, Drop: 2}, {Head: "BYTES", Align: right}, {Drop: 1}}}
	var most uint64
	for i := range t.r.Buckets {
		most = max(most, t.r.Buckets[i].Bytes)
	}
	for i := range t.r.Buckets {
		b := &t.r.Buckets[i]
		if i > 0 {
			if quiet := int64(b.Begin.Sub(t.r.Buckets[i-1].Begin)/time.Second) - t.r.IntervalSeconds; quiet > 0 {
				table.Note(t.dim, "(nothing for "+display.Seconds(quiet)+")")
			}
		}
		table.Add(b.Begin.Format(time.DateTime), display.Number(b.Transactions), display.Number(b.Rows.Total()), number(b.Inserts), number(b.Updates),
			number(b.Deletes), number(b.DDL), display.Bytes(b.Bytes), display.Bar(b.Bytes, most, barCells))
	}
	t.table(&table)
}

// barCells is the length of the longest bar.
const barCells = 24

func (t *text) transactions(title string, list []stats.Transaction) {
	if len(list) == 0 {
		return
	}
	t.section(title, "")
	columns := []display.Column{{Head: "BYTES", Align: right}, {Head: "TOOK", Align: right}, {Head: "COMMITTED (UTC)", Drop: 2}, {Head: "AT"},
		{Head: "SERVER:THREAD", Align: right, Drop: 1}}
	wide := display.Table{Columns: append(slices.Clone(columns), display.Column{Head: "GTID"}, display.Column{Head: "CHANGES", Least: 30})}
	narrow := display.Table{Columns: columns}
	for i := range list {
		x := &list[i]
		cells := []string{display.Bytes(x.Bytes), took(x.Seconds), x.Committed.Format(time.DateTime), offsets(x), sessionText(x.ServerID, x.ThreadID)}
		narrow.Add(cells...)
		narrow.Note(nil, "           "+strings.TrimSpace(x.GTID+" "+x.Changes()))
		wide.Add(append(cells, dash(x.GTID), x.Changes())...)
	}
	if wide.Fits(t.width) {
		t.table(&wide)
	} else {
		t.table(&narrow)
	}
}

// took is how long a transaction took; the log tells it to the second.
func took(seconds int64) string {
	if seconds == 0 {
		return "<1 s"
	}
	return display.Seconds(seconds)
}

// offsets are where a transaction begins and ends.
func offsets(x *stats.Transaction) string {
	end := fmt.Sprint(x.End)
	if x.EndFile != x.File {
		end = display.Printable(filepath.Base(x.EndFile)) + ":" + end
	}
	return fmt.Sprintf("%s:%d-%s", display.Printable(filepath.Base(x.File)), x.Start, end)
}

// sessionText names a session by its server and its thread there.
func sessionText(server, id uint32) string { return fmt.Sprintf("%d:%s", server, thread(id)) }

func thread(id uint32) string {
	if id == 0 {
		return "-"
	}
	return fmt.Sprint(id)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func (t *text) ddl() {
	if len(t.r.DDL) == 0 {
		return
	}
	t.section("DDL", "")
	table := display.Table{Columns: []display.Column{{Head: "TIME (UTC)"}, {Head: "AT"}, {Head: "TOOK", Align: right}, {Head: "SERVER:THREAD", Align: right, Drop: 1},
		{Head: "DATABASE", Least: 10, Drop: 2}, {Head: "STATEMENT", Least: 30}}}
	for i := range t.r.DDL {
		s := &t.r.DDL[i]
		table.Add(s.Time.Format(time.DateTime), fmt.Sprintf("%s:%d", display.Printable(filepath.Base(s.File)), s.Offset), took(int64(s.Seconds)),
			sessionText(s.ServerID, s.ThreadID), dash(display.Printable(s.Database)), s.Text)
	}
	t.table(&table)
	if n := t.r.OtherDDL; n > 0 {
		t.line("%s", t.dim(fmt.Sprintf("and %s", display.Count(uint64(n), "more statement"))))
	}
}

func (t *text) servers() {
	if len(t.r.Servers) > 0 {
		t.section("SERVERS", "most bytes first")
		t.writers(display.Column{Head: "SERVER", Align: right}, t.r.Servers, t.r.OtherServers, func(s *stats.Session) string { return fmt.Sprint(s.ServerID) })
	}
}

func (t *text) threads() {
	if !noThreads(t.r.Threads) {
		t.section("SESSIONS", "most bytes first")
		t.writers(display.Column{Head: "SERVER:THREAD", Align: right}, t.r.Threads, t.r.OtherThreads, func(s *stats.Session) string { return sessionText(s.ServerID, s.ThreadID) })
	}
}

func (t *text) writers(who display.Column, list []stats.Session, rest stats.Others, nameOf func(*stats.Session) string) {
	table := display.Table{Columns: []display.Column{who, {Head: "TRANSACTIONS", Align: right}, {Head: "ROWS", Align: right},
		{Head: "BYTES", Align: right}, {Head: "SHARE", Align: right}, {Head: "FROM (UTC)", Drop: 1}, {Head: "TO", Drop: 1}}}
	for i := range list {
		s := &list[i]
		table.Add(nameOf(s), display.Number(s.Transactions), display.Number(s.Rows.Total()), display.Bytes(s.Bytes),
			display.Percent(s.Bytes, t.r.Totals.Bytes), clock(s.Begin), clock(s.End))
	}
	if rest.Count > 0 {
		table.AddStyled(t.dim, others(&rest, "other"), display.Number(rest.Transactions), display.Number(rest.Rows), display.Bytes(rest.Bytes),
			display.Percent(rest.Bytes, t.r.Totals.Bytes), "", "")
	}
	t.table(&table)
}

// noThreads says whether the log tells no session at all, as MariaDB's before 11.5.
func noThreads(list []stats.Session) bool {
	for i := range list {
		if list[i].ThreadID != 0 {
			return false
		}
	}
	return true
}

func (t *text) parallel() {
	if t.r.Totals.Transactions == 0 {
		return
	}
	t.section("PARALLEL APPLY", "")
	for _, l := range parallelLines(t.r) {
		for _, l := range display.Wrap(l, t.width) {
			t.line("%s", l)
		}
	}
	if p := &t.r.Parallel; len(p.Sizes) > 0 {
		t.line("")
		table := display.Table{Columns: []display.Column{{Head: "GROUP OF", Align: right}, {Head: "GROUPS", Align: right}, {Head: "TRANSACTIONS", Align: right},
			{Head: "SHARE", Align: right}}}
		for _, s := range p.Sizes {
			if s.Groups == 0 {
				continue
			}
			table.Add(sizeText(&s), number(s.Groups), number(s.Transactions), display.Percent(s.Transactions, p.Transactions))
		}
		t.table(&table)
	}
}

func sizeText(s *stats.GroupSize) string {
	switch s.To {
	case s.From:
		return fmt.Sprint(s.From)
	case 0:
		return fmt.Sprintf("%d or more", s.From)
	}
	return fmt.Sprintf("%d to %d", s.From, s.To)
}

// parallelLines say how many transactions a replica can apply at once.
func parallelLines(r *stats.Report) []string {
	p := &r.Parallel
	databases := "rows of " + display.Count(uint64(p.Databases), "database") + " were changed"
	if p.Source == "none" {
		return []string{"The log does not tell which transactions can be applied at once; " + databases + ", and MySQL 5.6 applies as many at once."}
	}
	lines := []string{fmt.Sprintf("By %s, %s form %s: %s at once on average, at most %s.", counter(p.Source), display.Count(p.Transactions, "transaction"),
		display.Count(p.Groups, "group"), display.Decimal(p.MeanGroup), display.Number(p.LargestGroup))}
	var gains []string
	for _, s := range p.Speedup {
		gains = append(gains, fmt.Sprintf("%d: %s", s.Workers, display.Decimal(s.Times)))
		if s.Workers >= p.Workers {
			break
		}
	}
	advice := fmt.Sprintf("More than %s gain less than a tenth", display.Count(uint64(p.Workers), "worker"))
	if p.Workers == 1 {
		advice = "More than 1 worker gains less than a tenth"
	}
	lines = append(lines, fmt.Sprintf("%s; times as fast as one, by workers, if all transactions cost the same: %s.", advice, strings.Join(gains, ", ")))
	if p.Source == "commit_id" {
		lines = append(lines, fmt.Sprintf("That is slave_parallel_mode=conservative. optimistic may begin %s early (%s); %s waited for a lock on the source and may conflict. %s.",
			display.Count(p.Optimistic, "transaction"), display.Percent(p.Optimistic, p.Transactions), display.Number(p.Waited), display.Count(uint64(p.Domains), "domain")))
	}
	return lines
}

func counter(source string) string {
	if source == "commit_id" {
		return "commit id"
	}
	return source
}
