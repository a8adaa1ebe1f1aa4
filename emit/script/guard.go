package script

import (
	"fmt"

	"binmend/emit/control"
)

// guards are the conditions without which the script must not run.
func (c *composer) guards() (guards []control.Guard) {
	if id := c.repair.Facts.WriterID; id != 0 {
		guards = append(guards, control.Guard{Sentence: "this is the server that wrote the transaction",
			Holds: fmt.Sprintf("@@GLOBAL.server_id <> %d", id)})
	}
	applied, risk := c.commands.NotApplied()
	if applied.Holds != "" {
		guards = append(guards, applied)
	}
	if risk != "" {
		if conflict, ok := c.conflict(); ok {
			guards = append(guards, control.Guard{Sentence: "no row is in the way of the transaction", Holds: conflict})
		}
	}
	return guards
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
