package probe

import (
	"context"
	"errors"
	"slices"
	"strings"

	"binmend/emit/plan"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// The statements of a repair do not check foreign keys: a row that they remove may be the parent of other rows. On the source these
// children have no such parent, so they can't exist there as they are. The source is asked about them as about any stray row; if
// nothing answers, the foreign key's ON DELETE rule is applied to them.

// Orphan is a row of the replica that loses its parent row by the repair.
type Orphan struct {
	Row    sqltext.Stored
	Key    *schema.Key // identifies it
	By     schema.ForeignKey
	Found              // what is known about it on the source
	Origin plan.Origin // the entry that removes the parent
	Cut    bool        // it stays, and its foreign key is set to NULL

	parent *schema.Table
}

// maxOrphans bounds how many rows are read.
const maxOrphans = 10_000

var errTooMany = errors.New("too many rows")

// orphanSearch finds the rows that lose their parents.
type orphanSearch struct {
	*Result
	Witnesses
	dialect sqltext.Dialect
	tables  schema.Resolver
	known   map[rowID]bool // rows already considered
}

// parent is a row that the repair removes or overwrites.
type parent struct {
	row    *sqltext.Stored
	found  Found
	origin plan.Origin
}

// FindOrphans finds the children of the rows that the repair removes, and what becomes of them. Call it after TellStrays.
// tables finds the definitions of the replica's tables.
func (r *Result) FindOrphans(ctx context.Context, w Witnesses, d sqltext.Dialect, tables schema.Resolver) error {
	s := orphanSearch{Result: r, Witnesses: w, dialect: d, tables: tables, known: map[rowID]bool{}}
	parents := r.parents(s.known)
	for len(parents) > 0 {
		children, err := s.children(ctx, parents)
		if err != nil {
			return err
		}
		if parents, err = s.settle(ctx, children); err != nil {
			return err
		}
	}
	r.dropSettled()
	r.addTables()
	return nil
}

// parents are the rows that the repair removes or overwrites, each once.
func (r *Result) parents(known map[rowID]bool) (all []parent) {
	add := func(s *Seen, o plan.Origin) {
		for i := range s.Rows {
			id := s.Rows[i].ID()
			if known[id] {
				continue
			}
			known[id] = true
			p := parent{row: &s.Rows[i], origin: o}
			if i < len(s.Found) {
				p.found = s.Found[i]
			}
			all = append(all, p)
		}
	}
	for i := range r.Restored {
		add(&r.Restored[i].Seen, r.Restored[i].Origin)
	}
	for i := range r.Absences {
		add(&r.Absences[i], r.Plan.Absences[i].Origin)
	}
	for i := range r.Presences {
		add(&r.Presences[i], r.Plan.Presences[i].Origin)
	}
	return all
}

// children finds the rows that refer to values which no parent row has after the repair and the transactions.
func (s *orphanSearch) children(ctx context.Context, parents []parent) (all []*Orphan, err error) {
	done := map[*schema.Reference]bool{}
	for i := range parents {
		t := parents[i].row.Table
		for n := range t.ReferredBy {
			r := &t.ReferredBy[n]
			if done[r] {
				continue
			}
			done[r] = true
			found, err := s.childrenBy(ctx, r, parents[i:])
			switch {
			case errors.Is(err, errTooMany) || errors.Is(err, errNoChildren):
				s.leave(t)
			case err != nil:
				return nil, err
			default:
				all = append(all, found...)
			}
		}
	}
	return all, nil
}

var errNoChildren = errors.New("the children can't be asked for")

// leave notes that rows may lose their parents in a table, and were not looked for.
func (s *orphanSearch) leave(t *schema.Table) {
	if !slices.Contains(s.Unparented, t) {
		s.Unparented = append(s.Unparented, t)
	}
}

// childrenBy finds the children by one foreign key.
func (s *orphanSearch) childrenBy(ctx context.Context, r *schema.Reference, parents []parent) (all []*Orphan, err error) {
	t := parents[0].row.Table
	child := s.table(ctx, r)
	if child == nil {
		return nil, errNoChildren
	}
	columns, ok := ordinals(t, r.ReferencedColumns)
	key, fits := childKey(child, r)
	if !ok || !fits || len(columns) != len(key.Parts) || !isUnique(t, columns) {
		return nil, errNoChildren
	}
	stays := s.stay(t, columns)
	var questions []Question
	var asked []*parent
	for i := range parents {
		p := &parents[i]
		value, ok := valueOf(p.row, columns)
		if p.row.Table != t || !ok || stays[value] {
			continue
		}
		row := &sqltext.Stored{Table: child, Literals: make([][]byte, len(child.Columns))}
		for n, c := range columns {
			row.Literals[key.Parts[n].Column] = p.row.Literals[c]
		}
		questions, asked = append(questions, storedQuestion(row, key)), append(asked, p)
	}
	unasked, err := s.Replica.Rows(ctx, questions, func(n int, row *sqltext.Stored, _ bool) error {
		if o := s.orphan(row, asked[n]); o != nil {
			o.By = foreignKeyOf(child, r)
			all = append(all, o)
		}
		if len(all)+len(s.Orphans) > maxOrphans {
			return errTooMany
		}
		return nil
	})
	if err == nil && len(unasked) > 0 {
		err = errNoChildren
	}
	return all, err
}

// table is the child's definition: the plan's own, if the plan has it.
func (s *orphanSearch) table(ctx context.Context, r *schema.Reference) *schema.Table {
	for _, t := range s.whole.Tables {
		if strings.EqualFold(t.Database, r.Database) && strings.EqualFold(t.Name, r.Table) {
			return t
		}
	}
	t, err := s.tables.Table(ctx, schema.Ref{Database: r.Database, Table: r.Table})
	if err != nil {
		return nil
	}
	return t
}

func ordinals(t *schema.Table, names []string) (columns []int, ok bool) {
	for _, name := range names {
		c := t.Column(name)
		if c < 0 {
			return nil, false
		}
		columns = append(columns, c)
	}
	return columns, len(columns) > 0
}

// childKey are the columns of a foreign key in the child's table.
func childKey(child *schema.Table, r *schema.Reference) (*schema.Key, bool) {
	columns, ok := ordinals(child, r.Columns)
	key := &schema.Key{Name: r.Name}
	for _, c := range columns {
		key.Parts = append(key.Parts, schema.KeyPart{Column: c})
	}
	return key, ok
}

// isUnique reports whether at most one row of the table has given values of the columns.
func isUnique(t *schema.Table, columns []int) bool {
	return slices.ContainsFunc(t.Keys, func(key schema.Key) bool {
		return !slices.ContainsFunc(key.Parts, func(part schema.KeyPart) bool { return part.Prefix > 0 || !slices.Contains(columns, part.Column) })
	})
}

// valueOf are a row's values of some columns; ok is false if one is NULL or unknown.
func valueOf(row *sqltext.Stored, columns []int) (value string, ok bool) {
	var all []byte
	for _, c := range columns {
		if row.Literals[c] == nil || row.IsNull(c) {
			return "", false
		}
		all = append(append(all, row.Literals[c]...), ',')
	}
	return string(all), true
}

// stay are the values of a parent's columns that some row has after the repair, or gets from the transactions.
func (s *orphanSearch) stay(t *schema.Table, columns []int) map[string]bool {
	values := map[string]bool{}
	addRow := func(row schema.Row) {
		var all []byte
		var err error
		for _, c := range columns {
			if all, err = s.dialect.AppendLiteral(all, &t.Columns[c], row.Cells[c]); err != nil {
				return
			}
			all = append(all, ',')
		}
		values[string(all)] = true
	}
	for i := range s.whole.Presences {
		if row := s.whole.Presences[i].Row; row.Table == t {
			addRow(row)
		}
	}
	for i := range s.whole.Absences {
		if row := s.whole.Absences[i].Row; row.Table == t {
			addRow(row)
		}
	}
	for i := range s.Restored {
		if row := &s.Restored[i].Row; row.Table == t {
			if value, ok := valueOf(row, columns); ok {
				values[value] = true
			}
		}
	}
	return values
}

// foreignKeyOf is the foreign key from the child's definition, which has its ON DELETE rule.
func foreignKeyOf(child *schema.Table, r *schema.Reference) schema.ForeignKey {
	for _, f := range child.ForeignKeys {
		if strings.EqualFold(f.Name, r.Name) {
			return f
		}
	}
	return r.ForeignKey
}

// orphan makes an orphan of a child, unless the plan already handles the row.
func (s *orphanSearch) orphan(row *sqltext.Stored, p *parent) *Orphan {
	id := row.ID()
	_, isWanted := s.wanted[id]
	if s.known[id] || isWanted || s.lost[id] || s.restored[id] {
		return nil
	}
	s.known[id] = true
	key := otherKey(row, nil)
	if key == nil || p.found.Fate == FateUnclear || p.found.Fate == FateInTheWay {
		s.leave(p.row.Table)
		return nil
	}
	return &Orphan{Row: row.Clone(), Key: key, Origin: p.origin, parent: p.row.Table}
}

// settle finds out what becomes of children, and returns those that are removed: they may be parents themselves.
func (s *orphanSearch) settle(ctx context.Context, children []*Orphan) (gone []parent, err error) {
	if len(children) == 0 {
		return nil, nil
	}
	t := teller{Witnesses: s.Witnesses, result: s.Result, rows: make([]*sqltext.Stored, len(children)), planned: make([]bool, len(children))}
	for _, o := range children {
		t.strays = append(t.strays, stray{Stray{o.Row, o.Key}, &o.Found, o.Origin})
	}
	before := len(s.Restored)
	if err := t.tell(ctx); err != nil {
		return nil, err
	}
	for i := before; i < len(s.Restored); i++ {
		s.Restored[i].Orphan = true
	}
	for _, o := range children {
		switch o.Fate {
		case FateSettled, FateChanged, FateThere, FateThereNow:
			continue // the plan handles it, or the source's row replaces it
		case FateUnclear, FateInTheWay:
			s.leave(o.parent)
			continue
		case FateUnknown:
			switch {
			case strings.EqualFold(o.By.OnDelete, "SET NULL"):
				o.Cut = true
			case !strings.EqualFold(o.By.OnDelete, "CASCADE"):
				s.leave(o.parent)
				continue
			}
		}
		s.Orphans = append(s.Orphans, *o)
		if !o.Cut {
			gone = append(gone, parent{row: &o.Row, found: o.Found, origin: o.Origin})
		}
	}
	return gone, nil
}

// addTables adds the tables of orphans to those of the plan.
func (r *Result) addTables() {
	tables := slices.Clone(r.Plan.Tables)
	add := func(t *schema.Table) {
		if !slices.ContainsFunc(tables, t.IsNamedLike) {
			tables = append(tables, t)
		}
	}
	for i := range r.Orphans {
		add(r.Orphans[i].Row.Table)
	}
	for i := range r.Restored {
		add(r.Restored[i].Row.Table)
	}
	r.Plan.Tables = tables
}
