package sqltext

import "binmend/schema"

// AppendIdent appends a back-quoted identifier. Inside back-quotes neither server nor client reads anything but the
// closing back-quote.
func (d Dialect) AppendIdent(dst []byte, name string) []byte {
	dst = append(dst, '`')
	for i := 0; i < len(name); i++ {
		if name[i] == '`' {
			dst = append(dst, '`')
		}
		dst = append(dst, name[i])
	}
	return append(dst, '`')
}

// AppendTable appends the table's name, qualified by its database.
func (d Dialect) AppendTable(dst []byte, t *schema.Table) []byte {
	if t.Database != "" {
		dst = append(d.AppendIdent(dst, t.Database), '.')
	}
	return d.AppendIdent(dst, t.Name)
}

// AppendColumns appends the names of the columns with the given ordinals.
func (d Dialect) AppendColumns(dst []byte, t *schema.Table, ordinals []int) []byte {
	for i, ordinal := range ordinals {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = d.AppendIdent(dst, t.Columns[ordinal].Name)
	}
	return dst
}
