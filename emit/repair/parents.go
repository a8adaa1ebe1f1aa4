package repair

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/emit/plan"
	"binmend/emit/probe"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// The plan is about rows by their keys. Where the replica checks foreign keys, a row that the transactions write needs its parent row as
// well, which other transactions of the source wrote: without it the applier stops again, with error 1452.

// MissingParent is a parent row that the replica does not have.
type MissingParent struct {
	Child  *schema.Table
	By     schema.ForeignKey
	Parent schema.KeyedRow // what is known of it: the columns that are referred to
	Origin plan.Origin     // the row that refers to it
}

// Values of foreign keys beyond maxParents are not kept, and the search ends with maxMissingParents.
const (
	maxParents        = 2_000
	maxMissingParents = 20
)

// parents are the parent rows that the rows of transactions need, but for those that the transactions write themselves.
type parents struct {
	needed []*neededParent
	known  map[string]bool // needed or written, by table, columns and values
}

type neededParent struct {
	child  *schema.Table
	by     *schema.ForeignKey
	parent schema.Ref
	cells  []decoder.Cell // by column of the foreign key
	origin plan.Origin
}

// addRow looks at a row that a transaction writes. Where the source did not check foreign keys, the applier does not either.
func (p *parents) addRow(flags decoder.RowsFlags, t *schema.Table, row *decoder.Row, o plan.Origin) {
	if len(row.After) == 0 || len(p.known) >= maxParents || len(t.ForeignKeys)+len(t.ReferredBy) == 0 {
		return
	}
	if p.known == nil {
		p.known = map[string]bool{}
	}
	for i := range t.ForeignKeys {
		if flags&decoder.RowsNoForeignKeyChecks == 0 {
			p.need(t, &t.ForeignKeys[i], row, o)
		}
	}
	for i := range t.ReferredBy {
		if cells := cellsOf(t, t.ReferredBy[i].ReferencedColumns, row.After); cells != nil {
			p.known[parentID(schema.Ref{Database: t.Database, Table: t.Name}, t.ReferredBy[i].ReferencedColumns, cells)] = true
		}
	}
}

func (p *parents) need(t *schema.Table, by *schema.ForeignKey, row *decoder.Row, o plan.Origin) {
	cells := cellsOf(t, by.Columns, row.After)
	if cells == nil || len(cells) != len(by.ReferencedColumns) || slices.EqualFunc(cells, cellsOf(t, by.Columns, row.Before), sameBytes) {
		return
	}
	parent := schema.Ref{Database: t.Database, Table: by.ReferencedTable}
	if database, name, isQualified := strings.Cut(by.ReferencedTable, "."); isQualified {
		parent.Database, parent.Table = database, name
	}
	id := parentID(parent, by.ReferencedColumns, cells)
	if p.known[id] {
		return
	}
	p.known[id] = true
	for i := range cells {
		cells[i] = cells[i].Clone()
	}
	p.needed = append(p.needed, &neededParent{t, by, parent, cells, o})
}

func sameBytes(a, b decoder.Cell) bool { return bytes.Equal(a.Raw(), b.Raw()) }

func parentID(parent schema.Ref, columns []string, cells []decoder.Cell) string {
	id := strings.ToLower(parent.Database + "." + parent.Table)
	for i := range cells {
		id += "\x00" + strings.ToLower(columns[i]) + "\x00" + string(cells[i].Raw())
	}
	return id
}

// cellsOf are the values of columns; nil where one is NULL, or not in the image: then nothing refers by them.
func cellsOf(t *schema.Table, columns []string, image []decoder.Cell) []decoder.Cell {
	var cells []decoder.Cell
	for _, name := range columns {
		i := t.Column(name)
		if i < 0 || i >= len(image) || image[i].State() != decoder.Value {
			return nil
		}
		cells = append(cells, image[i])
	}
	return cells
}

// missing asks the replica for the parent rows, and returns the first of those that it does not have and that the plan does not put.
func (p *parents) missing(ctx context.Context, server probe.Server, tables schema.Resolver, whole *plan.Plan) (all []MissingParent, err error) {
	for begin := 0; begin < len(p.needed) && len(all) < maxMissingParents; {
		end := begin + 1
		for end < len(p.needed) && p.needed[end].by == p.needed[begin].by {
			end++
		}
		lacking, err := lacking(ctx, server, tables, whole, p.needed[begin:end])
		if err != nil {
			return nil, err
		}
		all, begin = append(all, lacking...), end
	}
	return all[:min(len(all), maxMissingParents)], nil
}

// lacking are the missing ones of parent rows by one foreign key.
func lacking(ctx context.Context, server probe.Server, tables schema.Resolver, whole *plan.Plan, needed []*neededParent) (all []MissingParent, err error) {
	parent, err := tables.Table(ctx, needed[0].parent)
	if err != nil {
		return nil, ctx.Err() // the message of error 1452 names it
	}
	key := keyOver(parent, needed[0].by)
	if key == nil {
		return nil, nil
	}
	var asked []*neededParent
	var questions []probe.Question
	for _, n := range needed {
		if !n.isPut(whole) {
			asked, questions = append(asked, n), append(questions, probe.Question{Absence: plan.Absence{Row: n.row(parent, key), Key: key}})
		}
	}
	there, err := whichAreThere(ctx, server, questions)
	if err != nil {
		return nil, err
	}
	for n := 0; n < len(questions) && len(all) < maxMissingParents; n++ {
		if there[n] {
			continue
		}
		// A row answers the first question whose value it has; another one may be equal by the collation.
		alone, err := whichAreThere(ctx, server, questions[n:n+1])
		if err != nil {
			return nil, err
		}
		if !alone[0] {
			all = append(all, MissingParent{Child: asked[n].child, By: *asked[n].by, Parent: schema.KeyedRow{Row: questions[n].Row, Key: key}, Origin: asked[n].origin})
		}
	}
	return all, nil
}

// whichAreThere are the numbers of the questions that a row answers, or that can't be asked.
func whichAreThere(ctx context.Context, server probe.Server, questions []probe.Question) (there map[int]bool, err error) {
	there = map[int]bool{}
	unasked, err := server.Rows(ctx, questions, func(n int, _ *sqltext.Stored, _ bool) error {
		there[n] = true
		return nil
	})
	for _, n := range unasked {
		there[n] = true
	}
	return there, err
}

// keyOver is the columns that a foreign key refers to; nil where the table lacks one.
func keyOver(parent *schema.Table, by *schema.ForeignKey) *schema.Key {
	key := &schema.Key{Name: by.Name}
	for _, name := range by.ReferencedColumns {
		column := parent.Column(name)
		if column < 0 || len(by.Columns) != len(by.ReferencedColumns) {
			return nil
		}
		key.Parts = append(key.Parts, schema.KeyPart{Column: column})
	}
	return key
}

// row is the parent row as far as it is known.
func (n *neededParent) row(parent *schema.Table, key *schema.Key) schema.Row {
	row := schema.Row{Table: parent, Cells: make([]decoder.Cell, len(parent.Columns))}
	for i, part := range key.Parts {
		row.Cells[part.Column] = n.cells[i]
	}
	return row
}

// isPut reports whether the plan puts the parent row.
func (n *neededParent) isPut(whole *plan.Plan) bool {
	return slices.ContainsFunc(whole.Presences, func(x plan.Presence) bool {
		t := x.Row.Table
		if !strings.EqualFold(t.Database, n.parent.Database) || !strings.EqualFold(t.Name, n.parent.Table) {
			return false
		}
		for i, name := range n.by.ReferencedColumns {
			if c := t.Column(name); c < 0 || !sameBytes(x.Row.Cells[c], n.cells[i]) {
				return false
			}
		}
		return true
	})
}
