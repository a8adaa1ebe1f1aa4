package span

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/decoder/statement"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/emit/display"
	"binmend/schema/changes"
	"binmend/schema/dump"
	"binmend/schema/replica"
)

// timeline says which table a name stands for at each place of the logs. It is made in a first walk, without the rows.
type timeline struct {
	options *Options
	files   map[string]int
	own     map[string]string // names of the source's logs by file; none for relay logs

	mu     sync.Mutex // of names and tables, which the second walk adds to
	names  map[dump.Name][]segment
	tables []*Table
	made   map[string]bool // databases that the span makes

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
	l := &timeline{options: o, files: map[string]int{}, own: map[string]string{}, names: map[dump.Name][]segment{}, made: map[string]bool{},
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
		}
	}
	return l, nil
}

func (l *timeline) placeOf(pos decoder.Position, inner int) place {
	return place{l.files[pos.File], pos.Offset, inner}
}

// isApplied reports whether the replica has applied a transaction.
func (l *timeline) isApplied(t *txn.Transaction) bool {
	return l.options.Progress.Has(t, l.own[t.Start.File])
}

// isVisible reports whether the replica has applied a transaction and shows its changes.
func (l *timeline) isVisible(t *txn.Transaction) bool {
	if !l.isApplied(t) {
		return false
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
	w, err := l.options.Range.Transactions()
	if err != nil {
		return err
	}
	defer w.Close()
	for e, err := range w.All(ctx) {
		if err != nil {
			return err
		}
		if err := l.addEvent(e, w); err != nil {
			return fmt.Errorf("%s at offset %d: %w", e.Pos.File, e.Pos.Offset, err)
		}
	}
	return nil
}

func (l *timeline) addEvent(e *decoder.Event, w *walk.Walk) error {
	step := w.Step()
	if step == txn.Inside && e.IsRows() && len(l.options.Effects.References) > 0 {
		return l.watchCascades(e)
	}
	if step == txn.Inside && (e.IsRows() || e.Type == decoder.EventRowsQuery || e.Type == decoder.EventMariaAnnotateRows) {
		return nil
	}
	t := w.Transaction()
	l.reach(e, &t)
	switch {
	case step == txn.Outside:
		if e.Type == decoder.EventIncident {
			l.lose(e, "the source's log has a gap (Incident) here")
		}
		return nil
	case !l.isApplied(&t):
		l.isPending = true
		if _, isDDL, err := changes.ReadStatement(e); isDDL || err != nil {
			l.unexecuted[e.Pos] = true
		}
		return nil
	case e.Type == decoder.EventTableMap:
		m, err := e.TableMap()
		if err == nil && len(l.options.Effects.References) > 0 {
			l.watchMap(m, t.Start)
		}
		if err == nil && l.options.takes(m) {
			l.maps[l.at(dump.Name{Database: m.Database, Table: m.Table}, l.placeOf(e.Pos, e.Inner))] = m
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
	if kind, _ := e.RowsKind(); kind != decoder.Delete || !logsCascades(e.Format) {
		return nil
	}
	m, err := e.RowsTable()
	if err != nil {
		return err
	}
	for _, r := range l.options.Effects.References {
		if r.OnDelete && strings.EqualFold(r.Parent.Table, m.Table) && !l.cascades.mapped[lowerName(m.Database, r.Child.Table)] {
			l.cascades.hidden[lowerName(m.Database, m.Table)] = true
		}
	}
	return nil
}

func logsCascades(f *decoder.Format) bool {
	return f.Server.Flavor == decoder.MySQL && f.Server.AtLeast(9, 6, 0)
}

// hasCascades reports whether the log has what foreign keys make of a parent's changes.
func (l *timeline) hasCascades(f *decoder.Format, m *decoder.TableMap) bool {
	return f != nil && logsCascades(f) && !l.cascades.hidden[lowerName(m.Database, m.Table)]
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
	if e.Type != decoder.EventQuery && e.Type != decoder.EventMariaQueryCompressed {
		return nil
	}
	q, st, err := statement.Of(e)
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
	objects := st.Objects(q.SQL, context)
	if !l.options.Filters.AppliesStatement(string(q.Database), tableNames(objects)) {
		l.unexecuted[e.Pos] = true
		return nil
	}
	at := l.placeOf(e.Pos, e.Inner)
	if st.Kind == statement.DDL {
		if err := l.addDDL(e, st, at, text(e), tokens(q.SQL, context)); err != nil {
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
func (l *timeline) addDDL(e *decoder.Event, st statement.Statement, at place, text string, names map[string]bool) error {
	s, ok, err := changes.ReadStatement(e)
	if err != nil || !ok {
		return err
	}
	list, err := l.parser.Parse(s.Statement)
	for i := range list {
		l.change(&list[i], e, st, at, text, names)
	}
	return err
}

func (l *timeline) change(c *dump.Change, e *decoder.Event, st statement.Statement, at place, text string, names map[string]bool) {
	switch c.Kind {
	case dump.CreateTable, dump.CreateTableLike:
		if !c.Optional || c.Certain || l.made[c.Name.Database] && !l.isKnown(c.Name) {
			l.begin(c.Name, at, l.origin(e), !st.ChangesRows || st.OpensTransaction)
		}
	case dump.AlterTable:
		t := l.current(c.Name, at)
		t.alters = append(t.alters, alter{at, voidedBy(names), text, st.Object == statement.IndexObject})
	case dump.RenameTable:
		from, to := l.fold(c.Name), l.fold(c.Other)
		t := l.current(from, at)
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
		t.undo(barrier{at, "a statement that is not understood: " + text})
	}
}

// voidedBy are the columns whose values an ALTER TABLE with these names in it may change: those that it names, when it does
// more to them than to read them for a key.
func voidedBy(names map[string]bool) map[string]bool {
	for _, verb := range []string{"change", "modify", "drop", "rename", "convert"} {
		if names[verb] {
			return names
		}
	}
	return map[string]bool{}
}

// addChange notes a statement that changed rows by itself.
func (l *timeline) addChange(e *decoder.Event, st statement.Statement, objects []statement.Name, at place) {
	q, _ := e.Query()
	names := tokens(q.SQL, statement.ContextOf(&q, e.Format.Server))
	change := barrier{at, "a statement that was logged as such changed rows after the log's last image of them: " + text(e)}
	isPlain := st.Verb == statement.Insert || st.Verb == statement.Replace || st.Verb == statement.Update || st.Verb == statement.Delete ||
		st.Kind == statement.DDL && len(objects) > 0
	l.keep(text(e))
	if !isPlain || l.options.Effects.runsMore(names) {
		l.everyTable(e, change.why)
		return
	}
	for _, o := range objects {
		l.current(dump.Name{Database: cmp.Or(o.Database, string(q.Database)), Table: o.Name}, at)
	}
	for _, t := range l.tables {
		if !t.gone && (names[strings.ToLower(t.Name.Table)] || l.options.Effects.reaches(names, t.Name)) {
			t.undo(change)
		}
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
	for _, t := range l.tables {
		t.Whole = false
	}
}

func (l *timeline) origin(e *decoder.Event) Origin { return Origin{Pos: e.Pos, Type: e.Type} }

func (l *timeline) isKnown(name dump.Name) bool {
	list := l.names[l.fold(name)]
	return len(list) > 0 && list[len(list)-1].table != nil
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
	t.Whole, t.Begun = whole, o
	l.names[name] = append(l.names[name], segment{at, t})
}

func (l *timeline) newTable(name dump.Name) *Table {
	t := &Table{Name: name, id: uint32(len(l.tables))}
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

// at is the table that has a name at a place.
func (l *timeline) at(name dump.Name, at place) *Table {
	name = l.fold(name)
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.names[name]
	for _, s := range slices.Backward(list) {
		if !at.before(s.from) && s.table != nil {
			return s.table
		}
	}
	return l.current(name, place{})
}
