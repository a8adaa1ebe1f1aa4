package repair

import (
	"slices"

	"binmend/emit/plan"
	"binmend/schema"
)

// Referred are the parent rows that the transactions' rows need by one foreign key, where nobody was asked whether the replica has them.
type Referred struct {
	Child   *schema.Table
	By      schema.ForeignKey
	Parents []schema.KeyedRow // the first ones, of a table that has the columns that are referred to
	More    int               // beyond those
}

// maxReferred bounds the parent rows of one foreign key that are named.
const maxReferred = 10

// referred are the parent rows that the plan does not put.
func (p *parents) referred(whole *plan.Plan) (all []Referred) {
	for _, n := range p.needed {
		if n.isPut(whole) {
			continue
		}
		i := slices.IndexFunc(all, func(r Referred) bool { return r.Child == n.child && r.By.Name == n.by.Name })
		if i < 0 {
			i, all = len(all), append(all, Referred{Child: n.child, By: *n.by})
		}
		if len(all[i].Parents) == maxReferred {
			all[i].More++
		} else {
			all[i].Parents = append(all[i].Parents, n.keyed())
		}
	}
	return all
}

// keyed is what is known of the parent row, without the parent's definition: a foreign key has the types of what it refers to.
func (n *neededParent) keyed() schema.KeyedRow {
	t := &schema.Table{Database: n.parent.Database, Name: n.parent.Table}
	key := &schema.Key{Name: n.by.Name}
	for i, name := range n.by.ReferencedColumns {
		c := n.child.Columns[n.child.Column(n.by.Columns[i])]
		c.Name = name
		t.Columns, key.Parts = append(t.Columns, c), append(key.Parts, schema.KeyPart{Column: i})
	}
	return schema.KeyedRow{Row: schema.Row{Table: t, Cells: n.cells}, Key: key}
}
