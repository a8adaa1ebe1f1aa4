package dump

import (
	"errors"
	"slices"
	"strings"

	"binmend/schema"
)

// Recall fills in columns of unknown type from the last statements that led to a definition. They are in log order; each is an
// AlterTable, or a statement that names the table.
func (d *Definition) Recall(statements []*Change) *Definition {
	if len(d.Overwritten) == 0 || len(statements) == 0 {
		return d
	}
	words := d.definition()
	if words == nil {
		return d
	}
	r := *d
	r.Overwritten, r.words = nil, words.clone()
	for _, name := range d.Overwritten {
		i := r.words.column(name)
		column, isKnown := d.recallColumn(name, statements)
		switch {
		case i < 0 || !isKnown:
			r.Overwritten = append(r.Overwritten, name)
			continue
		case column.Type.IsText() && column.lifted.charset == "":
			r.Recoded = append(slices.Clip(r.Recoded), name)
		}
		column.Name, column.lifted.name = r.words.columns[i].Name, r.words.columns[i].lifted.name
		r.words.columns[i] = column
	}
	made, err := newDefinition(r.words, encoding{}, Name{d.Table.Database, d.Table.Name}, d.Table.Source)
	if err != nil {
		return d
	}
	made.Overwritten, made.Recoded, made.KeysLost, made.DefaultLost = r.Overwritten, r.Recoded, d.KeysLost, d.DefaultLost
	made.Table.Triggers, made.Table.KeysUnknown = d.Table.Triggers, d.Table.KeysUnknown
	return made
}

// recallColumn finds the last of the statements that defines a column whole.
func (d *Definition) recallColumn(name string, statements []*Change) (column columnDefinition, ok bool) {
	var converted *encoding
	isDefaultLost := d.DefaultLost
	for _, c := range slices.Backward(statements) {
		if c.Kind == RenameTable {
			continue
		}
		a := &c.alteration
		if c.Kind != AlterTable || a.isConditional() || a.versioning != 0 {
			return column, false
		}
		if converted == nil {
			converted = a.convert
		}
		if i := slices.IndexFunc(a.columns, func(c columnChange) bool { return strings.EqualFold(c.column.Name, name) }); i >= 0 {
			return d.recalled(a.columns[i].column, converted, isDefaultLost || a.setsCharset())
		}
		isDefaultLost = isDefaultLost || a.setsCharset()
		if i := slices.IndexFunc(a.renames, func(r rename) bool { return strings.EqualFold(r.to, name) }); i >= 0 {
			name = a.renames[i].old
		}
	}
	return column, false
}

// recalled is a column as a statement has it, and as a later CONVERT TO CHARACTER SET left it. A text in the table's character set
// is known only where that is.
func (d *Definition) recalled(column columnDefinition, converted *encoding, isDefaultLost bool) (_ columnDefinition, ok bool) {
	inherited := d.definition().inherited()
	if isDefaultLost {
		inherited = encoding{}
	}
	built := buildColumn(&column, inherited)
	isText := built.Type.HasCharset() || built.Charset == "binary"
	if isText && built.Charset == "" && built.Type != schema.TypeEnum && built.Type != schema.TypeSet || isText && converted != nil {
		return column, false
	}
	charset, collation := built.Charset, built.Collation
	column.lifted.charset, column.lifted.collation = charset, collation
	return column, true
}

// setsCharset reports whether the table gets another character set for new columns.
func (a *alteration) setsCharset() bool {
	return a.convert != nil || a.options.charset != "" || a.options.collation != ""
}

// CouldFollow reports whether columns can stand where statements have put them, as far back as they can be undone.
func (d *Definition) CouldFollow(statements []*Change) bool {
	const maxBranches = 8
	for i, c := range slices.Backward(statements) {
		before, err := c.Undo(d)
		switch {
		case errors.Is(err, ErrContradicted):
			return false
		case err != nil || len(before) > maxBranches:
			return true
		case len(before) > 1:
			return slices.ContainsFunc(before, func(b *Definition) bool { return b.CouldFollow(statements[:i]) })
		}
		d = before[0]
	}
	return true
}
