package stats

import (
	"cmp"
	"path/filepath"
	"slices"
	"time"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/decoder/txn"
	"binmend/schema/dump"
	"binmend/schema/track"
)

// Options say how to count.
type Options struct {
	Interval time.Duration // of the buckets, whole seconds; 0: what suits the time that the logs span
	Top      int           // most entries of each list; at least 1
	Schema   *dump.Schema  // tables, for their keys; may be nil
}

// Collector counts events. It keeps nothing of them.
type Collector struct {
	options    Options
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
	events     [256]EventCount
	versions   []string
	logs       Logs
	totals     Totals
	pending    pending
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
	width := int64(o.Interval / time.Second)
	return &Collector{
		options: o, tables: newTables(&keys{track.New(o.Schema, track.Detect)}), series: newSeries(max(width, 1)),
		servers: newSessions(maxSessions), threads: newSessions(maxSessions), statements: newStatements(), databases: map[string]bool{},
		largest: top[Transaction]{most: o.Top, rank: func(t *Transaction) uint64 { return t.Bytes }},
		longest: top[Transaction]{most: o.Top, rank: func(t *Transaction) uint64 { return uint64(t.Seconds) }},
	}
}

// Place tells of the transaction that an event stands in.
type Place interface{ Transaction() txn.Transaction }

// Add counts the next event. What can't be read in it is counted as unreadable and is no error.
func (c *Collector) Add(e *decoder.Event, step txn.Step, at Place) {
	c.countEvent(e)
	if step == txn.Outside && !e.IsRows() {
		return
	}
	if step.Begins() && c.pending.open {
		c.finish(&c.current)
	}
	if step != txn.Outside {
		if !c.pending.open {
			c.pending.begin()
		}
		c.pending.take(e)
	}
	if !c.countContent(e) {
		c.logs.Unreadable++
	}
	if step == txn.Outside {
		return
	}
	c.current.End = decoder.Position{File: e.Pos.File, Offset: e.End()}
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
	}
	if e.Pos.File != c.logs.LastFile {
		c.logs.LastFile = e.Pos.File
		if c.logs.Files++; c.logs.Files == 1 {
			c.logs.FirstFile = e.Pos.File
		}
	}
	if e.Type == decoder.EventFormatDescription {
		c.addVersion(e.Format.Server.Text)
	}
}

// maxVersions bounds the list of servers.
const maxVersions = 16

func (c *Collector) addVersion(text string) {
	if len(c.versions) < maxVersions && !slices.Contains(c.versions, text) {
		c.versions = append(c.versions, text)
	}
}

// countContent counts what an event holds; false when it can't be read.
func (c *Collector) countContent(e *decoder.Event) bool {
	switch {
	case e.IsRows():
		return c.countRows(e)
	case e.IsGtid():
		g, err := e.Gtid()
		c.pending.takeGtid(e, g)
		return err == nil
	}
	switch e.Type {
	case decoder.EventTableMap:
		return c.countTableMap(e)
	case decoder.EventQuery, decoder.EventMariaQueryCompressed:
		return c.countQuery(e)
	case decoder.EventExecuteLoadQuery:
		c.statements.count(verb{"LOAD DATA", dml})
	case decoder.EventIncident:
		c.incidents++
	}
	return true
}

func (c *Collector) countTableMap(e *decoder.Event) bool {
	m, err := e.TableMap()
	if err != nil || m == nil {
		return false
	}
	c.tables.of(m).bytes += uint64(e.Length)
	return true
}

func (c *Collector) countRows(e *decoder.Event) bool {
	c.totals.RowEvents++
	re, err := e.Rows()
	if err != nil {
		return false
	}
	n, err := re.Count()
	var rows Rows
	switch re.Kind {
	case decoder.Insert:
		rows.Inserts = uint64(n)
	case decoder.Update:
		rows.Updates = uint64(n)
	case decoder.Delete:
		rows.Deletes = uint64(n)
	}
	t := c.tables.of(re.Map)
	t.count(rows, uint64(e.Length))
	c.totals.Rows.add(rows)
	c.pending.touch(t.table, rows)
	if !c.databases[re.Map.Database] && len(c.databases) < maxDomains {
		c.databases[re.Map.Database] = true
	}
	return err == nil
}

func (c *Collector) countQuery(e *decoder.Event) bool {
	q, err := e.Query()
	if err != nil {
		return false
	}
	if c.pending.thread == 0 {
		c.pending.thread = q.ThreadID
	}
	if string(q.SQL) == "BEGIN" || string(q.SQL) == "COMMIT" {
		return true
	}
	v := verbOf(q.SQL)
	if v.kind == control {
		return true
	}
	c.statements.count(v)
	if v.kind == ddl {
		c.pending.ddl++
		c.statements.note(e, &q, c.pending.gtid.ID)
		c.tables.keys.follow(e, &q)
		c.tables.forget()
	}
	return true
}

// finish counts the transaction at hand, which has ended or was cut off.
func (c *Collector) finish(t *txn.Transaction) {
	p := &c.pending
	p.open = false
	c.countEnding(t.Ending)
	c.totals.Bytes += p.bytes
	c.totals.LogBytes += p.logBytes
	if p.payload {
		c.totals.Compressed++
	}
	if p.hasGTID {
		c.parallel.add(&p.gtid, p.maria)
	}
	if id := p.gtid.ID; id != (gtid.GTID{}) {
		if c.firstGTID == (gtid.GTID{}) {
			c.firstGTID = id
		}
		c.lastGTID = id
	}
	c.countTime(p)
	c.servers.add(sessionKey{server: p.server}, p)
	c.threads.add(sessionKey{p.server, p.thread}, p)
	if c.largest.admits(p.bytes) {
		c.largest.add(p.record(t))
	}
	if took := p.seconds(); took > 1 && c.longest.admits(uint64(took)) {
		c.longest.add(p.record(t))
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
func (c *Collector) countTime(p *pending) {
	at := p.commit()
	if at == 0 {
		return
	}
	if c.begin == 0 || at < c.begin {
		c.begin = at
	}
	c.clockBack = max(c.clockBack, c.end-at)
	c.end = max(c.end, at)
	c.peaks.add(at)
	delay := p.delay()
	if delay > 0 {
		c.totals.Delayed++
		c.totals.MaxDelay = max(c.totals.MaxDelay, delay)
	}
	b := c.series.at(at)
	b.Transactions++
	b.Rows.add(p.Rows)
	b.Bytes += p.bytes
	b.DDL += p.ddl
	b.Largest = max(b.Largest, p.bytes)
	b.MaxDelay = max(b.MaxDelay, delay)
}

// Report ends the counting. why says why the logs were not read to their end; nil: they were.
func (c *Collector) Report(why error) *Report {
	if c.pending.open {
		c.finish(&c.current)
	}
	if c.options.Interval == 0 {
		c.series.widen(c.series.chooseWidth())
	}
	r := &Report{Format: Format, Version: Version, Complete: why == nil, Logs: c.logs, Totals: c.totals, Rate: c.rate(),
		IntervalSeconds: c.series.width, Buckets: c.series.sorted(),
		Largest: c.largest.list(), Longest: c.longest.list(), Parallel: c.parallel.report(),
		DDL: append([]Statement{}, c.statements.list...), OtherDDL: c.statements.more, Verbs: c.statements.verbs(), Events: c.eventCounts()}
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

// baseName is a file's name without its folders.
func baseName(file string) string { return filepath.Base(file) }
