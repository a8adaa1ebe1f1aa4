package repair

import (
	"context"
	"strings"

	"binmend/emit/plan"
	"binmend/schema"
	"binmend/schema/changes"
)

// Triggered is a table to which triggers may add rows when the statements of a repair fire them. Its rows are numbered: what is
// added has higher numbers than all that was there.
type Triggered struct {
	*schema.Table
	Number *schema.Column // AUTO_INCREMENT
}

// triggeredBy are the tables that triggers of the plan's tables write and that number their rows. The applier fires no triggers,
// so the source has none of what they add. Tables without numbers, and those that are not known here, are left to the reader.
func triggeredBy(ctx context.Context, p *plan.Plan, tables *changes.Definitions) (all []Triggered) {
	seen := map[string]bool{}
	for _, t := range p.Tables {
		for _, trigger := range t.Triggers {
			for _, name := range trigger.Writes {
				database, table, _ := strings.Cut(name, ".")
				if seen[name] || strings.HasPrefix(database, "procedure ") {
					continue
				}
				seen[name] = true
				if written, err := tables.Table(ctx, schema.Ref{Database: database, Table: table}); err == nil {
					all = append(all, numbered(written)...)
				}
			}
		}
	}
	return all
}

func numbered(t *schema.Table) []Triggered {
	for i := range t.Columns {
		if t.Columns[i].AutoIncrement {
			return []Triggered{{t, &t.Columns[i]}}
		}
	}
	return nil
}
