package stats

import (
	"cmp"
	"slices"
	"time"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/decoder/gtid"
	"binmend/decoder/statement"
	"binmend/decoder/txn"
	"binmend/schema/changes"
	"binmend/schema/where"
)

// Options say how to count.
type Options struct {
	Interval time.Duration // of the buckets, whole seconds; 0: what suits the time that the logs span
	Top      int           // most entries of each list; at least 1
	// Definitions say which tables have a key, and are needed for Where; nil: only what the DDL of the log tells. They get
	// the log's DDL from the collector.
	Definitions *changes.Definitions
	Where       *where.Condition // nil: every row counts; with a condition, DDL and statements do not
	Account     *filter.Account  // told how many rows Where wants; needed with it
}

// Collector counts events. It keeps nothing of them.
type Collector struct {
	options    Options
	judge      *changes.Judge // nil: every row counts
	tables     *tables
	series     *series
	peaks      peaks
	servers    *sessions
	threads    *sessions
	statements statements
	parallel   parallel
	largest    top[Transaction]
	longest    top[Transaction]
	databases  map[string]bool
	database   string // of the rows counted last
	events     [256]EventCount
	format     *decoder.Format // of the event before
	versions   []string
	logs       Logs
	files      []string // the names of the logs
	read       int64    // offset after the last event in its file
	totals     Totals
	pending    pending
	sizes      sizes
	current    txn.Transaction // as the event before left it
	firstGTID  gtid.GTID
	lastGTID   gtid.GTID
	begin, end int64
	incidents  uint64
	clockBack  int64 // most seconds that a commit is before one ahead of it in the log
}

// New returns a collector that has counted nothing.
func New(o Options) *Collector {
	o.Top = max(o.Top, 1)
	if o.Definitions == nil {
		o.Definitions = &changes.Definitions{}
	}
	width := int64(o.Interval / time.Second)
	var judge *changes.Judge
	if o.Where != nil {
		judge = &changes.Judge{Where: o.Where, Definitions: o.Definitions, Account: o.Account}
	}
	return &Collector{
		options: o, judge: judge, tables: newTables(&keys{o.Definitions}), series: newSeries(max(width, 1)),
		servers: newSessions(maxSessions), threads: newSessions(maxSessions), statements: newStatements(o.Top), databases: map[string]bool{},
		largest: top[Transaction]{most: o.Top, rank: func(t *Transaction) uint64 { return t.Bytes }},
		longest: top[Transaction]{most: o.Top, rank: func(t *Transaction) uint64 { return uint64(t.Seconds) }},
	}
}

// Place reports the transaction that an event stands in.
type Place interface{ Transaction() txn.Transaction }

// AddEvent counts the next event. What can't be read in it is counted as unreadable. An error says that rows can't be judged by
// the condition.
func (c *Collector) AddEvent(e *decoder.Event, step txn.Step, at Place) error {
	c.cutOff(step)
	c.countEvent(e)
	if step != txn.Outside {
		c.pending.begin()
		c.pending.addEvent(e)
		c.addFormat(e.Format)
	}
	readable, err := c.countContent(e)
	if !readable {
		c.logs.Unreadable++
	}
	c.follow(e, step, at)
	return err
}

// Skip follows the next event without counting its contents. It may still end a transaction.
func (c *Collector) Skip(e *decoder.Event, step txn.Step, at Place) {
	c.cutOff(step)
	c.countEvent(e)
	if isQuery(e) {
		if _, st, err := statement.Of(e); err == nil {
			c.define(e, st)
		}
	}
	if c.pending.open {
		c.follow(e, step, at)
	}
}

// cutOff counts the current transaction when another one begins before it has ended.
func (c *Collector) cutOff(step txn.Step) {
	if step.Begins() && c.pending.open {
		c.finishOpen()
	}
}

// finishOpen counts the current transaction, which ends with the last event that was read.
func (c *Collector) finishOpen() {
	c.current.End = decoder.Position{File: c.logs.LastFile, Offset: c.read}
	c.finish(&c.current)
}

func isQuery(e *decoder.Event) bool {
	return e.Type == decoder.EventQuery || e.Type == decoder.EventMariaQueryCompressed
}

// define takes DDL of the log for the definitions of tables.
func (c *Collector) define(e *decoder.Event, st statement.Statement) {
	if st.Kind != statement.DDL {
		return
	}
	if changed, _ := c.options.Definitions.Follow(e); changed {
		c.tables.forget()
		if c.judge != nil {
			c.judge.Forget()
		}
	}
}

// Forget drops what was counted for the current transaction, except the counts by table.
func (c *Collector) Forget() { c.pending.open = false }

// follow keeps up with the transaction that an event stands in.
func (c *Collector) follow(e *decoder.Event, step txn.Step, at Place) {
	if step == txn.Outside {
		return
	}
	if step.Begins() || step.Ends() || e.IsGtid() {
		c.current = at.Transaction()
	}
	if step.Ends() {
		c.finish(&c.current)
	}
}

// countEvent counts an event as such.
func (c *Collector) countEvent(e *decoder.Event) {
	n := &c.events[e.Type]
	n.Count++
	n.Bytes += uint64(e.Length)
	c.logs.Events++
	if e.Inner == 0 {
		c.logs.Bytes += uint64(e.Length)
		c.read = e.Pos.Offset + int64(e.Length)
	}
	if e.Pos.File != c.logs.LastFile {
		c.logs.LastFile = e.Pos.File
		c.files = append(c.files, e.Pos.File)
		if c.logs.Files++; c.logs.Files == 1 {
			c.logs.FirstFile = e.Pos.File
		}
	}
}

// maxVersions bounds the list of servers.
const maxVersions = 16

// addFormat notes the server that wrote the events.
func (c *Collector) addFormat(f *decoder.Format) {
	if f == c.format || f == nil {
		return
	}
	c.format = f
	if text := f.Server.Text; len(c.versions) < maxVersions && !slices.Contains(c.versions, text) {
		c.versions = append(c.versions, text)
	}
}

// finish counts the current transaction, which has ended or was cut off.
func (c *Collector) finish(t *txn.Transaction) {
	p := &c.pending
	p.open = false
	if c.options.Where != nil && p.Rows.Total() == 0 {
		return
	}
	c.countEnding(t.Ending)
	c.totals.Bytes += p.bytes
	c.totals.LogBytes += p.logBytes
	if p.payload {
		c.totals.Compressed++
	}
	if p.hasGTID {
		c.parallel.addGtid(&p.gtid, p.maria)
	}
	if id := p.gtid.ID; !id.IsZero() {
		if c.firstGTID.IsZero() {
			c.firstGTID = id
		}
		c.lastGTID = id
	}
	c.sizes.addSize(p.bytes)
	c.countTime(p, t)
	c.servers.addTransaction(sessionKey{server: p.server}, p)
	c.threads.addTransaction(sessionKey{p.server, p.thread}, p)
	if c.largest.admits(p.bytes) {
		c.largest.addCandidate(p.record(t))
	}
	if took := p.seconds(); took > 1 && c.longest.admits(uint64(took)) {
		c.longest.addCandidate(p.record(t))
	}
}

func (c *Collector) countEnding(how txn.Ending) {
	c.totals.Transactions++
	switch how {
	case txn.RolledBack:
		c.totals.RolledBack++
	case txn.Prepared:
		c.totals.Prepared++
	case txn.Open:
		c.totals.Open++
	}
}

// countTime counts the transaction at the time of its commit.
func (c *Collector) countTime(p *pending, t *txn.Transaction) {
	at := p.commit()
	if at == 0 {
		return
	}
	if c.begin == 0 || at < c.begin {
		c.begin = at
	}
	c.clockBack = max(c.clockBack, c.end-at)
	c.end = max(c.end, at)
	c.peaks.addSecond(at)
	delay := p.delay()
	if delay > 0 {
		c.totals.Delayed++
		c.totals.MaxDelay = max(c.totals.MaxDelay, delay)
	}
	b := c.series.at(at)
	b.Transactions++
	b.Rows.addRows(p.Rows)
	b.Bytes += p.bytes
	b.DDL += p.ddl
	b.Largest = max(b.Largest, p.bytes)
	b.MaxDelay = max(b.MaxDelay, delay)
	b.addPlace(c.totals.Transactions, t)
	for i := range p.touched {
		b.addTable(written{table: p.touched[i].table, rows: p.touched[i].Rows.Total()})
	}
}

// Report ends counting. filtered says what a filter has left out, "" for no filter; why is the reason why the logs were not read to
// their end, nil if they were.
func (c *Collector) Report(filtered string, why error) *Report {
	if c.pending.open {
		c.finishOpen()
	}
	if c.options.Interval == 0 {
		c.series.widen(c.series.chooseWidth())
	}
	r := &Report{Format: Format, Version: Version, Complete: why == nil, Filtered: filtered, Logs: c.logs, Totals: c.totals, Rate: c.rate(),
		IntervalSeconds: c.series.width, Buckets: c.series.sorted(),
		Largest: c.largest.list(), Longest: c.longest.list(), Parallel: c.parallel.report(),
		DDL: append([]Statement{}, c.statements.list...), OtherDDL: c.statements.more, Verbs: c.statements.verbs(), Events: c.eventCounts(), files: c.files}
	r.Sizes = c.sizes.list()
	for i := range r.Buckets {
		r.Buckets[i].nameTables()
	}
	if why != nil {
		r.Incomplete = why.Error()
	}
	r.Logs.Servers = append([]string{}, c.versions...)
	r.Logs.FirstGTID, r.Logs.LastGTID = c.firstGTID.String(), c.lastGTID.String()
	r.Totals.Statements, r.Totals.DDL = c.statements.dml, c.statements.ddl
	r.Parallel.Databases = len(c.databases)
	r.Tables, r.OtherTables = c.tables.report(c.options.Top)
	r.Servers, r.OtherServers = c.servers.report(c.options.Top)
	r.Threads, r.OtherThreads = c.threads.report(c.options.Top)
	r.Findings = c.findings(r)
	return r
}

func (c *Collector) rate() Rate {
	r := Rate{Begin: timeOf(c.begin), End: timeOf(c.end), Peak: c.peaks.most, PeakAt: timeOf(c.peaks.mostAt)}
	if c.begin == 0 {
		return r
	}
	r.Seconds = c.end - c.begin
	r.Mean = float64(c.totals.Transactions) / float64(r.Seconds+1)
	return r
}

func (c *Collector) eventCounts() []EventCount {
	list := []EventCount{}
	for i, n := range c.events {
		if n.Count > 0 {
			n.Type = decoder.EventType(i).String()
			list = append(list, n)
		}
	}
	slices.SortStableFunc(list, func(a, b EventCount) int { return cmp.Compare(b.Bytes, a.Bytes) })
	return list
}
