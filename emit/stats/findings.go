package stats

import (
	"fmt"
	"path/filepath"
	"strings"

	"binmend/decoder/words"
	"binmend/emit/display"
)

// What is worth a look. The limits are those of practice: below them a replica keeps up.
const (
	largeBytes   = 64 << 20 // of a transaction; also binlog_cache_size is far below
	largePercent = 10       // of all bytes, and at least
	largeLeast   = 1 << 20
	changeLeast  = 100 // rows of a table that one transaction updates or deletes
	longSeconds  = 10
	burst        = 5 // the peak in multiples of the mean
	burstLeast   = 100
	slowDDL      = 10  // seconds
	fewAtOnce    = 1.5 // transactions of a group
	fewLeast     = 100 // transactions in all
	delayLeast   = 10  // seconds
	clockLeast   = 3600
)

// findings lists what is worth a look, the most important first.
func (c *Collector) findings(r *Report) []Finding {
	f := &findings{list: []Finding{}}
	f.incomplete(r)
	f.incident(c.incidents)
	f.largeTransaction(r)
	f.largeChange(r, c.tables.sorted())
	f.longTransactions(r)
	f.keyless(c.tables.sorted())
	f.slowDDL(&c.statements.slowest)
	f.statements(r)
	f.delay(r)
	f.burst(r)
	f.parallel(r)
	f.servers(r)
	f.unfinished(r)
	f.clock(c.clockBack)
	return f.list
}

type findings struct{ list []Finding }

func (f *findings) addFinding(kind, format string, args ...any) {
	f.list = append(f.list, Finding{Kind: kind, Text: fmt.Sprintf(format, args...)})
}

func (f *findings) incomplete(r *Report) {
	if !r.Complete {
		f.addFinding("incomplete", "the logs were not read to their end: %s", display.Printable(r.Incomplete))
	}
	if r.Filtered != "" {
		f.addFinding("filtered", "only a part is counted: %s", display.Printable(r.Filtered))
	}
	if n := r.Logs.Unreadable; n > 0 {
		first := ""
		if r.Logs.FirstUnreadable != "" {
			first = ": " + display.Printable(r.Logs.FirstUnreadable)
		}
		f.addFinding("unreadable", "%s can't be read; their rows are not counted%s", display.Count(n, "event"), first)
	}
}

func (f *findings) incident(n uint64) {
	if n > 0 {
		f.addFinding("incident", "%s: the source may have lost changes, and a replica stops there with error 1590", display.Count(n, "Incident event"))
	}
}

func (f *findings) largeTransaction(r *Report) {
	if len(r.Largest) == 0 {
		return
	}
	t := &r.Largest[0]
	share := t.Bytes*100 >= r.Totals.Bytes*largePercent && t.Bytes >= largeLeast && r.Totals.Transactions > 1
	if !share && t.Bytes < largeBytes {
		return
	}
	f.addFinding("large-transaction", "one transaction has %s, %s of all: %s at %s", display.Bytes(t.Bytes),
		display.Percent(t.Bytes, r.Totals.Bytes), t.Changes(), t.Place())
}

// largeChange finds the transaction that updated or deleted most rows of one table, where that is most of what the logs do to the table.
func (f *findings) largeChange(r *Report, tables []*table) {
	all := map[tableName]uint64{}
	for _, t := range tables {
		all[t.tableName] = t.Rows.Total()
	}
	var most uint64
	var found string
	for i := range r.Largest {
		t := &r.Largest[i]
		for _, table := range t.Tables {
			name := tableName{table.Database, table.Table}
			of := all[name]
			rows, verb := table.Deletes, "deleted"
			if table.Updates > rows {
				rows, verb = table.Updates, "updated"
			}
			if rows >= changeLeast && rows > most && rows <= of && rows*2 >= of {
				most = rows
				found = fmt.Sprintf("one transaction %s %s of %s, %s of all changes to that table in these logs: at %s", verb, display.Count(rows, "row"),
					name, display.Percent(rows, of), t.Place())
			}
		}
	}
	if most > 0 {
		f.addFinding("large-change", "%s", found)
	}
}

func (f *findings) longTransactions(r *Report) {
	if len(r.Longest) == 0 || r.Longest[0].Seconds < longSeconds {
		return
	}
	t := &r.Longest[0]
	f.addFinding("long-transaction", "the longest transaction took %s: %s at %s", display.Seconds(t.Seconds), t.Changes(), t.Place())
}

func (f *findings) keyless(tables []*table) {
	var worst *table
	var without, unknown, rows uint64
	for _, t := range tables {
		if t.keyless > 0 {
			without++
			if worst == nil || t.keyless > worst.keyless {
				worst = t
			}
		}
		if t.unknown > 0 {
			unknown++
			rows += t.unknown
		}
	}
	switch {
	case without == 1:
		f.addFinding("no-key", "%s has no primary key: a replica may read the whole table for each row that is updated or deleted (%s)",
			worst.tableName, display.Count(worst.keyless, "row"))
	case without > 1:
		f.addFinding("no-key", "%s have no primary key: a replica may read the whole table for each row that is updated or deleted (most of all %s, %s)",
			display.Count(without, "table"), worst.tableName, display.Count(worst.keyless, "row"))
	}
	if unknown > 0 {
		f.addFinding("key-unknown", "whether there is a primary key is not known of %s with %s updated or deleted: a schema dump shows it",
			display.Count(unknown, "table"), display.Count(rows, "row"))
	}
}

func (n tableName) String() string { return display.Printable(n.database + "." + n.table) }

func (f *findings) slowDDL(s *Statement) {
	if s.Seconds >= slowDDL {
		f.addFinding("slow-ddl", "a DDL statement took %s on the source, and holds a replica up as long: %s at %s:%d", display.Seconds(int64(s.Seconds)),
			display.Cut(s.Text, 100), display.Printable(filepath.Base(s.File)), s.Offset)
	}
}

func (f *findings) statements(r *Report) {
	if n := r.Totals.Statements; n > 0 {
		f.addFinding("statements", "%s changed data without row events: what they changed is not counted", display.Count(n, "statement"))
	}
}

func (f *findings) delay(r *Report) {
	if r.Totals.MaxDelay >= delayLeast {
		f.addFinding("delay", "a transaction was committed %s later here than on the server that it was first written on",
			display.Seconds(int64(r.Totals.MaxDelay)))
	}
}

func (f *findings) burst(r *Report) {
	if p := r.Rate.Peak; p >= burstLeast && float64(p) >= burst*r.Rate.Mean {
		f.addFinding("burst", "%s transactions were committed in the second of %s; the mean is %s a second", display.Number(p),
			words.Clock(r.Rate.PeakAt.Unix()), display.Decimal(r.Rate.Mean))
	}
}

func (f *findings) parallel(r *Report) {
	if p := &r.Parallel; p.Source != SourceNone && p.Transactions >= fewLeast && p.MeanGroup < fewAtOnce {
		f.addFinding("serial", "only %s transactions on average can be applied at once: more workers do not make a replica faster",
			display.Decimal(p.MeanGroup))
	}
}

func (f *findings) servers(r *Report) {
	if len(r.Servers) < 2 {
		return
	}
	var parts []string
	for _, s := range r.Servers[:min(len(r.Servers), 4)] {
		parts = append(parts, fmt.Sprintf("%d (%s)", s.ServerID, display.Count(s.Transactions, "transaction")))
	}
	if more := uint64(len(r.Servers)-len(parts)) + r.OtherServers.Count; more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	f.addFinding("several-servers", "several servers wrote: server id %s", strings.Join(parts, ", "))
}

func (f *findings) unfinished(r *Report) {
	if n := r.Totals.Open; n > 0 {
		f.addFinding("open", "%s without an end in these logs", display.Count(n, "transaction"))
	}
	if n := r.Totals.RolledBack; n > 0 {
		f.addFinding("rolled-back", "%s rolled back and logged all the same: something in them can't be undone", display.Count(n, "transaction"))
	}
}

func (f *findings) clock(back int64) {
	if back >= clockLeast {
		f.addFinding("clock", "times go back by up to %s: a server's clock was set, sessions set TIMESTAMP, or sources are mixed", display.Seconds(back))
	}
}

// Changes says in a few words what the transaction changed.
func (t *Transaction) Changes() string {
	switch {
	case t.Rows.Total() == 0 && t.DDL > 0:
		return "DDL"
	case t.Rows.Total() == 0:
		return "no rows"
	}
	text := display.Count(t.Rows.Total(), "row")
	if len(t.Tables) > 0 {
		text += " of " + display.Printable(t.Tables[0].Database+"."+t.Tables[0].Table)
	}
	if more := t.TableMany - 1; more > 0 {
		text += " and " + display.Count(uint64(more), "other table")
	}
	return text
}

// Place says where the transaction is: file and offset, and its GTID.
func (t *Transaction) Place() string {
	text := fmt.Sprintf("%s:%d", display.Printable(filepath.Base(t.File)), t.Start)
	if t.GTID != "" {
		text += " (GTID " + t.GTID + ")"
	}
	return text
}
