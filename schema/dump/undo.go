package dump

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"binmend/schema"
)

// errNotUndone: the text of a change does not say what the table was before.
var errNotUndone = errors.New("its text does not say what the table was before")

// ErrContradicted says that a statement can't have led to a table.
var ErrContradicted = errors.New("the statement can't have led to the table")

func contradiction(column string) error {
	return fmt.Errorf("%w: %w", ErrContradicted, noColumn(column))
}

// maxOrders bounds the orders of columns that a table may have had before columns were moved.
const maxOrders = 512

// Undo lists the definitions that a table may have had before an AlterTable or RenameTable that has led to d. Types that the
// statement has overwritten or dropped are not known: those columns are Overwritten, or Recoded where it was the character set only. Of columns that it has moved or dropped the
// list has all places. Keys that it has dropped are not known and are left out, and all of them where it has dropped a column, which
// may have been a part of any. An error means that even this can't be told.
func (c *Change) Undo(d *Definition) ([]*Definition, error) {
	if c.Kind == RenameTable {
		return []*Definition{d.Rename(c.Name, d.Table.Source)}, nil
	}
	after := d.definition()
	if c.Kind != AlterTable || after == nil {
		return nil, errNotUndone
	}
	a := &c.alteration
	if a.isConditional() || a.versioning != 0 {
		return nil, errNotUndone
	}
	u := undoing{d: after.clone(), overwritten: slices.Clone(d.Overwritten), recoded: slices.Clone(d.Recoded), keysLost: d.KeysLost, defaultLost: d.DefaultLost}
	if err := u.undo(a); err != nil {
		return nil, err
	}
	list, err := u.orders(d)
	if err != nil {
		return nil, err
	}
	if list = slices.DeleteFunc(list, func(before *Definition) bool { return !c.places(before.definition(), after) }); len(list) == 0 {
		return nil, fmt.Errorf("%w: its columns stand elsewhere", ErrContradicted)
	}
	return list, nil
}

// places reports whether a change puts the columns of a definition where those of another one are, as far as it can be made.
func (c *Change) places(before, after *definition) bool {
	again := before.clone()
	if _, err := c.alteration.applyToColumns(again); err != nil || again.options.versioned {
		return true
	}
	sameName := func(a, b columnDefinition) bool { return strings.EqualFold(a.Name, b.Name) }
	return slices.EqualFunc(again.columns, after.columns, sameName)
}

// isConditional reports whether it is not known which of the actions were carried out.
func (a *alteration) isConditional() bool {
	return slices.ContainsFunc(a.columns, func(c columnChange) bool { return c.optional }) ||
		slices.ContainsFunc(a.keys, func(k keyAddition) bool { return k.optional || k.replace }) ||
		slices.ContainsFunc(slices.Concat(a.drops, a.keyDrops), func(n nameOf) bool { return n.optional })
}

// undoing takes an alteration back.
type undoing struct {
	d           *definition
	overwritten []string
	recoded     []string
	moved       []string
	keysLost    bool
	defaultLost bool
}

// undo takes back the keys first and the columns then, the other way round than apply.
func (u *undoing) undo(a *alteration) error {
	d := u.d
	u.defaultLost = u.defaultLost || a.setsCharset()
	for _, key := range a.keys {
		u.removeKey(key.keyDefinition)
	}
	for _, r := range a.keyRenames {
		if i := d.key(r.to); i >= 0 {
			d.keys[i].name = r.old
		}
	}
	u.keysLost = u.keysLost || len(a.keyDrops)+len(a.constraintDrops) > 0
	for i := range d.columns {
		if a.changes(d.columns[i].Name) && d.columns[i].lifted.generated != schema.NotGenerated {
			return errNotUndone
		}
	}
	renamed := renaming{}
	for i := range a.columns {
		if err := u.undoColumn(&a.columns[i], a.inPlace, renamed); err != nil {
			return err
		}
	}
	for _, r := range a.renames {
		if d.column(r.to) < 0 {
			return contradiction(r.to)
		}
		renamed[strings.ToLower(r.to)] = r.old
	}
	if a.convert != nil {
		u.undoConvert(a.convert.charset == "binary")
	}
	u.renameAll(renamed)
	d.followColumns(renamed)
	for _, drop := range a.drops {
		u.addDropped(drop.name)
	}
	if err := d.checkColumns(); err != nil {
		return fmt.Errorf("%w: %w", ErrContradicted, err)
	}
	return nil
}

// changes reports whether a column is one that MODIFY or CHANGE has made.
func (a *alteration) changes(name string) bool {
	return slices.ContainsFunc(a.columns, func(c columnChange) bool { return c.old != "" && strings.EqualFold(c.column.Name, name) })
}

// undoColumn takes back one ADD, MODIFY or CHANGE.
func (u *undoing) undoColumn(c *columnChange, inPlace bool, renamed renaming) error {
	name := c.column.Name
	if u.d.column(name) < 0 {
		return contradiction(name)
	}
	if c.old == "" {
		renamed[strings.ToLower(name)] = ""
		return nil
	}
	if t := u.d.columns[u.d.column(name)].Type; !inPlace || t != schema.TypeEnum && t != schema.TypeSet {
		u.overwritten = withName(u.overwritten, name) // in place, members are only added at the end
	}
	u.d.columns[u.d.column(name)].Nullable = true
	if c.moves() {
		u.moved = append(u.moved, c.old)
	}
	if !strings.EqualFold(name, c.old) {
		renamed[strings.ToLower(name)] = c.old
	}
	return nil
}

// undoConvert takes back a CONVERT TO CHARACTER SET. It leaves columns without a character set as they are, and the members of ENUM
// and SET columns, as far as the new character set has their characters. CHAR and VARCHAR keep their length, TEXT does not.
func (u *undoing) undoConvert(toBinary bool) {
	for i := range u.d.columns {
		c := &u.d.columns[i]
		switch {
		case !c.Type.HasCharset() && !(toBinary && c.Type.IsBinary()):
		case toBinary, c.Charset == "binary":
			u.overwritten = withName(u.overwritten, c.Name)
		case c.Type == schema.TypeEnum, c.Type == schema.TypeSet:
			if slices.ContainsFunc(c.Members, mayBeConverted) {
				u.overwritten = withName(u.overwritten, c.Name)
			}
			u.recoded = withName(u.recoded, c.Name)
		case c.Type == schema.TypeChar, c.Type == schema.TypeVarchar:
			u.recoded = withName(u.recoded, c.Name)
		default:
			u.overwritten = withName(u.overwritten, c.Name)
		}
	}
}

// mayBeConverted reports whether a member may have had other characters before it was converted.
func mayBeConverted(member string) bool {
	return strings.ContainsFunc(member, func(r rune) bool { return r == '?' || r < ' ' || r > '~' })
}

// withName appends a name once.
func withName(list []string, name string) []string {
	if containsFold(list, name) {
		return list
	}
	return append(list, name)
}

// renameAll gives columns their old names, all at once, and removes those that were added.
func (u *undoing) renameAll(renamed renaming) {
	var kept []columnDefinition
	for _, column := range u.d.columns {
		old, changed := renamed[strings.ToLower(column.Name)]
		switch {
		case changed && old == "":
			continue
		case changed:
			column.Name, column.lifted.name = old, old
		}
		kept = append(kept, column)
	}
	u.d.columns = kept
	u.overwritten, u.recoded = renamed.backward(u.overwritten), renamed.backward(u.recoded)
}

// backward gives the names of columns before they were renamed, without those of columns that were added.
func (r renaming) backward(names []string) (list []string) {
	for _, name := range names {
		if old, changed := r[strings.ToLower(name)]; changed {
			name = old
		}
		if name != "" {
			list = append(list, name)
		}
	}
	return list
}

// addDropped adds a dropped column, of which only the name is known.
func (u *undoing) addDropped(name string) {
	c := columnDefinition{Column: schema.Column{Name: name, Type: schema.TypeInt, Nullable: true}}
	c.lifted.name = name
	u.d.columns = append(u.d.columns, c)
	u.d.keys, u.keysLost = nil, true
	u.overwritten = withName(u.overwritten, name)
	u.moved = append(u.moved, name)
}

// removeKey removes a key that was added: by its name, or where it got one by itself, by its columns.
func (u *undoing) removeKey(key keyDefinition) {
	i := u.d.key(key.name)
	switch {
	case key.kind == primaryKey:
		i = u.d.key("PRIMARY")
		for _, p := range key.parts {
			if at := u.d.column(p.column); at >= 0 {
				u.d.columns[at].Nullable = true
			}
		}
	case key.name == "":
		i = slices.IndexFunc(u.d.keys, func(k keyDefinition) bool { return k.kind == key.kind && sameParts(k.parts, key.parts) })
	}
	if i >= 0 {
		u.d.keys = slices.Delete(u.d.keys, i, i+1)
	}
}

// orders lists the definitions with each place that moved columns may have had.
func (u *undoing) orders(d *Definition) ([]*Definition, error) {
	orders := [][]columnDefinition{u.d.columns}
	for _, name := range u.moved {
		var more [][]columnDefinition
		for _, order := range orders {
			i := slices.IndexFunc(order, func(c columnDefinition) bool { return strings.EqualFold(c.Name, name) })
			if i < 0 {
				return nil, contradiction(name)
			}
			rest := slices.Delete(slices.Clone(order), i, i+1)
			for at := range len(order) {
				more = append(more, slices.Insert(slices.Clone(rest), at, order[i]))
			}
		}
		if orders = more; len(orders) > maxOrders {
			return nil, fmt.Errorf("it moves columns in a table of %d: there are more than %d orders that they may have had", len(u.d.columns), maxOrders)
		}
	}
	var list []*Definition
	for _, order := range orders {
		words := u.d.clone()
		words.columns = order
		made, err := newDefinition(words, encoding{}, Name{d.Table.Database, d.Table.Name}, d.Table.Source)
		if err != nil {
			return nil, err
		}
		made.Overwritten, made.Recoded, made.KeysLost, made.DefaultLost = u.overwritten, u.recoded, u.keysLost, u.defaultLost
		made.Table.Triggers = d.Table.Triggers
		made.Table.KeysUnknown = made.Table.KeysUnknown || u.keysLost
		list = append(list, made)
	}
	return list, nil
}

func containsFold(list []string, name string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
}

func sameParts(a, b []partDefinition) bool {
	return slices.EqualFunc(a, b, func(a, b partDefinition) bool { return strings.EqualFold(a.column, b.column) })
}
