package dump

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"binmend/decoder/fault"
	"binmend/decoder/words"
	"binmend/schema"
)

// Schema is what schema files define. It is a schema.Resolver, and safe for concurrent use once it is loaded and merged.
type Schema struct {
	Files    []string
	Problems []*Problem // in file order

	// Completed is when the dump was written, by the clock of the machine that wrote it and in its time zone, which a dump does not
	// name; the last one of several files, zero when one of them does not say. FirstCompleted is the first one's.
	Completed, FirstCompleted time.Time

	// Begins is the log where the tables are as a file of schema --at-each-log has them, "" of other and of several files.
	Begins string

	Executed *Executed // what had run before the dump was written; nil where it does not say so, and of several files

	isEmpty bool // the files have something, but no table, nor what says that there is none

	entries []*entry
	byName  map[string][]*entry // by table name in lower case

	triggers []looseTrigger // of tables that the files before do not have

	encodings map[string]encoding // defaults of databases, by name in lower case

	mu     sync.Mutex
	placed map[placement]*schema.Table
}

// Problem is a part of a schema file that is not understood, or that contradicts another part. When it costs a table, it
// is the error that asking for that table gives.
type Problem struct {
	File            string
	Line            int
	Database, Table string // "" when not known
	Reason          string
}

func (p *Problem) Error() string {
	if p.Table == "" {
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Reason)
	}
	return fmt.Sprintf("%s:%d: table %s: %s", p.File, p.Line, words.Table(p.Database, p.Table), p.Reason)
}

// Unwrap lets errors.Is find the reason.
func (p *Problem) Unwrap() error { return ErrProblem }

// entry is a table by name: its definition, or what is wrong with it.
type entry struct {
	database string // "" when the file doesn't say
	hint     string // without database: the one that a header or the file's name names
	table    string
	def      *schema.Table
	words    *definition // what def was made of, for statements that change it
	problem  *Problem
}

// noteOther is for a table of another database than the one that mysqldump's header names.
const noteOther = "the definition is of a table of that name in database %s, as the header of the dump says: this table may have other keys, and " +
	"then a row may be removed that is in nobody's way. Take the dump from the replica's database."

// placement is a table without a database in the database that a log names.
type placement struct {
	entry    *entry
	database string
}

func newSchema() *Schema {
	return &Schema{byName: map[string][]*entry{}, encodings: map[string]encoding{}, placed: map[placement]*schema.Table{}}
}

// Tables lists the tables that are understood, in file order. Those of a dump without database names have none.
func (s *Schema) Tables() []*schema.Table {
	var list []*schema.Table
	for _, e := range s.entries {
		if e.def != nil {
			list = append(list, e.def)
		}
	}
	return list
}

// Merge adds another file's tables. A table that both define in different ways becomes a problem.
func (s *Schema) Merge(other *Schema) {
	if s.Executed, s.Begins = nil, ""; len(s.Files) == 0 {
		s.Executed, s.Begins = other.Executed, other.Begins
	}
	switch {
	case len(s.Files) == 0, other.Completed.IsZero():
		s.Completed, s.FirstCompleted = other.Completed, other.FirstCompleted
	case !s.Completed.IsZero():
		s.Completed, s.FirstCompleted = later(s.Completed, other.Completed), earlier(s.FirstCompleted, other.FirstCompleted)
	}
	s.isEmpty = other.isEmpty && (len(s.Files) == 0 || s.isEmpty)
	s.Files = append(s.Files, other.Files...)
	s.Problems = append(s.Problems, other.Problems...)
	maps.Copy(s.encodings, other.encodings)
	for _, e := range other.entries {
		s.define(e)
	}
	s.triggers = append(s.triggers, other.triggers...)
	s.fasten()
}

// looseTrigger is a trigger of a table that is not known yet.
type looseTrigger struct {
	of      entry // by its names only
	trigger schema.Trigger
}

// fasten gives triggers to tables of other files.
func (s *Schema) fasten() {
	s.triggers = slices.DeleteFunc(s.triggers, func(l looseTrigger) bool {
		e := s.same(&l.of)
		if e == nil {
			candidates := narrow(s.byName[strings.ToLower(l.of.table)], func(e *entry) bool {
				return e.table == l.of.table && cmp.Or(e.database, e.hint) == cmp.Or(l.of.database, l.of.hint)
			})
			if len(candidates) != 1 {
				return false
			}
			e = candidates[0]
		}
		if e.def != nil && !slices.ContainsFunc(e.def.Triggers, func(t schema.Trigger) bool { return t.Name == l.trigger.Name }) {
			e.def.Triggers = append(e.def.Triggers, l.trigger)
		}
		return e.def != nil
	})
}

// Guess says why a definition that names no database may be another table's than the one it is taken for; "" if it may not.
func (s *Schema) Guess(database, table string) string {
	e, err := s.lookup(database, table)
	if err != nil || e.def == nil || e.database != "" {
		return ""
	}
	if e.hint != "" && !strings.EqualFold(e.hint, database) {
		return fmt.Sprintf("the definition at %s is of a table of that name in database %s", e.def.Source, words.Quote(e.hint))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for other := range s.placed {
		if e.hint == "" && other.entry == e && !strings.EqualFold(other.database, database) {
			return fmt.Sprintf("the definition at %s names no database, and is taken for tables of that name in several", e.def.Source)
		}
	}
	return ""
}

func later(a, b time.Time) time.Time { return slices.MaxFunc([]time.Time{a, b}, time.Time.Compare) }

func earlier(a, b time.Time) time.Time { return slices.MinFunc([]time.Time{a, b}, time.Time.Compare) }

// define adds a table; if it is there with another definition, it becomes a problem.
func (s *Schema) define(e *entry) {
	old := s.same(e)
	switch {
	case old == nil, old.def == nil && e.def != nil:
		s.put(e)
	case e.def == nil:
	case equal(old.def, e.def):
		if len(old.def.Triggers) == 0 {
			old.def.Triggers = e.def.Triggers
		}
	default:
		file, line := splitSource(e.def.Source)
		p := &Problem{
			File: file, Line: line, Database: e.database, Table: e.table,
			Reason: "it is defined differently at " + old.def.Source,
		}
		s.Problems = append(s.Problems, p)
		s.put(&entry{database: e.database, hint: e.hint, table: e.table, problem: p})
	}
}

// equal compares what matters for rows.
func equal(a, b *schema.Table) bool {
	return reflect.DeepEqual(a.Columns, b.Columns) && reflect.DeepEqual(a.Keys, b.Keys)
}

// splitSource takes a Table's Source apart: file:line.
func splitSource(source string) (file string, line int) {
	at := strings.LastIndexByte(source, ':')
	if at < 0 {
		return source, 0
	}
	fmt.Sscan(source[at+1:], &line)
	return source[:at], line
}

// put adds an entry, in the place of an older one of the same name.
func (s *Schema) put(e *entry) {
	if old := s.same(e); old != nil {
		*old = *e
		return
	}
	s.entries = append(s.entries, e)
	key := strings.ToLower(e.table)
	s.byName[key] = append(s.byName[key], e)
}

// same is the entry that has the very same name. Those of dumps without database names that have headers for several are several.
func (s *Schema) same(e *entry) *entry {
	for _, old := range s.byName[strings.ToLower(e.table)] {
		if old.table == e.table && old.database == e.database && (e.database != "" || old.hint == e.hint) {
			return old
		}
	}
	return nil
}

// HasBoth reports whether there are a table of the name and one whose name differs from it in case only.
func (s *Schema) HasBoth(database, table string) bool {
	isExact, isOther := false, false
	for _, e := range s.byName[strings.ToLower(table)] {
		switch {
		case e.table == table && e.database == database:
			isExact = true
		case strings.EqualFold(e.database, database):
			isOther = true
		}
	}
	return isExact && isOther
}

// remove forgets a table.
func (s *Schema) remove(e *entry) {
	is := func(other *entry) bool { return other == e }
	s.entries = slices.DeleteFunc(s.entries, is)
	key := strings.ToLower(e.table)
	s.byName[key] = slices.DeleteFunc(s.byName[key], is)
}

// Table finds a table. Names are compared exactly and, where that finds nothing, without regard to case, as with
// lower_case_table_names. A table of a dump that names no database is taken for any database's when there is no other
// of its name, or when mysqldump's header names that database.
func (s *Schema) Table(_ context.Context, ref schema.Ref) (*schema.Table, error) {
	e, err := s.lookup(ref.Database, ref.Table)
	if err != nil {
		return nil, err
	}
	if e.problem != nil {
		return nil, e.problem
	}
	if e.database != "" || ref.Database == "" {
		return e.def, nil
	}
	return s.place(e, ref.Database), nil
}

// place is the definition of a table without a database, in the one that the log names.
func (s *Schema) place(e *entry, database string) *schema.Table {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := placement{e, database}
	t, ok := s.placed[key]
	if !ok {
		placed := *e.def
		placed.Database, placed.AnyDatabase = database, true
		if e.hint != "" && !strings.EqualFold(e.hint, database) {
			placed.Notes = append(slices.Clip(placed.Notes), fmt.Sprintf(noteOther, words.Quote(e.hint)))
		}
		t = &placed
		s.placed[key] = t
	}
	return t
}

func (s *Schema) lookup(database, table string) (*entry, error) {
	named := s.byName[strings.ToLower(table)]
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		candidates := narrow(named, func(e *entry) bool { return same(e.table, table) })
		if database != "" {
			candidates = inDatabase(candidates, database, same)
		}
		switch len(candidates) {
		case 0:
		case 1:
			return candidates[0], nil
		default:
			return nil, &fault.Error{Reason: ErrAmbiguous,
				What: fmt.Sprintf("table %s could be any of those at %s", words.Table(database, table), strings.Join(places(candidates), ", "))}
		}
	}
	return nil, s.missing(database, table)
}

// inDatabase narrows tables of one name to those that may stand for the database's.
func inDatabase(candidates []*entry, database string, same func(a, b string) bool) []*entry {
	if own := narrow(candidates, func(e *entry) bool { return same(e.database, database) }); len(own) > 0 {
		return own
	}
	anywhere := narrow(candidates, func(e *entry) bool { return e.database == "" })
	if hinted := narrow(anywhere, func(e *entry) bool { return same(e.hint, database) }); len(hinted) > 0 {
		return hinted
	}
	return anywhere
}

func narrow(list []*entry, keep func(*entry) bool) []*entry {
	var kept []*entry
	for _, e := range list {
		if keep(e) {
			kept = append(kept, e)
		}
	}
	return kept
}

// places says where entries are defined.
func places(list []*entry) []string {
	var found []string
	for _, e := range list {
		if e.problem != nil {
			found = append(found, fmt.Sprintf("%s:%d", e.problem.File, e.problem.Line))
		} else {
			found = append(found, e.def.Source)
		}
	}
	return found
}

// Definition finds a table as Table does.
func (s *Schema) Definition(name Name) (*Definition, error) {
	e, err := s.lookup(name.Database, name.Table)
	if err != nil {
		return nil, err
	}
	t, err := s.Table(context.Background(), schema.Ref{Database: name.Database, Table: name.Table})
	if err != nil {
		return nil, err
	}
	return &Definition{Table: t, words: e.words}, nil
}

// Encoding is what the files say of a database's defaults.
func (s *Schema) Encoding(database string) Encoding {
	e := s.encodings[strings.ToLower(database)]
	return Encoding{e.charset, e.collation}
}

// Encodings are what the files say of the defaults of databases, by their names in lower case.
func (s *Schema) Encodings() map[string]Encoding {
	all := map[string]Encoding{}
	for name, e := range s.encodings {
		all[name] = Encoding{e.charset, e.collation}
	}
	return all
}

// Places is the names of the files.
func (s *Schema) Places() []string { return s.Files }
