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

// AppendReplace appends the REPLACE that puts a row. It names the columns that a statement may assign. MariaDB has no REPLACE for
// tables with a key WITHOUT OVERLAPS: there it is a DELETE for each key, and an INSERT. In a delicate table it is a DELETE of the
// conflicting rows, an UPDATE of the row if it differs, and an INSERT if it does not exist.
func AppendReplace(dst []byte, d sqltext.Dialect, p *plan.Presence) ([]byte, error) {
	t := p.Row.Table
	var err error
	switch {
	case sqltext.HasPeriods(t):
		if dst, err = appendDeletes(dst, d, p.Row, nil); err != nil {
			return dst, err
		}
	case t.IsDelicate():
		return appendInPlace(dst, d, p)
	}
	dst, err = appendPut(dst, d, p, " VALUES (")
	return append(dst, ')'), inTable(t, err)
}

// appendInPlace appends the statements that put a row, and change nothing if it exists: then no trigger fires, and columns that only
// the replica has keep their values.
func appendInPlace(dst []byte, d sqltext.Dialect, p *plan.Presence) ([]byte, error) {
	t, keyed := p.Row.Table, schema.KeyedRow{Row: p.Row, Key: p.Key}
	dst, err := appendDeletes(dst, d, p.Row, &keyed)
	if err != nil {
		return dst, err
	}
	dst = append(d.AppendTable(append(dst, "UPDATE "...), t), " SET "...)
	for i := range t.Columns {
		c, cell := &t.Columns[i], p.Row.Cells[i]
		isKnown := cell.State() == decoder.Value || cell.State() == decoder.Null
		if !c.Assignable() || !isKnown && !c.OnUpdate {
			continue
		}
		dst = append(d.AppendIdent(dst, c.Name), " = "...)
		if isKnown {
			dst, err = d.AppendLiteral(dst, c, cell)
		} else {
			dst = d.AppendIdent(dst, c.Name) // otherwise it would get the time of the statement
		}
		if err != nil {
			return dst, inTable(t, err)
		}
		dst = append(dst, ", "...)
	}
	dst = append(dst[:len(dst)-len(", ")], " WHERE "...)
	if dst, err = d.AppendCondition(dst, keyed, nil); err != nil {
		return dst, err
	}
	if dst, err = d.AppendEqual(append(dst, " AND NOT ("...), p.Row); err != nil {
		return dst, err
	}
	if dst, err = appendPut(append(dst, ");\n"...), d, p, " SELECT "); err != nil {
		return dst, inTable(t, err)
	}
	dst = d.AppendTable(append(dst, " FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM "...), t)
	dst, err = d.AppendCondition(append(dst, " WHERE "...), keyed, nil)
	return append(dst, ')'), err
}

// appendDeletes appends a DELETE for each unique key in which the row has a value. If the row itself must stay, it is given with the
// key that identifies it.
func appendDeletes(dst []byte, d sqltext.Dialect, row schema.Row, stays *schema.KeyedRow) ([]byte, error) {
	var spare []schema.KeyedRow
	if stays != nil {
		spare = []schema.KeyedRow{*stays}
	}
	for i := range row.Table.Keys {
		key := &row.Table.Keys[i]
		if stays != nil && key == stays.Key || !isKnownWhole(row, key) {
			continue
		}
		var err error
		if dst, err = d.AppendDelete(dst, schema.KeyedRow{Row: row, Key: key}, spare); err != nil {
			return dst, err
		}
		dst = append(dst, ";\n"...)
	}
	return dst, nil
}

// isKnownWhole reports whether the row's value of the key is completely known.
func isKnownWhole(row schema.Row, key *schema.Key) bool {
	return !slices.ContainsFunc(key.Parts, func(part schema.KeyPart) bool {
		if part.Column >= 0 {
			return row.Cells[part.Column].State() != decoder.Value
		}
		return len(part.Columns) == 0 || slices.ContainsFunc(part.Columns, func(c int) bool { return row.Cells[c].State() == decoder.Absent })
	})
}

// AppendReplaceMissing appends the REPLACE that puts one row without a key, if there are fewer than p.Count equal ones.
func AppendReplaceMissing(dst []byte, d sqltext.Dialect, p *plan.Presence) ([]byte, error) {
	t := p.Row.Table
	dst, err := appendPut(dst, d, p, " SELECT ")
	if err != nil {
		return dst, inTable(t, err)
	}
	dst = append(dst, " FROM DUAL WHERE (SELECT COUNT(*) FROM "...)
	dst = append(d.AppendTable(dst, t), " WHERE "...)
	dst, err = d.AppendEqual(dst, p.Row)
	return strconv.AppendInt(append(dst, ") < "...), int64(p.Count), 10), err
}

// appendPut appends REPLACE INTO (or INSERT INTO), the columns and their values; the text before the values is given.
func appendPut(dst []byte, d sqltext.Dialect, p *plan.Presence, beforeValues string) ([]byte, error) {
	t := p.Row.Table
	columns := assigned(p)
	verb := "REPLACE INTO "
	if sqltext.HasPeriods(t) || t.IsDelicate() {
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
		if slices.Contains(p.Fill, ordinal) || c.Local {
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

// assigned lists the columns that a REPLACE of the row names: all that a statement may assign, except columns to be filled, and
// columns that only the replica has, if the server fills them by itself.
func assigned(p *plan.Presence) []int {
	var columns []int
	for i := range p.Row.Table.Columns {
		c := &p.Row.Table.Columns[i]
		if !c.Assignable() || c.Local && (c.Nullable || c.AutoIncrement || c.Default.Kind != schema.NoDefault) {
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

// AppendSelect appends the SELECT, to run on the source, that reads a row which the log can't rebuild.
func AppendSelect(dst []byte, d sqltext.Dialect, r *plan.Refusal) ([]byte, error) {
	t := r.Row.Table
	var columns []int
	for i := range t.Columns {
		if t.Columns[i].Assignable() && !t.Columns[i].Local {
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
	return fmt.Errorf("table %s: %w", t.FullName(), err)
}
