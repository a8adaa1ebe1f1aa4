package sqltext

import (
	"fmt"
	"slices"

	"binmend/schema"
)

// Statements that change a row of a server only while it is still as it was read.

// appendAsRead appends the condition that a row is exactly as it was read, but for columns that a key has told already. A JSON
// document is compared by the text that the server prints of it: a text stands for other types than some documents have.
func (d Dialect) appendAsRead(dst []byte, s *Stored, told *schema.Key) []byte {
	isFirst := told == nil
	for i, literal := range s.Literals {
		c := &s.Table.Columns[i]
		if !c.Assignable() || literal == nil || told != nil && c.Type.IsExact() &&
			slices.ContainsFunc(told.Parts, func(p schema.KeyPart) bool { return p.Column == i && p.Prefix == 0 }) {
			continue
		}
		if !isFirst {
			dst = append(dst, " AND "...)
		}
		isFirst = false
		if c.Type == schema.TypeJSON && !s.IsNull(i) {
			dst = append(d.AppendIdent(append(dst, "CAST(CAST("...), c.Name), " AS CHAR) AS BINARY) <=> CAST("...)
			dst = append(append(dst, literal...), " AS BINARY)"...)
			continue
		}
		dst = d.appendSameColumn(dst, c, literal)
	}
	return dst
}

// appendSameColumn appends the condition that a column has exactly the value of a literal.
func (d Dialect) appendSameColumn(dst []byte, c *schema.Column, literal []byte) []byte {
	before, after := "", ""
	switch {
	case string(literal) == "NULL":
	case c.Type.IsText():
		before, after = "CAST(", " AS BINARY)"
	case c.Type == schema.TypeGeometry || c.Type == schema.TypeVector:
		before, after = "HEX(", ")"
	case c.Type == schema.TypeJSON:
		dst = append(d.AppendIdent(dst, c.Name), " <=> CAST("...)
		return append(append(dst, literal...), " AS JSON)"...)
	}
	dst = append(append(d.AppendIdent(append(dst, before...), c.Name), after...), " <=> "...)
	return append(append(append(dst, before...), literal...), after...)
}

// AppendDeleteAsRead appends the DELETE of a row that is as it was read, by a key. Without a key it is of as many equal rows as
// are given.
func (d Dialect) AppendDeleteAsRead(dst []byte, have *Stored, key *schema.Key, count int) ([]byte, error) {
	dst, err := d.appendWhereAsRead(append(d.AppendTable(append(dst, "DELETE FROM "...), have.Table), ' '), have, key)
	if key == nil {
		dst = fmt.Appendf(dst, " LIMIT %d", count)
	}
	return dst, err
}

// appendWhereAsRead appends WHERE, the value of the key, and that the row is as it was read.
func (d Dialect) appendWhereAsRead(dst []byte, have *Stored, key *schema.Key) (_ []byte, err error) {
	dst = append(dst, "WHERE "...)
	if key != nil {
		if dst, err = d.AppendStoredCondition(dst, have, key); err != nil {
			return dst, err
		}
	}
	return d.appendAsRead(dst, have, key), nil
}

// AppendUpdateAsRead appends the UPDATE of a row that is as it was read: of the columns that are to be other ones.
func (d Dialect) AppendUpdateAsRead(dst []byte, have, want *Stored, columns []int, key *schema.Key) ([]byte, error) {
	t := have.Table
	dst = append(d.AppendTable(append(dst, "UPDATE "...), t), " SET "...)
	for i, ordinal := range columns {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(d.AppendIdent(dst, t.Columns[ordinal].Name), " = "...)
		dst = append(dst, want.Literals[ordinal]...)
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.OnUpdate && c.Assignable() && !slices.Contains(columns, i) { // else it would get the time of the statement
			dst = append(d.AppendIdent(append(dst, ", "...), c.Name), " = "...)
			dst = d.AppendIdent(dst, c.Name)
		}
	}
	return d.appendWhereAsRead(append(dst, ' '), have, key)
}

// AppendInsertUnless appends the INSERT of a row, of those columns that have a literal, unless one has its value of the key.
// Without a key it is of a row that others may equal.
func (d Dialect) AppendInsertUnless(dst []byte, want *Stored, key *schema.Key) ([]byte, error) {
	t := want.Table
	var columns []int
	for i := range t.Columns {
		if t.Columns[i].Assignable() && want.Literals[i] != nil {
			columns = append(columns, i)
		}
	}
	dst = append(d.AppendTable(append(dst, "INSERT INTO "...), t), " ("...)
	dst = append(d.AppendColumns(dst, t, columns), ')')
	if key == nil {
		return append(appendLiterals(append(dst, " VALUES ("...), want, columns), ')'), nil
	}
	dst = appendLiterals(append(dst, " SELECT "...), want, columns)
	dst = append(d.AppendTable(append(dst, " FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM "...), t), " WHERE "...)
	dst, err := d.AppendStoredCondition(dst, want, key)
	return append(dst, ')'), err
}

func appendLiterals(dst []byte, row *Stored, columns []int) []byte {
	for i, ordinal := range columns {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(dst, row.Literals[ordinal]...)
	}
	return dst
}
