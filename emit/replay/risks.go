package replay

import (
	"fmt"
	"strings"

	"binmend/emit/display"
	"binmend/schema"
)

// Risks says what a reviewer can't see in the statements: what the server does by itself when they run, and, for a rollback,
// what it did by itself when the changes were made. Touched are the tables whose rows are written; known are all tables that
// may refer to them.
func Risks(touched, known []*schema.Table, backward bool) []string {
	var risks []string
	for _, t := range touched {
		name := t.Database + "." + t.Name
		if hidden := display.Hidden(t.Names()...); len(hidden) > 0 {
			risks = append(risks, fmt.Sprintf("names hold characters that can't be seen (%s); a terminal shows them as code points, a pipe gets "+
				"them as they are", strings.Join(hidden, ", ")))
		}
		if backward && t.IsSequence() {
			risks = append(risks, name+" is a sequence, and keeps the value that it has: the log does not hold which one it had before, and values may "+
				"be missing in it anyway")
		}
		for _, child := range known {
			if action := cascades(child, t); action != "" && backward {
				risks = append(risks, fmt.Sprintf("%s.%s refers to %s with %s: servers before MySQL 9.6 and MariaDB don't log what that changed, "+
					"so it is not taken back", child.Database, child.Name, name, action))
			}
		}
	}
	return risks
}

// cascades is what a foreign key of child does to it when a row of parent is deleted or gets another key; "" for nothing.
func cascades(child, parent *schema.Table) string {
	for _, f := range child.ForeignKeys {
		database, table, qualified := strings.Cut(f.ReferencedTable, ".")
		if !qualified {
			database, table = child.Database, f.ReferencedTable
		}
		if !strings.EqualFold(table, parent.Name) || !strings.EqualFold(database, parent.Database) {
			continue
		}
		for _, on := range []struct{ event, action string }{{"ON DELETE", f.OnDelete}, {"ON UPDATE", f.OnUpdate}} {
			if on.action == "CASCADE" || on.action == "SET NULL" || on.action == "SET DEFAULT" {
				return on.event + " " + on.action
			}
		}
	}
	return ""
}
