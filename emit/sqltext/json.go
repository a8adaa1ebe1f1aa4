package sqltext

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	"binmend/decoder/jsonb"
)

// appendJSON appends a value that a JSON column stores as the given binary document: its text where the server parses
// that into the same types, else an expression that builds it.
func (d Dialect) appendJSON(dst, doc []byte) ([]byte, error) {
	if d.spill != nil && len(doc) > partBytes {
		return d.appendLargeJSON(dst, doc)
	}
	begin := len(dst)
	dst, same, err := jsonb.AppendParsable(append(dst, '\''), doc)
	switch {
	case err != nil:
		return dst[:begin], err
	case same:
		return d.closeString(dst, begin), nil
	}
	v, err := jsonb.Parse(doc)
	if err != nil {
		return dst[:begin], err
	}
	return d.appendJSONValue(dst[:begin], v)
}

// appendLargeJSON is appendJSON for a document whose text is too large for memory: it is printed once without keeping the text, to
// see whether the text can be used, and then part by part.
func (d Dialect) appendLargeJSON(dst, doc []byte) ([]byte, error) {
	quotable := true
	walk := func(take func(part []byte)) (same bool, err error) {
		rest, same, err := jsonb.PrintParsable(nil, doc, func(part []byte) []byte {
			take(part)
			return part[:0]
		})
		take(rest)
		return same, err
	}
	same, err := walk(func(part []byte) { quotable = quotable && quotableUTF8(d, part) })
	if err != nil {
		return dst, err
	}
	if !same {
		v, err := jsonb.Parse(doc)
		if err != nil {
			return dst, err
		}
		return d.appendJSONValue(dst, v)
	}
	add := appendDoubled[[]byte]
	if quotable {
		dst = append(dst, '\'')
	} else {
		dst, add = append(append(append(dst, '_'), d.Charset()...), " x'"...), appendHex[[]byte]
	}
	_, err = walk(func(part []byte) { dst = d.spill(add(dst, part)) })
	return append(dst, '\''), err
}

// appendJSONValue appends an expression of type JSON.
func (d Dialect) appendJSONValue(dst []byte, v jsonb.Value) ([]byte, error) {
	switch v.Kind() {
	case jsonb.Array, jsonb.Object:
		return d.appendJSONElements(dst, v)
	case jsonb.Null:
		return append(dst, "CAST('null' AS JSON)"...), nil
	case jsonb.True:
		return append(dst, "CAST('true' AS JSON)"...), nil
	case jsonb.False:
		return append(dst, "CAST('false' AS JSON)"...), nil
	}
	dst, err := d.appendJSONScalar(append(dst, "CAST("...), v)
	return append(dst, " AS JSON)"...), err
}

// appendJSONElements appends JSON_ARRAY(…) or JSON_OBJECT(…).
func (d Dialect) appendJSONElements(dst []byte, v jsonb.Value) ([]byte, error) {
	object := v.Kind() == jsonb.Object
	if object {
		dst = append(dst, "JSON_OBJECT("...)
	} else {
		dst = append(dst, "JSON_ARRAY("...)
	}
	for i := range v.Len() {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		if object {
			dst = append(d.AppendString(dst, string(v.Key(i))), ", "...)
		}
		var err error
		if dst, err = d.appendJSONElement(dst, v.Element(i)); err != nil {
			return dst, err
		}
		if d.spill != nil && len(dst) >= partBytes {
			dst = d.spill(dst)
		}
	}
	return append(dst, ')'), nil
}

// appendJSONElement appends an argument of JSON_ARRAY or JSON_OBJECT, which take SQL numbers and strings as they are.
func (d Dialect) appendJSONElement(dst []byte, v jsonb.Value) ([]byte, error) {
	switch v.Kind() {
	case jsonb.Int, jsonb.Uint, jsonb.Double, jsonb.String, jsonb.Opaque:
		return d.appendJSONScalar(dst, v)
	}
	return d.appendJSONValue(dst, v)
}

// appendJSONScalar appends an SQL value whose type the server turns into the type of v.
func (d Dialect) appendJSONScalar(dst []byte, v jsonb.Value) ([]byte, error) {
	switch v.Kind() {
	case jsonb.Int:
		return strconv.AppendInt(dst, v.Int64(), 10), nil
	case jsonb.Uint:
		dst = strconv.AppendUint(append(dst, "CAST("...), v.Uint64(), 10)
		return append(dst, " AS UNSIGNED)"...), nil
	case jsonb.Double:
		return strconv.AppendFloat(dst, v.Float64(), 'e', -1, 64), nil
	case jsonb.String:
		return appendString(d, dst, v.Bytes()), nil
	case jsonb.Opaque:
		return d.appendJSONOpaque(dst, v)
	}
	return dst, fmt.Errorf("JSON %s is not a scalar", v.Kind())
}

// appendJSONOpaque appends a value of an SQL type that JSON has no type for.
func (d Dialect) appendJSONOpaque(dst []byte, v jsonb.Value) ([]byte, error) {
	field, payload := v.Opaque()
	switch field {
	case jsonb.TypeNewDecimal:
		return d.appendJSONDecimal(dst, payload)
	case jsonb.TypeDate:
		return appendJSONTemporal(dst, field, payload, "DATE")
	case jsonb.TypeTime:
		return appendJSONTime(dst, payload)
	case jsonb.TypeDatetime:
		return appendJSONTemporal(dst, field, payload, "DATETIME(6)")
	case jsonb.TypeTimestamp:
		return d.appendJSONTimestamp(dst, payload)
	}
	return d.appendJSONBytes(dst, field, payload)
}

const (
	maxPrecision = 65 // of a DECIMAL
	maxScale     = 30
)

// appendJSONDecimal appends a decimal that is stored with the payload's precision. A literal is stored with the
// precision of its digits, and what CAST makes with whole groups of nine before the point. Any other precision is that
// of a column's type.
func (d Dialect) appendJSONDecimal(dst, payload []byte) ([]byte, error) {
	precision, scale, err := jsonb.DecimalType(payload)
	if err != nil {
		return dst, err
	}
	text, err := jsonb.AppendDecimal(nil, payload)
	if err != nil {
		return dst, err
	}
	whole, _, _ := bytes.Cut(bytes.TrimPrefix(text, []byte("-")), []byte("."))
	sqlType := fmt.Sprintf("DECIMAL(%d,%d)", min(precision, maxPrecision), scale)
	switch {
	case len(whole) == precision-scale && precision <= maxPrecision:
		return append(dst, text...), nil
	case (precision-scale)%9 != 0 && precision <= maxPrecision && scale <= maxScale && d.hasJSONTable():
		return appendColumnValue(dst, text, sqlType), nil
	}
	return fmt.Appendf(dst, "CAST(%s AS %s)", text, sqlType), nil
}

func appendJSONTemporal(dst []byte, field jsonb.FieldType, payload []byte, sqlType string) ([]byte, error) {
	dst, err := jsonb.AppendTemporal(append(dst, "CAST('"...), field, payload)
	return fmt.Appendf(dst, "' AS %s)", sqlType), err
}

// appendJSONTimestamp appends a TIMESTAMP. No CAST makes one: before JSON_TABLE a DATETIME is the nearest.
func (d Dialect) appendJSONTimestamp(dst, payload []byte) ([]byte, error) {
	if !d.hasJSONTable() {
		if d.exact {
			return dst, d.noLiteral(jsonb.TypeTimestamp)
		}
		return appendJSONTemporal(dst, jsonb.TypeTimestamp, payload, "DATETIME(6)")
	}
	text, err := jsonb.AppendTemporal(nil, jsonb.TypeTimestamp, payload)
	return appendColumnValue(dst, text, "TIMESTAMP(6)"), err
}

func (d Dialect) hasJSONTable() bool { return d.MySQLSince(8, 0, 4) }

// appendColumnValue appends a value of a column of the given type. JSON_TABLE makes the column; the text is digits and
// punctuation.
func appendColumnValue(dst, text []byte, sqlType string) []byte {
	return fmt.Appendf(dst, `(SELECT v FROM JSON_TABLE('["%s"]', '$[*]' COLUMNS (v %s PATH '$')) AS j)`, text, sqlType)
}

// AppendJSONDiffs appends an expression that applies the diffs of a partial update to a JSON column: nested calls, the first diff
// innermost. name is the column's name in SQL.
func (d Dialect) AppendJSONDiffs(dst, name, diffs []byte) ([]byte, error) {
	var functions []string
	for diff, err := range jsonb.Diffs(diffs) {
		if err != nil {
			return dst, err
		}
		functions = append(functions, jsonFunction(&diff))
	}
	for _, function := range slices.Backward(functions) {
		dst = append(dst, function...)
	}
	dst = append(dst, name...)
	for diff, err := range jsonb.Diffs(diffs) {
		if err != nil {
			return dst, err
		}
		dst = d.AppendString(append(dst, ", "...), string(diff.Path))
		if diff.Operation != jsonb.Remove {
			if dst, err = d.appendJSONElement(append(dst, ", "...), diff.Value); err != nil {
				return dst, err
			}
		}
		dst = append(dst, ')')
	}
	return dst, nil
}

func jsonFunction(diff *jsonb.Diff) string {
	switch {
	case diff.Operation == jsonb.Remove:
		return "JSON_REMOVE("
	case diff.Operation == jsonb.Insert && bytes.HasSuffix(diff.Path, []byte{']'}):
		return "JSON_ARRAY_INSERT(" // which moves what is after it, as the server does
	case diff.Operation == jsonb.Insert:
		return "JSON_INSERT("
	}
	return "JSON_REPLACE("
}
