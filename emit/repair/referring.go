package repair

import (
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/emit/plan"
	"binmend/schema"
)

// Referring are the values of one foreign key by which no row of the replica may refer to rows that the transactions remove, where nobody was
// asked whether one does.
type Referring struct {
	By     schema.ForeignKey
	Parent *schema.Table
	Rows   []schema.KeyedRow // the first ones, of a table that has the columns that refer
	More   int               // beyond those
	Except []schema.KeyedRow // rows of the same table that the transactions or the plan take away, the first ones
}

// maxExcept bounds the rows that a SELECT leaves out.
const maxExcept = 50

// referring are the values that have to be free.
func (c *children) referring(whole *plan.Plan) (all []Referring) {
	for i := range c.freed {
		f := &c.freed[i]
		at := slices.IndexFunc(all, func(r Referring) bool {
			child := r.Rows[0].Row.Table
			return r.Parent == f.parent && r.By.Name == f.by.Name && child.Name == f.by.Table && child.Database == f.by.Database
		})
		if at < 0 {
			at, all = len(all), append(all, Referring{By: f.by.ForeignKey, Parent: f.parent, Except: c.except(f.by, whole)})
		}
		if len(all[at].Rows) == maxReferred {
			all[at].More++
		} else if row, ok := f.keyed(); ok {
			all[at].Rows = append(all[at].Rows, row)
		} else if len(all[at].Rows) == 0 {
			all = all[:at]
		}
	}
	return all
}

// keyed is what is known of the rows that refer, without their table's definition: a foreign key has the types of what it refers to.
func (f *freedValue) keyed() (schema.KeyedRow, bool) {
	t := &schema.Table{Database: f.by.Database, Name: f.by.Table}
	key := &schema.Key{Name: f.by.Name}
	if len(f.by.Columns) != len(f.by.ReferencedColumns) {
		return schema.KeyedRow{}, false
	}
	for i, name := range f.by.ReferencedColumns {
		column := f.parent.Columns[f.parent.Column(name)]
		column.Name = f.by.Columns[i]
		t.Columns, key.Parts = append(t.Columns, column), append(key.Parts, schema.KeyPart{Column: i})
	}
	return schema.KeyedRow{Row: schema.Row{Table: t, Cells: f.cells}, Key: key}, true
}

// except are the rows of the table that refers which are gone by the time their parent goes: those that the transactions delete or change,
// and those that the plan removes or overwrites.
func (c *children) except(by *schema.Reference, whole *plan.Plan) (rows []schema.KeyedRow) {
	add := func(row schema.KeyedRow) {
		t := row.Row.Table
		if len(rows) < maxExcept && isPlainlyKeyed(row) && strings.EqualFold(t.Database, by.Database) && strings.EqualFold(t.Name, by.Table) {
			rows = append(rows, row)
		}
	}
	for _, row := range c.gone {
		add(row)
	}
	for i := range whole.Absences {
		add(schema.KeyedRow{Row: whole.Absences[i].Row, Key: whole.Absences[i].Key})
	}
	for i := range whole.Presences {
		add(schema.KeyedRow{Row: whole.Presences[i].Row, Key: whole.Presences[i].Key})
	}
	return rows
}

// isPlainlyKeyed reports whether all columns of the key are known and have values.
func isPlainlyKeyed(row schema.KeyedRow) bool {
	return row.Key != nil && !slices.ContainsFunc(row.Key.Parts, func(p schema.KeyPart) bool {
		return p.Column < 0 || p.Column >= len(row.Row.Cells) || row.Row.Cells[p.Column].State() != decoder.Value
	})
}
