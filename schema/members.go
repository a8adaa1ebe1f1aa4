package schema

import (
	"fmt"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/words"
)

// AppendNumbered appends the ordinals of the columns whose values are numbers of members that the definition names: ENUM and SET.
func (t *Table) AppendNumbered(dst []int) []int {
	for i := range t.Columns {
		if c := &t.Columns[i]; len(c.Members) > 0 && (c.Type == TypeEnum || c.Type == TypeSet) {
			dst = append(dst, i)
		}
	}
	return dst
}

// CheckMembers is an error for a row with the number of a member that the definition does not have: it is from another time than the row.
// ordinals are those of AppendNumbered.
func (t *Table) CheckMembers(ordinals []int, row *decoder.Row) error {
	for _, image := range [2]decoder.Image{row.Before, row.After} {
		for _, i := range ordinals {
			if i >= len(image) || image[i].State() != decoder.Value || t.Columns[i].hasMember(image[i].Uint64()) {
				continue
			}
			c := &t.Columns[i]
			return &fault.Error{Reason: ErrMismatch, What: fmt.Sprintf("column %s of %s is %s by its definition, and the row has the number %d of a member: "+
				"the definition is not the one of the row", words.Quote(c.Name), words.Table(t.Database, t.Name), c.SQLType(), image[i].Uint64())}
		}
	}
	return nil
}

// hasMember reports whether a stored number stands for a member of an ENUM or for members of a SET; 0 is the empty string.
func (c *Column) hasMember(n uint64) bool {
	if c.Type == TypeEnum {
		return n <= uint64(len(c.Members))
	}
	return len(c.Members) >= 64 || n>>len(c.Members) == 0
}
