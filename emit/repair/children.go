package repair

import (
	"context"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/emit/plan"
	"binmend/emit/probe"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// Where the replica checks foreign keys, a row can't go, or get another key, while others refer to it. On the source none did at that time;
// a row that only the replica has stops the applier, with error 1451.

// ExtraChild is rows of the replica that refer to a row which the transactions remove.
type ExtraChild struct {
	By     schema.ForeignKey
	Parent *schema.Table
	Rows   schema.KeyedRow // of the child's table: the columns that refer
	Origin plan.Origin     // the row that removes the parent
}

// children are the values that no row may refer to, and the rows that the transactions take away themselves.
type children struct {
	freed []freedValue
	known map[string]bool   // freed, by foreign key and values
	gone  []schema.KeyedRow // their first key
	more  bool              // than are kept: nothing can be told
}

type freedValue struct {
	parent *schema.Table
	by     *schema.Reference
	cells  []decoder.Cell // by column of the foreign key
	origin plan.Origin
}

// addRow looks at a row that a transaction changes.
func (c *children) addRow(flags decoder.RowsFlags, t *schema.Table, row *decoder.Row, o plan.Origin) {
	if len(row.Before) == 0 || c.more || len(t.ForeignKeys)+len(t.ReferredBy) == 0 {
		return
	}
	for i := range t.ReferredBy {
		if flags&decoder.RowsNoForeignKeyChecks == 0 {
			c.free(t, &t.ReferredBy[i], row, o)
		}
	}
	if len(t.ForeignKeys) > 0 && len(t.Keys) > 0 {
		cells := make([]decoder.Cell, len(t.Columns))
		for _, part := range t.Keys[0].Parts {
			if i := part.Column; i >= 0 && i < len(row.Before) {
				cells[i] = row.Before[i].Clone()
			}
		}
		c.gone = append(c.gone, schema.KeyedRow{Row: schema.Row{Table: t, Cells: cells}, Key: &t.Keys[0]})
	}
	c.more = len(c.gone)+len(c.freed) > maxParents
}

// free notes the value of a row that goes, or gets another one. Where the foreign key has a rule for that, the applier follows it.
func (c *children) free(t *schema.Table, by *schema.Reference, row *decoder.Row, o plan.Origin) {
	cells := cellsOf(t, by.ReferencedColumns, row.Before)
	rule := by.OnDelete
	if len(row.After) > 0 {
		rule = by.OnUpdate
	}
	isFollowed := strings.EqualFold(rule, "CASCADE") || strings.HasPrefix(strings.ToUpper(rule), "SET ")
	if cells == nil || isFollowed || len(row.After) > 0 && slices.EqualFunc(cells, cellsOf(t, by.ReferencedColumns, row.After), sameBytes) {
		return
	}
	id := by.Name + "\x00" + parentID(schema.Ref{Database: by.Database, Table: by.Table}, by.ReferencedColumns, cells)
	if c.known[id] {
		return
	}
	if c.known == nil {
		c.known = map[string]bool{}
	}
	c.known[id] = true
	for i := range cells {
		cells[i] = cells[i].Clone()
	}
	c.freed = append(c.freed, freedValue{t, by, cells, o})
}

// extra asks the replica for rows that refer to values which have to be free, but for those that the transactions take away, and those that
// the repair removes or overwrites.
func (c *children) extra(ctx context.Context, server probe.Server, d sqltext.Dialect, tables schema.Resolver, r *probe.Result) (all []ExtraChild, err error) {
	if c.more || len(c.freed) == 0 {
		return nil, nil
	}
	handled := c.handled(d, r)
	for i := range c.freed {
		f := &c.freed[i]
		child, err := tables.Table(ctx, schema.Ref{Database: f.by.Database, Table: f.by.Table})
		if err != nil || len(child.Keys) == 0 {
			continue // the message of error 1451 names it
		}
		key := keyOver(child, &schema.ForeignKey{Name: f.by.Name, Columns: f.by.Columns, ReferencedColumns: f.by.Columns})
		if key == nil || len(key.Parts) != len(f.cells) {
			continue
		}
		rows := schema.KeyedRow{Row: schema.Row{Table: child, Cells: make([]decoder.Cell, len(child.Columns))}, Key: key}
		for n, part := range key.Parts {
			rows.Row.Cells[part.Column] = f.cells[n]
		}
		isExtra := false
		_, err = server.Rows(ctx, []probe.Question{{Absence: plan.Absence{Row: rows.Row, Key: key}}}, func(_ int, row *sqltext.Stored, _ bool) error {
			isExtra = isExtra || !handled[storedName(row)]
			return nil
		})
		if err != nil {
			return nil, err
		}
		if isExtra && len(all) < maxMissingParents {
			all = append(all, ExtraChild{By: f.by.ForeignKey, Parent: f.parent, Rows: rows, Origin: f.origin})
		}
	}
	return all, nil
}

// handled are the rows, by their first key, that are gone by the time their parent goes.
func (c *children) handled(d sqltext.Dialect, r *probe.Result) map[string]bool {
	names := map[string]bool{}
	for i := range c.gone {
		x := &c.gone[i]
		row := sqltext.Stored{Table: x.Row.Table, Literals: make([][]byte, len(x.Row.Table.Columns))}
		for _, part := range x.Key.Parts {
			if part.Column >= 0 && x.Row.Cells[part.Column].State() == decoder.Value {
				row.Literals[part.Column], _ = d.AppendLiteral(nil, &x.Row.Table.Columns[part.Column], x.Row.Cells[part.Column])
			}
		}
		names[storedName(&row)] = true
	}
	add := func(s *probe.Seen) {
		for i := range s.Rows {
			names[storedName(&s.Rows[i])] = true
		}
	}
	for i := range r.Absences {
		add(&r.Absences[i])
	}
	for i := range r.Presences {
		add(&r.Presences[i])
	}
	for i := range r.Orphans {
		names[storedName(&r.Orphans[i].Row)] = true
	}
	return names
}

// storedName names a row by its table and its first key.
func storedName(row *sqltext.Stored) string {
	name := row.Table.FoldedName()
	for _, part := range row.Table.Keys[0].Parts {
		if part.Column >= 0 {
			name += "\x00" + string(row.Literals[part.Column])
		}
	}
	return name
}
