package render

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"binmend/emit/display"
	"binmend/emit/stats"
)

// sheet is one list of a report as a table, whatever it is rendered as.
type sheet struct {
	id, name string
	hint     string   // a few words beside the name
	lines    []string // above the table
	explain  string   // on the page only, which has room
	columns  []column
	rows     []row
	rest     []cell // sums up what is left out; nil: nothing is
	minor    bool   // on the page only
	folded   bool   // shown after a click
}

// column is one column of a sheet.
type column struct {
	head   string
	number bool // stands to the right, and is sorted by its value
	least  int  // see display.Column
	drop   int
}

type row struct {
	warn  bool
	cells []cell
}

// cell is one cell of a sheet.
type cell struct {
	text  string
	kind  kind
	value float64 // of a number
	share float64 // of a kindShare, in percent
}

// kind is what a cell holds.
type kind uint8

const (
	kindPlain  kind = iota
	kindName        // names the row
	kindNumber      // sorted by its value
	kindShare       // a number with a bar
	kindTight       // not broken over lines
	kindCode        // of a log: may be broken anywhere
	kindState
)

func named(text string) cell { return cell{text: text, kind: kindName} }
func tight(text string) cell { return cell{text: text, kind: kindTight} }
func code(text string) cell  { return cell{text: text, kind: kindCode} }

func quantity(text string, value float64) cell {
	return cell{text: text, kind: kindNumber, value: value}
}

func amount(n uint64) cell { return quantity(number(n), float64(n)) }
func size(n uint64) cell   { return quantity(display.Bytes(n), float64(n)) }

func share(part, all uint64) cell {
	c := cell{text: display.Percent(part, all), kind: kindShare, value: float64(part)}
	if all > 0 {
		c.share = rounded(float64(part) / float64(all) * 100)
	}
	return c
}

// sheets are the lists of a report, without those that are empty.
func sheets(r *stats.Report) []sheet {
	var all []sheet
	for _, s := range []sheet{
		tables(r),
		transactions("largest", "Largest transactions", r.Largest),
		transactions("longest", "Longest transactions", r.Longest),
		transactionSizes(r),
		definitions(r),
		servers(r),
		sessions(r),
		parallelApply(r),
		verbs(r),
		events(r),
	} {
		if len(s.rows) > 0 || len(s.lines) > 0 {
			all = append(all, s)
		}
	}
	return all
}

func tables(r *stats.Report) sheet {
	s := sheet{id: "tables", name: "Tables", hint: "most bytes first",
		explain: "Key: what a replica finds an updated or deleted row by. Without one it may read the whole table for each row.",
		columns: []column{{head: "Table", least: 18}, {head: "Rows", number: true}, {head: "Inserts", number: true, drop: 1},
			{head: "Updates", number: true, drop: 1}, {head: "Deletes", number: true, drop: 1}, {head: "Transactions", number: true, drop: 2},
			{head: "Bytes", number: true}, {head: "Share", number: true, drop: 3}, {head: "Key"}}}
	for i := range r.Tables {
		t := &r.Tables[i]
		s.rows = append(s.rows, row{t.Key == stats.KeyNone && t.Updates+t.Deletes > 0, []cell{
			named(display.Printable(t.Database + "." + t.Table)), amount(t.Rows.Total()), amount(t.Inserts), amount(t.Updates), amount(t.Deletes),
			amount(t.Transactions), size(t.Bytes), share(t.Bytes, r.Totals.Bytes), {text: string(t.Key), kind: kindState}}})
	}
	if o := &r.OtherTables; o.Count > 0 {
		s.rest = []cell{{text: others(o, "other table")}, amount(o.Rows), {}, {}, {}, amount(o.Transactions), size(o.Bytes),
			share(o.Bytes, r.Totals.Bytes), {}}
	}
	return s
}

// others names the row that sums up what a list leaves out.
func others(o *stats.Others, what string) string {
	text := display.Count(o.Count, what)
	if !o.Exact {
		text = "about " + text
	}
	return "(" + text + ")"
}

// number leaves zeros out: what is there stands out.
func number(n uint64) string {
	if n == 0 {
		return "-"
	}
	return display.Number(n)
}

func transactions(id, name string, list []stats.Transaction) sheet {
	s := sheet{id: id, name: name,
		explain: "Where: file, and offsets of the beginning and the end. To see one: " +
			"binmend events --start-position BEGIN --stop-position END FILE",
		columns: []column{{head: "Bytes", number: true}, {head: "Took", number: true}, {head: "Committed (UTC)", drop: 2}, {head: "Where"},
			{head: "Server:thread", drop: 1}, {head: "GTID"}, {head: "Changes", least: 30}}}
	for i := range list {
		x := &list[i]
		changes := x.Changes()
		if x.Ending != "committed" && x.Ending != "statement" {
			changes += " (" + x.Ending + ")"
		}
		s.rows = append(s.rows, row{cells: []cell{size(x.Bytes), quantity(took(x.Seconds), float64(x.Seconds)), tight(clock(&x.Committed)),
			tight(offsets(x)), tight(session(x.ServerID, x.ThreadID)), code(dash(x.GTID)), named(changes)}})
	}
	return s
}

// transactionSizes is a histogram.
func transactionSizes(r *stats.Report) sheet {
	s := sheet{id: "sizes", name: "Transaction sizes", minor: true,
		columns: []column{{head: "From"}, {head: "Below", number: true}, {head: "Transactions", number: true}, {head: "Share", number: true},
			{head: "Bytes", number: true}, {head: "Share of bytes", number: true}}}
	for _, n := range r.Sizes {
		s.rows = append(s.rows, row{cells: []cell{named(display.Bytes(n.From)), size(n.Below), amount(n.Transactions), share(n.Transactions, r.Totals.Transactions),
			size(n.Bytes), share(n.Bytes, r.Totals.Bytes)}})
	}
	return s
}

// took is how long something took; the log has it to the second.
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
		end = baseName(x.EndFile) + ":" + end
	}
	return fmt.Sprintf("%s:%d-%s", baseName(x.File), x.Start, end)
}

func baseName(file string) string { return display.Printable(filepath.Base(file)) }

// session names a session by its server and its thread there; 0: the log does not say it.
func session(server, thread uint32) string {
	if thread == 0 {
		return fmt.Sprintf("%d:-", server)
	}
	return fmt.Sprintf("%d:%d", server, thread)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func clock(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format(time.DateTime)
}

func definitions(r *stats.Report) sheet {
	s := sheet{id: "ddl", name: "DDL",
		columns: []column{{head: "Time (UTC)"}, {head: "Where"}, {head: "Took", number: true}, {head: "Server:thread", drop: 1},
			{head: "Database", least: 10, drop: 2}, {head: "Statement", least: 30}}}
	for i := range r.DDL {
		x := &r.DDL[i]
		s.rows = append(s.rows, row{cells: []cell{tight(clock(&x.Time)), tight(fmt.Sprintf("%s:%d", baseName(x.File), x.Offset)),
			quantity(took(int64(x.Seconds)), float64(x.Seconds)), tight(session(x.ServerID, x.ThreadID)),
			{text: dash(display.Printable(x.Database))}, code(x.Text)}})
	}
	if n := uint64(r.OtherDDL); n > 0 {
		s.hint = "the first; there are " + display.Number(n) + " more"
	}
	return s
}

func servers(r *stats.Report) sheet {
	s := writers(r, r.Servers, r.OtherServers, func(x *stats.Session) string { return fmt.Sprint(x.ServerID) })
	s.id, s.name, s.columns[0].head = "servers", "Servers", "Server"
	return s
}

// sessions is empty where no session is known: MariaDB before 11.5 does not log who wrote rows.
func sessions(r *stats.Report) sheet {
	s := writers(r, r.Threads, r.OtherThreads, func(x *stats.Session) string { return session(x.ServerID, x.ThreadID) })
	s.id, s.name, s.columns[0].head = "sessions", "Sessions", "Server:thread"
	if !slices.ContainsFunc(r.Threads, func(x stats.Session) bool { return x.ThreadID != 0 }) {
		s.rows = nil
	}
	return s
}

// writers are servers, or sessions of them.
func writers(r *stats.Report, list []stats.Session, rest stats.Others, name func(*stats.Session) string) sheet {
	s := sheet{hint: "most bytes first",
		columns: []column{{}, {head: "Transactions", number: true}, {head: "Rows", number: true}, {head: "Bytes", number: true},
			{head: "Share", number: true}, {head: "From (UTC)", drop: 1}, {head: "To", drop: 1}}}
	for i := range list {
		x := &list[i]
		s.rows = append(s.rows, row{cells: []cell{named(name(x)), amount(x.Transactions), amount(x.Rows.Total()), size(x.Bytes),
			share(x.Bytes, r.Totals.Bytes), tight(clock(x.Begin)), tight(clock(x.End))}})
	}
	if rest.Count > 0 {
		s.rest = []cell{{text: others(&rest, "other")}, amount(rest.Transactions), amount(rest.Rows), size(rest.Bytes),
			share(rest.Bytes, r.Totals.Bytes), {}, {}}
	}
	return s
}

func parallelApply(r *stats.Report) sheet {
	s := sheet{id: "parallel", name: "Parallel apply",
		columns: []column{{head: "Group of"}, {head: "Groups", number: true}, {head: "Transactions", number: true}, {head: "Share", number: true}}}
	if r.Totals.Transactions == 0 {
		return s
	}
	s.lines = parallelLines(r)
	for i := range r.Parallel.Sizes {
		if g := &r.Parallel.Sizes[i]; g.Groups > 0 {
			s.rows = append(s.rows, row{cells: []cell{named(sizeText(g)), amount(g.Groups), amount(g.Transactions),
				share(g.Transactions, r.Parallel.Transactions)}})
		}
	}
	return s
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
	if p.Source == stats.SourceNone {
		return []string{fmt.Sprintf("The log does not show which transactions can be applied at once; rows of %s were changed, and MySQL 5.6 "+
			"applies as many at once.", display.Count(uint64(p.Databases), "database"))}
	}
	by := p.Source
	if by == stats.SourceCommitID {
		by = "commit id"
	}
	lines := []string{
		fmt.Sprintf("By %s, %s form %s: %s at once on average, at most %s.", by, display.Count(p.Transactions, "transaction"),
			display.Count(p.Groups, "group"), display.Decimal(p.MeanGroup), display.Number(p.LargestGroup)),
		gainText(p),
	}
	if p.Source == stats.SourceCommitID {
		lines = append(lines, fmt.Sprintf("That is slave_parallel_mode=conservative. optimistic may begin %s early (%s); %s waited for a lock on "+
			"the source and may conflict. %s.", display.Count(p.Optimistic, "transaction"), display.Percent(p.Optimistic, p.Transactions),
			display.Number(p.Waited), display.Count(uint64(p.Domains), "domain")))
	}
	return lines
}

// gainText says what more workers bring.
func gainText(p *stats.Parallel) string {
	var gains []string
	for _, s := range p.Speedup {
		gains = append(gains, fmt.Sprintf("%d: %s", s.Workers, display.Decimal(s.Times)))
		if s.Workers >= p.Workers {
			break
		}
	}
	advice := "More than 1 worker gains"
	if p.Workers > 1 {
		advice = fmt.Sprintf("More than %d workers gain", p.Workers)
	}
	return fmt.Sprintf("%s less than a tenth; times as fast as one, by workers, if all transactions cost the same: %s.", advice, strings.Join(gains, ", "))
}

func verbs(r *stats.Report) sheet {
	s := sheet{id: "statements", name: "Statements", minor: true,
		explain: "What was logged as a statement. The rows that statements of kind dml changed are not counted above.",
		columns: []column{{head: "Statement"}, {head: "Kind"}, {head: "Count", number: true}}}
	for _, v := range r.Verbs {
		s.rows = append(s.rows, row{cells: []cell{named(v.Verb), {text: v.Kind}, amount(v.Count)}})
	}
	return s
}

func events(r *stats.Report) sheet {
	s := sheet{id: "events", name: "Events", minor: true, folded: true,
		columns: []column{{head: "Type"}, {head: "Count", number: true}, {head: "Bytes", number: true}}}
	for _, e := range r.Events {
		s.rows = append(s.rows, row{cells: []cell{named(e.Type), amount(e.Count), size(e.Bytes)}})
	}
	return s
}

// buckets are the lengths of time.
func buckets(r *stats.Report) sheet {
	s := sheet{id: "buckets", name: "Time", hint: fmt.Sprintf("by commit, UTC, %s each; the bar is bytes", display.Seconds(r.IntervalSeconds)),
		columns: []column{{head: "From (UTC)"}, {head: "Transactions", number: true}, {head: "Rows", number: true}, {head: "Inserts", number: true, drop: 3},
			{head: "Updates", number: true, drop: 3}, {head: "Deletes", number: true, drop: 3}, {head: "DDL", number: true, drop: 2},
			{head: "Bytes", number: true}, {head: "Largest", number: true, drop: 4}}}
	if r.Totals.Delayed > 0 {
		s.columns = append(s.columns, column{head: "Delay", number: true, drop: 4})
	}
	for i := range r.Buckets {
		b := &r.Buckets[i]
		cells := []cell{named(clock(&b.Begin)), amount(b.Transactions), amount(b.Rows.Total()), amount(b.Inserts), amount(b.Updates), amount(b.Deletes),
			amount(b.DDL), size(b.Bytes), size(b.Largest)}
		if r.Totals.Delayed > 0 {
			cells = append(cells, quantity(display.Decimal(b.MaxDelay)+" s", b.MaxDelay))
		}
		s.rows = append(s.rows, row{cells: cells})
	}
	return s
}
