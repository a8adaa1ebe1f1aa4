package track

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/schema"
	"binmend/schema/dump"
	"binmend/schema/rowmeta"
)

func distinct(defs []*dump.Definition) (list []*dump.Definition) {
	for _, d := range defs {
		if !slices.ContainsFunc(list, d.Equal) {
			list = append(list, d)
		}
	}
	return list
}

// fit compares a definition with the table map of rows. Types that statements have overwritten are taken from the table map, as far
// as it has them.
func (c candidate) fit(m *decoder.TableMap) (candidate, error) {
	if c.unknown != nil {
		return c, nil
	}
	if !c.def.IsOpen() {
		return c, schema.Verify(c.def.Table, m)
	}
	c, untold := c.complete(m)
	isTold := func(d schema.Disagreement) bool { return !isNamed(untold, d.Column) }
	err := schema.Verify(c.def.Table, m)
	if mismatch := (*schema.MismatchError)(nil); errors.As(err, &mismatch) && slices.ContainsFunc(mismatch.Disagreements, isTold) {
		return c, err
	}
	if len(untold) > 0 {
		c.unknown = c.untold(untold[0])
	}
	return c, nil
}

// untold is the error of a column.
func (c candidate) untold(column string) error {
	return fmt.Errorf("the definition in %s is from after the %s, and of column %s %w", origin(c.def), c.before, column, errUntold)
}

// complete takes the overwritten types from a table map. Types that stay open become the table's doubt; untold lists the columns whose
// values can't be read at all.
func (c candidate) complete(m *decoder.TableMap) (_ candidate, untold []string) {
	of := *c.def.Table
	of.Columns = slices.Clone(of.Columns)
	if len(m.Columns) < len(of.Columns) {
		return c, nil // it does not fit
	}
	for i := range of.Columns {
		column := &of.Columns[i]
		isOpen := isNamed(c.def.Overwritten, column.Name)
		if !isOpen && !isNamed(c.def.Recoded, column.Name) {
			continue
		}
		told, ok := rowmeta.Column(&m.Columns[i], column.Name)
		if !ok {
			var unknown schema.Unknown
			if isOpen {
				told, unknown, ok = rowmeta.Doubtful(&m.Columns[i], column.Name)
			} else {
				told, unknown, ok = recoded(column, &m.Columns[i])
			}
			if !ok {
				untold = append(untold, column.Name)
				continue
			}
			if unknown != schema.KnownType {
				of.Doubt = of.Doubt.With(schema.ValueDoubt{Column: i, Unknown: unknown}, c.untold(column.Name))
			}
		}
		told.Nullable = column.Nullable
		*column = told
	}
	c.def = c.def.With(&of)
	return c, untold
}

// recoded is a column whose character set is not known. Its lengths in characters and in bytes tell how many bytes a character takes
// at most. Where that is one, or up to three, ASCII is the same in all character sets that it can be.
func recoded(c *schema.Column, log *decoder.Column) (column schema.Column, unknown schema.Unknown, ok bool) {
	column = *c
	column.Charset, column.Collation = "", ""
	switch {
	case c.Type == schema.TypeEnum, c.Type == schema.TypeSet:
		return column, 0, true
	case log.Length == c.Length, log.Length == 3*c.Length:
		return column, schema.UnknownCharset, true
	}
	return rowmeta.Doubtful(log, c.Name)
}

func isNamed(list []string, name string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
}
