package repair

import (
	"binmend/decoder"
	"binmend/schema/changes"
	"binmend/schema/dump"
	"binmend/schema/track"
)

// A script runs before the first transaction of its range. If DDL in the range alters a table, rows after it belong to a form of the
// table that the replica does not have yet: the range ends before the transaction with the first of them.

// alterations are the statements that altered tables, by the tables' names in lower case. Tables created within the range do not
// count: their rows need no repair.
type alterations struct {
	parser *dump.Parser
	by     map[dump.Name]track.Statement
	made   map[dump.Name]bool
}

func newAlterations() alterations {
	return alterations{parser: dump.NewParser(), by: map[dump.Name]track.Statement{}, made: map[dump.Name]bool{}}
}

// meet notes what the next event alters. If the event has rows of an altered table, it returns the statement that altered it.
func (a *alterations) meet(e *decoder.Event) (s track.Statement, found bool, err error) {
	if e.IsRows() {
		re, err := e.Rows()
		if err != nil {
			return s, false, err
		}
		s, found = a.by[dump.Name{Database: re.Map.Database, Table: re.Map.Table}.Fold()]
		return s, found, nil
	}
	st, ok, err := changes.ReadStatement(e)
	if err != nil || !ok {
		return s, false, err
	}
	_ = a.parser.Parse(st.Statement, func(c *dump.Change) { // the definitions report what is not understood
		a.note(c, track.Statement{Pos: st.Pos, Verb: c.Verb})
	})
	return s, false, nil
}

func (a *alterations) note(c *dump.Change, s track.Statement) {
	name := c.Name.Fold()
	made := a.made[name]
	switch c.Kind {
	case dump.CreateTable, dump.CreateTableLike:
		if !c.Optional {
			delete(a.by, name)
			a.made[name] = true
		}
	case dump.AlterTable, dump.Lost:
		if !made {
			a.by[name] = s
		}
	case dump.RenameTable:
		to := c.Other.Fold()
		delete(a.by, name)
		delete(a.made, name)
		delete(a.by, to)
		if a.made[to] = made; !made {
			a.by[to] = s
		}
	case dump.DropTable:
		delete(a.by, name)
		delete(a.made, name)
	}
}
