package where

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"binmend/decoder"
	"binmend/schema"
)

// compile makes an evaluator of a part of the condition.
func compile(n node, t *source) (evaluator, error) {
	switch n := n.(type) {
	case and:
		return compileBoth(n.left, n.right, t, func(a, b truth) truth { return min(a, b) }, isFalse)
	case or:
		return compileBoth(n.left, n.right, t, func(a, b truth) truth { return max(a, b) }, isTrue)
	case xor:
		return compileBoth(n.left, n.right, t, func(a, b truth) truth {
			if a == isUnknown || b == isUnknown {
				return isUnknown
			}
			return truthOf(a != b)
		}, isUnknown)
	case truthTest:
		of, err := compile(n.of, t)
		return func(s *Scratch, image decoder.Image) (truth, error) {
			v, err := of(s, image)
			return truthOf(v == n.want), err
		}, err
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
func compileBoth(left, right node, t *source, join func(a, b truth) truth, decided truth) (evaluator, error) {
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
		if _, open := err.(undecided); err != nil && !open || err == nil && a == decided && decided != isUnknown {
			return a, err
		}
		b, other := r(s, image)
		if err != nil && other == nil && b == decided && decided != isUnknown {
			return b, nil
		}
		return join(a, b), cmp.Or(err, other)
	}, nil
}

func compileComparison(c compare, t *source) (evaluator, error) {
	ordinal := t.Column(c.column)
	if ordinal < 0 {
		return nil, errNoColumn(c.column)
	}
	col := &t.Columns[ordinal]
	test, err := compileOperand(col, &c, t.server)
	if err != nil {
		return nil, fmt.Errorf("column %s: %w", c.column, err)
	}
	ofNull := isUnknown
	switch c.op {
	case isNull:
		ofNull = isTrue
	case nullSafeEqual:
		ofNull = truthOf(c.values[0].kind == nullLiteral)
	}
	return onCell(ordinal, func(s *Scratch, v decoder.Cell) (truth, error) {
		if v.State() == decoder.Null {
			return ofNull, nil
		}
		result, err := test(s, v)
		if open, ok := err.(undecided); ok {
			err = undecided("column " + c.column + ": " + string(open))
		}
		return result, err
	}), nil
}

// cellTest judges a value that is not NULL.
type cellTest func(*Scratch, decoder.Cell) (truth, error)

// compileOperand makes the test of a column's values, or of what stands in its JSON documents.
func compileOperand(col *schema.Column, c *compare, server decoder.Flavor) (cellTest, error) {
	switch {
	case server == decoder.MariaDB && (c.path != nil || c.unquoted):
		return compileJSONText(col, c)
	case c.path != nil || c.unquoted || col.Type == schema.TypeJSON:
		return compileJSON(col, c)
	case c.op == isNull:
		return func(*Scratch, decoder.Cell) (truth, error) { return isFalse, nil }, nil
	}
	return compileValues(col, c)
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
func compileValues(col *schema.Column, c *compare) (cellTest, error) {
	isEquality := c.op == equal || c.op == nullSafeEqual || c.op == in
	if err := differsInList(col, c); err != nil {
		return nil, err
	}
	switch {
	case isWords(col.Type) && !isNumeric(c.values):
		return compileWords(col, c)
	case c.collation != "":
		return nil, errors.New("COLLATE is for text")
	case c.op == like:
		return nil, errors.New("LIKE is for text")
	case c.op == matches:
		return nil, errors.New("REGEXP is for text")
	case isIdentity(col.Type) && !isEquality:
		return nil, fmt.Errorf("values of type %s have no order here: compare with =, <> or IN", col.SQLType())
	}
	var tests []comparer
	for _, l := range c.values {
		if err := differs(col, c.op, &l); err != nil {
			return nil, err
		}
		cmp, err := comparerOf(col, l)
		if err != nil {
			return nil, err
		}
		tests = append(tests, cmp)
	}
	return testOf(c, tests), nil
}

// differs refuses what MySQL 5.6 and 5.7 answer otherwise than others.
func differs(col *schema.Column, op operator, l *literal) error {
	switch n, _ := parseDecimal(*l); {
	case op == in && col.Type == schema.TypeTime && l.kind == nullLiteral:
		return errors.New("old servers find nothing in a list of times with NULL: leave it out")
	case op == between && l.kind == numberLiteral && len(n.whole) > 18:
		return fmt.Errorf("old servers take %s for a negative number in BETWEEN: write >= and <=", l.text)
	case col.Type == schema.TypeBit && l.kind == floatLiteral:
		return fmt.Errorf("MariaDB takes large values of type BIT for negative ones beside %s: write the number without an exponent", l.text)
	case col.Type == schema.TypeTimestamp && op != equal && op != nullSafeEqual && op != in && l.text > "0000-00-00 00:00:00" && l.text < "1970-01-01 00:00:01":
		return fmt.Errorf("servers differ in whether a zero TIMESTAMP is before %s, and no other value is", l.text)
	}
	return nil
}

// differsInList refuses what servers answer otherwise when it stands beside other literals. They compare the number of an ENUM with
// numbers, its text with strings and with 0x…, and in a list each on its own; but in BETWEEN all as one type.
func differsInList(col *schema.Column, c *compare) error {
	numbers, texts := 0, 0
	for _, l := range c.values {
		isEnum := col.Type == schema.TypeEnum || col.Type == schema.TypeSet
		switch {
		case isEnum && (l.kind == hexLiteral || l.kind == hexStringLiteral):
			return fmt.Errorf("a value of type %s is compared with whole numbers and with strings in quotes only", col.SQLType())
		case isEnum && l.kind == stringLiteral:
			texts++
		case isEnum && l.kind != nullLiteral:
			numbers++
		case len(c.values) > 1 && c.op == in && l.kind == numberLiteral && strings.HasPrefix(l.text, "-") && (col.Unsigned || col.Type == schema.TypeBit):
			return fmt.Errorf("MySQL takes %s in a list for a large number beside a value of type %s, which is never negative: leave it out", l.text, col.SQLType())
		case len(c.values) > 1 && c.op == in && col.Type == schema.TypeDate && l.kind == stringLiteral && hasZeroPart(l.text):
			return fmt.Errorf("servers differ in whether they find %s in a list: write = and OR", l.text)
		}
	}
	if numbers > 0 && texts > 0 {
		return fmt.Errorf("a value of type %s is compared with numbers or with strings, not with both at once: write AND or OR", col.SQLType())
	}
	return nil
}

// hasZeroPart reports whether a date has no month or no day.
func hasZeroPart(date string) bool {
	return len(date) >= len("0000-00-00") && (date[5:7] == "00" || date[8:10] == "00")
}

// testOf makes the test of an operator out of comparisons with its literals.
func testOf(c *compare, tests []comparer) cellTest {
	holds := holdsFor[c.op]
	switch c.op {
	case in:
		return func(s *Scratch, v decoder.Cell) (truth, error) { return anyEqual(tests, s, v) }
	case between:
		return func(s *Scratch, v decoder.Cell) (truth, error) { return inRange(tests[0], tests[1], s, v) }
	case nullSafeEqual:
		if c.values[0].kind == nullLiteral {
			return func(*Scratch, decoder.Cell) (truth, error) { return isFalse, nil }
		}
	}
	return func(s *Scratch, v decoder.Cell) (truth, error) { return judge(tests[0], holds, s, v) }
}

// holdsFor says for each operator which results of a comparison meet it.
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
	var open error
	for _, cmp := range tests {
		t, err := judge(cmp, holdsFor[equal], s, v)
		if err == nil && t == isTrue {
			return isTrue, nil
		}
		if err != nil {
			open = err
		}
		result = max(result, t)
	}
	return result, open
}

func inRange(low, high comparer, s *Scratch, v decoder.Cell) (truth, error) {
	a, err := judge(low, holdsFor[greaterOrEqual], s, v)
	if err != nil {
		return a, err
	}
	b, err := judge(high, holdsFor[lessOrEqual], s, v)
	return min(a, b), err
}
