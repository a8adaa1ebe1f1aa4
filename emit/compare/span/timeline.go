package span

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/filter"
	"binmend/decoder/gtid"
	"binmend/decoder/statement"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/emit/display"
	"binmend/schema"
	"binmend/schema/changes"
	"binmend/schema/dump"
	"binmend/schema/replica"
)

// timeline says which table a name stands for at each place of the logs. It is made while the rows are read, by the goroutine that
// reads. Where what comes later tells how rows before it are to be read, that is errLater: then it is made in a walk of its own
// first.
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

// segment is the time in which a name stands for a table.
type segment struct {
	from  place
	table *Table
}

// barrier is where what was known of a table's rows ends to count: a statement changed rows by itself.
type barrier struct {
	at  place
	why string // "" for none
}

// hides reports whether what an event at a place says of rows does not count.
func (b *barrier) hides(at place) bool { return b.why != "" && at.before(b.at) }

// reached is up to where the logs go.
type reached struct {
	executed gtid.Set
	domains  map[uint32]uint64
	file     string // of the source's log
	pos      uint64
}

// maxStatements bounds the statements that are kept; they are only shown.
const maxStatements = 10

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

// mark notes that a statement may change what names stand for.
func (l *timeline) mark(at place) {
	l.marks = append(l.marks, at)
	l.generation.Add(1)
	clear(l.seen)
}

// markAfter is the next mark after a place.
func (l *timeline) markAfter(at place) (next place, ok bool) {
	i := sort.Search(len(l.marks), func(i int) bool { return at.before(l.marks[i]) })
	if i == len(l.marks) {
		return place{}, false
	}
	return l.marks[i], true
}

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

// noteRollback notes a statement that may take changes back.
func (l *timeline) noteRollback(e *decoder.Event) {
	q, err := e.Query()
	l.later = l.later || err != nil || walk.MentionsRollback(q.SQL)
}

func isQuery(e *decoder.Event) bool {
	return e.Type == decoder.EventQuery || e.Type == decoder.EventMariaQueryCompressed
}

// MySQL 9.6 and later hand on in the server what foreign keys ask for, and log it: a transaction that deletes rows of a parent maps
// the child as well. With innodb_native_foreign_keys they do not.
type cascades struct {
	start  decoder.Position // of the current transaction
	mapped map[string]bool  // tables, by "database.table" in lower case
	hidden map[string]bool  // parents whose rows a transaction deletes that does not map their children
}

func lowerName(database, table string) string { return strings.ToLower(database + "." + table) }

func (l *timeline) watchMap(m *decoder.TableMap, start decoder.Position) {
	if l.cascades.start != start {
		l.cascades.start = start
		clear(l.cascades.mapped)
	}
	l.cascades.mapped[lowerName(m.Database, m.Table)] = true
}

func (l *timeline) watchCascades(e *decoder.Event) error {
	if kind, _ := e.RowsKind(); kind != decoder.Delete || !e.Format.Server.LogsCascades() {
		return nil
	}
	m, err := e.RowsTable()
	if err != nil {
		return err
	}
	for _, r := range l.options.Effects.References {
		if r.OnDelete && strings.EqualFold(r.Parent.Table, m.Table) && !l.cascades.mapped[lowerName(m.Database, r.Child.Table)] {
			l.cascades.hidden[lowerName(m.Database, m.Table)], l.later = true, true
		}
	}
	return nil
}

// hasCascades reports whether the log has what foreign keys make of a parent's changes.
func (l *timeline) hasCascades(f *decoder.Format, m *decoder.TableMap) bool {
	return f != nil && f.Server.LogsCascades() && (!l.isAhead || !l.cascades.hidden[lowerName(m.Database, m.Table)])
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

func (l *timeline) addStatement(e *decoder.Event) error {
	if !isQuery(e) {
		return nil
	}
	q, st, err := statement.Of(e)
	l.later = l.later || err == nil && walk.MentionsRollback(q.SQL)
	switch {
	case err != nil || st.HasNoEffect():
		return err
	case st.Verb == statement.XACommit || st.Verb == statement.XARollback:
		_, id, _ := strings.Cut(strings.ToUpper(string(q.SQL)), "X'")
		delete(l.prepared, strings.TrimSpace(id))
		return nil
	case st.IsFrame():
		return nil
	}
	context := statement.ContextOf(q, e.Format.Server)
	objects := slices.Collect(schema.ObjectsOf(q, st, e.Format.Server))
	if !l.options.Filters.AppliesStatement(string(q.Database), tableNames(objects)) {
		l.unexecuted[e.Pos] = true
		return nil
	}
	at := l.placeOf(e.Pos, e.Inner)
	l.mark(at)
	if st.Kind == statement.DDL {
		if err := l.addDDL(e, st, at, text(e), voidedBy(q.SQL, context)); err != nil {
			l.lose(e, "a statement that is not understood: "+text(e))
			return nil
		}
		if st.Verb == statement.Truncate {
			for _, o := range objects {
				name := dump.Name{Database: cmp.Or(o.Database, string(q.Database)), Table: o.Name}
				l.begin(name, at, l.origin(e), true)
			}
			return nil
		}
	}
	if st.MayChangeRows() && !st.TakesBack() && !st.OpensTransaction && !(st.Kind == statement.DDL && st.Temporary) {
		l.addChange(e, st, objects, at)
	}
	return nil
}

// prepare notes an XA transaction whose changes nobody sees before it is committed.
func (l *timeline) prepare(e *decoder.Event, start decoder.Position) error {
	x, err := e.XAPrepare()
	if err == nil && !x.OnePhase {
		l.prepared[fmt.Sprintf("%X',X'%X',%d", x.Gtrid, x.Bqual, x.FormatID)] = start
	}
	return err
}

func text(e *decoder.Event) string {
	text, _ := display.Statement(e)
	return text
}

// tokens are the names that a statement has, in lower case.
func tokens(sql []byte, context statement.Context) map[string]bool {
	names := map[string]bool{}
	s := statement.NewScanner(sql, context)
	for t := s.Next(); t.Kind != statement.End; t = s.Next() {
		if name, ok := s.Name(t); ok {
			names[strings.ToLower(string(name))] = true
		}
	}
	return names
}

func tableNames(objects []statement.Name) (names []replica.TableName) {
	for _, o := range objects {
		names = append(names, replica.TableName{Database: o.Database, Table: o.Name})
	}
	return names
}

// addDDL follows what a statement makes of tables.
func (l *timeline) addDDL(e *decoder.Event, st statement.Statement, at place, text string, voids map[string]bool) error {
	s, ok, err := changes.ReadStatement(e)
	if err != nil || !ok {
		return err
	}
	return l.parser.Parse(s.Statement, func(c *dump.Change) { l.change(c, e, st, at, text, voids) })
}

func (l *timeline) change(c *dump.Change, e *decoder.Event, st statement.Statement, at place, text string, voids map[string]bool) {
	switch c.Kind {
	case dump.CreateTable, dump.CreateTableLike:
		if !c.Optional || c.Certain || l.isEnded(c.Name) || l.made[c.Name.Database] && !l.isKnown(c.Name) {
			l.begin(c.Name, at, l.origin(e), !st.ChangesRows || st.OpensTransaction)
		}
	case dump.AlterTable:
		t := l.current(c.Name, at)
		t.alters = append(t.alters, alter{at, voids, text, st.Object == statement.IndexObject})
		l.later = l.later || t.first != nil && st.Object != statement.IndexObject
	case dump.RenameTable:
		from, to := l.fold(c.Name), l.fold(c.Other)
		t := l.current(from, at)
		l.later = l.later || t.first != nil
		l.names[from] = append(l.names[from], segment{from: at})
		l.end(to, at)
		t.Name = to
		l.names[to] = append(l.names[to], segment{at, t})
	case dump.DropTable:
		l.end(c.Name, at)
	case dump.SetDatabase:
		if st.Verb == statement.Create && !c.Optional {
			l.made[c.Name.Database] = true
		}
	case dump.DropDatabase:
		delete(l.made, c.Name.Database)
		for name := range l.names {
			if name.Database == c.Name.Database {
				l.end(name, at)
			}
		}
	case dump.Lost:
		t := l.current(c.Name, at)
		t.alters = append(t.alters, alter{at: at, text: text})
		l.later = l.later || t.first != nil
		t.undo(barrier{at, "a statement that is not understood: " + text})
	}
}

// voidedBy are the columns whose values an ALTER TABLE may change: all that it names, when it does more to any of them than to read
// it for a key. The names of keys that it drops or renames do not count: a key is often called as its column.
func voidedBy(sql []byte, context statement.Context) map[string]bool {
	names := map[string]bool{}
	s := statement.NewScanner(sql, context)
	for t := s.Next(); t.Kind != statement.End; t = s.Next() {
		if s.Is(t, "DROP") || s.Is(t, "RENAME") {
			s = passKeyName(s)
		}
		if name, ok := s.Name(t); ok {
			names[strings.ToLower(string(name))] = true
		}
	}
	for _, verb := range []string{"change", "modify", "drop", "rename", "convert"} {
		if names[verb] {
			return names
		}
	}
	return map[string]bool{}
}

// passKeyName passes over the name of a key or constraint, if the clause that a scanner stands in drops or renames one.
func passKeyName(clause statement.Scanner) statement.Scanner {
	s := clause
	switch t := s.Next(); {
	case s.Is(t, "FOREIGN"):
		s.Next()
	case !s.Is(t, "INDEX") && !s.Is(t, "KEY") && !s.Is(t, "CONSTRAINT") && !s.Is(t, "CHECK"):
		return clause
	}
	if s.Is(s.Next(), "IF") {
		s.Next()
		s.Next()
	}
	after := s
	if s.Is(s.Next(), "TO") {
		s.Next()
		after = s
	}
	return after
}

// addChange notes a statement that changed rows by itself.
func (l *timeline) addChange(e *decoder.Event, st statement.Statement, objects []statement.Name, at place) {
	q, _ := e.Query()
	names := tokens(q.SQL, statement.ContextOf(&q, e.Format.Server))
	change := barrier{at, "a statement that was logged as such changed rows after the log's last image of them: " + text(e)}
	isPlain := st.Verb == statement.Insert || st.Verb == statement.Replace || st.Verb == statement.Update || st.Verb == statement.Delete ||
		st.Kind == statement.DDL && len(objects) > 0
	if !isPlain || l.options.Effects.runsMore(names) {
		l.keep(text(e))
		l.everyTable(e, change.why)
		return
	}
	for _, o := range objects {
		l.current(dump.Name{Database: cmp.Or(o.Database, string(q.Database)), Table: o.Name}, at)
	}
	isWanted := true
	if target := st.Target(q.SQL, statement.ContextOf(&q, e.Format.Server)); target.Name != "" { // the others are read
		names = map[string]bool{strings.ToLower(target.Name): true}
		isWanted = l.options.isWanted(filter.Table{Database: cmp.Or(target.Database, string(q.Database)), Name: target.Name})
	}
	for _, t := range l.tables {
		if !t.gone && (names[strings.ToLower(t.Name.Table)] || l.options.Effects.reaches(names, t.Name)) {
			t.undo(change)
			isWanted = isWanted || l.options.isWanted(filter.Table{Database: t.Name.Database, Name: t.Name.Table})
		}
	}
	if isWanted {
		l.keep(text(e))
	}
}

// undo makes nothing count that was known of the table's rows.
func (t *Table) undo(b barrier) { t.undone, t.Whole = b, false }

// keep keeps a statement for the report.
func (l *timeline) keep(text string) {
	if len(l.statements) < maxStatements {
		l.statements = append(l.statements, text)
	} else {
		l.more++
	}
}

// lose is everyTable for what is no statement that can be shown.
func (l *timeline) lose(e *decoder.Event, why string) {
	l.keep(why)
	l.everyTable(e, why)
}

// everyTable notes that any row of any table may be another one from here on.
func (l *timeline) everyTable(e *decoder.Event, why string) {
	l.all = barrier{l.placeOf(e.Pos, e.Inner), why}
	l.mark(l.all.at)
	for _, t := range l.tables {
		t.Whole = false
	}
}

func (l *timeline) origin(e *decoder.Event) Origin { return Origin{Pos: e.Pos, Type: e.Type} }

func (l *timeline) isKnown(name dump.Name) bool {
	list := l.names[l.fold(name)]
	return len(list) > 0 && list[len(list)-1].table != nil
}

// isEnded reports whether the span has dropped what a name stood for.
func (l *timeline) isEnded(name dump.Name) bool {
	list := l.names[l.fold(name)]
	return len(list) > 0 && list[len(list)-1].table == nil
}

// fold is a name as the replica compares it.
func (l *timeline) fold(name dump.Name) dump.Name {
	if l.options.Filters.LowerCase {
		return name.Fold()
	}
	return name
}

// begin begins a table under a name: one that is made, or emptied.
func (l *timeline) begin(name dump.Name, at place, o Origin, whole bool) {
	name = l.fold(name)
	l.end(name, at)
	t := l.newTable(name)
	t.Whole, t.empty, t.Begun = whole, whole, o
	l.names[name] = append(l.names[name], segment{at, t})
}

func (l *timeline) newTable(name dump.Name) *Table {
	t := &Table{Name: name, id: uint32(len(l.tables)), prefix: appendUnsigned(nil, uint64(len(l.tables)))}
	l.tables = append(l.tables, t)
	return t
}

// end ends what a name stands for.
func (l *timeline) end(name dump.Name, at place) {
	name = l.fold(name)
	list := l.names[name]
	if len(list) == 0 || list[len(list)-1].table == nil {
		if len(list) == 0 {
			t := l.newTable(name)
			t.gone = true
			list = append(list, segment{table: t})
		}
	} else {
		list[len(list)-1].table.gone = true
	}
	l.names[name] = append(list, segment{from: at})
}

// current is the table that has a name now; one from before the span where nothing is known of it.
func (l *timeline) current(name dump.Name, at place) *Table {
	name = l.fold(name)
	list := l.names[name]
	if n := len(list); n > 0 && list[n-1].table != nil {
		return list[n-1].table
	}
	t := l.newTable(name)
	var from place
	if len(list) > 0 {
		from = at
	}
	l.names[name] = append(list, segment{from, t})
	return t
}

// at is the table that has a name at a place. Rows of a table that was dropped are those of one that nothing is known of.
func (l *timeline) at(name dump.Name, at place) *Table {
	name = l.fold(name)
	list := l.names[name]
	for i, s := range slices.Backward(list) {
		switch {
		case at.before(s.from):
		case s.table != nil:
			return s.table
		case i == len(list)-1:
			return l.current(name, s.from)
		default:
			return &Table{Name: name, gone: true}
		}
	}
	return l.current(name, place{})
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
