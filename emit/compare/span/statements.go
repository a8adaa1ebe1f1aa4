package span

import (
	"cmp"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/decoder/statement"
	"binmend/decoder/walk"
	"binmend/emit/display"
	"binmend/schema"
	"binmend/schema/changes"
	"binmend/schema/dump"
	"binmend/schema/replica"
)

// Statements of the span: what they make of tables, and which rows they may have changed without a row event.

// barrier is a place before which nothing that is known of a table's rows counts: a statement changed rows there by itself.
type barrier struct {
	at  place
	why string // "" for none
}

// hides reports whether an event at a place does not count because of the barrier.
func (b *barrier) hides(at place) bool { return b.why != "" && at.before(b.at) }

// maxStatements bounds the statements that are kept; they are only shown.
const maxStatements = 10

// noteRollback notes a statement that may take changes back.
func (l *timeline) noteRollback(e *decoder.Event) {
	q, err := e.Query()
	l.later = l.later || err != nil || walk.MentionsRollback(q.SQL)
}

func isQuery(e *decoder.Event) bool {
	return e.Type == decoder.EventQuery || e.Type == decoder.EventMariaQueryCompressed
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
		does := alter{at: at, voids: voidedBy(q.SQL, context), text: text(e), index: st.Object == statement.IndexObject}
		if err := l.addDDL(e, st, does); err != nil {
			l.lose(e, "a statement that is not understood: "+does.text)
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

// addDDL follows what a statement makes of tables; does is what it does to each that it alters.
func (l *timeline) addDDL(e *decoder.Event, st statement.Statement, does alter) error {
	s, ok, err := changes.ReadStatement(e)
	if err != nil || !ok {
		return err
	}
	return l.parser.Parse(s.Statement, func(c *dump.Change) { l.change(c, e, st, does) })
}

func (l *timeline) change(c *dump.Change, e *decoder.Event, st statement.Statement, does alter) {
	at := does.at
	switch c.Kind {
	case dump.CreateTable, dump.CreateTableLike:
		if !c.Optional || c.Certain || l.isEnded(c.Name) || l.made[l.fold(c.Name).Database] && !l.isKnown(c.Name) {
			l.begin(c.Name, at, l.origin(e), !st.ChangesRows || st.OpensTransaction)
		}
	case dump.AlterTable:
		t := l.current(c.Name, at)
		t.alters = append(t.alters, does)
		l.later = l.later || t.first != nil && !does.index
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
			l.made[l.fold(c.Name).Database] = true
		}
	case dump.DropDatabase:
		dropped := l.fold(c.Name).Database
		delete(l.made, dropped)
		for name := range l.names {
			if name.Database == dropped {
				l.end(name, at)
			}
		}
	case dump.Lost:
		t := l.current(c.Name, at)
		t.alters = append(t.alters, alter{at: at, text: does.text})
		l.later = l.later || t.first != nil
		t.undo(barrier{at, "a statement that is not understood: " + does.text})
	}
}

// voidedBy are the columns whose values an ALTER TABLE may change: all that it names, when it does more to any of them than to read
// it for a key. The names of keys that it drops or renames do not count: a key often has the name of its column.
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

// undo makes all that was known of the table's rows not count.
func (t *Table) undo(b barrier) { t.undone, t.Whole = b, false }

// keep keeps a statement for the report.
func (l *timeline) keep(text string) {
	if len(l.statements) < maxStatements {
		l.statements = append(l.statements, text)
	} else {
		l.more++
	}
}

// lose is everyTable where there is no statement to show: the report has the reason instead.
func (l *timeline) lose(e *decoder.Event, why string) {
	l.keep(why)
	l.everyTable(e, why)
}

// everyTable notes that any row of any table may have changed here.
func (l *timeline) everyTable(e *decoder.Event, why string) {
	l.all = barrier{l.placeOf(e.Pos, e.Inner), why}
	l.mark(l.all.at)
	for _, t := range l.tables {
		t.Whole = false
	}
}

func (l *timeline) origin(e *decoder.Event) Origin { return Origin{Pos: e.Pos, Type: e.Type} }
