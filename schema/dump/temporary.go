package dump

import (
	"cmp"
	"errors"
	"iter"

	"binmend/decoder"
	"binmend/decoder/statement"
)

// Session is the session that ran a statement.
type Session struct {
	ServerID uint32
	Thread   uint32
	Started  uint32 // Created of the log's format description: when the server started, 0 in a log that goes on from another
}

// temporaries are the temporary tables that sessions have. Under binlog_format MIXED and STATEMENT their DDL is logged, and
// ALTER TABLE, CREATE INDEX and DROP TABLE look there as if they were of the real table with the same name.
type temporaries struct {
	tables  map[temporary]bool
	bytes   int // of them
	started uint32
	full    bool // there are more: any statement may be of one of those
}

type temporary struct {
	server, thread uint32
	name           Name
}

var (
	errLikeTemporary = errors.New("it copies a temporary table")
	errManyTemporary = errors.New("it may be one of more temporary tables than are followed")
)

// maxTemporaries bounds the bytes of the temporary tables that are kept, some 20,000. Servers have far fewer.
const maxTemporaries = 4 << 20

// size is about how many bytes one takes.
func (t temporary) size() int { return 140 + len(t.name.Database) + len(t.name.Table) }

// restart forgets all temporary tables when the server has restarted: none is left then, and threads count from 1 again.
func (t *temporaries) restart(s Session) {
	if s.Started != 0 && s.Started != t.started {
		*t = temporaries{started: s.Started}
	}
}

func (t *temporaries) has(s Session, name Name) bool {
	return len(t.tables) > 0 && t.tables[temporary{s.ServerID, s.Thread, name}]
}

func (t *temporaries) addTable(s Session, name Name) {
	if t.tables == nil {
		t.tables = map[temporary]bool{}
	}
	table := temporary{s.ServerID, s.Thread, name}
	if t.tables[table] {
		return
	}
	if t.full = t.full || t.bytes+table.size() > maxTemporaries; !t.full {
		t.tables[table] = true
		t.bytes += table.size()
	}
}

func (t *temporaries) remove(s Session, name Name) {
	if table := (temporary{s.ServerID, s.Thread, name}); t.tables[table] {
		delete(t.tables, table)
		t.bytes -= table.size()
	}
}

// follow takes a CREATE or DROP of temporary tables.
func (t *temporaries) follow(st *Statement, verb statement.Verb, names iter.Seq[statement.Name]) {
	for n := range names {
		name := Name{Database: cmp.Or(n.Database, st.Database), Table: n.Name}
		if verb == statement.Drop {
			t.remove(st.Session, name)
		} else {
			t.addTable(st.Session, name)
		}
	}
}

// passOver reports whether a change is of a temporary table, and follows it. Which statements prefer a temporary table differs:
// CREATE TABLE never does, RENAME TABLE only on MariaDB.
func (t *temporaries) passOver(st *Statement, c *Change) bool {
	if len(t.tables) == 0 {
		return false
	}
	isCreate := c.Kind == CreateTable || c.Kind == CreateTableLike || c.Verb == "CREATE TABLE"
	isRename := c.Verb == "RENAME TABLE" && st.Server.Flavor != decoder.MariaDB
	if c.Kind == CreateTableLike && t.has(st.Session, c.Other) {
		c.Kind, c.Err = Lost, errLikeTemporary
	}
	if isCreate || isRename || !t.has(st.Session, c.Name) {
		if t.full && !isCreate && !isRename && c.Kind == AlterTable {
			c.Kind, c.Err = Lost, errManyTemporary
		}
		return false
	}
	switch c.Kind {
	case DropTable:
		t.remove(st.Session, c.Name)
	case RenameTable:
		t.remove(st.Session, c.Name)
		t.addTable(st.Session, c.Other)
	}
	return true
}
