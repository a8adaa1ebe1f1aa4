package sqltext

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/decoder/statement"
	"binmend/schema"
)

// appendExpressionCondition appends the comparison of a functional key part with its value for the given row. The
// server computes that value: the expression, word for word, over a derived row whose columns bear the names and types
// of the table's.
//
// (lower(`b`)) = (SELECT lower(`b`) FROM (SELECT CONVERT('Ann' USING utf8mb4) COLLATE utf8mb4_0900_ai_ci AS `b`) AS r)
func (d Dialect) appendExpressionCondition(dst []byte, row schema.Row, part *schema.KeyPart) ([]byte, error) {
	expr := part.Expr
	if err := checkExpression(expr); err != nil {
		return dst, fmt.Errorf("expression %q: %w", expr, err)
	}
	from, ok := computation(row, part.Columns)
	if !ok {
		return dst, fmt.Errorf("expression %q: the log does not hold what it reads", expr)
	}
	if part.MultiValued {
		m := arrayCast.FindStringSubmatch(expr)
		if m == nil {
			return dst, fmt.Errorf("expression %q: expected CAST(… AS … ARRAY)", expr)
		}
		expr = m[1]
		dst = append(append(append(dst, "JSON_OVERLAPS("...), expr...), ", "...)
	} else {
		dst = append(append(append(dst, '('), expr...), ") = "...)
	}
	dst = append(append(dst, "(SELECT "...), expr...)
	dst, err := d.appendDerivedRow(dst, row, from)
	if err != nil {
		return dst, fmt.Errorf("expression %q: %w", part.Expr, err)
	}
	dst = append(dst, ')')
	if part.MultiValued {
		dst = append(dst, ')')
	}
	return dst, nil
}

// appendComputedCondition appends the comparison of a generated column whose value is not known with the value that the
// server computes for the given row: the generation expression, converted to the column's type, over a derived row.
//
// `low` = (SELECT CONVERT(lower(`b`) USING utf8mb4) COLLATE utf8mb4_0900_ai_ci FROM (SELECT … AS `b`) AS r)
func (d Dialect) appendComputedCondition(dst []byte, row schema.Row, part *schema.KeyPart) ([]byte, error) {
	c := &row.Table.Columns[part.Column]
	from, ok := computation(row, c.Inputs)
	if !ok {
		return dst, fmt.Errorf("column %s: the log does not hold its value", c.Name)
	}
	before, after := "", ""
	if part.Prefix > 0 && c.Type.IsString() {
		before, after = "LEFT(", fmt.Sprintf(", %d)", part.Prefix)
	}
	dst = d.AppendIdent(append(dst, before...), c.Name)
	dst = append(append(append(dst, after...), " = (SELECT "...), before...)
	dst, err := d.appendGenerated(dst, c)
	if err != nil {
		return dst, err
	}
	if dst, err = d.appendDerivedRow(append(dst, after...), row, from); err != nil {
		return dst, fmt.Errorf("column %s: %w", c.Name, err)
	}
	return append(dst, ')'), nil
}

// appendGenerated appends the generation expression of a column, converted as the server does when it stores the value.
func (d Dialect) appendGenerated(dst []byte, c *schema.Column) ([]byte, error) {
	if err := checkExpression(c.Expr); err != nil {
		return dst, fmt.Errorf("column %s: expression %q: %w", c.Name, c.Expr, err)
	}
	before, after, err := d.cast(c)
	switch {
	case c.Type.IsInteger():
		low, high := c.Bounds()
		before, after = "CAST(LEAST(GREATEST(CAST(", fmt.Sprintf(" AS DECIMAL(65)), %d), %d)%s", low, high, after) // strings have a fraction, which storing rounds
	case c.Type == schema.TypeDecimal && c.Unsigned:
		before, after = "GREATEST("+before, after+", 0)"
	case c.Type == schema.TypeBinary:
		before, after = "CAST(", fmt.Sprintf(" AS BINARY(%d))", c.Length)
	case c.Type == schema.TypeVarbinary:
		before, after = "LEFT(CAST(", fmt.Sprintf(" AS BINARY), %d)", c.Length)
	case c.Type == schema.TypeChar:
		before, after = before+"TRIM(TRAILING ' ' FROM LEFT(", fmt.Sprintf(", %d))", c.Length)+after
	case c.Type == schema.TypeVarchar:
		before, after = before+"LEFT(", fmt.Sprintf(", %d)", c.Length)+after
	}
	return append(append(append(dst, before...), c.Expr...), after...), err
}

// computation is how to compute columns of a row; false if a column that they read is unknown.
func computation(row schema.Row, columns []int) (schema.Computation, bool) {
	from, ok := row.Table.Computation(columns, func(c int) bool {
		state := row.Cells[c].State()
		return state == decoder.Value || state == decoder.Null
	})
	return from, ok && len(from.Inputs) > 0
}

// appendDerivedRow appends a FROM clause with one row that has the values of a row that a computation reads, under the names
// and with the types of the table's columns. Each value that is to be computed gets a derived row around the one before.
func (d Dialect) appendDerivedRow(dst []byte, row schema.Row, from schema.Computation) ([]byte, error) {
	var err error
	for _, step := range slices.Backward(from.Steps) {
		c := &row.Table.Columns[step]
		if dst, err = d.appendGenerated(append(dst, " FROM (SELECT `r`.*, "...), c); err != nil {
			return dst, err
		}
		dst = d.AppendIdent(append(dst, " AS "...), c.Name)
	}
	dst = append(dst, " FROM (SELECT "...)
	for i, ordinal := range from.Inputs {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		c := &row.Table.Columns[ordinal]
		if err := d.checkReadable(c, row.Cells[ordinal]); err != nil {
			return dst, err
		}
		if dst, err = d.appendTyped(dst, c, row.Cells[ordinal]); err != nil {
			return dst, err
		}
		dst = d.AppendIdent(append(dst, " AS "...), c.Name)
	}
	dst = append(dst, ") AS `r`"...)
	for range from.Steps {
		dst = append(dst, ") AS `r`"...)
	}
	return dst, nil
}

// arrayCast finds the document inside the CAST of a multi-valued key part.
var arrayCast = regexp.MustCompile(`(?is)^\s*cast\((.*) as [a-z0-9(), ]* array\s*\)\s*$`)

// appendTyped appends an SQL value of the column's type, not only of its value.
func (d Dialect) appendTyped(dst []byte, c *schema.Column, v decoder.Cell) ([]byte, error) {
	if v.State() == decoder.Null {
		return append(dst, "NULL"...), nil
	}
	before, after, err := d.cast(c)
	if err != nil {
		return dst, err
	}
	begin := len(dst) + len(before)
	if dst, err = d.AppendLiteral(append(dst, before...), c, v); err != nil {
		return dst, err
	}
	if c.Type.IsFloat() && !strings.Contains(string(dst[begin:]), "e") {
		dst = append(dst, "e0"...)
	}
	return append(dst, after...), nil
}

// cast returns what stands around a literal to give it the column's type.
func (d Dialect) cast(c *schema.Column) (before, after string, err error) {
	to := ""
	switch c.Type {
	case schema.TypeTinyInt, schema.TypeSmallInt, schema.TypeMediumInt, schema.TypeInt, schema.TypeBigInt:
		to = "SIGNED"
		if c.Unsigned {
			to = "UNSIGNED"
		}
	case schema.TypeBit, schema.TypeYear:
		to = "UNSIGNED"
	case schema.TypeDecimal:
		to = fmt.Sprintf("DECIMAL(%d,%d)", c.Length, c.Decimals)
	case schema.TypeDate:
		to = "DATE"
	case schema.TypeTime:
		to = fmt.Sprintf("TIME(%d)", c.Decimals)
	case schema.TypeDatetime, schema.TypeTimestamp:
		to = fmt.Sprintf("DATETIME(%d)", c.Decimals)
	case schema.TypeJSON:
		to = "JSON"
	case schema.TypeEnum, schema.TypeSet:
		return d.convert(c)
	default:
		if c.Type.IsText() {
			return d.convert(c)
		}
		return "", "", nil
	}
	return "CAST(", " AS " + to + ")", nil
}

func (d Dialect) convert(c *schema.Column) (before, after string, err error) {
	if c.Charset == "" || c.Charset == "binary" {
		return "", "", nil
	}
	if !word(c.Charset) || c.Collation != "" && !word(c.Collation) {
		return "", "", fmt.Errorf("column %s: %q is not the name of a collation", c.Name, c.Collation)
	}
	after = " USING " + c.Charset + ")"
	if c.Collation != "" {
		after += " COLLATE " + d.collation(c.Collation)
	}
	return "CONVERT(", after, nil
}

// collation is the server's name of a collation: MySQL called those of utf8mb3 utf8_… until 8.0.30.
func (d Dialect) collation(name string) string {
	if rest, ok := strings.CutPrefix(name, "utf8mb3_"); ok && !d.MySQLSince(8, 0, 30) {
		return "utf8_" + rest
	}
	return name
}

// checkExpression refuses an expression from a schema that could end its place in a statement: one with a comment, a
// statement's end, a line break, or quotes or parentheses that do not match.
func checkExpression(expr string) error {
	if !printable(expr) {
		return errors.New("a control character")
	}
	scanner := statement.NewScanner([]byte(expr), statement.Context{})
	depth := 0
	for {
		t := scanner.Scan()
		text := scanner.Text(t)
		switch {
		case t.Kind == statement.End && depth != 0:
			return errors.New("a parenthesis that does not close")
		case t.Kind == statement.End:
			return nil
		case t.Kind >= statement.Comment, strings.HasPrefix(expr[t.Start:], "--"):
			return errors.New("a comment")
		case t.Unclosed:
			return fmt.Errorf("a quote %c that does not close", t.Quote)
		case t.Kind != statement.Operator:
			continue
		}
		switch text[0] {
		case '(':
			depth++
		case ')':
			if depth--; depth < 0 {
				return errors.New("a parenthesis that was not opened")
			}
		case ';', '\\':
			return fmt.Errorf("a %c outside of quotes", text[0])
		}
	}
}

func printable(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] == 0x7f {
			return false
		}
	}
	return true
}
