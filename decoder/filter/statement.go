package filter

import (
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/decoder/statement"
)

// kindsOf maps a statement's verb to what it changes.
func kindsOf(verb statement.Verb) Kinds {
	switch verb {
	case statement.Insert, statement.Replace, statement.Load:
		return Inserts
	case statement.Update:
		return Updates
	case statement.Delete:
		return Deletes
	}
	return DDL
}

// wantsStatement returns the condition that rejects a statement, or NoCondition. A statement belongs to its default database
// and to all tables that its text names, whatever it does with them; if the filter names tables, a statement that names none
// is rejected. DDL on tables belongs to those tables alone, DDL on a database to all tables of it at once.
func (f *Filter) wantsStatement(q *decoder.Query, st statement.Statement, writer decoder.Version) Condition {
	if f.Kinds != 0 && f.Kinds&kindsOf(st.Verb) == 0 {
		return ByKind
	}
	if len(f.Databases) == 0 && len(f.Tables) == 0 && len(f.ExcludeTables) == 0 {
		return NoCondition
	}
	if wanted, unwanted := f.split(q, writer); len(wanted) > 0 {
		return NoCondition
	} else if len(unwanted) > 0 {
		return f.wantsTable(unwanted[0])
	}
	names := namesIn(q, writer)
	for i := range names {
		names[i].Name = f.nameOf(q, writer, names[i].Name)
		if names[i].Database != string(q.Database) {
			names[i].Database = f.nameOf(q, writer, names[i].Database)
		}
	}
	if len(f.Databases) > 0 && !inDatabases(f.Databases, string(q.Database), names) {
		return ByDatabase
	}
	match := names.match
	if st.Object == statement.DatabaseObject {
		match = f.databaseOf(q, st, writer).matchAll
	}
	if len(f.Tables) > 0 && !match(f.Tables) {
		return ByTable
	}
	if len(f.ExcludeTables) > 0 && match(f.ExcludeTables) {
		return ByExcludeTable
	}
	return NoCondition
}

func (f *Filter) nameOf(q *decoder.Query, writer decoder.Version, name string) string {
	if f.NameOf == nil {
		return name
	}
	return f.NameOf(q, writer, name)
}

// LeftOut is an unwanted table of a DDL statement that is also about a wanted one.
func (f *Filter) LeftOut(q *decoder.Query, writer decoder.Version) (t Table, ok bool) {
	if wanted, unwanted := f.split(q, writer); len(wanted) > 0 && len(unwanted) > 0 {
		return unwanted[0], true
	}
	return t, false
}

// Leaves reports whether a filter of databases or tables lets a DDL statement through that has nothing to do with its default database,
// which may be missing on the server that the statement is for: all its names have another database before them, and what it
// may name besides does not depend on the session.
func (f *Filter) Leaves(q *decoder.Query, st statement.Statement, writer decoder.Version) bool {
	if len(f.Databases) == 0 && len(f.Tables) == 0 && len(f.ExcludeTables) == 0 || st.Kind != statement.DDL || st.FromSelect {
		return false
	}
	context := statement.ContextOf(q, writer)
	elsewhere := func(n statement.Name) bool { return n.Database != "" && n.Database != string(q.Database) }
	switch st.Object {
	case statement.TableObject, statement.IndexObject:
		if namesOthers(q, context) {
			return false
		}
	case statement.TriggerObject:
		if st.Verb == statement.Create && !elsewhere(st.TriggerTable(q.SQL, context)) {
			return false
		}
	case statement.ProcedureObject, statement.FunctionObject, statement.EventObject: // their bodies go by their own database
	default:
		return false
	}
	n := 0
	for name := range st.Objects(q.SQL, context) {
		if n++; !elsewhere(name) {
			return false
		}
	}
	return n > 0
}

// namesOthers reports whether DDL on a table may name another object, without a database before it, or mean that of the session.
func namesOthers(q *decoder.Query, context statement.Context) bool {
	s := statement.NewScanner(q.SQL, context)
	for t := s.Next(); t.Kind != statement.End; t = s.Next() {
		for _, word := range [...]string{"LIKE", "EXCHANGE", "CONVERT", "UNION", "NEXTVAL", "NEXT", "LASTVAL", "PREVIOUS", "SETVAL"} {
			if s.Is(t, word) {
				return true
			}
		}
	}
	return false
}

// split lists the tables of a DDL statement, by whether they are wanted. It returns none for any other statement, and none for
// ALTER TABLE … EXCHANGE PARTITION and … CONVERT TABLE: they also move the rows of another table, which they name last.
func (f *Filter) split(q *decoder.Query, writer decoder.Version) (wanted, unwanted []Table) {
	st := statement.Read(q, writer)
	if st.Kind != statement.DDL || st.Object != statement.TableObject && st.Object != statement.IndexObject ||
		st.Verb == statement.Alter && st.ChangesRows {
		return nil, nil
	}
	for n := range st.Objects(q.SQL, statement.ContextOf(q, writer)) {
		t := Table{f.nameOf(q, writer, n.Database), f.nameOf(q, writer, n.Name)}
		if t.Database == "" {
			t.Database = string(q.Database)
		}
		if f.wantsTable(t) == NoCondition {
			wanted = append(wanted, t)
		} else {
			unwanted = append(unwanted, t)
		}
	}
	return wanted, unwanted
}

// names are all names in a statement that may be tables.
type names []Table

func (n names) match(patterns []Pattern) bool {
	for _, t := range n {
		if matchesAny(patterns, t) {
			return true
		}
	}
	return false
}

// databaseOf is the database that DDL on databases is about.
func (f *Filter) databaseOf(q *decoder.Query, st statement.Statement, writer decoder.Version) database {
	for n := range st.Objects(q.SQL, statement.ContextOf(q, writer)) {
		return database(f.nameOf(q, writer, n.Name))
	}
	return database(q.Database)
}

type database string

// matchAll reports whether a pattern matches all tables of the database.
func (d database) matchAll(patterns []Pattern) bool {
	return slices.ContainsFunc(patterns, func(p Pattern) bool { return p.matchesAllOf(string(d)) })
}

// inDatabases reports whether a statement ran in one of the databases, names one, or names a table in one.
func inDatabases(databases []string, current string, n names) bool {
	for _, db := range databases {
		if db == current {
			return true
		}
		for _, t := range n {
			if t.Database == db || t.Name == db {
				return true
			}
		}
	}
	return false
}

// namesIn lists the names in a statement. The database of a name after a dot is the name before the dot; the others are in the
// default database. Names after an @, which are variables and hosts, are left out.
func namesIn(q *decoder.Query, writer decoder.Version) names {
	var list names
	s := statement.NewScanner(q.SQL, statement.ContextOf(q, writer))
	qualifier, dot, at := "", false, false
	for {
		t := s.Next()
		if t.Kind == statement.End {
			return list
		}
		raw, isName := s.Name(t)
		name := string(raw)
		switch {
		case isName && dot:
			list[len(list)-1] = Table{qualifier, name}
			qualifier = ""
		case isName && (at || t.Kind == statement.Word && isReserved(name)):
			qualifier = ""
		case isName:
			qualifier = name
			list = append(list, Table{string(q.Database), name})
		case qualifier != "" && s.IsOperator(t, "."):
			dot = true
			continue
		default:
			qualifier = ""
		}
		dot, at = false, s.IsOperator(t, "@")
	}
}

// reserved are frequent words that can't name a table without quotes.
var reserved = func() map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(`ADD ALTER AND AS ASC BETWEEN BY CASE CHARACTER COLUMN CONSTRAINT CREATE DATABASE DEFAULT
		DELETE DESC DISTINCT DROP EXISTS FOREIGN FROM GRANT GROUP HAVING IF IN INDEX INSERT INTO IS JOIN KEY KEYS LEFT LIKE
		LIMIT LOAD NOT NULL ON OR ORDER PRIMARY PROCEDURE REFERENCES RENAME REPLACE REVOKE RIGHT SELECT SET TABLE THEN TO
		TRIGGER UNION UNIQUE UPDATE USING VALUES WHEN WHERE WITH`) {
		set[word] = true
	}
	return set
}()

func isReserved(word string) bool {
	return len(word) <= len("REFERENCES") && reserved[strings.ToUpper(word)]
}
