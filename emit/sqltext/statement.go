package sqltext

import (
	"fmt"
	"slices"

	"binmend/decoder"
	"binmend/schema"
)

// AppendDelete appends the DELETE of the row that has the key value of the given one and is not one of those to spare, without
// the semicolon.
func (d Dialect) AppendDelete(dst []byte, row schema.KeyedRow, spare []schema.KeyedRow) ([]byte, error) {
	dst = append(d.AppendTable(append(dst, "DELETE FROM "...), row.Row.Table), " WHERE "...)
	return d.AppendCondition(dst, row, spare)
}

// AppendOthers appends the SELECT of the rows, other than the server's own one, that have a value of the given row's key. Columns of
// which the given row has no value count as the own row has them on the server. It is an error if the key reads others than columns.
func (d Dialect) AppendOthers(dst []byte, row, own schema.KeyedRow) ([]byte, error) {
	t := row.Row.Table
	named, err := d.appendKeyed(nil, own)
	if err != nil {
		return dst, inTable(t, err)
	}
	dst = append(d.AppendTable(append(dst, "SELECT * FROM "...), t), " WHERE "...)
	for i := range row.Key.Parts {
		part := &row.Key.Parts[i]
		if part.Column < 0 || row.Key.WithoutOverlaps || t.Columns[part.Column].Generated != schema.NotGenerated {
			return dst, inTable(t, fmt.Errorf("the row has no value of key %s", row.Key.Name))
		}
		if s := row.Row.Cells[part.Column].State(); s != decoder.Value && s != decoder.Null {
			dst = d.appendOwn(dst, t, part, named)
		} else if dst, err = d.appendPartCondition(dst, row.Row, part); err != nil {
			return dst, inTable(t, err)
		}
		dst = append(dst, " AND "...)
	}
	return append(append(append(dst, "NOT ("...), named...), ')'), nil
}

// appendOwn appends the condition that a row has what another one, named by a condition, has in a part of a key.
func (d Dialect) appendOwn(dst []byte, t *schema.Table, part *schema.KeyPart, named []byte) []byte {
	c := &t.Columns[part.Column]
	column := d.AppendIdent(nil, c.Name)
	if part.Prefix > 0 && c.Type.IsString() {
		column = fmt.Appendf(nil, "LEFT(%s, %d)", column, part.Prefix)
	}
	dst = append(append(append(dst, column...), " = (SELECT "...), column...)
	dst = d.AppendTable(append(dst, " FROM "...), t)
	return append(append(append(dst, " WHERE "...), named...), ')')
}

// AppendDeleteOne appends the DELETE of one of the rows that equal the given one in all that is known of it.
func (d Dialect) AppendDeleteOne(dst []byte, row schema.Row) ([]byte, error) {
	dst = append(d.AppendTable(append(dst, "DELETE FROM "...), row.Table), " WHERE "...)
	dst, err := d.AppendEqual(dst, row)
	return append(dst, " LIMIT 1"...), err
}

// AppendCondition appends the condition that a row has the key value of the given one and is not one of those to spare. A row
// without a key is compared in all that is known of it.
func (d Dialect) AppendCondition(dst []byte, row schema.KeyedRow, spare []schema.KeyedRow) ([]byte, error) {
	dst, err := d.appendKeyed(dst, row)
	for _, spared := range spare {
		if err != nil {
			break
		}
		dst, err = d.appendKeyed(append(dst, " AND NOT ("...), spared)
		dst = append(dst, ')')
	}
	return dst, inTable(row.Row.Table, err)
}

func (d Dialect) appendKeyed(dst []byte, row schema.KeyedRow) ([]byte, error) {
	if row.Key == nil {
		return d.appendRowCondition(dst, row.Row, known(row.Row))
	}
	return d.appendKeyCondition(dst, row.Row, row.Key)
}

// AppendEqual appends the condition that a row equals the given one in all that is known of it.
func (d Dialect) AppendEqual(dst []byte, row schema.Row) ([]byte, error) {
	dst, err := d.appendRowCondition(dst, row, known(row))
	return dst, inTable(row.Table, err)
}

// HasPeriods reports whether a key of the table is WITHOUT OVERLAPS: MariaDB takes no REPLACE there.
func HasPeriods(t *schema.Table) bool {
	return slices.ContainsFunc(t.Keys, func(k schema.Key) bool { return k.WithoutOverlaps })
}

// known lists the assignable columns whose values the row holds; the server computes the others from them.
func known(row schema.Row) []int {
	var columns []int
	for i, v := range row.Cells {
		if i < len(row.Table.Columns) && row.Table.Columns[i].Assignable() &&
			(v.State() == decoder.Value || v.State() == decoder.Null) {
			columns = append(columns, i)
		}
	}
	return columns
}

func inTable(t *schema.Table, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("table %s: %w", t.FullName(), err)
}
