package span

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/gtid"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/schema"
	"binmend/schema/changes"
	"binmend/schema/dump"
)

// timeline says which table a name stands for at each place of the logs. The goroutine that reads makes it while the rows are read. If
// something later in the logs decides how earlier rows are to be read, that is errLater: then it is made first, in a walk of its own.
type timeline struct {
	options *Options
	isAhead bool // it is made before the rows are read
	files   map[string]int
	own     map[string]string // names of the source's logs by file; none for relay logs
	foreign map[string]uint32 // who wrote logs that are not the source's, by file

	mu         sync.Mutex // of all that follows: workers ask while it is made
	names      map[dump.Name][]segment
	tables     []*Table
	made       map[string]bool            // databases that the span makes
	marks      []place                    // where statements changed what names stand for, or columns
	generation atomic.Uint64              // how many of them there are
	seen       map[*decoder.TableMap]bool // the table maps since the last mark
	number     int                        // of the current transaction
	applied    bool                       // the replica has applied it
	later      bool                       // errLater

	parser     *dump.Parser
	maps       map[*Table]*decoder.TableMap
	unexecuted map[decoder.Position]bool // statements that the replica has not run
	all        barrier                   // of every table
	statements []string                  // that changed rows by themselves, the first few
	more       int                       // beyond those
	cascades   cascades
	prepared   map[string]decoder.Position // by XID: XA transactions that are not ended yet
	reached    reached
	isPending  bool // transactions of the logs are not applied
}

// errLater: the rows can't be read in one walk.
var errLater = errors.New("what comes later in the logs tells how to read rows before it")

// reached is up to where the logs go.
type reached struct {
	executed gtid.Set
	domains  map[uint32]uint64
	file     string // of the source's log
	pos      uint64
}

func newTimeline(o *Options) (*timeline, error) {
	l := &timeline{options: o, files: map[string]int{}, own: map[string]string{}, foreign: map[string]uint32{}, names: map[dump.Name][]segment{}, made: map[string]bool{}, seen: map[*decoder.TableMap]bool{},
		parser: dump.NewParser(), maps: map[*Table]*decoder.TableMap{}, unexecuted: map[decoder.Position]bool{},
		prepared: map[string]decoder.Position{}, cascades: cascades{mapped: map[string]bool{}, hidden: map[string]bool{}}, reached: reached{domains: map[uint32]uint64{}}}
	for i, name := range o.Range.Names {
		l.files[name] = i
		head, err := o.Range.ReadHead(name)
		if err != nil {
			return nil, err
		}
		if !head.Relay {
			l.own[name] = filepath.Base(name)
			if source := o.Progress.Source; source != 0 && head.Writer != 0 && head.Writer != source {
				l.foreign[name] = head.Writer
			}
		}
	}
	return l, nil
}

func (l *timeline) placeOf(pos decoder.Position, inner int) place {
	return place{l.files[pos.File], pos.Offset, inner}
}

// isApplied reports whether the replica has applied a transaction.
func (l *timeline) isApplied(t *txn.Transaction) bool {
	if l.foreign[t.Start.File] != 0 {
		return l.options.Progress.Applied.Has(t.GTID)
	}
	return l.options.Progress.Has(t, l.own[t.Start.File])
}

// isVisible reports whether the replica has applied a transaction and shows its changes.
func (l *timeline) isVisible(t *txn.Transaction) bool {
	if !l.isApplied(t) || !l.isAhead {
		return l.isApplied(t)
	}
	for _, start := range l.prepared {
		if start == t.Start {
			return false
		}
	}
	return true
}

// read walks the logs.
func (l *timeline) read(ctx context.Context) error {
	l.isAhead = true
	w, err := l.options.Range.Transactions()
	if err != nil {
		return err
	}
	defer w.Close()
	for e, err := range w.All(ctx) {
		if err != nil {
			return err
		}
		if err := l.watch(ctx, e, w); err != nil {
			return err
		}
	}
	return nil
}

// watch takes the next event.
func (l *timeline) watch(ctx context.Context, e *decoder.Event, w *walk.Walk) error {
	if w.Step() == txn.Inside && l.isPlain(e) {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.addEvent(ctx, e, w)
	if err != nil {
		return fmt.Errorf("%s at offset %d: %w", e.Pos.File, e.Pos.Offset, err)
	}
	if l.later && !l.isAhead {
		return errLater
	}
	return nil
}

// isPlain reports whether an event inside a transaction says nothing new: nearly all events.
func (l *timeline) isPlain(e *decoder.Event) bool {
	hasReferences := len(l.options.Effects.References) > 0
	switch {
	case e.Type == decoder.EventRowsQuery || e.Type == decoder.EventMariaAnnotateRows:
		return true
	case e.IsRows():
		return !hasReferences
	case e.Type == decoder.EventTableMap && !hasReferences && l.applied:
		m, err := e.TableMap()
		return err == nil && l.seen[m]
	}
	return false
}

// maxSeen bounds the table maps that are remembered.
const maxSeen = 4096

func (l *timeline) addEvent(ctx context.Context, e *decoder.Event, w *walk.Walk) error {
	step := w.Step()
	if step == txn.Inside && e.IsRows() {
		return l.watchCascades(e)
	}
	t := w.Transaction()
	if t.Number != l.number || step.Begins() {
		l.number, l.applied = t.Number, l.isApplied(&t)
	}
	l.reach(e, &t)
	if writer := l.foreign[t.Start.File]; writer != 0 && step.Begins() && t.GTID.IsZero() {
		return &fault.Error{Reason: ErrForeign, What: fmt.Sprintf("server id %d wrote the log, and the replica's source is server id %d: without GTIDs "+
			"it does not say what the replica has applied of it", writer, l.options.Progress.Source)}
	}
	switch {
	case step == txn.Outside:
		if e.Type == decoder.EventIncident {
			l.lose(e, "the source's log has a gap (Incident) here")
		}
		return nil
	case !l.applied:
		l.isPending = true
		if isQuery(e) {
			l.noteRollback(e)
		}
		if _, isDDL, err := changes.ReadStatement(e); isDDL || err != nil {
			l.unexecuted[e.Pos] = true
		}
		return nil
	case e.Type == decoder.EventTableMap:
		m, err := e.TableMap()
		if err == nil {
			err = l.addMap(ctx, e, m, t.Start)
		}
		return err
	case e.Type == decoder.EventXAPrepare:
		return l.prepare(e, t.Start)
	case e.Type == decoder.EventExecuteLoadQuery || e.Type == decoder.EventIncident:
		l.lose(e, "a "+e.Type.String()+" event changes rows that are not in the log")
		return nil
	}
	return l.addStatement(e)
}

// addMap takes the table map of rows that are applied.
func (l *timeline) addMap(ctx context.Context, e *decoder.Event, m *decoder.TableMap, start decoder.Position) error {
	if len(l.options.Effects.References) > 0 {
		l.watchMap(m, start)
	}
	if len(l.seen) == maxSeen {
		clear(l.seen)
	}
	l.seen[m] = true
	if !l.options.takes(m) {
		return nil
	}
	t := l.at(dump.Name{Database: m.Database, Table: m.Table}, l.placeOf(e.Pos, e.Inner))
	l.maps[t] = m
	if t.first == nil {
		t.first = m
	}
	if l.isAhead || t.settled {
		return nil
	}
	return l.settle(ctx, t)
}

// reach notes how far the logs go.
func (l *timeline) reach(e *decoder.Event, t *txn.Transaction) {
	if e.IsGtid() {
		switch t.GTID.Flavor {
		case gtid.MariaDB:
			l.reached.domains[t.GTID.Domain] = max(l.reached.domains[t.GTID.Domain], t.GTID.Seq)
		default:
			l.reached.executed.Add(t.GTID)
		}
	}
	if own := l.own[e.Pos.File]; own != "" {
		l.reached.file, l.reached.pos = own, uint64(e.End())
	} else if t.SourceFile != "" && e.EndLogPos > 0 {
		l.reached.file, l.reached.pos = t.SourceFile, uint64(e.EndLogPos)
	}
}

// prepare notes an XA transaction whose changes nobody sees before it is committed.
func (l *timeline) prepare(e *decoder.Event, start decoder.Position) error {
	x, err := e.XAPrepare()
	if err == nil && !x.OnePhase {
		l.prepared[fmt.Sprintf("%X',X'%X',%d", x.Gtrid, x.Bqual, x.FormatID)] = start
	}
	return err
}

// settle finds the replica's own definition of a table.
func (l *timeline) settle(ctx context.Context, t *Table) error {
	found, err := l.find(ctx, t, t.first)
	if err == nil {
		t.settle(found)
	}
	return err
}

// find finds the replica's own definition of a table as it takes the rows of a table map; nil where it has none.
func (l *timeline) find(ctx context.Context, t *Table, m *decoder.TableMap) (*schema.Table, error) {
	found, err := l.options.Server.Table(ctx, schema.Ref{Database: l.options.Filters.Renamed(t.Name.Database), Table: t.Name.Table})
	if err != nil {
		if isMissing(err) {
			err = nil
		}
		return nil, err
	}
	if m != nil {
		if layout, err := schema.LayoutOf(found, m); err == nil {
			found = layout.Table
		}
	}
	return found, nil
}

// settleAll settles the tables that are there at the end.
func (l *timeline) settleAll(ctx context.Context) error {
	for _, t := range l.tables {
		if t.gone || t.settled {
			continue
		}
		if l.isAhead && l.maps[t] != nil {
			t.first = l.maps[t]
		}
		if err := l.settle(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// check is errLater where one walk was not enough.
func (l *timeline) check(ctx context.Context) error {
	if len(l.prepared) > 0 {
		return errLater
	}
	for t, m := range l.maps {
		if t.gone || m == t.first || t.Table == nil {
			continue
		}
		found, err := l.find(ctx, t, m)
		if err != nil {
			return err
		}
		if found == nil || !slices.EqualFunc(found.Columns, t.Table.Columns, func(a, b schema.Column) bool { return a.Local == b.Local }) {
			return errLater
		}
	}
	return nil
}
