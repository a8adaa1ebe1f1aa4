package app

import (
	"context"
	"fmt"
	"io"
	"strings"

	"binmend/decoder"
	"binmend/decoder/txn"
	"binmend/schema/changes"
	"binmend/schema/dump"
	"binmend/schema/track"
)

// A script runs before the first transaction of its target. Where DDL in the target changes a table, rows behind it are
// rows of a table that the replica does not have yet: the target ends before the transaction with the first of them.

// endBeforeAltered shortens a target of several transactions.
func (t *target) endBeforeAltered(ctx context.Context) error {
	if t.stop.File == "" || t.from.File != "" {
		return nil
	}
	w, err := t.logs.From(t.first.Start)
	if err != nil {
		return err
	}
	defer w.Close()
	seen := newAlterations()
	var last txn.Transaction
	for {
		e, step, err := w.Next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		}
		s, found, err := seen.add(e)
		if err != nil {
			return err
		}
		if found {
			t.stop = last.End
			t.shortened = []string{fmt.Sprintf("the range ends at %s:%d, before the first rows of a table that the %s alters: "+
				"the replica has to apply that first; run binmend again if it stops behind it", short(last.End).File, last.End.Offset, s)}
			return nil
		}
		if step.Ends() {
			if last = w.Transaction(); t.done(last.End) {
				return nil
			}
		}
	}
}

// alterations are the statements that altered tables, by the tables' names in lower case. Tables that were made before do
// not count: their rows need no repair.
type alterations struct {
	parser *dump.Parser
	by     map[dump.Name]track.Statement
	made   map[dump.Name]bool
}

func newAlterations() alterations {
	return alterations{parser: dump.NewParser(), by: map[dump.Name]track.Statement{}, made: map[dump.Name]bool{}}
}

// add takes an event. It returns a statement when the event holds rows of a table that the statement altered.
func (a *alterations) add(e *decoder.Event) (s track.Statement, found bool, err error) {
	if e.IsRows() {
		re, err := e.Rows()
		if err != nil {
			return s, false, err
		}
		s, found = a.by[foldName(re.Map.Database, re.Map.Table)]
		return s, found, nil
	}
	st, ok, err := changes.ReadStatement(e)
	if err != nil || !ok {
		return s, false, err
	}
	made, _ := a.parser.Parse(st.Statement) // gather tells what is not understood
	for i := range made {
		a.note(&made[i], track.Statement{Pos: st.Pos, Verb: made[i].Verb})
	}
	return s, false, nil
}

func (a *alterations) note(c *dump.Change, s track.Statement) {
	name := foldName(c.Name.Database, c.Name.Table)
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
		to := foldName(c.Other.Database, c.Other.Table)
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

func foldName(database, table string) dump.Name {
	return dump.Name{Database: strings.ToLower(database), Table: strings.ToLower(table)}
}
