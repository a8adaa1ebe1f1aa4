package dump

import (
	"slices"
	"strconv"
	"strings"

	"binmend/schema"
)

// Leaves reports whether a definition can be the result of the change: it has what was added and changed, lacks what was dropped, and
// making the change again is impossible or makes no difference. Swapping names is the exception: it can always be repeated.
func (c *Change) Leaves(d *Definition) bool {
	if c.Kind != AlterTable {
		return true
	}
	a := &c.alteration
	words := d.definition()
	if words == nil || !a.leavesColumns(d, words.inherited()) || !a.leavesNoKeys(words) || !d.KeysLost && !a.leavesKeys(words) {
		return false
	}
	again, err := d.alter(a.withoutKeysOf(words))
	return err != nil || a.exchangesNames() || d.hasColumnsOf(again) && (d.KeysLost || sameKeys(again.Table, d.Table))
}

// hasColumnsOf compares columns with those that a statement makes again. If the table's character set is not known, its columns' are not
// either.
func (d *Definition) hasColumnsOf(again *Definition) bool {
	if !d.DefaultLost {
		return sameColumns(again.Table, d.Table)
	}
	return sameColumns(withoutCharsets(again.Table), withoutCharsets(d.Table))
}

func withoutCharsets(t *schema.Table) *schema.Table {
	without := &schema.Table{Columns: slices.Clone(t.Columns)}
	for i := range without.Columns {
		without.Columns[i].Charset = ""
	}
	return without
}

// withoutKeysOf is the alteration without the keys it adds under no name where the table has the same: a server gives such a key
// another name each time, so that it can be added for ever.
func (a *alteration) withoutKeysOf(d *definition) *alteration {
	rest := *a
	rest.keys = slices.DeleteFunc(slices.Clone(a.keys), func(k keyAddition) bool { return k.name == "" && d.hasKey(k.keyDefinition) })
	return &rest
}

// ExchangesNames reports whether an AlterTable gives columns each other's names, so that it can be made for ever.
func (c *Change) ExchangesNames() bool { return c.Kind == AlterTable && c.alteration.exchangesNames() }

// sameColumns compares the columns of a table as a statement of a client makes it and as a server shows it: servers write expressions
// and default values in a form of their own.
func sameColumns(made, shown *schema.Table) bool {
	sameColumn := func(a, b schema.Column) bool {
		return strings.EqualFold(a.Name, b.Name) && sameData(&a, &b) && a.Charset == b.Charset && a.Nullable == b.Nullable &&
			(a.Generated == schema.NotGenerated) == (b.Generated == schema.NotGenerated) && a.Invisible == b.Invisible &&
			a.AutoIncrement == b.AutoIncrement && sameDefault(&a, &b)
	}
	return slices.EqualFunc(made.Columns, shown.Columns, sameColumn)
}

// sameKeys compares the unique keys as sameColumns does the columns.
func sameKeys(made, shown *schema.Table) bool {
	samePart := func(a, b schema.KeyPart) bool { return a.Column == b.Column && a.Prefix == b.Prefix }
	sameKey := func(a, b schema.Key) bool {
		return strings.EqualFold(a.Name, b.Name) && slices.EqualFunc(a.Parts, b.Parts, samePart)
	}
	return slices.EqualFunc(made.Keys, shown.Keys, sameKey)
}

// sameDefault is false for default values that differ in whatever form they are written.
func sameDefault(a, b *schema.Column) bool {
	hasValue := func(k schema.DefaultKind) bool { return k == schema.DefaultLiteral || k == schema.DefaultExpression }
	x, y := a.Default, b.Default
	switch {
	case hasValue(x.Kind) != hasValue(y.Kind):
		return false
	case x.Kind != schema.DefaultLiteral || y.Kind != schema.DefaultLiteral:
		return true
	case a.Type.IsInteger():
		m, notFirst := strconv.ParseInt(x.Text, 10, 64)
		n, notSecond := strconv.ParseInt(y.Text, 10, 64)
		return notFirst != nil || notSecond != nil || m == n
	case a.Type == schema.TypeVarchar || a.Type == schema.TypeEnum || a.Type == schema.TypeSet:
		return strings.EqualFold(x.Text, y.Text)
	}
	return true
}

// exchangesNames reports whether columns get each other's names.
func (a *alteration) exchangesNames() bool {
	pairs := slices.Clone(a.renames)
	for i := range a.columns {
		if c := &a.columns[i]; c.old != "" && !strings.EqualFold(c.old, c.column.Name) {
			pairs = append(pairs, rename{c.old, c.column.Name})
		}
	}
	isTaken := func(r rename) bool {
		return slices.ContainsFunc(pairs, func(other rename) bool { return strings.EqualFold(other.old, r.to) })
	}
	return slices.ContainsFunc(pairs, isTaken)
}

// leavesColumns is about the columns; inherited is the encoding of those that name none.
func (a *alteration) leavesColumns(d *Definition, inherited encoding) bool {
	added := map[string]bool{}
	for i := range a.columns {
		change := &a.columns[i]
		added[strings.ToLower(change.column.Name)] = true
		at := d.Table.Column(change.column.Name)
		if at < 0 {
			return change.optional
		}
		want := buildColumn(&change.column, inherited)
		if !change.optional && !sameData(&want, &d.Table.Columns[at]) {
			return false
		}
	}
	for _, r := range a.renames {
		added[strings.ToLower(r.to)] = true
		if d.Table.Column(r.to) < 0 {
			return false
		}
	}
	isGone := func(name string) bool { return added[strings.ToLower(name)] || d.Table.Column(name) < 0 }
	for _, drop := range a.drops {
		if !isGone(drop.name) {
			return false
		}
	}
	for _, r := range a.renames {
		if !isGone(r.old) {
			return false
		}
	}
	return !slices.ContainsFunc(a.columns, func(c columnChange) bool { return c.old != "" && !isGone(c.old) })
}

// sameData compares the data types of two columns.
func sameData(a, b *schema.Column) bool {
	return a.Type == b.Type && a.Unsigned == b.Unsigned && a.Length == b.Length && a.Decimals == b.Decimals &&
		slices.Equal(a.Members, b.Members)
}

// leavesKeys reports whether a definition has the unique keys that are added.
func (a *alteration) leavesKeys(d *definition) bool {
	return !slices.ContainsFunc(a.keys, func(key keyAddition) bool {
		return key.kind != secondaryKey && !key.optional && !d.hasKey(key.keyDefinition)
	})
}

// leavesNoKeys reports whether a definition lacks the keys that are dropped and not added again.
func (a *alteration) leavesNoKeys(d *definition) bool {
	isAdded := func(name string) bool {
		return name == "PRIMARY" && a.addsPrimary() || slices.ContainsFunc(a.keys, func(key keyAddition) bool { return strings.EqualFold(key.name, name) })
	}
	return !slices.ContainsFunc(a.keyDrops, func(drop nameOf) bool { return !isAdded(drop.name) && d.key(drop.name) >= 0 })
}

func (a *alteration) addsPrimary() bool {
	return slices.ContainsFunc(a.keys, func(k keyAddition) bool { return k.kind == primaryKey })
}

// hasKey reports whether there is a key of that kind over those columns.
func (d *definition) hasKey(want keyDefinition) bool {
	return slices.ContainsFunc(d.keys, func(key keyDefinition) bool {
		return key.kind == want.kind && slices.EqualFunc(key.parts, want.parts, func(a, b partDefinition) bool {
			return strings.EqualFold(a.column, b.column)
		})
	})
}
