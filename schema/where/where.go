// Package where reads a condition on the values of rows, as in the WHERE of a SELECT, and judges row images by it. In goes
// text such as
//
//	id = 5 and (status in (3, 4) or note like 'paid%')
//
// and, for each table, its definition; out comes whether a row image fulfils the condition. It evaluates no expressions
// and calls no functions: a column stands on the left of each comparison and literals on its right.
//
//	condition   = conjunction { OR conjunction }
//	conjunction = negation { AND negation }
//	negation    = NOT negation | "(" condition ")" | comparison
//	comparison  = column operator literal
//	            | column IS [NOT] NULL
//	            | column [NOT] IN "(" literal { "," literal } ")"
//	            | column [NOT] BETWEEN literal AND literal
//	            | column [NOT] LIKE string
//	            | column [NOT] (REGEXP | RLIKE) string
//	operator    = "=" | "<=>" | "<>" | "!=" | "<" | "<=" | ">" | ">="
//	literal     = number | string | hex string | bit string | TRUE | FALSE | NULL
//
// Words are read in either case. A string stands between single or double quotes, doubled inside; a backslash is itself,
// but in the pattern of LIKE, where it takes the meaning from % and _. A hex string is x'D6D0' or 0xD6D0, a bit
// string b'101'. Regular expressions are Go's.
//
// Values compare by the column's type: numbers by value, to the last digit; DOUBLE and FLOAT as the number that the column
// would store; dates and times by value, TIMESTAMP in UTC; ENUM and SET by their text or number. Text compares by its
// characters as they are stored: the case of letters, accents and trailing spaces count, whatever the collation says. NULL,
// and a column that the image leaves out, is neither equal nor unequal to anything.
package where

import (
	"fmt"

	"binmend/decoder"
	"binmend/schema"
)

// Condition is a condition on row images. It is immutable.
type Condition struct {
	text string
	root node
}

func (c *Condition) String() string { return c.text }

// node is a part of a condition.
type node interface{}

type (
	and     struct{ left, right node }
	or      struct{ left, right node }
	not     struct{ of node }
	compare struct {
		column string
		op     operator
		values []literal // one; two for between, any number for in, none for isNull
	}
)

// operator is a comparison. What NOT turns around stands under a not.
type operator uint8

const (
	equal operator = iota
	nullSafeEqual
	less
	lessOrEqual
	greater
	greaterOrEqual
	in
	between
	like
	matches
	isNull
)

// literal is a value of the condition's text.
type literal struct {
	kind literalKind
	text string // a number as written, or the bytes of a string
}

type literalKind uint8

const (
	numberLiteral literalKind = iota
	stringLiteral
	hexLiteral       // the bytes of 0x… and b'…': a number where one is compared
	hexStringLiteral // the bytes of x'…', which is a number to MySQL only
	nullLiteral
)

// truth is SQL's three-valued logic.
type truth uint8

const (
	isFalse truth = iota
	isUnknown
	isTrue
)

func truthOf(b bool) truth {
	if b {
		return isTrue
	}
	return isFalse
}

// Matcher is a condition made ready for one table. Several goroutines may use it, each with a Scratch of its own.
type Matcher struct {
	eval evaluator
}

// evaluator judges a row image.
type evaluator func(*Scratch, decoder.Image) (truth, error)

// Scratch is memory that judging rows needs. The zero value is ready.
type Scratch struct{ a []byte }

// For prepares the condition for a table. ok is false if the table lacks a column of the condition: then none of its rows fulfils it.
// It is an error if a value can't be compared with a column.
func (c *Condition) For(t *schema.Table) (m *Matcher, ok bool, err error) {
	eval, err := compile(c.root, t)
	if _, lacks := err.(errNoColumn); lacks {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("table %s.%s: %w", t.Database, t.Name, err)
	}
	return &Matcher{eval}, true, nil
}

// errNoColumn is the name of a column that the table lacks.
type errNoColumn string

func (e errNoColumn) Error() string { return "no column " + string(e) }

// Match reports whether the row before or after the change fulfils the condition.
func (m *Matcher) Match(s *Scratch, row *decoder.Row) (bool, error) {
	for _, image := range [...]decoder.Image{row.Before, row.After} {
		if len(image) == 0 {
			continue
		}
		t, err := m.eval(s, image)
		if t == isTrue || err != nil {
			return err == nil, err
		}
	}
	return false, nil
}

// compile makes an evaluator of a part of the condition.
func compile(n node, t *schema.Table) (evaluator, error) {
	switch n := n.(type) {
	case and:
		return compileBoth(n.left, n.right, t, func(a, b truth) truth { return min(a, b) }, isFalse)
	case or:
		return compileBoth(n.left, n.right, t, func(a, b truth) truth { return max(a, b) }, isTrue)
	case not:
		of, err := compile(n.of, t)
		if err != nil {
			return nil, err
		}
		return func(s *Scratch, image decoder.Image) (truth, error) {
			v, err := of(s, image)
			return isTrue - v, err
		}, nil
	}
	return compileComparison(n.(compare), t)
}

// compileBoth joins two parts; where the left one is decided the right one is not looked at.
func compileBoth(left, right node, t *schema.Table, join func(a, b truth) truth, decided truth) (evaluator, error) {
	l, err := compile(left, t)
	if err != nil {
		return nil, err
	}
	r, err := compile(right, t)
	if err != nil {
		return nil, err
	}
	return func(s *Scratch, image decoder.Image) (truth, error) {
		a, err := l(s, image)
		if err != nil || a == decided {
			return a, err
		}
		b, err := r(s, image)
		return join(a, b), err
	}, nil
}

func compileComparison(c compare, t *schema.Table) (evaluator, error) {
	ordinal := t.Column(c.column)
	if ordinal < 0 {
		return nil, errNoColumn(c.column)
	}
	if c.op == isNull {
		return onCell(ordinal, func(_ *Scratch, v decoder.Cell) (truth, error) {
			return truthOf(v.State() == decoder.Null), nil
		}), nil
	}
	test, err := compileValues(&t.Columns[ordinal], c)
	if err != nil {
		return nil, fmt.Errorf("column %s: %w", c.column, err)
	}
	ofNull := isUnknown
	if c.op == nullSafeEqual {
		ofNull = truthOf(c.values[0].kind == nullLiteral)
	}
	return onCell(ordinal, func(s *Scratch, v decoder.Cell) (truth, error) {
		if v.State() == decoder.Null {
			return ofNull, nil
		}
		return test(s, v)
	}), nil
}

// onCell looks at one column. What the image does not hold is unknown.
func onCell(ordinal int, test func(*Scratch, decoder.Cell) (truth, error)) evaluator {
	return func(s *Scratch, image decoder.Image) (truth, error) {
		if ordinal >= len(image) {
			return isUnknown, nil
		}
		switch v := image[ordinal]; v.State() {
		case decoder.Null, decoder.Value:
			return test(s, v)
		}
		return isUnknown, nil
	}
}

// compileValues makes the comparison of a value that is not NULL with the literals.
func compileValues(col *schema.Column, c compare) (func(*Scratch, decoder.Cell) (truth, error), error) {
	isEquality := c.op == equal || c.op == nullSafeEqual || c.op == in
	switch {
	case c.op == like:
		return compileLike(col, c.values[0])
	case c.op == matches:
		return compileRegexp(col, c.values[0])
	case isIdentity(col.Type) && !isEquality:
		return nil, fmt.Errorf("values of type %s have no order here: compare with =, <> or IN", col.SQLType())
	}
	var tests []comparer
	for _, l := range c.values {
		cmp, err := comparerOf(col, l)
		if err != nil {
			return nil, err
		}
		tests = append(tests, cmp)
	}
	holds := holdsFor[c.op]
	switch c.op {
	case in:
		return func(s *Scratch, v decoder.Cell) (truth, error) { return anyEqual(tests, s, v) }, nil
	case between:
		return func(s *Scratch, v decoder.Cell) (truth, error) { return inRange(tests[0], tests[1], s, v) }, nil
	case nullSafeEqual:
		if c.values[0].kind == nullLiteral {
			return func(*Scratch, decoder.Cell) (truth, error) { return isFalse, nil }, nil
		}
	}
	return func(s *Scratch, v decoder.Cell) (truth, error) { return judge(tests[0], holds, s, v) }, nil
}

// holdsFor says for each operator which results of a comparison fulfil it.
var holdsFor = [...]func(int) bool{
	equal:          func(c int) bool { return c == 0 },
	nullSafeEqual:  func(c int) bool { return c == 0 },
	less:           func(c int) bool { return c < 0 },
	lessOrEqual:    func(c int) bool { return c <= 0 },
	greater:        func(c int) bool { return c > 0 },
	greaterOrEqual: func(c int) bool { return c >= 0 },
	in:             nil, between: nil, like: nil, matches: nil, isNull: nil,
}

func judge(cmp comparer, holds func(int) bool, s *Scratch, v decoder.Cell) (truth, error) {
	if cmp == nil {
		return isUnknown, nil
	}
	c, err := cmp(s, v)
	return truthOf(holds(c)), err
}

func anyEqual(tests []comparer, s *Scratch, v decoder.Cell) (truth, error) {
	result := isFalse
	for _, cmp := range tests {
		t, err := judge(cmp, holdsFor[equal], s, v)
		if err != nil || t == isTrue {
			return t, err
		}
		result = max(result, t)
	}
	return result, nil
}

func inRange(low, high comparer, s *Scratch, v decoder.Cell) (truth, error) {
	a, err := judge(low, holdsFor[greaterOrEqual], s, v)
	if err != nil {
		return a, err
	}
	b, err := judge(high, holdsFor[lessOrEqual], s, v)
	return min(a, b), err
}
