// Package track follows the definitions of tables through a log. In go schema files and, in log order, the statements of
// QUERY events; out come the tables as they are at that point of the log. A table that the log itself creates needs no
// file. Where a file's definition is from another time than the rows, the package finds out whether it was written before
// or after the statements that change the table, and says so where it can't. What it remembers is bounded: names beyond that are
// forgotten, and their tables are unknown until a statement makes them (forgotten.go). It reads no logs and changes no rows.
package track

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unsafe"

	"binmend/decoder"
	"binmend/decoder/cache"
	"binmend/decoder/words"
	"binmend/schema"
	"binmend/schema/dump"
)

// At says when the schema files were written.
type At uint8

const (
	Detect At = iota // find out from what fits
	Start            // before the first statement that is applied
	End              // after the last statement that is foreseen
	Later            // the same, and perhaps after more statements
)

// Statement is a statement of a log that changes a table.
type Statement struct {
	Pos  decoder.Position
	Verb string // "ALTER TABLE"

	ended time.Time
}

func (s Statement) String() string {
	return fmt.Sprintf("%s at %s:%d", s.Verb, filepath.Base(s.Pos.File), s.Pos.Offset)
}

// Source has the definitions that a tracker starts from: schema files, or a server.
type Source interface {
	Definition(dump.Name) (*dump.Definition, error)
	Encoding(database string) dump.Encoding
	Places() []string // where the definitions are, for messages; none for no place
}

// Tracker holds the tables as they are at one point of a log. It is a schema.Resolver for the rows at that point.
type Tracker struct {
	files      Source // nil when there are none
	at         At
	written    period                  // when the files were
	ahead      *Tracker                // stands after all that was foreseen; nil until it is needed
	scouted    map[dump.Name][]scouted // by name in lower case
	scoutedAll int                     // columns of all of them
	parser     *dump.Parser
	foreseer   *dump.Parser // reads what is still to come; each parser has the temporary tables of its own place
	tables     map[dump.Name]*lineage
	folded     map[dump.Name][]dump.Name // the names of tables by their lower case
	apart      map[dump.Name]bool        // names in lower case that are those of several tables
	databases  map[string]dump.Encoding  // defaults that the log has
	lost       map[string]lostBy         // databases by their lower case
	dropped    map[string]Statement      // databases by their lower case
	created    map[string]bool           // the same: the log has all their tables
	assumed    map[string]*Statement     // the same: the CREATE DATABASE IF NOT EXISTS that their defaults are from, which may have found them there
	existing   map[string]bool           // the same: a statement on one of their tables says that they exist
	foreseen   map[dump.Name][]foreseen  // by name in lower case: what is still to come, in log order
	foreseeing int                       // changes that were foreseen
	shapes     shapes                    // of rows to come
	kept       int                       // bytes of the statements to come whose changes are kept
	passing    int                       // bytes of the changes that were applied
	completed  cache.Cache[*schema.Table, *schema.Table]
	packing
	forgotten     forgotten
	last          Statement // that was applied
	sizeAfter     int       // of packing, when names were forgotten last
	apartBytes    int       // of apart
	databaseBytes int       // of what is known of databases
	foreseenBytes int       // of the list of statements to come
	foreseenKeys  int       // that the map of foreseen has room for
	hasAll        bool      // the files have every table that there was

	// Seen is told what tables are before and after each statement that is applied, where that is known; nil: nobody is.
	Seen func(*schema.Table)
}

// New returns a tracker that stands before the first statement. files may be nil: then only tables that the log creates
// are known.
func New(files Source, at At) *Tracker {
	if s, ok := files.(*dump.Schema); ok && s == nil {
		files = nil
	}
	return &Tracker{
		files: files, at: at, written: writtenAt(files, at), parser: dump.NewParser(), foreseer: dump.NewParser(), tables: map[dump.Name]*lineage{},
		folded: map[dump.Name][]dump.Name{}, apart: map[dump.Name]bool{}, databases: map[string]dump.Encoding{}, dropped: map[string]Statement{},
		lost: map[string]lostBy{}, created: map[string]bool{}, existing: map[string]bool{}, assumed: map[string]*Statement{}, foreseen: map[dump.Name][]foreseen{},
		scouted: map[dump.Name][]scouted{}, completed: cache.Cache[*schema.Table, *schema.Table]{Bytes: maxCompleted}, packing: newPacking(),
	}
}

// Restart is a tracker at the same point of the log that knows all tables by files, which have every one that there is at this point.
func (t *Tracker) Restart(files Source) *Tracker {
	n := New(files, Start)
	n.parser, n.databases, n.apart, n.hasAll = t.parser, t.databases, t.apart, true
	return n
}

// foreseen is a statement that is still to come.
type foreseen struct {
	Statement
	name   dump.Name    // of the table, as the statement spells it
	number int          // in the order of the log
	change *dump.Change // nil without files, and when there are too many
}

// size is about how many bytes of memory it takes in the list of those to come, without its change.
func (f *foreseen) size() int {
	return int(unsafe.Sizeof(*f)) + 3*(len(f.name.Database)+len(f.name.Table)) + bytesOfForeseen
}

// lineage is what is known about one table name.
type lineage struct {
	candidates []candidate      // the likeliest first
	isOpen     bool             // none of them is packed
	isWanted   bool             // and was asked for again since
	changed    history          // what was applied to it
	created    bool             // the last definition is the log's own
	assumed    *Statement       // the CREATE DATABASE IF NOT EXISTS that says what the character set of columns is
	doubtful   *Statement       // the CREATE TABLE IF NOT EXISTS that the definition is from: the table may have existed
	reason     error            // why there is no candidate, or one less
	gone       *Statement       // the table was dropped or renamed by it
	past       []*dump.Change   // the last of what was applied to it
	used       *dump.Definition // the files', with which rows were read before any statement
	lost       *Statement       // the last statement on it that is not understood
	named      dump.Name        // as the last statement that left it there spells it
	rowsAs     dump.Name        // as its rows spell it
	bytes      int              // of the name, if the files do not have it, and of all definitions packed
	ofName     int              // of these, of the name
	isOut      bool             // its name was taken off the tables
}

// become puts something else in the place of all that is known of a table.
func (l *lineage) become(now lineage) {
	now.bytes, now.ofName, now.isOut = l.bytes, l.ofName, l.isOut
	*l = now
}

// Bounds on what a log can make a tracker hold, against logs that are made to fill memory: a short statement can copy or
// alter a large table.
const (
	maxCandidates = 16
	maxForeseen   = 24 << 20 // bytes of the statements to come whose changes are kept, and of the changes; and of the list of all
	maxNamed      = 4 << 20  // of the list where there are no files: only messages need it
	maxPast       = 24 << 20 // bytes of the changes that were applied and against which files are held
)

// candidate is one definition that the table may have.
type candidate struct {
	def      *dump.Definition // nil where it is packed
	packed   *dump.Packed
	ofFiles  bool       // it is the files' as it is
	after    *Statement // the files were written after it; nil: before all that was applied, or the log's own definition
	fallback bool       // counts only when no other one fits
	before   *Statement // it was made by taking back statements to come, from this one on
	unknown  error      // the table may be something else that can't be told, and def is nil
}

// Foresee reports a statement that comes later in the log than all that are applied so far. End needs all of them before
// the first table is asked for; errors get better by them.
func (t *Tracker) Foresee(pos decoder.Position, st dump.Statement) {
	defer func() { t.shapes.foresee(t.foreseeing) }()
	t.pack()
	counted := false
	_ = t.foreseer.Parse(st, func(c *dump.Change) { // Apply gives the error
		if !counted {
			counted = true
			t.kept += len(st.SQL)
		}
		t.foreseeChange(c, Statement{pos, c.Verb, st.Ended})
	})
}

func (t *Tracker) foreseeChange(c *dump.Change, s Statement) {
	if t.ahead != nil {
		c.ConvertTo(t.ahead.encoding(c.Name.Database))
	}
	t.foreseeing++
	t.kept += c.Size()
	t.scout(c, s)
	names := []dump.Name{c.Name}
	if c.Kind == dump.RenameTable {
		names = append(names, c.Other)
	}
	for _, name := range names {
		if name.Table == "" {
			continue
		}
		key := name.Fold()
		later := foreseen{Statement: s, name: name, number: t.foreseeing}
		if t.files != nil && t.kept < maxForeseen {
			later.change = c.Outline()
		}
		if !t.admitsForeseen(later) {
			t.forget(key, s)
			continue
		}
		t.foreseen[key] = append(t.foreseen[key], later)
		t.foreseenKeys = max(t.foreseenKeys, len(t.foreseen))
	}
}

// IsForeseen reports whether a statement that was foreseen, and is not applied yet, changes the table.
func (t *Tracker) IsForeseen(name dump.Name) bool { return len(t.later(name)) > 0 }

// IsUnaltered reports whether no statement, of those that were foreseen either, changes a table after the log has made it, or
// changes it at all where the log does not make it.
func (t *Tracker) IsUnaltered(name dump.Name) bool {
	l := t.lineage(name)
	return !t.IsForeseen(name) && (l.changed.n == 0 || l.created && strings.HasPrefix(l.changed.last.Verb, "CREATE TABLE"))
}

// Apply takes the next statement of the log. One that is no DDL of a table or a database changes nothing. One that is not
// understood makes the table it names unknown from there on, or if it names none that is understood, all tables of its default
// database, which is an error. ErrReadWrong is one that comes too late: rows were given a definition from after the statement.
func (t *Tracker) Apply(pos decoder.Position, st dump.Statement) error {
	t.pack()
	var wrong error
	err := t.parser.Parse(st, func(c *dump.Change) {
		if wrong != nil {
			return
		}
		c.ConvertTo(t.encoding(c.Name.Database))
		s := Statement{pos, c.Verb, st.Ended}
		t.last = s
		t.forgetNames()
		if wrong = t.readWrong(c, s); wrong == nil {
			t.apply(c, s)
		}
	})
	if wrong != nil {
		return wrong
	}
	if err != nil {
		err = fmt.Errorf("the statement at %s:%d is not understood: %w", filepath.Base(pos.File), pos.Offset, err)
		t.loseDatabase(st.Database, Statement{pos, "statement", st.Ended}, err)
	}
	return err
}

// readWrong is an error if an unforeseen statement leaves a definition unchanged with which earlier rows were read.
func (t *Tracker) readWrong(c *dump.Change, s Statement) error {
	if t.at != Detect || c.Kind != dump.AlterTable || t.IsForeseen(c.Name) {
		return nil
	}
	used := t.lineage(c.Name).used
	if used == nil || c.ExchangesNames() || !c.Leaves(used) {
		return nil
	}
	before, err := c.Undo(used)
	if err == nil && len(before) == 1 && len(before[0].Overwritten) == 0 && before[0].Reads(used) {
		return nil
	}
	what := fmt.Sprintf("the definition in %s is from after the %s, which leaves it as it is, and rows before it were read with it", used.Table.Source, s)
	e := tableError(ErrReadWrong, c.Name, what, nil)
	e.Facts.First = s.String()
	return e
}

// loseDatabase makes the tables of a database unknown.
func (t *Tracker) loseDatabase(database string, s Statement, err error) {
	if key := strings.ToLower(database); t.admitsDatabase(key, s) {
		t.lost[key] = lostBy{s, err}
	}
	for name, l := range t.tables {
		if strings.EqualFold(name.Database, database) && l.gone == nil {
			t.lose(l, &dump.Change{Kind: dump.Lost, Name: name, Err: err}, s, err)
			t.count(name, l, s)
		}
	}
}

// lostBy is a statement that may have changed any table of a database.
type lostBy struct {
	Statement
	err error
}

// lose makes a table unknown, except for what the files say about it.
func (t *Tracker) lose(l *lineage, c *dump.Change, s Statement, reason error) {
	l.become(lineage{changed: l.changed.with(s), reason: reason, lost: &s})
	t.addFromFiles(l, c, s)
}

func (t *Tracker) apply(c *dump.Change, s Statement) {
	switch c.Kind {
	case dump.SetDatabase:
		t.setDatabase(c, s)
		return
	case dump.DropDatabase:
		t.dropDatabase(c.Name.Database, s)
		return
	}
	t.tellApart(c)
	if len(t.existing) < maxExisting && c.Kind != dump.DropTable { // IF EXISTS may name none
		t.existing[strings.ToLower(c.Name.Database)] = true
	}
	l := t.lineage(c.Name)
	t.see(c.Name)
	defer t.see(c.Name, c.Other)
	defer t.count(c.Name, l, s)
	t.passed(c.Name, s)
	switch c.Kind {
	case dump.CreateTable, dump.CreateTableLike:
		t.create(l, c, s)
	case dump.AlterTable:
		t.alter(l, c, s)
	case dump.RenameTable:
		t.rename(l, c, s)
	case dump.DropTable:
		l.become(lineage{gone: &s, changed: l.changed.with(s)})
	case dump.Lost:
		t.lose(l, c, s, fmt.Errorf("the %s is not understood: %w", s, c.Err))
	}
}

// see tells what tables are now.
func (t *Tracker) see(names ...dump.Name) {
	if t.Seen == nil {
		return
	}
	for _, name := range names {
		if name.Table == "" {
			continue
		}
		if def, err := t.definition(name); err == nil {
			t.Seen(def.Table)
		}
	}
}

// maxExisting bounds the databases of which that is noted.
const maxExisting = 1 << 12

// setDatabase takes the defaults of a database. IF NOT EXISTS changes none of one that exists.
func (t *Tracker) setDatabase(c *dump.Change, s Statement) {
	name := strings.ToLower(c.Name.Database)
	if _, known := t.databases[name]; c.Optional && (known || t.existing[name]) {
		return
	}
	if !t.admitsDatabase(name, s) {
		return
	}
	delete(t.assumed, name)
	if c.Optional && !t.hasAll && t.encoding(name) == (dump.Encoding{}) {
		t.assumed[name] = &s
	}
	t.databases[name] = c.Encoding
	if c.Verb == "CREATE DATABASE" && !c.Optional {
		t.created[name] = true
	}
}

// passed takes a statement off the list of those to come.
func (t *Tracker) passed(name dump.Name, s Statement) {
	key := name.Fold()
	if later := t.foreseen[key]; len(later) > 0 && later[0].Pos == s.Pos {
		t.shapes.passed = later[0].number
		t.passForeseen(key)
	}
}

// create begins a table anew. IF NOT EXISTS leaves one that the files have, if its rows fit.
func (t *Tracker) create(l *lineage, c *dump.Change, s Statement) {
	altered := l.changed.n > 0 && l.gone == nil // so it exists, even if it is not known how it looks
	if c.Optional && (l.created || altered && len(l.candidates) == 0) {
		return
	}
	var made []candidate
	var reason error
	switch {
	case c.Kind == dump.CreateTable:
		def, err := c.Create(t.encoding(c.Name.Database), s.String())
		if err != nil {
			reason = fmt.Errorf("the %s is not understood: %w", s, err)
		} else {
			made = []candidate{{def: def}}
		}
	default:
		model := t.lineage(c.Other)
		for _, m := range t.weigh(model, c.Other) {
			if m.unknown != nil || m.def.IsOpen() {
				made = nil
				break
			}
			made = append(made, candidate{def: c.Copy(m.def, s.String()+" LIKE "+origin(m.def)), after: m.after, fallback: m.fallback})
		}
		if len(made) == 0 {
			t.spread(c.Other, c.Name, s)
			reason = fmt.Errorf("the %s copies %s, which is not known", s, c.Other)
		}
	}
	if c.Optional && len(l.candidates) > 0 {
		for _, m := range made {
			m.fallback = true
			l.candidates = append(l.candidates, m)
		}
		l.changed = l.changed.with(s)
		return
	}
	doubtful := c.Optional && !c.Certain && l.gone == nil && !t.hasAll && !t.created[strings.ToLower(c.Name.Database)]
	l.become(lineage{candidates: made, changed: l.changed.with(s), created: len(made) > 0, reason: reason, named: c.Name})
	if doubtful {
		l.doubtful = &s
	}
	if by := t.assumed[strings.ToLower(c.Name.Database)]; by != nil && c.Kind == dump.CreateTable && c.TakesEncoding() {
		l.assumed = by
	}
	if len(made) == 0 {
		t.addFromFiles(l, c, s)
	}
}

// alter changes every definition that the table may have. One that can't be changed in this way is not the table's.
func (t *Tracker) alter(l *lineage, c *dump.Change, s Statement) {
	var changed []candidate
	for _, old := range l.candidates {
		def, err := c.Alter(old.def, sourceAfter(old.def, s, l.changed.n))
		if err != nil {
			l.reason = fmt.Errorf("the %s does not apply to the definition in %s: %w", s, old.def.Table.Source, err)
			continue
		}
		changed = append(changed, candidate{def: def, after: old.after, fallback: old.fallback})
	}
	l.candidates = changed
	l.changed = l.changed.with(s)
	l.named = c.Name
	t.pass(l, c)
	t.addFromFiles(l, c, s)
}

// sourceAfter says where a definition is from after one more statement.
func sourceAfter(def *dump.Definition, s Statement, before int) string {
	from, _, changed := strings.Cut(def.Table.Source, sourceChanged)
	if before > 0 && changed {
		return from + sourceChanged + "up to " + s.String()
	}
	return from + sourceChanged + "by " + s.String()
}

const (
	sourceChanged = ", changed "
	sourceBefore  = ", before the "
)

// origin is the first place that a definition is from.
func origin(def *dump.Definition) string {
	from, _, _ := strings.Cut(def.Table.Source, sourceChanged)
	from, _, _ = strings.Cut(from, " LIKE ")
	from, _, _ = strings.Cut(from, sourceBefore)
	return from
}

// addFromFiles adds the files' definition, which may be from after the statement.
func (t *Tracker) addFromFiles(l *lineage, c *dump.Change, s Statement) {
	name := c.Name
	if c.Kind == dump.RenameTable {
		name = c.Other
	}
	if t.files == nil || t.at == Start || t.atEnd() && t.IsForeseen(name) {
		return
	}
	if t.isForgotten(name.Fold()) && !t.isCertain(l) {
		l.gone = nil // the statement shows that it is there
		return
	}
	def, err := t.ofFiles(name)
	if err != nil || t.at == Later && t.isCertain(l) {
		return
	}
	if t.at == Detect {
		switch {
		case t.written.isBefore(s), t.isCertain(l) && !t.written.isUnknown():
			return
		case t.written.isAfter(s) && !t.isCertain(l):
			l.candidates = nil // they were made of definitions from before it
		case !couldFollow(def, l.past):
			return
		}
	}
	isSame := func(other candidate) bool { return other.def.Equal(def) }
	if len(l.candidates) >= maxCandidates || slices.ContainsFunc(l.candidates, isSame) {
		return
	}
	l.candidates = append(l.candidates, candidate{def: def, after: &s, ofFiles: true})
}

// rename moves a table to another name.
func (t *Tracker) rename(l *lineage, c *dump.Change, s Statement) {
	moved := lineage{changed: l.changed.with(s), created: l.created, doubtful: l.doubtful, reason: l.reason, past: l.past, named: c.Other}
	t.pass(&moved, c)
	for _, old := range l.candidates {
		def := old.def.Rename(c.Other, sourceAfter(old.def, s, l.changed.n))
		moved.candidates = append(moved.candidates, candidate{def: def, after: old.after, fallback: old.fallback})
	}
	if !t.isCertain(l) {
		t.spread(c.Name, c.Other, s)
	}
	l.become(lineage{gone: &s, changed: l.changed.with(s)})
	to := t.lineage(c.Other)
	t.passed(c.Other, s)
	to.become(moved)
	t.addFromFiles(to, c, s)
	t.count(c.Other, to, s)
}

func (t *Tracker) dropDatabase(database string, s Statement) {
	if t.Seen != nil {
		t.Definitions(func(name dump.Name, def *dump.Definition, err error) {
			if err == nil && strings.EqualFold(name.Database, database) {
				t.Seen(def.Table)
			}
		})
	}
	key := strings.ToLower(database)
	delete(t.databases, key)
	delete(t.existing, key)
	if t.admitsDatabase(key, s) {
		t.dropped[key] = s
	}
	for name, l := range t.tables {
		if strings.EqualFold(name.Database, database) {
			l.become(lineage{gone: &s, changed: l.changed.with(s)})
			t.count(name, l, s)
		}
	}
}

func (t *Tracker) encoding(database string) dump.Encoding {
	if e, ok := t.databases[strings.ToLower(database)]; ok || t.files == nil || t.isForgotten(dump.Name{Database: strings.ToLower(database)}) {
		return e
	}
	return t.files.Encoding(database)
}

// lineage finds what is known of a name: exactly, or else without regard to case as with lower_case_table_names. What is
// known of a new name is what the files say.
func (t *Tracker) lineage(name dump.Name) *lineage {
	if l, ok := t.tables[name]; ok {
		return t.opened(l)
	}
	name, exact := t.spelled(name)
	if l, ok := t.tables[name]; ok {
		return t.opened(l)
	}
	key := name.Fold()
	isForgotten := t.isForgotten(key)
	if same := t.folded[key]; !isForgotten && len(same) == 1 && !exact && !t.isApart(name) {
		return t.opened(t.tables[same[0]])
	}
	l := &lineage{}
	if isForgotten {
		l = t.again(name)
	} else {
		t.addFirst(l, name)
	}
	t.tables[name] = l
	t.folded[key] = append(t.folded[key], name)
	if !exact {
		l.ofName = bytesOfTable + 3*(len(name.Database)+len(name.Table))
		t.setSize(l, 0)
	}
	return l
}

// spelled is a table's name as the files spell it, if they have the table.
func (t *Tracker) spelled(name dump.Name) (dump.Name, bool) {
	if t.files == nil {
		return name, false
	}
	def, err := t.ofFiles(name)
	if err != nil {
		return name, false
	}
	return nameOf(def), true
}

// addFirst adds the files' definition of a table to which nothing was applied.
func (t *Tracker) addFirst(l *lineage, name dump.Name) {
	if s, ok := t.dropped[strings.ToLower(name.Database)]; ok {
		l.gone = &s
		return
	}
	if t.files == nil {
		l.reason = errNoFiles
		return
	}
	def, err := t.ofFiles(name)
	if err != nil {
		l.reason = err
		return
	}
	if later := t.later(name); t.atEnd() && len(later) > 0 {
		l.reason = errors.New("the definition in " + def.Table.Source + " is from the end of the logs")
		return
	}
	l.candidates = []candidate{{def: def, ofFiles: true}}
	if lost, ok := t.lost[strings.ToLower(name.Database)]; ok {
		l.changed, l.lost = l.changed.with(lost.Statement), &lost.Statement
	}
}

// LastChange is the statement that was last applied to a table, and whether the table's definition is the log's own.
func (t *Tracker) LastChange(name dump.Name) (s Statement, created, ok bool) {
	l := t.lineage(name)
	return l.changed.last, l.created, l.changed.n > 0
}

// LastTime is when the last statement of the logs on a table had ended; zero without one.
func (t *Tracker) LastTime(name dump.Name) time.Time {
	last := t.lineage(name).changed.last.ended
	if future, _ := t.upcoming(name); len(future) > 0 {
		last = future[len(future)-1].ended
	}
	return last
}

// Lost is the last statement on a table that was not understood, if the definition is the files'.
func (t *Tracker) Lost(name dump.Name) (Statement, bool) {
	if l := t.lineage(name); l.lost != nil {
		return *l.lost, true
	}
	return Statement{}, false
}

// WithForeignKeys lists the tables that statements have made or changed and that have foreign keys, by name. Of columns it may have
// none.
func (t *Tracker) WithForeignKeys() (list []*schema.Table) {
	for _, l := range t.tables {
		for _, c := range l.candidates {
			if of := c.references(); len(of.ForeignKeys) > 0 {
				list = append(list, of)
			}
		}
	}
	slices.SortFunc(list, func(a, b *schema.Table) int {
		return cmp.Or(cmp.Compare(a.Database, b.Database), cmp.Compare(a.Name, b.Name))
	})
	return list
}

// Doubt is the CREATE TABLE IF NOT EXISTS that a table's definition is from, if the log does not show that the table did not exist
// before. MySQL logs the statement in both cases, MariaDB only when it has made the table.
func (t *Tracker) Doubt(name dump.Name) (Statement, bool) {
	if l := t.lineage(name); l.doubtful != nil && l.created {
		return Statement{Pos: l.doubtful.Pos, Verb: l.doubtful.Verb + " IF NOT EXISTS"}, true
	}
	return Statement{}, false
}

// Assumed is the CREATE DATABASE IF NOT EXISTS that a table's text columns have their character set from: servers log it even when the
// database exists, perhaps with another one.
func (t *Tracker) Assumed(name dump.Name) (Statement, bool) {
	if l := t.lineage(name); l.assumed != nil && l.created {
		return Statement{Pos: l.assumed.Pos, Verb: l.assumed.Verb + " IF NOT EXISTS"}, true
	}
	return Statement{}, false
}

// Table finds a table as it is at this point of the log. With a table map only a definition that fits it is returned.
func (t *Tracker) Table(_ context.Context, ref schema.Ref) (*schema.Table, error) {
	t.forgetNames()
	t.pack()
	return t.table(ref)
}

func (t *Tracker) table(ref schema.Ref) (*schema.Table, error) {
	found, err := t.tableOfRows(ref)
	if err == nil && found.Doubt != nil {
		return nil, found.Doubt.Reason
	}
	return found, err
}

// TableOfRows is Table for rows, which may read the same whatever is not known of the table: it has to be Sure of each.
func (t *Tracker) TableOfRows(_ context.Context, ref schema.Ref) (*schema.Table, error) {
	t.forgetNames()
	t.pack()
	return t.tableOfRows(ref)
}

func (t *Tracker) tableOfRows(ref schema.Ref) (*schema.Table, error) {
	name := dump.Name{Database: ref.Database, Table: ref.Table}
	l := t.lineage(name)
	if ref.Map != nil {
		l = t.ofRows(name)
	}
	if def := t.ofEnd(l, name); def != nil && (ref.Map == nil || schema.Verify(def.Table, ref.Map) == nil) {
		return t.complete(def.Table, ref.Map), nil
	}
	weighed := t.weigh(l, name)
	fitting, mismatch := fitting(weighed, ref.Map)
	if len(weighed) == 0 && len(l.candidates) > 0 {
		if err := t.refuted(l, name, ref.Map); err != nil {
			return nil, err
		}
	}
	for _, c := range fitting {
		if c.unknown != nil {
			return nil, beforeError(name, c.unknown.Error(), c.before, nil)
		}
	}
	if len(fitting) == 0 {
		return nil, t.explain(name, l, mismatch)
	}
	best, others := fitting[0], alternatives(fitting)
	if ref.Map == nil {
		switch c := best; {
		case len(others) > 0:
			return nil, t.ambiguous(name, best, others[0])
		case c.def.IsOpen():
			return nil, beforeError(name, c.untold(slices.Concat(c.def.Overwritten, c.def.Recoded)[0]).Error(), c.before, nil)
		}
		return best.def.Table, nil
	}
	l.keep(ref.Map)
	if l.changed.n == 0 && best.before == nil && len(others) == 0 {
		l.used = best.def
	}
	return t.doubted(name, best, others, ref.Map), nil
}

// alternatives are the candidates that do not read as the first one does.
func alternatives(fitting []candidate) (list []candidate) {
	for _, other := range fitting[1:] {
		if !other.fallback && (!other.def.Reads(fitting[0].def) || other.def.Table.Doubt != nil) {
			list = append(list, other)
		}
	}
	return list
}

// doubted is a candidate's table with what is unknown about it.
func (t *Tracker) doubted(name dump.Name, c candidate, others []candidate, m *decoder.TableMap) *schema.Table {
	table := t.complete(c.def.Table, m)
	if d := table.Doubt; d != nil {
		with := *table
		with.Doubt = &schema.Doubt{Reason: beforeError(name, d.Reason.Error(), c.before, nil), Values: d.Values}
		table = &with
	}
	if len(others) == 0 {
		return table
	}
	var list []*schema.Table
	for _, other := range others {
		list = append(list, t.complete(other.def.Table, m))
	}
	return table.WithOthers(list, t.ambiguous(name, c, others[0]))
}

// Definitions are the tables that there are at this point of the log, by name: each definition, or an error where it is not known.
func (t *Tracker) Definitions(yield func(dump.Name, *dump.Definition, error)) {
	var names []dump.Name
	if files, ok := t.files.(*dump.Schema); ok {
		for _, of := range files.Tables() {
			names = append(names, dump.Name{Database: of.Database, Table: of.Name})
		}
	}
	for name, l := range t.tables {
		if l.changed.n > 0 {
			names = append(names, name)
		}
	}
	byName := func(a, b dump.Name) int {
		return cmp.Or(strings.Compare(a.Database, b.Database), strings.Compare(a.Table, b.Table))
	}
	if t.forgotten.n > 0 {
		yield(t.forgotten.lost, nil, fmt.Errorf("%s; nor is what they do to %s", t.whatIsForgotten(), words.Count(t.forgotten.n-1, "other table")))
	}
	slices.SortFunc(names, byName)
	for _, name := range slices.Compact(names) {
		if l := t.lineage(name); l.gone != nil || t.isForeseenOnly(name, l) {
			continue
		}
		def, err := t.definition(name)
		yield(name, def, err)
		t.pack()
	}
}

// isForeseenOnly reports whether a table is made by a statement to come: the files have it from then on.
func (t *Tracker) isForeseenOnly(name dump.Name, l *lineage) bool {
	later := t.later(name)
	if l.changed.n > 0 || len(later) == 0 || later[0].change == nil {
		return false
	}
	c := later[0].change
	isMade := c.Kind == dump.CreateTable || c.Kind == dump.CreateTableLike || c.Kind == dump.RenameTable && t.isSame(c.Other, name)
	return isMade && !c.Optional
}

// definition is a table as it is at this point of the log.
func (t *Tracker) definition(name dump.Name) (*dump.Definition, error) {
	found, err := t.table(schema.Ref{Database: name.Database, Table: name.Table})
	if err != nil {
		return nil, err
	}
	for _, c := range t.weigh(t.lineage(name), name) {
		if c.def != nil && c.def.Table == found {
			return c.def, nil
		}
	}
	return t.ofFiles(name) // of the end of the logs
}

// Databases are the character sets of the databases that the log has made or altered, or the files have.
func (t *Tracker) Databases() map[string]dump.Encoding {
	all := map[string]dump.Encoding{}
	if files, ok := t.files.(*dump.Schema); ok {
		maps.Copy(all, files.Encodings())
	}
	for name := range t.dropped {
		delete(all, name)
	}
	maps.Copy(all, t.databases)
	return all
}

// ofEnd is the files' definition if they were written after everything that the log does to the table.
func (t *Tracker) ofEnd(l *lineage, name dump.Name) *dump.Definition {
	if t.files == nil || !t.atEnd() || l.gone != nil || t.IsForeseen(name) || t.isForgotten(name.Fold()) && !t.isCertain(l) {
		return nil
	}
	def, err := t.ofFiles(name)
	isOther := func(c candidate) bool { return !c.def.Reads(def) }
	if err != nil || t.at == Later && t.isCertain(l) && slices.ContainsFunc(l.candidates, isOther) {
		return nil // it was changed after the logs
	}
	return def
}

func (t *Tracker) atEnd() bool { return t.at == End || t.at == Later }

// isCertain reports whether the log has made the table, and all that was done to it since was understood.
func (t *Tracker) isCertain(l *lineage) bool {
	return l.created && l.doubtful == nil && l.lost == nil && len(l.candidates) > 0
}

// IsCertain reports whether the log has made the table, so that no other definition is needed.
func (t *Tracker) IsCertain(name dump.Name) bool { return t.isCertain(t.lineage(name)) }

// fitting lists the definitions that the table map agrees with, and an error of those that it does not.
func fitting(candidates []candidate, m *decoder.TableMap) (list []candidate, mismatch error) {
	for _, c := range candidates {
		if m != nil {
			fitted, err := c.fit(m)
			if err != nil {
				mismatch = err
				continue
			}
			c = fitted
		}
		list = append(list, c)
	}
	return list, mismatch
}

// keep forgets the definitions that do not fit rows.
func (l *lineage) keep(m *decoder.TableMap) {
	l.candidates = slices.DeleteFunc(l.candidates, func(c candidate) bool { return schema.Verify(c.def.Table, m) != nil })
}
