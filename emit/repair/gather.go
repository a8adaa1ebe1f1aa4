package repair

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/decoder/cache"
	"binmend/decoder/fault"
	"binmend/decoder/filter"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/emit/display"
	"binmend/emit/plan"
	"binmend/schema"
	"binmend/schema/changes"
)

// Gathered is what the transactions of a range do: their row changes, as a planner takes them, and what is no row change.
type Gathered struct {
	Planner      *plan.Planner
	Definitions  *changes.Definitions
	Transactions []txn.Transaction // that are planned
	Writer       decoder.Version   // of the format description in force
	Rows         int

	Statements     []string // that were logged as such, the first few
	MoreStatements int      // beyond those

	After, AfterApplied int    // transactions after the failing one: planned, and left out because they are applied
	Filtered            string // what the filter of tables has left out; "" without one
	Ended               string // why the range ends before it was asked to; "" when it does not

	applied applied
}

// maxStatements bounds the statements that are kept; they are only shown.
const maxStatements = 20

// gather walks the range once and plans its row changes. Only where a transaction turns out not to belong to the range when
// some of its rows are planned already, it walks again without it.
func gather(ctx context.Context, o *Options, s stopped, p *Place, r *Range) (*Gathered, error) {
	ended := ""
	for {
		g := newGatherer(o, s, p, r)
		g.cause = causeOf(o, s)
		next, err := g.walk(ctx)
		if err != nil {
			return nil, err
		}
		ended = cmp.Or(ended, g.Ended)
		if next == nil {
			g.Ended = ended
			if !g.filter.IsZero() {
				g.Filtered = g.run.Account.String()
			}
			return &g.Gathered, nil
		}
		r = next
	}
}

// gatherer is one walk over a range.
type gatherer struct {
	Gathered
	logs    walk.Logs
	gap     *walk.Break // after logs
	rng     *Range
	filter  *filter.Filter
	run     *filter.Run
	tables  cache.Cache[*decoder.TableMap, *schema.Table]
	altered alterations
	cause   *cause // to be found in the failing transaction; nil when it need not be

	last    txn.Transaction // of those that are planned
	reached bool            // the failing transaction is among them

	// The transaction at hand.
	open, skip bool
	failing    bool
	planned    bool // something of it is planned
}

func newGatherer(o *Options, s stopped, p *Place, r *Range) *gatherer {
	g := &gatherer{Gathered: Gathered{applied: newApplied(s)}, logs: p.Logs, gap: p.Gap, rng: r, filter: o.Tables, altered: newAlterations()}
	if g.filter == nil {
		g.filter = &filter.Filter{}
	}
	g.run = g.filter.NewRun()
	g.Planner, g.Definitions = plan.NewPlanner(), definitions(o, p, r)
	return g
}

// definitions are those of the files, or else the connected server's. A stopped replica has applied all DDL before the
// failing transaction and none after it: a dump made of it, and its own tables, fit as they are.
func definitions(o *Options, p *Place, r *Range) *changes.Definitions {
	d := &changes.Definitions{Files: o.Files, At: o.FilesAt, Logs: p.Logs, Begin: r.Failing, Replica: true}
	if !p.Given {
		d.Logs = p.logsOf(r.From, p.Transaction.End)
	}
	if o.Files == nil && o.Replica != nil {
		d.Live = o.Replica.Tables()
	}
	return d
}

// walk reads up to the end of the range. It returns the range to walk instead, when something was planned that does not
// belong to it.
func (g *gatherer) walk(ctx context.Context) (instead *Range, err error) {
	w, err := g.logs.From(g.rng.From)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	w.SetCompleter(schema.Completer(ctx, g.Definitions))
	for {
		e, step, err := w.Next()
		switch {
		case err == io.EOF || g.isStillWritten(err):
			return g.endOfLogs()
		case err != nil:
			return nil, err
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case step == txn.Outside:
			g.passOver(e)
			continue
		case step.Begins():
			g.begin(w.Transaction())
		}
		if !g.skip {
			obstacle, err := g.obstacle(e)
			switch {
			case err != nil:
				return nil, err
			case obstacle != "":
				return g.endBefore(obstacle), nil
			}
			if err := g.add(ctx, e, step, w.Transaction()); err != nil {
				return nil, err
			}
		}
		if !step.Ends() {
			continue
		}
		if g.failing && g.cause != nil {
			if err := g.cause.check(w.Transaction()); err != nil {
				return nil, err
			}
		}
		if g.end(w.Transaction()) {
			return nil, nil
		}
	}
}

// isStillWritten reports whether the last log ends inside an event, as it does while the receiver writes it.
func (g *gatherer) isStillWritten(err error) bool {
	var damage *fault.Error
	return g.rng.Ahead > 0 && errors.As(err, &damage) && errors.Is(err, decoder.ErrTruncated) &&
		damage.Pos.File == g.logs.Names[len(g.logs.Names)-1]
}

func (g *gatherer) begin(t txn.Transaction) {
	g.failing = t.Start == g.rng.Failing
	g.open, g.skip = true, g.rng.skips(t)
	g.planned = !g.filter.IsZero() // its account counts the transaction
}

// end ends the transaction at hand and reports whether it is the last of the range.
func (g *gatherer) end(t txn.Transaction) bool {
	g.open, g.planned = false, false
	if g.skip {
		if g.reached {
			g.AfterApplied++
		}
		return false
	}
	g.Transactions, g.last = append(g.Transactions, t), t
	if g.reached {
		g.After++
	}
	g.reached = g.reached || g.failing
	stop := g.rng.Stop
	if stop.File != "" {
		return g.reached && t.End.File == stop.File && t.End.Offset >= stop.Offset
	}
	return g.reached && g.After >= g.rng.Ahead
}

// obstacle says why the transaction at hand can't be planned together with those before it, "" when it can. The failing
// transaction is planned in any case.
func (g *gatherer) obstacle(e *decoder.Event) (string, error) {
	s, altered, err := g.altered.meet(e)
	switch {
	case err != nil || g.failing:
		return "", err
	case altered:
		return fmt.Sprintf("before the first rows of a table that the %s alters: the replica has to apply that first", s), nil
	case g.rng.Ahead == 0:
		return "", nil
	}
	text, err := display.Statement(e)
	if err != nil || text == "" || !changesRows(e) || !g.applied.runs(e) {
		return "", err
	}
	return "before a statement that changes rows and was not logged as rows: " + text, nil
}

// endBefore ends the range before the transaction at hand. Where that comes before the failing one, the range begins with
// the failing one instead: what the appliers have left open before it is in the way of nobody's rows.
func (g *gatherer) endBefore(obstacle string) (instead *Range) {
	if !g.reached {
		r := *g.rng
		r.From = r.Failing
		return &r
	}
	g.Ended = fmt.Sprintf("the range ends at %s:%d, %s; run binmend again if the replica stops behind it",
		short(g.last.End).File, g.last.End.Offset, obstacle)
	return g.withoutThis()
}

// withoutThis is the range up to the transaction before the one at hand; nil when nothing of this one is planned.
func (g *gatherer) withoutThis() *Range {
	if !g.planned {
		return nil
	}
	r := *g.rng
	r.Stop = g.last.End
	return &r
}

// endOfLogs ends the range where the logs do. A transaction that they do not hold whole does not belong to it.
func (g *gatherer) endOfLogs() (instead *Range, err error) {
	if !g.reached {
		return nil, &fault.Error{Reason: ErrEndMissing, What: "the logs end before the transaction does"}
	}
	switch {
	case g.gap != nil && g.rng.Ahead > 0:
		g.Ended = fmt.Sprintf("the range ends at %s:%d, because %s; give what is missing, or run binmend again if the replica stops after it",
			short(g.last.End).File, g.last.End.Offset, g.gap)
	case g.open && g.rng.Ahead == 0:
		g.Ended = fmt.Sprintf("the range ends at %s:%d: the logs end inside the transaction after it", short(g.last.End).File, g.last.End.Offset)
	}
	return g.withoutThis(), nil
}

// add plans what an event changes.
func (g *gatherer) add(ctx context.Context, e *decoder.Event, step txn.Step, t txn.Transaction) error {
	verdict, err := g.run.Add(e, step, t)
	if err != nil {
		return err
	}
	g.Writer = e.Format.Server
	followed, err := g.Definitions.Follow(e)
	if err != nil {
		return err
	}
	if followed {
		g.tables.Clear()
	}
	g.planned = g.planned || followed || e.IsRows()
	if g.failing && g.cause != nil && !e.IsRows() {
		if err := g.cause.meetStatement(e); err != nil {
			return err
		}
	}
	switch {
	case e.IsRows():
		return g.addRows(ctx, e, verdict)
	case verdict == filter.Drop:
		return nil
	}
	text, err := display.Statement(e)
	if err != nil || text == "" || !g.applied.runs(e) || g.rng.Ahead > 0 && !g.failing { // there it is DDL that the applier runs when it comes to it
		return err
	}
	g.planned = true
	g.addStatement(text)
	return nil
}

// passOver looks at an event that belongs to no transaction. One that this program does not know may hold changes all the
// same, unless the server says that it may be ignored.
func (g *gatherer) passOver(e *decoder.Event) {
	switch {
	case e.Type == decoder.EventIncident:
		g.addStatement(fmt.Sprintf("Incident at %d: the source's log has a gap here", e.Pos.Offset))
	case e.IsUnknown():
		g.addStatement(fmt.Sprintf("%s at %d, which is unknown", e.Type, e.Pos.Offset))
	}
}

func (g *gatherer) addStatement(text string) {
	if len(g.Statements) == maxStatements {
		g.MoreStatements++
		return
	}
	g.Statements = append(g.Statements, text)
}

func (g *gatherer) addRows(ctx context.Context, e *decoder.Event, verdict filter.Verdict) error {
	re, err := e.Rows()
	if err != nil {
		return err
	}
	looks := g.failing && g.cause != nil
	if looks {
		g.cause.meet(re)
	}
	if verdict == filter.Drop || !g.applied.takes(re.Map) {
		return nil
	}
	if s, made := g.Definitions.Creator(re.Map); made {
		g.Definitions.Remark(fmt.Sprintf("rows of %s are not covered: the %s makes the table, and the replica does not have it before that",
			display.Printable(re.Map.Database+"."+re.Map.Table), s))
		return nil
	}
	t, err := g.table(ctx, re.Map, e.Pos)
	if err != nil {
		return err
	}
	for row, err := range re.All() {
		if err != nil {
			return err
		}
		if looks {
			g.cause.meetRow(t, row)
		}
		o := plan.Origin{Pos: short(e.Pos), Type: e.Type, Row: re.Number(), Transaction: len(g.Transactions) + 1}
		switch re.Kind {
		case decoder.Insert:
			err = g.Planner.Insert(t, row.After, o)
		case decoder.Update:
			err = g.Planner.Update(t, row.Before, row.After, o)
		case decoder.Delete:
			err = g.Planner.Delete(t, row.Before, o)
		}
		if err != nil {
			return fmt.Errorf("%s at offset %d: row %d: %w", e.Pos.File, e.Pos.Offset, o.Row, err)
		}
		g.Rows++
	}
	return nil
}

// table finds the definition of a table map's table, and makes sure that it fits.
func (g *gatherer) table(ctx context.Context, m *decoder.TableMap, pos decoder.Position) (*schema.Table, error) {
	if t, ok := g.tables.Get(m); ok {
		return t, nil
	}
	ref := schema.Ref{Database: g.applied.filters.Renamed(m.Database), Table: m.Table, Map: m, Pos: pos}
	t, err := g.Definitions.Table(ctx, ref)
	if err != nil && ref.Database != m.Database { // the logs and the source's dump have it by the source's name
		ref.Database = m.Database
		t, err = g.Definitions.Table(ctx, ref)
	}
	if err != nil {
		return nil, err
	}
	t = g.applied.named(t, m)
	if err := schema.VerifyReplica(t, m); err != nil {
		return nil, err
	}
	g.tables.Put(m, t, m.Size()+t.Size())
	return t, nil
}

// plan is all that the changes need, or the half that one error number asks for.
func (g *Gathered) plan(errno int) *plan.Plan {
	switch errno {
	case 1062:
		return g.Planner.Absences()
	case 1032:
		return g.Planner.Presences()
	}
	return g.Planner.Plan()
}

// notes are what a reviewer has to know of what was gathered.
func (g *Gathered) notes(r *Range) []string {
	var notes []string
	if r.Ahead > 0 {
		note := "planned ahead: the failing transaction and " + count(g.After, "transaction") + " behind it"
		if g.AfterApplied > 0 {
			note += fmt.Sprintf(", without %d that are applied already", g.AfterApplied)
		}
		notes = append(notes, note)
	}
	notes = append(notes, g.limits(r)...)
	if n := g.statementCount(); n > 0 {
		notes = append(notes, count(n, "statement")+" logged as such, not as rows, and not covered by this repair: "+g.statements())
	}
	return append(notes, g.Definitions.Remarks...)
}

// limits say what of the range was left out.
func (g *Gathered) limits(r *Range) []string {
	limits := append(slices.Clone(r.Notes), g.applied.notes()...)
	if g.Ended != "" {
		limits = append(limits, g.Ended)
	}
	if g.Filtered != "" {
		limits = append(limits, "only the tables that were asked for are repaired: "+g.Filtered)
	}
	return limits
}

func (g *Gathered) statementCount() int { return len(g.Statements) + g.MoreStatements }

// statements lists the statements, the first few.
func (g *Gathered) statements() string {
	list := strings.Join(g.Statements, " · ")
	if g.MoreStatements > 0 {
		list += fmt.Sprintf(" · and %d more", g.MoreStatements)
	}
	return list
}

// noRows is the error of a range without row changes.
func (g *Gathered) noRows(r *Range) error {
	e := &fault.Error{Reason: ErrNoRows, What: "the range holds no row changes"}
	if remarks := append(g.limits(r), g.Definitions.Remarks...); len(remarks) > 0 {
		e.What += " to repair: " + strings.Join(remarks, "; ")
	} else if len(g.Statements) > 0 {
		e.What += ", only statements: " + g.statements()
	}
	if !g.Writer.AtLeast(5, 1, 0) {
		e.Reason = ErrNoRowEvents
		e.What += "; the log is of MySQL " + g.Writer.Text
	}
	return e
}

func count(n int, what string) string { return display.Count(uint64(n), what) }
