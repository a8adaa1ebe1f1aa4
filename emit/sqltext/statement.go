package sqltext

import (
	"fmt"
	"slices"
	"strconv"

	"binmend/decoder"
	"binmend/emit/plan"
	"binmend/schema"
)

// AppendDelete appends the DELETE of the row that has a key value, without the semicolon.
func (d Dialect) AppendDelete(dst []byte, a *plan.Absence) ([]byte, error) {
	dst = append(d.AppendTable(append(dst, "DELETE FROM "...), a.Row.Table), " WHERE "...)
	return d.AppendCondition(dst, a)
}

// AppendDeleteOne appends the DELETE of one of the rows that equal the given one in all that is known of it.
func (d Dialect) AppendDeleteOne(dst []byte, row plan.Row) ([]byte, error) {
	dst = append(d.AppendTable(append(dst, "DELETE FROM "...), row.Table), " WHERE "...)
	dst, err := d.AppendEqual(dst, row)
	return append(dst, " LIMIT 1"...), err
}

// AppendCondition appends the condition that a row has a key value and is none of those to spare.
func (d Dialect) AppendCondition(dst []byte, a *plan.Absence) ([]byte, error) {
	dst, err := d.appendKeyCondition(dst, a.Row, a.Key)
	for _, spared := range a.Spare {
		if err != nil {
			break
		}
		dst = append(dst, " AND NOT ("...)
		if spared.Key == nil {
			dst, err = d.appendRowCondition(dst, spared.Row, known(spared.Row))
		} else {
			dst, err = d.appendKeyCondition(dst, spared.Row, spared.Key)
		}
		dst = append(dst, ')')
	}
	return dst, inTable(a.Row.Table, err)
}

// AppendEqual appends the condition that a row equals the given one in all that is known of it.
func (d Dialect) AppendEqual(dst []byte, row plan.Row) ([]byte, error) {
	dst, err := d.appendRowCondition(dst, row, known(row))
	return dst, inTable(row.Table, err)
}

// AppendReplace appends the REPLACE that puts a row. It names its columns: those that a statement may assign. MariaDB
// takes no REPLACE where a key is WITHOUT OVERLAPS: there it is an INSERT, after a DELETE for each key.
func (d Dialect) AppendReplace(dst []byte, p *plan.Presence) ([]byte, error) {
	t := p.Row.Table
	var err error
	if hasPeriods(t) {
		if dst, err = d.appendDeletes(dst, p.Row); err != nil {
			return dst, inTable(t, err)
		}
	}
	dst, err = d.appendReplaceInto(dst, p, " VALUES (")
	return append(dst, ')'), inTable(t, err)
}

// appendDeletes appends a DELETE for each unique key that the row has a value of.
func (d Dialect) appendDeletes(dst []byte, row plan.Row) ([]byte, error) {
	for i := range row.Table.Keys {
		key := &row.Table.Keys[i]
		if slices.ContainsFunc(key.Parts, func(part schema.KeyPart) bool { return row.Cells[part.Column].State() != decoder.Value }) {
			continue
		}
		var err error
		if dst, err = d.AppendDelete(dst, &plan.Absence{Row: row, Key: key}); err != nil {
			return dst, err
		}
		dst = append(dst, ";\n"...)
	}
	return dst, nil
}

func hasPeriods(t *schema.Table) bool {
	return slices.ContainsFunc(t.Keys, func(k schema.Key) bool { return k.WithoutOverlaps })
}

// AppendReplaceMissing appends the REPLACE that puts one row of a table where the row has no key, if there are fewer
// than p.Count equal ones.
func (d Dialect) AppendReplaceMissing(dst []byte, p *plan.Presence) ([]byte, error) {
	t := p.Row.Table
	dst, err := d.appendReplaceInto(dst, p, " SELECT ")
	if err != nil {
		return dst, inTable(t, err)
	}
	dst = append(dst, " FROM DUAL WHERE (SELECT COUNT(*) FROM "...)
	dst = append(d.AppendTable(dst, t), " WHERE "...)
	dst, err = d.appendRowCondition(dst, p.Row, known(p.Row))
	dst = strconv.AppendInt(append(dst, ") < "...), int64(p.Count), 10)
	return dst, inTable(t, err)
}

// appendReplaceInto appends REPLACE INTO (or INSERT INTO), the columns and their values; what stands before the values is given.
func (d Dialect) appendReplaceInto(dst []byte, p *plan.Presence, beforeValues string) ([]byte, error) {
	t := p.Row.Table
	columns := d.assigned(p)
	verb := "REPLACE INTO "
	if hasPeriods(t) {
		verb = "INSERT INTO "
	}
	dst = append(d.AppendTable(append(dst, verb...), t), " ("...)
	dst = append(d.appendColumns(dst, t, columns), ')')
	dst = append(dst, beforeValues...)
	var err error
	for i, ordinal := range columns {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		c := &t.Columns[ordinal]
		if slices.Contains(p.Fill, ordinal) {
			dst, err = appendAny(dst, c)
		} else {
			dst, err = d.AppendLiteral(dst, c, p.Row.Cells[ordinal])
		}
		if err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// assigned lists the columns that a REPLACE of the row names: all that a statement may assign, but for those to be
// filled that the server fills by itself.
func (d Dialect) assigned(p *plan.Presence) []int {
	var columns []int
	for i := range p.Row.Table.Columns {
		c := &p.Row.Table.Columns[i]
		if !c.Assignable() {
			continue
		}
		if !c.Nullable && c.Default.Kind != schema.NoDefault && c.Default.Kind != schema.DefaultUnknown &&
			slices.Contains(p.Fill, i) {
			continue
		}
		columns = append(columns, i)
	}
	return columns
}

// known lists the assignable columns whose values the row holds; the server computes the others from them.
func known(row plan.Row) []int {
	var columns []int
	for i, v := range row.Cells {
		if i < len(row.Table.Columns) && row.Table.Columns[i].Assignable() &&
			(v.State() == decoder.Value || v.State() == decoder.Null) {
			columns = append(columns, i)
		}
	}
	return columns
}

// appendAny appends some value that a column takes. A nullable column gets NULL, which never conflicts.
func appendAny(dst []byte, c *schema.Column) ([]byte, error) {
	if c.Nullable {
		return append(dst, "NULL"...), nil
	}
	switch c.Type {
	case schema.TypeTinyInt, schema.TypeSmallInt, schema.TypeMediumInt, schema.TypeInt, schema.TypeBigInt,
		schema.TypeDecimal, schema.TypeFloat, schema.TypeDouble, schema.TypeBit, schema.TypeYear, schema.TypeSet:
		return append(dst, '0'), nil
	case schema.TypeEnum:
		return append(dst, '1'), nil
	case schema.TypeDate:
		return append(dst, "'0000-00-00'"...), nil
	case schema.TypeDatetime, schema.TypeTimestamp:
		return append(dst, "'0000-00-00 00:00:00'"...), nil
	case schema.TypeTime:
		return append(dst, "'00:00:00'"...), nil
	case schema.TypeJSON:
		return append(dst, "'null'"...), nil
	case schema.TypeUUID:
		return append(dst, "'00000000-0000-0000-0000-000000000000'"...), nil
	case schema.TypeInet4:
		return append(dst, "'0.0.0.0'"...), nil
	case schema.TypeInet6:
		return append(dst, "'::'"...), nil
	case schema.TypeGeometry:
		return appendAnyGeometry(dst, c)
	case schema.TypeVector:
		dst = append(dst, "x'"...)
		for range c.Length {
			dst = append(dst, "00000000"...)
		}
		return append(dst, '\''), nil
	}
	if isText(c.Type) || isBinary(c.Type) {
		return append(dst, "''"...), nil
	}
	return dst, fmt.Errorf("column %s: no value can be made up for it: the schema does not tell its type", c.Name)
}

// anyGeometry gives a value of each spatial type, as its SRID (0) and its WKB.
var anyGeometry = map[string]string{
	"":                   "x'00000000010700000000000000'",
	"geometry":           "x'00000000010700000000000000'",
	"geometrycollection": "x'00000000010700000000000000'",
	"geomcollection":     "x'00000000010700000000000000'",
	"point":              "x'00000000010100000000000000000000000000000000000000'",
}

func appendAnyGeometry(dst []byte, c *schema.Column) ([]byte, error) {
	g, ok := anyGeometry[c.GeometryOf]
	if !ok {
		return dst, fmt.Errorf("column %s: no value can be made up for a %s", c.Name, c.GeometryOf)
	}
	return append(dst, g...), nil
}

// AppendSelect appends the SELECT that reads a row which the log can't rebuild, to be run on the source.
func (d Dialect) AppendSelect(dst []byte, r *plan.Refusal) ([]byte, error) {
	t := r.Row.Table
	var columns []int
	for i := range t.Columns {
		if t.Columns[i].Assignable() {
			columns = append(columns, i)
		}
	}
	dst = append(d.appendColumns(append(dst, "SELECT "...), t, columns), " FROM "...)
	dst = append(d.AppendTable(dst, t), " WHERE "...)
	var err error
	if r.Key != nil {
		dst, err = d.appendKeyCondition(dst, r.Row, r.Key)
	} else {
		dst, err = d.appendRowCondition(dst, r.Row, known(r.Row))
	}
	return dst, inTable(t, err)
}

// NeedsLenientMode says whether the row holds an ENUM's number 0, the value that stands for an invalid one: only a
// session without strict mode stores it.
func NeedsLenientMode(row plan.Row) bool {
	for i, v := range row.Cells {
		if i < len(row.Table.Columns) && row.Table.Columns[i].Type == schema.TypeEnum &&
			v.State() == decoder.Value && v.Uint64() == 0 {
			return true
		}
	}
	return false
}

func inTable(t *schema.Table, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("table %s.%s: %w", t.Database, t.Name, err)
}
