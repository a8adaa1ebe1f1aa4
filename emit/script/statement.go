package script

import (
	"fmt"
	"slices"
	"strconv"

	"binmend/decoder"
	"binmend/emit/plan"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// appendDelete appends the DELETE of the row that has a key value, without the semicolon.
func appendDelete(dst []byte, d sqltext.Dialect, a *plan.Absence) ([]byte, error) {
	return d.AppendDelete(dst, schema.KeyedRow{Row: a.Row, Key: a.Key}, a.Spare)
}

// AppendReplace appends the REPLACE that puts a row. It names its columns: those that a statement may assign. MariaDB
// takes no REPLACE where a key is WITHOUT OVERLAPS: there it is an INSERT, after a DELETE for each key.
func AppendReplace(dst []byte, d sqltext.Dialect, p *plan.Presence) ([]byte, error) {
	t := p.Row.Table
	var err error
	if sqltext.HasPeriods(t) {
		if dst, err = appendDeletes(dst, d, p.Row); err != nil {
			return dst, err
		}
	}
	dst, err = appendReplaceInto(dst, d, p, " VALUES (")
	return append(dst, ')'), inTable(t, err)
}

// appendDeletes appends a DELETE for each unique key that the row has a value of.
func appendDeletes(dst []byte, d sqltext.Dialect, row schema.Row) ([]byte, error) {
	for i := range row.Table.Keys {
		key := &row.Table.Keys[i]
		if slices.ContainsFunc(key.Parts, func(part schema.KeyPart) bool { return row.Cells[part.Column].State() != decoder.Value }) {
			continue
		}
		var err error
		if dst, err = d.AppendDelete(dst, schema.KeyedRow{Row: row, Key: key}, nil); err != nil {
			return dst, err
		}
		dst = append(dst, ";\n"...)
	}
	return dst, nil
}

// AppendReplaceMissing appends the REPLACE that puts one row of a table where the row has no key, if there are fewer
// than p.Count equal ones.
func AppendReplaceMissing(dst []byte, d sqltext.Dialect, p *plan.Presence) ([]byte, error) {
	t := p.Row.Table
	dst, err := appendReplaceInto(dst, d, p, " SELECT ")
	if err != nil {
		return dst, inTable(t, err)
	}
	dst = append(dst, " FROM DUAL WHERE (SELECT COUNT(*) FROM "...)
	dst = append(d.AppendTable(dst, t), " WHERE "...)
	dst, err = d.AppendEqual(dst, p.Row)
	return strconv.AppendInt(append(dst, ") < "...), int64(p.Count), 10), err
}

// appendReplaceInto appends REPLACE INTO (or INSERT INTO), the columns and their values; what stands before the values is given.
func appendReplaceInto(dst []byte, d sqltext.Dialect, p *plan.Presence, beforeValues string) ([]byte, error) {
	t := p.Row.Table
	columns := assigned(p)
	verb := "REPLACE INTO "
	if sqltext.HasPeriods(t) {
		verb = "INSERT INTO "
	}
	dst = append(d.AppendTable(append(dst, verb...), t), " ("...)
	dst = append(d.AppendColumns(dst, t, columns), ')')
	dst = append(dst, beforeValues...)
	var err error
	for i, ordinal := range columns {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		c := &t.Columns[ordinal]
		if slices.Contains(p.Fill, ordinal) {
			dst, err = sqltext.AppendAny(dst, c)
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
func assigned(p *plan.Presence) []int {
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

// AppendSelect appends the SELECT that reads a row which the log can't rebuild, to be run on the source.
func AppendSelect(dst []byte, d sqltext.Dialect, r *plan.Refusal) ([]byte, error) {
	t := r.Row.Table
	var columns []int
	for i := range t.Columns {
		if t.Columns[i].Assignable() {
			columns = append(columns, i)
		}
	}
	dst = append(d.AppendColumns(append(dst, "SELECT "...), t, columns), " FROM "...)
	dst = append(d.AppendTable(dst, t), " WHERE "...)
	return d.AppendCondition(dst, schema.KeyedRow{Row: r.Row, Key: r.Key}, nil)
}

func inTable(t *schema.Table, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("table %s: %w", tableName(t), err)
}
