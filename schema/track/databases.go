package track

import (
	"maps"
	"strings"

	"binmend/schema/dump"
)

// What statements do to whole databases, and to the defaults of their tables.

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

// maxExisting bounds existing.
const maxExisting = 1 << 12

// setDatabase notes the defaults of a database. IF NOT EXISTS leaves those of an existing database as they are.
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
