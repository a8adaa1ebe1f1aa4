package repair

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/decoder/cache"
	"binmend/decoder/fault"
	"binmend/decoder/filter"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/decoder/words"
	"binmend/emit/display"
	"binmend/emit/plan"
	"binmend/schema"
	"binmend/schema/changes"
)

// gather walks the range once and plans its row changes. If a transaction turns out not to belong to the range after some of its rows
// are planned, it walks again without it.
func (x *subject) gather(ctx context.Context, r *Range) (*Gathered, error) {
	ended := ""
	for {
		g := x.gatherer(r)
		next, err := g.walk(ctx)
		if err != nil {
			return nil, err
		}
		ended = cmp.Or(ended, g.Ended)
		if next == nil {
			g.Ended = ended
			if !g.filter.IsZero() {
				g.Filtered = g.run.Account.Describe(x.options.Names.condition)
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
	layouts cache.Cache[*decoder.TableMap, *schema.Layout]
	altered alterations
	wanted  *cause // to be found in the failing transaction; nil when it need not be

	most, size uint64 // bytes of memory: allowed, and of the table maps of the rows that the planner has

	last    txn.Transaction // of those that are planned
	reached bool            // the failing transaction is among them

	// The transaction at hand.
	open, skip bool
	uncertain  bool   // it may be applied already
	cause      *cause // to be found in it; nil in all but the failing one
	failing    bool
	planned    bool // something of it is planned
	prefix     prefix

	row           decoder.Row    // scratch: a row as the replica has it
	before, after []decoder.Cell // of it
}

func (x *subject) gatherer(r *Range) *gatherer {
	o, s, p := x.options, x.stopped, x.place
	g := &gatherer{Gathered: Gathered{applier: newApplier(s, x.version)}, wanted: causeOf(o, s), prefix: newPrefix(s), logs: p.Logs, gap: p.Gap, rng: r, filter: o.Tables, altered: newAlterations()}
	if g.filter == nil {
		g.filter = &filter.Filter{}
	}
	g.run, g.most = g.filter.NewRun(), cmp.Or(o.MaxMemory, DefaultMemory)
	g.before, g.after = make([]decoder.Cell, 0, 64), make([]decoder.Cell, 0, 64)
	g.Checks.replica = o.Replica
	g.Planner, g.Definitions = plan.NewPlanner(), definitions(o, p, r)
	return g
}

// definitions are those of the files or else the connected server's. A stopped replica has applied all DDL before the failing
// transaction and none after it, so its own tables, and a dump of it, fit as they are.
func definitions(o *Options, p *Place, r *Range) *changes.Definitions {
	d := &changes.Definitions{Files: o.Files, At: o.FilesAt, Logs: p.Logs, Begin: r.Failing, Replica: true, IfUndated: o.Names.Undated}
	if !p.Given {
		d.Logs = p.logsOf(r.From, p.Transaction.End)
	}
	if o.Files == nil && o.Replica != nil {
		d.Live = o.Replica.Tables()
	}
	return d
}

// walk reads up to the end of the range. If something was planned that does not belong to the range, it returns the range to walk
// instead.
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
			err = g.addEvent(ctx, e, step, w.Transaction())
			switch {
			case errors.Is(err, ErrTooMuch) && g.reached:
				return g.endBefore("before rows that take more memory than is allowed together"), nil
			case err != nil:
				return nil, err
			}
		}
		if !step.Ends() {
			continue
		}
		if last, err := g.end(w.Transaction()); last || err != nil {
			return nil, err
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
	g.open, g.skip, g.uncertain = true, g.rng.skips(t), g.rng.isUncertain(t)
	g.planned = !g.filter.IsZero() // its account counts the transaction
	g.cause = nil
	if g.failing {
		g.cause = g.wanted
	}
}

// end ends the current transaction and reports whether it is the last of the range.
func (g *gatherer) end(t txn.Transaction) (last bool, err error) {
	g.open, g.planned = false, false
	if g.skip {
		if g.reached {
			g.AfterApplied++
		}
		return false, nil
	}
	if err := g.cause.check(t); err != nil {
		return false, err
	}
	if g.cause != nil {
		g.Conflict = g.cause.conflict
	}
	if g.failing {
		var remark string
		if g.Written, remark = g.prefix.kept(); remark != "" {
			g.Definitions.Remark(remark)
		}
	}
	g.Transactions, g.last = append(g.Transactions, t), t
	if g.reached {
		g.After++
	}
	g.reached = g.reached || g.failing
	if stop := g.rng.Stop; stop.File != "" {
		return g.reached && t.End.File == stop.File && t.End.Offset >= stop.Offset, nil
	}
	return g.reached && g.After >= g.rng.Ahead, nil
}

// obstacle says why the current transaction can't be planned together with those before it, "" if it can. The failing transaction is
// always planned.
func (g *gatherer) obstacle(e *decoder.Event) (string, error) {
	s, altered, err := g.altered.meet(e)
	switch {
	case err != nil || g.failing:
		return "", err
	case altered:
		return fmt.Sprintf("before the first rows of a table that the %s alters: the replica has to apply that first", s), nil
	case g.rng.Ahead == 0:
		return "", nil
	case g.uncertain:
		return "before a transaction of another GTID domain, which may be applied already: a status as SHOW ALL SLAVES STATUS prints it tells that", nil
	case rollsBack(e):
		return "before an XA ROLLBACK, which takes back rows", nil
	}
	text, err := display.Statement(e)
	if err != nil || text == "" || !changesRows(e) || !g.applier.runs(e) {
		return "", err
	}
	return "before a statement that changes rows and was not logged as rows: " + text, nil
}

// endBefore ends the range before the current transaction. If that comes before the failing one, the range begins with the failing
// one instead: the transactions that the appliers have left open before it do not conflict with it.
func (g *gatherer) endBefore(obstacle string) (instead *Range) {
	if !g.reached {
		r := *g.rng
		r.From = r.Failing
		return &r
	}
	g.Ended = fmt.Sprintf("the range ends at %s:%d, %s; run binmend again if the replica stops after it",
		short(g.last.End).File, g.last.End.Offset, obstacle)
	return g.withoutThis()
}

// withoutThis is the range up to the transaction before the current one; nil if nothing of the current one is planned.
func (g *gatherer) withoutThis() *Range {
	if !g.planned {
		return nil
	}
	r := *g.rng
	r.Stop = g.last.End
	return &r
}

// endOfLogs ends the range at the end of the logs. An incomplete transaction does not belong to it.
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

// addEvent plans what an event changes.
func (g *gatherer) addEvent(ctx context.Context, e *decoder.Event, step txn.Step, t txn.Transaction) error {
	verdict, err := g.run.AddEvent(e, step, t)
	if err != nil {
		return err
	}
	g.Writer = e.Format.Server
	followed, err := g.Definitions.Follow(e)
	if err != nil {
		return err
	}
	if followed {
		g.layouts.Clear()
	}
	g.planned = g.planned || followed || e.IsRows()
	if err := g.cause.meetStatement(e); err != nil {
		return err
	}
	switch {
	case e.IsRows():
		return g.addRows(ctx, e, verdict)
	case verdict == filter.Drop:
		return nil
	}
	text, err := display.Statement(e)
	if err != nil || text == "" || !g.applier.runs(e) || g.rng.Ahead > 0 && !g.failing { // after the failing one: the applier will run the DDL itself
		return err
	}
	g.planned = true
	g.addStatement(text)
	return nil
}

// passOver checks an event outside transactions. An unknown event may hold changes all the same, unless the server says that it may
// be ignored.
func (g *gatherer) passOver(e *decoder.Event) {
	switch {
	case e.Type == decoder.EventIncident:
		g.addStatement(fmt.Sprintf("Incident at %d: the source's log has a gap here", e.Pos.Offset))
	case e.IsUnknown():
		g.addStatement(fmt.Sprintf("%s at %d, which is unknown", e.Type, e.Pos.Offset))
	}
}

// addRows plans the rows of an event, unless they are left out.
func (g *gatherer) addRows(ctx context.Context, e *decoder.Event, verdict filter.Verdict) error {
	re, err := e.Rows()
	if err != nil {
		return err
	}
	g.cause.meet(re)
	if verdict == filter.Drop {
		g.cause.passOver()
		return nil
	}
	if !g.applier.takes(re.Map) {
		return g.cause.leftOut()
	}
	if s, made := g.Definitions.Creator(re.Map); made {
		g.cause.passOver()
		g.Definitions.Remark(fmt.Sprintf("rows of %s are not covered: the %s makes the table, and the replica does not have it before that",
			display.Printable(re.Map.Database+"."+re.Map.Table), s))
		return nil
	}
	l, err := g.layout(ctx, re.Map, e.Pos)
	if err != nil {
		return err
	}
	if g.failing {
		g.prefix.meet(e, l.Table, g.cause.isOfTable())
		g.Halves.meet(e, l.Table)
	}
	for row, err := range re.All() {
		if err != nil {
			return err
		}
		o := plan.Origin{Pos: short(e.Pos), Type: e.Type, Row: re.Number(), Transaction: len(g.Transactions) + 1}
		if err := g.addRow(ctx, re, l, row, o); err != nil {
			return fmt.Errorf("%s at offset %d: row %d: %w", e.Pos.File, e.Pos.Offset, o.Row, err)
		}
		if size := uint64(g.Planner.Size()) + g.size; size > g.most {
			return &fault.Error{Reason: ErrTooMuch, Pos: e.Pos, What: fmt.Sprintf("what a repair has to know of %s up to here takes more than %d MiB of memory",
				words.Count(g.Rows, "row"), g.most>>20)}
		}
	}
	return nil
}

// addRow plans a row as the replica has it.
func (g *gatherer) addRow(ctx context.Context, re *decoder.RowsEvent, l *schema.Layout, logged *decoder.Row, o plan.Origin) (err error) {
	row, t := &g.row, l.Table
	if row.Before, err = l.Row(g.before[:0], logged.Before); err != nil {
		return err
	}
	if row.After, err = l.Row(g.after[:0], logged.After); err != nil {
		return err
	}
	g.cause.meetRow(t, row)
	if g.failing {
		g.prefix.addRow(t, row, o)
	}
	g.Parents.addRow(re.Flags, t, row, o)
	g.Children.addRow(re.Flags, t, row, o)
	if err := g.Checks.addRow(ctx, t, row.After, o, false); err != nil {
		return err
	}
	g.Rows++
	switch re.Kind {
	case decoder.Insert:
		return g.Planner.Insert(t, row.After, o)
	case decoder.Update:
		return g.Planner.Update(t, row.Before, row.After, o)
	}
	return g.Planner.Delete(t, row.Before, o)
}

// layout finds the replica's definition of a table map's table, and how its columns match the log's.
func (g *gatherer) layout(ctx context.Context, m *decoder.TableMap, pos decoder.Position) (*schema.Layout, error) {
	if l, ok := g.layouts.Get(m); ok {
		return l, nil
	}
	ref := schema.Ref{Database: g.applier.filters.Renamed(m.Database), Table: m.Table, Map: m, Pos: pos}
	t, err := g.Definitions.Table(ctx, ref)
	if err != nil && ref.Database != m.Database { // the logs and the source's dump use the source's name
		ref.Database = m.Database
		t, err = g.Definitions.Table(ctx, ref)
	}
	if err != nil {
		return nil, err
	}
	if t, err = g.Definitions.WithEffects(ctx, t); err != nil {
		return nil, err
	}
	l, err := schema.LayoutOf(g.applier.named(t, m), m)
	if err != nil {
		return nil, err
	}
	l.Table = g.applier.checked(l.Table, m)
	if len(l.Notes) > 0 {
		g.addDiffering(l)
	}
	for _, difference := range l.Table.OtherCollations(m) {
		if risk := l.Table.FullName() + ": " + difference; !slices.Contains(g.Collations, risk) {
			g.Collations = append(g.Collations, risk)
		}
	}
	if g.isUnsure(ctx, l, &ref) && !slices.ContainsFunc(g.Unsure, l.Table.IsNamedLike) {
		g.Unsure = append(g.Unsure, l.Table)
	}
	g.layouts.Put(m, l, m.Size()+l.Table.Size())
	g.size += uint64(m.Size())
	return l, nil
}

// addDiffering notes a table that differs from the log's.
func (g *gatherer) addDiffering(l *schema.Layout) {
	if i := slices.IndexFunc(g.Differing, l.Table.IsNamedLike); i >= 0 {
		if known := g.Differing[i]; reflect.DeepEqual(known.Columns, l.Table.Columns) && reflect.DeepEqual(known.Keys, l.Table.Keys) {
			l.Table = known // the planner keeps each table that it is given
		}
		return
	}
	g.Differing = append(g.Differing, l.Table)
	g.Definitions.Remark(fmt.Sprintf("the replica's %s is not the source's, and the applier maps its columns by position: %s",
		display.Printable(l.Table.FullName()), display.Printable(strings.Join(l.Notes, "; "))))
}

// isUnsure reports whether the replica may have other columns than the definition: it is one of the files, which is not the log's, or
// of an unknown time, or has members of ENUM or SET that the log does not tell, or it is one of the logs, which is not the files'.
func (g *gatherer) isUnsure(ctx context.Context, l *schema.Layout, ref *schema.Ref) bool {
	files := g.Definitions.Files
	if g.Definitions.Live != nil || files == nil {
		return false
	}
	for i := range ref.Map.Columns {
		if t := ref.Map.Columns[i].Type; (t == decoder.TypeEnum || t == decoder.TypeSet) && ref.Map.Columns[i].Members == nil {
			return true
		}
	}
	if len(l.Notes) > 0 || g.Definitions.IsUndated(*ref) {
		return true
	}
	given, err := files.Table(ctx, *ref)
	return err == nil && !slices.EqualFunc(given.Columns, l.Table.Columns, func(a, b schema.Column) bool { return a.Name == b.Name })
}
