package schema

import "slices"

// AppendPremature appends the ordinals of the columns that have wrong values in the image of an INSERT. MariaDB computes VIRTUAL columns
// before it gives the row its AUTO_INCREMENT value, and logs them so. (MySQL lets no generated column read such a column.)
func (t *Table) AppendPremature(dst []int) []int {
	var read []int // the AUTO_INCREMENT column, and what is computed from it
	for i := range t.Columns {
		if t.Columns[i].AutoIncrement {
			read = append(read, i)
		}
	}
	for n := 0; n < len(read); n++ {
		for i := range t.Columns {
			c := &t.Columns[i]
			if c.Generated == Virtual && slices.Contains(c.Inputs, read[n]) && !slices.Contains(read, i) {
				read, dst = append(read, i), append(dst, i)
			}
		}
	}
	return dst
}
