package where

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"

	"binmend/decoder"
	"binmend/decoder/jsonb"
	"binmend/schema"
)

// textCollation is what MariaDB gives its type JSON, which is LONGTEXT, and what its functions make of one.
const textCollation = "utf8mb4_bin"

// textPath is what all versions of MariaDB read alike.
var textPath = regexp.MustCompile(`^\$(?:\.[A-Za-z_][A-Za-z0-9_]*|\."[^"\\]+"|\[[0-9]+\])*$`)

// compileJSONText makes the test of what MariaDB's JSON functions find in text.
func compileJSONText(col *schema.Column, c *compare) (cellTest, error) {
	isExtract := !c.unquoted && !c.scalar
	switch {
	case !col.Type.IsText() || col.Collation != textCollation:
		return nil, fmt.Errorf("MariaDB's JSON functions are evaluated in columns of type JSON, which are text with the collation %s, and this one is of type %s", textCollation, col.SQLType())
	case !textPath.MatchString(cmp.Or(c.pathText, "$")):
		return nil, fmt.Errorf("the path %s may mean another thing to MariaDB: write members as .name or .\"name\", and cells as [0]", c.pathText)
	case isExtract && (c.op == in || c.op == between || c.op == like || c.op == matches):
		return nil, errors.New("MariaDB does not compare what JSON_EXTRACT finds in IN, BETWEEN, LIKE and REGEXP as = does: write JSON_VALUE")
	case isExtract && c.collation != "":
		return nil, errors.New("COLLATE is for text: write JSON_VALUE or JSON_UNQUOTE")
	}
	of, err := compileTextPart(c)
	if err != nil {
		return nil, err
	}
	return func(s *Scratch, v decoder.Cell) (truth, error) {
		if s.b, err = v.AppendBytes(s.b[:0]); err != nil {
			return isFalse, err
		}
		part, ok, err := c.textPart(s.b)
		if err != nil {
			return isFalse, undecided(err.Error())
		}
		if !ok || c.op == isNull {
			return c.withoutPart(!ok), nil
		}
		return of(s, part)
	}, nil
}

// textPart is the text that the operand finds; JSON_VALUE finds scalars only, and no null.
func (c *compare) textPart(doc []byte) (part []byte, ok bool, err error) {
	if c.path == nil {
		if part, ok, err = jsonb.TextAt(doc, jsonb.Path{}); part != nil && part[0] != '"' {
			part = doc // as it stands
		}
		return part, ok, err
	}
	part, ok, err = jsonb.TextAt(doc, *c.path)
	if ok && c.scalar {
		ok = bytes.IndexByte([]byte("{[n"), part[0]) < 0
	}
	if ok && (part[0] == '{' || part[0] == '[') {
		part = jsonb.AppendLoose(nil, part)
	}
	return part, ok, err
}

// compileTextPart makes the test of what was found.
func compileTextPart(c *compare) (func(*Scratch, []byte) (truth, error), error) {
	numbers := 0
	for _, l := range c.values {
		switch l.kind {
		case numberLiteral, floatLiteral:
			numbers++
		case stringLiteral, nullLiteral:
		default:
			return nil, errors.New("JSON is compared with numbers, strings, TRUE and FALSE only")
		}
	}
	switch {
	case numbers > 0 && numbers < len(c.values):
		return nil, errors.New("what a JSON document holds is compared with numbers or with strings, not with both at once: write AND or OR")
	case numbers > 0:
		return compileTextNumber(c)
	case c.op == isNull:
		return nil, nil
	}
	rules, err := rulesOf(cmp.Or(c.collation, textCollation))
	if err != nil {
		return nil, err
	}
	test, err := wordsTest(c, &rules, nil)
	if err != nil {
		return nil, err
	}
	return func(s *Scratch, part []byte) (truth, error) {
		var err error
		if s.text, err = c.appendWords(s.text[:0], part); err != nil {
			return isFalse, err
		}
		return test(s, decoder.Cell{})
	}, nil
}

// appendWords appends what MariaDB compares with strings: strings without their quotes, and else the text. JSON_VALUE has 1 and 0 for true and false.
func (c *compare) appendWords(dst, part []byte) ([]byte, error) {
	switch {
	case c.scalar && part[0] == 't':
		return append(dst, '1'), nil
	case c.scalar && part[0] == 'f':
		return append(dst, '0'), nil
	case part[0] != '"':
		return append(dst, part...), nil
	}
	if bytes.Contains(part, []byte(`\ud`)) || bytes.Contains(part, []byte(`\uD`)) || bytes.Contains(part, []byte(`\u0000`)) {
		return dst, undecided(fmt.Sprintf("what MariaDB makes of %s is not known here", part))
	}
	var text string
	err := json.Unmarshal(part, &text)
	return append(dst, text...), err
}

// plainNumber is the text of a number from its first character to its last.
var plainNumber = regexp.MustCompile(`^-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$`)

// compileTextNumber makes the comparison with numbers, which goes by floating point.
func compileTextNumber(c *compare) (func(*Scratch, []byte) (truth, error), error) {
	var tests []comparer
	for _, l := range c.values {
		want, err := strconv.ParseFloat(l.text, 64)
		if err != nil || significant(l.text) > exactDigits {
			return nil, fmt.Errorf("%s has more digits than floating point keeps, as which MariaDB compares JSON", l.text)
		}
		tests = append(tests, func(s *Scratch, _ decoder.Cell) (int, error) {
			have, isExact, err := textNumber(s.text)
			if !isExact && math.Abs(have-want) <= math.Abs(want)/(1<<40) {
				err = undecided(fmt.Sprintf("which is greater to MariaDB, %s or %s, is not known here", s.text, l.text))
			}
			return cmp.Compare(have, want), err
		})
	}
	test := testOf(c, tests)
	return func(s *Scratch, part []byte) (truth, error) {
		var err error
		if !c.unquoted && !c.scalar && part[0] == 't' {
			s.text = append(s.text[:0], '1') // JSON_EXTRACT
		} else if s.text, err = c.appendWords(s.text[:0], part); err != nil {
			return isFalse, err
		}
		return test(s, decoder.Cell{})
	}, nil
}

// textNumber is the number that a text stands for: 0 if it begins with none.
func textNumber(text []byte) (n float64, isExact bool, err error) {
	switch {
	case plainNumber.Match(text):
		n, err = strconv.ParseFloat(string(text), 64)
		return n, significant(string(text)) <= exactDigits, err
	case len(text) == 0 || bytes.IndexByte([]byte("+-.0123456789 \t\n\v\f\r"), text[0]) < 0:
		return 0, true, nil
	}
	return 0, true, undecided(fmt.Sprintf("what number %q is to MariaDB is not known here", text))
}
