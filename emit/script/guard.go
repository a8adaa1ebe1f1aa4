package script

import (
	"fmt"
	"regexp"
	"slices"

	"binmend/emit/control"
	"binmend/schema"
)

// guards are the conditions under which the script may run.
func (c *composer) guards() (guards []control.Guard) {
	if id := c.repair.Facts.WriterID; id != 0 && !c.repair.IsOwn {
		guards = append(guards, control.Guard{Sentence: "this is the server that wrote the transaction",
			Holds: fmt.Sprintf("@@GLOBAL.server_id <> %d", id)})
	}
	guards = append(guards, c.before.guards...)
	for _, t := range c.repair.Facts.Unsure {
		guards = append(guards, c.hasColumns(t))
	}
	return guards
}

// before is how the script finds out that the transaction has not been applied.
type before struct {
	guards []control.Guard
	risk   string // what to note if the server does not always know it; else ""
}

// notApplied asks the server or, if the server may not know, whether the row in the message is still in the way.
func (c *composer) notApplied() before {
	guards, blind, risk := c.commands.NotApplied()
	holds, ok := c.conflict()
	if blind == "" || !ok {
		return before{guards, risk}
	}
	if blind != control.Always {
		holds = "NOT (" + blind + ") OR " + holds
	}
	return before{append(guards, control.Guard{Sentence: "no row is in the way of the transaction", Holds: holds}),
		risk + " A guard looks whether another row than the transaction's own is in its way; where they are equal it stops the script, too."}
}

// hasColumns is the guard of a table whose definition may be from another time, or of another server: it compares names, types and
// the members of ENUM and SET.
func (c *composer) hasColumns(t *schema.Table) control.Guard {
	has, want := spelled(t)
	holds := []byte("(SELECT SUM(IF(ORDINAL_POSITION = FIELD(" + has)
	for _, column := range want {
		holds = c.dialect.AppendString(append(holds, ", "...), column)
	}
	holds = append(holds, "), 1, 10000)) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = "...)
	holds = c.dialect.AppendString(holds, t.Database)
	holds = c.dialect.AppendString(append(holds, " AND TABLE_NAME = "...), t.Name)
	holds = fmt.Appendf(holds, ") = %d", len(t.Columns))
	return control.Guard{Sentence: "a table does not have the columns of its definition", Holds: string(holds)}
}

// spelled are the columns of a table as an expression on information_schema.COLUMNS spells them. Names of geometry types differ
// between versions, and so does how a member is printed that needs quoting.
func spelled(t *schema.Table) (expression string, columns []string) {
	expression = "CONCAT(COLUMN_NAME, ' ', DATA_TYPE)"
	hasMembers, isPlain := false, true
	for i := range t.Columns {
		column := &t.Columns[i]
		if column.Type == schema.TypeGeometry || column.Type == schema.TypeUnknown {
			return "COLUMN_NAME", names(t)
		}
		hasMembers = hasMembers || len(column.Members) > 0
		isPlain = isPlain && !slices.ContainsFunc(column.Members, func(member string) bool { return !plainMember.MatchString(member) })
	}
	hasMembers = hasMembers && isPlain
	if hasMembers {
		expression = "CONCAT(COLUMN_NAME, ' ', IF(DATA_TYPE IN ('enum', 'set'), COLUMN_TYPE, DATA_TYPE))"
	}
	for i := range t.Columns {
		kind := t.Columns[i].Type.String()
		if hasMembers && len(t.Columns[i].Members) > 0 {
			kind = t.Columns[i].SQLType()
		}
		columns = append(columns, t.Columns[i].Name+" "+kind)
	}
	return expression, columns
}

// plainMember matches members of ENUM and SET that every server prints in one way.
var plainMember = regexp.MustCompile(`^[A-Za-z0-9 _.,:;+/()-]*$`)

func names(t *schema.Table) (all []string) {
	for i := range t.Columns {
		all = append(all, t.Columns[i].Name)
	}
	return all
}

// conflict is a condition that holds while a row is in the way of the one that the transaction could not write and is not that
// row itself: so it is before the transaction, and no longer after it. It is what can be asked of a server that does not tell
// how far it has applied; ok is false where the message names no row in the way.
func (c *composer) conflict() (condition string, ok bool) {
	row := c.repair.Conflict
	if row == nil {
		return "", false
	}
	sql := append(c.dialect.AppendTable([]byte("EXISTS (SELECT 1 FROM "), row.Row.Table), " WHERE "...)
	sql, err := c.dialect.AppendCondition(sql, *row, nil)
	if err != nil {
		return "", false
	}
	sql, err = c.dialect.AppendEqual(append(sql, " AND NOT ("...), row.Row)
	return string(sql) + "))", err == nil
}
