package changes

import (
	"bytes"
	"iter"
	"strings"

	"binmend/decoder"
	"binmend/decoder/statement"
	"binmend/schema"
	"binmend/schema/dump"
)

// triggers are the tables that have triggers by the statements of the range. A trigger that is dropped still counts: who takes
// a table for one with triggers is on the safe side.
type triggers struct {
	tables    map[dump.Name]bool // in lower case
	databases map[string]bool    // in lower case: a table was renamed where there are triggers, and they go with it
	all       bool               // any table may have some
	versioned bool               // a table was made system-versioned
}

// maxTriggers bounds the tables that are kept; when there are more, all tables count.
const maxTriggers = 1 << 14

// follow takes a statement that may be DDL.
func (t *triggers) follow(s Statement) {
	context := statement.Context{Writer: s.Server, SQLMode: s.SQLMode, Client: s.Collations.Client}
	sql := []byte(s.SQL)
	st := statement.Classify(sql, context)
	t.versioned = t.versioned || st.Kind == statement.DDL && bytes.Contains(bytes.ToUpper(sql), []byte("VERSIONING"))
	switch {
	case st.Verb == statement.Create && st.Object == statement.TriggerObject:
		t.create(st.TriggerTable(sql, context), s.Database)
	case len(t.tables) > 0 && (st.Verb == statement.Rename || st.Verb == statement.Alter) && st.Object == statement.TableObject &&
		st.NamesSeveral(sql, context):
		t.renamed(st.Objects(sql, context), s.Database)
	}
}

// create takes the table of a CREATE TRIGGER. Where its name can't be read, or may be in another character set than that of table
// maps, all tables of the database count.
func (t *triggers) create(table statement.Name, database string) {
	if t.tables == nil {
		t.tables, t.databases = map[dump.Name]bool{}, map[string]bool{}
	}
	if table.Database != "" {
		database = table.Database
	}
	if table.Name == "" || !schema.IsASCII(table.Name) {
		t.databases[strings.ToLower(database)] = true
	}
	t.all = t.all || len(t.tables) >= maxTriggers || !schema.IsASCII(database)
	if !t.all {
		t.tables[dump.Name{Database: database, Table: table.Name}.Fold()] = true
	}
}

// renamed makes every table of the databases count if one with triggers was renamed, as triggers go with their table.
func (t *triggers) renamed(names iter.Seq[statement.Name], database string) {
	for n := range names {
		if n.Database == "" {
			n.Database = database
		}
		if t.tables[dump.Name{Database: n.Database, Table: n.Name}.Fold()] {
			t.databases[strings.ToLower(n.Database)] = true
		}
	}
}

// mayFire reports whether the table of a table map may have triggers.
func (t *triggers) mayFire(m *decoder.TableMap) bool {
	return t.all || t.databases[strings.ToLower(m.Database)] ||
		t.tables[dump.Name{Database: m.Database, Table: m.Table}.Fold()]
}
