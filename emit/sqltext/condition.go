package sqltext

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/jsonb"
	"binmend/schema"
)

// appendKeyCondition appends the condition that a row has the key value of the given row, compared as the key compares:
// by the columns' collations and by the prefix that counts.
func (d Dialect) appendKeyCondition(dst []byte, row schema.Row, key *schema.Key) ([]byte, error) {
	parts := key.Parts
	if key.WithoutOverlaps && len(parts) >= 2 {
		parts = parts[:len(parts)-2]
	}
	var err error
	for i := range parts {
		if i > 0 {
			dst = append(dst, " AND "...)
		}
		if dst, err = d.appendPartCondition(dst, row, &parts[i]); err != nil {
			return dst, fmt.Errorf("key %s: %w", key.Name, err)
		}
	}
	if len(parts) == len(key.Parts) {
		return dst, nil
	}
	if dst, err = d.appendOverlap(append(dst, " AND "...), row, key); err != nil {
		return dst, fmt.Errorf("key %s: %w", key.Name, err)
	}
	return dst, nil
}

// appendOverlap appends the condition that the period of a row overlaps that of the given row. The last two parts of
// the key are the end and the start.
func (d Dialect) appendOverlap(dst []byte, row schema.Row, key *schema.Key) ([]byte, error) {
	end, start := key.Parts[len(key.Parts)-2].Column, key.Parts[len(key.Parts)-1].Column
	dst, err := d.appendCompared(dst, row, start, " < ", end)
	if err != nil {
		return dst, err
	}
	return d.appendCompared(append(dst, " AND "...), row, end, " > ", start)
}

// appendCompared appends: column, operator, the row's value of another column of the same type.
func (d Dialect) appendCompared(dst []byte, row schema.Row, column int, operator string, value int) ([]byte, error) {
	return d.appendComparison(dst, &row.Table.Columns[column], operator, row.Cells[value])
}

// appendComparison appends: column, operator, value.
func (d Dialect) appendComparison(dst []byte, c *schema.Column, operator string, v decoder.Cell) ([]byte, error) {
	if !d.reading || !c.Type.IsDated() || v.State() != decoder.Value {
		dst = append(d.AppendIdent(dst, c.Name), operator...)
		return d.AppendLiteral(dst, c, v)
	}
	text, err := v.AppendText(nil)
	if err != nil {
		return dst, fmt.Errorf("column %s: %w", c.Name, err)
	}
	return d.appendMoment(dst, c, operator, string(text))
}

// appendPartCondition appends the condition for one part of a key. A part that is NULL is an error: NULL never
// conflicts, so nobody may ask for it.
func (d Dialect) appendPartCondition(dst []byte, row schema.Row, part *schema.KeyPart) ([]byte, error) {
	if part.Column < 0 {
		return d.appendExpressionCondition(dst, row, part)
	}
	c, v := &row.Table.Columns[part.Column], row.Cells[part.Column]
	switch v.State() {
	case decoder.Null:
		return dst, fmt.Errorf("column %s is NULL, and a NULL never conflicts", c.Name)
	case decoder.Value:
	default:
		return d.appendComputedCondition(dst, row, part)
	}
	if part.Prefix > 0 && c.Type.IsString() {
		return d.appendPrefixCondition(dst, c, v, part.Prefix)
	}
	return d.appendComparison(dst, c, " = ", v)
}

// appendPrefixCondition appends a comparison of the first characters (bytes of a binary string) of a column.
func (d Dialect) appendPrefixCondition(dst []byte, c *schema.Column, v decoder.Cell, prefix int) ([]byte, error) {
	dst = d.AppendIdent(append(dst, "LEFT("...), c.Name)
	dst = strconv.AppendInt(append(dst, ", "...), int64(prefix), 10)
	dst = append(dst, ") = "...)
	text, err := content(v)
	if err != nil {
		return dst, err
	}
	family := families[c.Charset]
	switch {
	case c.Type.IsBinary() || family == binaryText:
		if c.Type == schema.TypeBinary && len(text) < c.Length {
			text = append(append([]byte(nil), text...), make([]byte, c.Length-len(text))...)
		}
		return appendHexLiteral(d, dst, text[:min(prefix, len(text))]), nil
	case family == unicode8 && utf8.Valid(text):
		return d.appendText(dst, c, cutRunes(text, prefix))
	case family == asciiBased && schema.MaxBytes(c.Charset) == 1:
		return d.appendText(dst, c, text[:min(prefix, len(text))])
	}
	if dst, err = d.appendText(append(dst, "LEFT("...), c, text); err != nil {
		return dst, err
	}
	dst = strconv.AppendInt(append(dst, ", "...), int64(prefix), 10)
	return append(dst, ')'), nil
}

// appendRowCondition appends the condition that a row equals the given one in every known column, byte for byte and
// NULL to NULL, as the applier looks for a row of a table without keys.
func (d Dialect) appendRowCondition(dst []byte, row schema.Row, columns []int) ([]byte, error) {
	var err error
	for i, ordinal := range columns {
		if i > 0 {
			dst = append(dst, " AND "...)
		}
		if dst, err = d.AppendSame(dst, &row.Table.Columns[ordinal], row.Cells[ordinal]); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// appendSameJSON appends the condition that a column holds a document. One that no literal makes can't be compared.
func (d Dialect) appendSameJSON(dst []byte, c *schema.Column, v decoder.Cell) ([]byte, error) {
	if doc, err := jsonb.Parse(v.Raw()); err == nil && !d.MySQLSince(9, 7, 0) && hasLongTime(doc) {
		return dst, fmt.Errorf("column %s: %w", c.Name, &fault.Error{Reason: ErrNoLiteral,
			What: "the JSON document holds a TIME of a day or more, which only MySQL 9.7 is known to find again"})
	}
	dst = append(d.AppendIdent(dst, c.Name), " <=> CAST("...)
	dst, err := d.Exact().AppendLiteral(dst, c, v)
	return append(dst, " AS JSON)"...), err
}

// AppendSame appends the condition that a column holds exactly the value of the cell, or NULL. Text is compared without its
// collation. Spatial values and vectors have no comparison of their own on every server: their bytes are compared as
// hex.
func (d Dialect) AppendSame(dst []byte, c *schema.Column, v decoder.Cell) ([]byte, error) {
	switch {
	case v.State() == decoder.Null:
		return append(d.AppendIdent(dst, c.Name), " IS NULL"...), nil
	case c.Type.IsText():
		dst = append(d.AppendIdent(append(dst, "CAST("...), c.Name), " AS BINARY) <=> CAST("...)
		dst, err := d.AppendLiteral(dst, c, v)
		return append(dst, " AS BINARY)"...), err
	case c.Type == schema.TypeGeometry || c.Type == schema.TypeVector:
		dst = append(d.AppendIdent(append(dst, "HEX("...), c.Name), ") <=> '"...)
		data, err := content(v)
		return append(inParts(d, dst, data, appendHex[[]byte]), '\''), err
	case c.Type == schema.TypeJSON:
		return d.appendSameJSON(dst, c, v)
	}
	return d.appendComparison(dst, c, " <=> ", v)
}
