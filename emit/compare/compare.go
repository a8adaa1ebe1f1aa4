// Package compare finds out whether a replica holds what a span of logs says it must, without reading whole tables. In go logs,
// or a source to fetch them from, and a connection to the replica; out comes a Result: for each table, how many of the rows
// that the span touches are as they must be, and each row that is not, as it is and as it must be. It works in stages:
//
//	look         how far the replica has applied the logs, its filters, and its triggers and foreign keys
//	span.Read    what the logs say up to there (package span)
//	judge        the rows of the span by their key, many with one SELECT; then the holders of unique values, and the rows that
//	             the logs do not have, of tables known whole
//	settle       while the applier runs: rows that differ are judged again, until no transaction touched them during a read
//	askSource    what the source has for the rows that differ
//
// It changes nothing on a server and prints nothing (package render does). Memory is bounded.
package compare

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/filter"
	"binmend/decoder/walk"
	"binmend/emit/compare/span"
	"binmend/emit/probe"
	"binmend/emit/runs"
	"binmend/emit/sqltext"
	"binmend/schema/live"
	"binmend/schema/replica"
)

// Options say what to compare. Fields not given are zero.
type Options struct {
	Range   walk.Range // the logs; without names, a part of Source's log is fetched
	From    uint32     // without logs: from the first transaction at this time on, in seconds since 1970
	Replica *live.Server
	Source  *live.Server
	Channel *string        // of the replica; nil: the only one
	Tables  *filter.Filter // the wanted tables; its other conditions are ignored
	Wanted  *filter.GTIDs  // only rows touched by one of these transactions
	Limits  Limits
	Folder  func() (string, error) // makes a folder for temporary files, which the caller of Run removes
	Meter   Meter                  // is told the progress; may be nil
}

// Meter is told the progress of a comparison.
type Meter interface {
	Expect(logs []string)     // logs are going to be read
	ExpectRows(atMost uint64) // and then rows judged
	ShowRows(judged uint64)
}

// Result is what was found. It must be closed.
type Result struct {
	Server     string // where the replica was asked
	Version    decoder.Version
	ServerID   uint32
	ServerUUID string // "" in MariaDB
	Host       *live.Host
	Status     *replica.Status
	Logs       []string
	Fetched    string // the source whose log was fetched
	Tables     []*TableResult
	Statements []string // that changed rows by themselves, the first few
	More       int      // such statements beyond those
	Pending    bool     // the logs hold transactions that the replica has not applied
	Foreign    []string // logs that another server than the replica's source wrote
	Rounds     int      // how often rows were read
	Asked      string   // the source that was asked for the rows that differ

	dialect sqltext.Dialect
	differ  *runs.Sorter
}

// TableResult is what was found for one table.
type TableResult struct {
	*span.Table
	Judged, Equal           uint64
	Differs, Missing, Extra uint64
	Unmended                uint64 // of them, those for which no statement can be written
	NotJudged               map[string]uint64
	AsSource                uint64 // rows that differ from the logs, but not from the source
	Partly                  uint64 // rows with unknown columns
}

// Differences is how many rows differ.
func (r *Result) Differences() (n uint64) {
	for _, t := range r.Tables {
		n += t.Differs + t.Missing + t.Extra
	}
	return n
}

// Judged is how many rows were compared.
func (r *Result) Judged() (n uint64) {
	for _, t := range r.Tables {
		n += t.Judged
	}
	return n
}

// NotJudged is how many rows, or changes of rows, could not be judged.
func (r *Result) NotJudged() (n uint64) {
	for _, t := range r.Tables {
		for _, rows := range t.NotJudged {
			n += rows
		}
	}
	return n
}

// IsClear reports whether everything that the logs touch was judged and found equal.
func (r *Result) IsClear() bool {
	return r.Differences() == 0 && r.NotJudged() == 0 && len(r.Statements) == 0 && r.Judged() > 0
}

// Each calls yield for each row that differs, table by table, by ascending key. The difference is valid until yield returns.
func (r *Result) Each(yield func(*Difference) error) error {
	return r.differ.Each(func(key, value []byte) error {
		x, err := r.readDifference(key, value)
		if err != nil {
			return err
		}
		return yield(x)
	})
}

// Close removes temporary files.
func (r *Result) Close() error { return r.differ.Close() }

// The reasons why nothing is compared.
var (
	ErrOwnLogs   = fault.NewReason("the logs are the replica's own")
	ErrManyMoved = fault.NewReason("too many rows differ to judge them while the applier runs")
	ErrNoPlace   = fault.NewReason("how far the replica has applied the logs is not known")
)

// comparison is one run.
type comparison struct {
	options Options
	result  *Result
	target  target
	pace    *pace
	effects span.Effects
	tables  map[string]*TableResult
	fetched *fetched      // nil where logs were given
	pause   time.Duration // before the status is asked again
}

// memoryOf is how much a sorter of the replica's side may keep in memory.
const memoryOf = 1 << 20

// Run compares.
func Run(ctx context.Context, o Options) (*Result, error) {
	d := sqltext.For(o.Replica.Version).ForReading()
	c := &comparison{options: o, result: &Result{Server: o.Replica.Name(), Version: o.Replica.Version, dialect: d, differ: runs.New(memoryOf, o.Folder)},
		tables: map[string]*TableResult{}, pause: settleTime}
	err := c.run(ctx, d)
	if err != nil {
		c.result.Close()
		return nil, err
	}
	return c.result, nil
}

func (c *comparison) run(ctx context.Context, d sqltext.Dialect) (err error) {
	rows, err := probe.Ask(ctx, c.options.Replica, d)
	if err != nil {
		return err
	}
	c.target = &liveTarget{rows, c.options.Replica, d}
	c.pace = newPace(c.options.Limits, c.options.Replica)
	if err := c.look(ctx); err != nil {
		return err
	}
	if err := c.settle(ctx); err != nil {
		return err
	}
	if err := c.askSource(ctx); err != nil {
		return err
	}
	c.sum()
	return nil
}

// sum counts the rows that are equal.
func (c *comparison) sum() {
	for _, t := range c.result.Tables {
		t.Equal = t.Judged - min(t.Judged, t.Differs+t.Missing+t.Extra)
	}
}

// look asks the replica for what does not change during the run.
func (c *comparison) look(ctx context.Context) (err error) {
	r, server := c.result, c.options.Replica
	if r.Host, err = server.Host(ctx); err != nil {
		return err
	}
	if r.ServerID, r.ServerUUID, err = server.Identity(ctx); err != nil {
		return err
	}
	c.effects, err = askEffects(ctx, server)
	return err
}

// checkOwner makes sure that the replica did not write the logs itself.
func (c *comparison) checkOwner() error {
	for _, name := range c.options.Range.Names {
		head, err := c.options.Range.ReadHead(name)
		if err != nil {
			return err
		}
		if !head.Relay && head.Writer != 0 && head.Writer == c.result.ServerID {
			return &fault.Error{Reason: ErrOwnLogs, What: fmt.Sprintf("%s was written by server id %d, which is the server to compare: what it "+
				"did to its rows says nothing of what they must be", name, head.Writer)}
		}
	}
	return nil
}

// status asks how far the replica has applied the logs, and whether its applier runs.
func (c *comparison) status(ctx context.Context) (span.Progress, error) {
	all, err := c.target.Status(ctx)
	if err != nil {
		return span.Progress{}, err
	}
	s := all[0]
	switch {
	case c.options.Channel != nil:
		s, err = replica.Named(all, *c.options.Channel)
	case len(all) > 1:
		s, err = replica.Pick(all)
	}
	if err != nil {
		return span.Progress{}, err
	}
	c.result.Status = s
	p, err := span.ProgressOf(s)
	if err == nil && !p.IsKnown() && p.Exec.File == "" {
		err = &fault.Error{Reason: ErrNoPlace, What: "the replica's status has neither GTIDs nor a position of the source's log"}
	}
	return p, err
}

func (c *comparison) isRunning() bool { return !strings.EqualFold(c.result.Status.SQLRunning, "No") }

// isVague reports whether transactions after the place in the status may be applied already, as with parallel appliers without
// GTIDs.
func (c *comparison) isVague(ctx context.Context) (bool, error) {
	s := c.result.Status
	if s.Flavor == decoder.MariaDB || s.AutoPosition || s.ExecutedGTID != "" {
		return false, nil
	}
	inOrder, err := c.target.AppliesInOrder(ctx)
	if err != nil {
		return false, err
	}
	return !inOrder && s.SQLError.Number != 0 || c.isRunning() && (!inOrder || len(s.Workers) > 1), nil
}

// readSpan reads the logs up to what is applied.
func (c *comparison) readSpan(ctx context.Context, p span.Progress, keys *span.Keys) (*span.Span, error) {
	if c.options.Meter != nil {
		c.options.Meter.Expect(c.options.Range.Names)
	}
	tables, definitions := c.target.Definitions()
	return span.Read(ctx, span.Options{Range: c.options.Range, Progress: p, Filters: c.result.Status.Filters, Effects: c.effects, Server: tables,
		Definitions: definitions, Dialect: c.result.dialect, Tables: c.options.Tables, Wanted: c.options.Wanted, Keys: keys, Folder: c.options.Folder})
}

// While the applier runs, a row may change between reading what is applied and reading the row. A difference counts only if the
// logs, read up to what is applied afterwards, show that no transaction touched the row in between.
const (
	maxRounds  = 12
	settleTime = 150 * time.Millisecond // a commit shows in the rows before it shows in the status
	maxPending = 500_000
)

// settle judges until every difference is certain.
func (c *comparison) settle(ctx context.Context) error {
	p, err := c.status(ctx)
	if err != nil {
		return err
	}
	if err := c.fetch(ctx); err != nil {
		return err
	}
	if err := c.checkOwner(); err != nil {
		return err
	}
	j, err := c.round(ctx, p, nil)
	if err != nil {
		return err
	}
	for {
		c.result.Rounds++
		vague, err := c.isVague(ctx)
		if err != nil {
			j.close()
			return err
		}
		if c.isRunning() {
			if err := sleep(ctx, c.pause); err != nil {
				j.close()
				return err
			}
		}
		now, err := c.status(ctx)
		if err != nil {
			j.close()
			return err
		}
		isStill := now.Equal(&p) && !(vague && j.span.Pending)
		if isStill || j.differ.Len() == 0 {
			return c.accept(j)
		}
		if c.result.Rounds == maxRounds {
			return c.giveUp(j)
		}
		next, err := c.again(ctx, now, j)
		if err != nil {
			return err
		}
		p, j = now, next
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// accept accepts the differences of a round.
func (c *comparison) accept(j *judge) error {
	defer j.close()
	return j.differ.Each(func(key, value []byte) error { return c.addDifference(key, value) })
}

func (c *comparison) addDifference(key, value []byte) error {
	x, err := c.result.readDifference(key, value)
	if err != nil {
		return err
	}
	x.Table.count(x, 1)
	return c.result.differ.AddRecord(key, value)
}

// count counts a difference, or takes it back.
func (t *TableResult) count(x *Difference, sign int) {
	n := uint64(max(1, x.Count) * sign)
	switch x.Kind {
	case Missing:
		t.Missing += n
	case Differs:
		t.Differs += n
	default:
		t.Extra += n
	}
	if !x.IsMended() {
		t.Unmended += n
	}
}

// giveUp leaves rows that keep changing unjudged.
func (c *comparison) giveUp(j *judge) error {
	defer j.close()
	return j.differ.Each(func(key, value []byte) error {
		x, err := c.result.readDifference(key, value)
		if err == nil {
			x.Table.skip("transactions touch them while they are read, or may be applied already", uint64(max(1, x.Count)))
			x.Table.Judged -= min(x.Table.Judged, uint64(max(1, x.Count)))
		}
		return err
	})
}

func (t *TableResult) skip(why string, n uint64) {
	if t.NotJudged == nil {
		t.NotJudged = map[string]uint64{}
	}
	t.NotJudged[why] += n
}

// tableOf is the result of a table of a span.
func (c *comparison) tableOf(t *span.Table) *TableResult {
	name := t.Name.String()
	r := c.tables[name]
	if r == nil {
		r = &TableResult{Table: t}
		c.tables[name] = r
		c.result.Tables = append(c.result.Tables, r)
		slices.SortFunc(c.result.Tables, func(a, b *TableResult) int { return strings.Compare(a.Name.String(), b.Name.String()) })
	}
	r.Table = t
	return r
}
