package where

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/mysql"
	"github.com/pingcap/tidb/pkg/parser/opcode"
	driver "github.com/pingcap/tidb/pkg/parser/test_driver"

	"binmend/decoder/jsonb"
)

// refused is the error of what a server takes and this package does not.
func refused(format string, args ...any) error {
	return &SyntaxError{What: fmt.Sprintf(format, args...)}
}

var comparisons = map[opcode.Op]operator{
	opcode.EQ: equal, opcode.NullEQ: nullSafeEqual, opcode.LT: less, opcode.LE: lessOrEqual, opcode.GT: greater, opcode.GE: greaterOrEqual,
}

// flipped are the comparisons with their sides exchanged.
var flipped = map[operator]operator{equal: equal, nullSafeEqual: nullSafeEqual, less: greater, lessOrEqual: greaterOrEqual, greater: less, greaterOrEqual: lessOrEqual}

// condition is an expression as a tree of comparisons.
func condition(e ast.ExprNode, depth int) (node, error) {
	if depth > maxDepth {
		return nil, refused("nested more than %d deep", maxDepth)
	}
	switch e := e.(type) {
	case *ast.ParenthesesExpr:
		return condition(e.Expr, depth+1)
	case *ast.UnaryOperationExpr:
		if e.Op != opcode.Not && e.Op != opcode.Not2 {
			break
		}
		of, err := condition(e.V, depth+1)
		return not{of}, err
	case *ast.BinaryOperationExpr:
		return joined(e, depth)
	case *ast.IsNullExpr:
		return nullTest(e, depth)
	case *ast.IsTruthExpr:
		of, err := condition(e.Expr, depth+1)
		return negate(truthTest{of, truthOf(e.True != 0)}, e.Not), err
	case *ast.PatternInExpr:
		if e.Sel != nil {
			return nil, refused("a subquery is not evaluated")
		}
		return comparison(e.Expr, in, e.Not, e.List...)
	case *ast.BetweenExpr:
		return comparison(e.Expr, between, e.Not, e.Left, e.Right)
	case *ast.PatternLikeOrIlikeExpr:
		return likeTest(e)
	case *ast.PatternRegexpExpr:
		return comparison(e.Expr, matches, e.Not, e.Pattern)
	}
	return nil, refused("expected a comparison, found %s", describe(e))
}

func negate(n node, negated bool) node {
	if negated {
		return not{n}
	}
	return n
}

// joined converts AND, OR, XOR, and the comparison of a column with a literal.
func joined(e *ast.BinaryOperationExpr, depth int) (node, error) {
	if op, ok := comparisons[e.Op]; ok || e.Op == opcode.NE {
		if _, err := operandOf(e.L); err != nil {
			if _, other := operandOf(e.R); other == nil && isLiteral(e.L) {
				return comparison(e.R, flipped[op], e.Op == opcode.NE, e.L)
			}
		}
		return comparison(e.L, op, e.Op == opcode.NE, e.R)
	}
	if e.Op != opcode.LogicAnd && e.Op != opcode.LogicOr && e.Op != opcode.LogicXor {
		return nil, refused("expected a comparison, found %s", describe(e))
	}
	left, err := condition(e.L, depth+1)
	if err != nil {
		return nil, err
	}
	right, err := condition(e.R, depth+1)
	switch e.Op {
	case opcode.LogicAnd:
		return and{left, right}, err
	case opcode.LogicOr:
		return or{left, right}, err
	}
	return xor{left, right}, err
}

// nullTest converts IS NULL of a value, and of a condition, which is IS UNKNOWN.
func nullTest(e *ast.IsNullExpr, depth int) (node, error) {
	of, err := operandOf(e.Expr)
	if err == nil {
		return negate(compare{operand: of, op: isNull}, e.Not), nil
	}
	inner, isCondition := condition(e.Expr, depth+1)
	if isCondition != nil {
		return nil, err
	}
	return negate(truthTest{inner, isUnknown}, e.Not), nil
}

func likeTest(e *ast.PatternLikeOrIlikeExpr) (node, error) {
	if !e.IsLike {
		return nil, refused("ILIKE is not evaluated")
	}
	n, err := comparison(e.Expr, like, false, e.Pattern)
	if err != nil {
		return nil, err
	}
	c := n.(compare)
	c.escape = rune(e.Escape)
	return negate(c, e.Not), nil
}

// comparison converts what compares a value of a row with literals.
func comparison(left ast.ExprNode, op operator, negated bool, right ...ast.ExprNode) (node, error) {
	of, err := operandOf(left)
	if err != nil {
		return nil, err
	}
	c := compare{operand: of, op: op}
	for _, e := range right {
		l, err := literalOf(e)
		if err != nil {
			return nil, err
		}
		isPattern := op == like || op == matches
		if isPattern && l.kind != stringLiteral {
			return nil, refused("expected a string, found %s", describe(e))
		}
		if !isPattern && l.kind == stringLiteral && strings.Contains(l.text, `\`) {
			return nil, refused(`%q: what a backslash means depends on the sql_mode; write the string in hex: x'%x'`, l.text, l.text)
		}
		c.values = append(c.values, l)
	}
	return negate(c, negated), nil
}

// operandOf converts what stands for a value of a row: a column, or a part of a JSON document in one.
func operandOf(e ast.ExprNode) (of operand, err error) {
	switch e := e.(type) {
	case *ast.ParenthesesExpr:
		return operandOf(e.Expr)
	case *ast.ColumnNameExpr:
		if e.Name.Table.O != "" || e.Name.Schema.O != "" {
			return of, refused("%s: write the name of the column alone", e.Name)
		}
		return operand{column: e.Name.Name.O}, nil
	case *ast.SetCollationExpr:
		of, err = operandOf(e.Expr)
		of.collation = strings.ToLower(e.Collate)
		return of, err
	case *ast.FuncCallExpr:
		return jsonOperand(e)
	}
	return of, refused("expected the name of a column, found %s", describe(e))
}

const jsonValue = "json_value"

// jsonOperand converts JSON_EXTRACT, JSON_VALUE and JSON_UNQUOTE; the parser makes these of -> and ->>.
func jsonOperand(e *ast.FuncCallExpr) (of operand, err error) {
	switch {
	case e.FnName.L == ast.JSONUnquote && len(e.Args) == 1:
		if of, err = operandOf(e.Args[0]); err == nil && of.collation != "" {
			err = refused("COLLATE inside of JSON_UNQUOTE is not evaluated")
		}
		of.unquoted = true
		return of, err
	case (e.FnName.L == ast.JSONExtract || e.FnName.L == jsonValue) && len(e.Args) == 2:
		if of, err = operandOf(e.Args[0]); err != nil {
			return of, err
		}
		l, err := literalOf(e.Args[1])
		if err != nil || l.kind != stringLiteral || of.path != nil || of.unquoted || of.collation != "" {
			return of, refused("%s takes a column and one path here", strings.ToUpper(e.FnName.O))
		}
		path, err := jsonb.ParsePath([]byte(l.text))
		if err != nil {
			return of, refused("%v", err)
		}
		of.path, of.pathText, of.scalar = &path, l.text, e.FnName.L == jsonValue
		return of, nil
	}
	return of, refused("the function %s is not evaluated", strings.ToUpper(e.FnName.O))
}

// isLiteral reports whether an expression is meant for a literal.
func isLiteral(e ast.ExprNode) bool {
	_, err := literalOf(e)
	return err == nil
}

// literalOf converts a literal.
func literalOf(e ast.ExprNode) (literal, error) {
	switch e := e.(type) {
	case *ast.ParenthesesExpr:
		return literalOf(e.Expr)
	case *ast.UnaryOperationExpr:
		l, err := literalOf(e.V)
		if err != nil || l.kind != numberLiteral && l.kind != floatLiteral || l.isBoolean || e.Op != opcode.Minus && e.Op != opcode.Plus {
			break
		}
		if e.Op == opcode.Minus {
			l.text = negative(l.text)
		}
		return l, nil
	case *ast.FuncCallExpr:
		return functionLiteral(e)
	case *driver.ValueExpr:
		return valueLiteral(e)
	}
	return literal{}, refused("expected a number, a string or NULL, found %s", describe(e))
}

func negative(number string) string {
	if rest, ok := strings.CutPrefix(number, "-"); ok {
		return rest
	}
	return "-" + number
}

// functionLiteral converts DATE '…', TIME '…' and TIMESTAMP '…', and numbers in hex.
func functionLiteral(e *ast.FuncCallExpr) (literal, error) {
	if len(e.Args) == 1 {
		l, err := literalOf(e.Args[0])
		switch e.FnName.L {
		case numberFunction:
			l.kind = hexLiteral
			return l, err
		case ast.DateLiteral, ast.TimestampLiteral:
			l.kind = dateLiteral
			return l, err
		case ast.TimeLiteral:
			l.kind = timeLiteral
			return l, err
		}
	}
	return literal{}, refused("the function %s is not evaluated", strings.ToUpper(e.FnName.O))
}

func valueLiteral(e *driver.ValueExpr) (literal, error) {
	if e.Type.GetFlag()&mysql.UnderScoreCharsetFlag != 0 {
		return literal{}, refused("a string in another character set is not compared: write it in UTF-8")
	}
	switch e.Kind() {
	case driver.KindNull:
		return literal{kind: nullLiteral}, nil
	case driver.KindInt64:
		return literal{text: strconv.FormatInt(e.GetInt64(), 10), isBoolean: mysql.HasIsBooleanFlag(e.Type.GetFlag())}, nil
	case driver.KindUint64:
		return literal{text: strconv.FormatUint(e.GetUint64(), 10)}, nil
	case driver.KindMysqlDecimal:
		return literal{text: string(e.GetMysqlDecimal().ToString())}, nil
	case driver.KindFloat64:
		return literal{kind: floatLiteral, text: strconv.FormatFloat(e.GetFloat64(), 'g', -1, 64)}, nil
	case driver.KindString:
		return literal{kind: stringLiteral, text: e.GetString()}, nil
	case driver.KindBinaryLiteral:
		return literal{kind: hexStringLiteral, text: string(e.GetBinaryLiteral())}, nil
	}
	return literal{}, refused("expected a number, a string or NULL, found %s", describe(e))
}

// describe names a part of a condition.
func describe(e ast.ExprNode) string {
	switch e := e.(type) {
	case *ast.FuncCallExpr:
		return "the function " + strings.ToUpper(e.FnName.O)
	case *ast.FuncCastExpr:
		return "CAST"
	case *ast.AggregateFuncExpr:
		return "the function " + strings.ToUpper(e.F)
	case *ast.BinaryOperationExpr:
		return "the operator " + spelled(e.Op)
	case *ast.UnaryOperationExpr:
		return "the operator " + spelled(e.Op)
	case *ast.ColumnNameExpr:
		return "the column " + e.Name.Name.O
	case *ast.SubqueryExpr, *ast.ExistsSubqueryExpr, *ast.CompareSubqueryExpr:
		return "a subquery"
	case *ast.VariableExpr:
		return "a variable"
	case ast.ParamMarkerExpr:
		return "?"
	case *driver.ValueExpr:
		return "a literal"
	case *ast.CaseExpr:
		return "CASE"
	case *ast.RowExpr:
		return "several values"
	}
	return "something else"
}

func spelled(op opcode.Op) string {
	var b strings.Builder
	op.Format(&b)
	return strings.ToUpper(strings.TrimSpace(b.String()))
}
