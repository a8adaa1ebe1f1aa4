// Package where reads a condition on the values of rows, as in the WHERE of a SELECT, and judges row images by it. In goes
// text such as
//
//	id = 5 and (status in (3, 4) or doc->>'$.note' like 'paid%')
//
// and, for each table, its definition; out comes whether a row image meets the condition: as the SELECT of a server would
// say, or an error that names what can't be told. It runs on the parser of TiDB, and evaluates what compares a value of the row
// with literals:
//
//	value    = column | column -> path | column ->> path | JSON_EXTRACT(column, path) | JSON_VALUE(column, path)
//	         | JSON_UNQUOTE(value) | value COLLATE name
//	test     = value operator literal | literal operator value | value IS [NOT] NULL | value [NOT] IN (literal, …)
//	         | value [NOT] BETWEEN literal AND literal | value [NOT] LIKE string [ESCAPE character] | value [NOT] REGEXP string
//	operator = "=" | "<=>" | "<>" | "!=" | "<" | "<=" | ">" | ">="
//
// joined by AND, OR, XOR and NOT, with IS [NOT] TRUE, FALSE or UNKNOWN after any in parentheses. Other functions and operators are
// refused. A literal is a number, a string, a hex or bit string, TRUE, FALSE, NULL, or DATE, TIME or TIMESTAMP with a string. A
// backslash stands in the pattern of LIKE only, before % and _: elsewhere its meaning depends on the sql_mode. A path has members
// and cells, without wildcards. In logs of MariaDB, whose JSON is text, it is read as MariaDB's functions do; JSON_VALUE is for these only.
//
// Numbers compare by value: exactly, but with floating point where a side of the comparison has it. Dates and times compare by value,
// TIMESTAMP in UTC; ENUM and SET by their text or their number, not both in one list. Text compares by the collation of the column. Of those that do
// not go by code points it is known here what they do with ASCII; a row in which other characters decide is an error. NULL, and a
// column that the image leaves out, is neither equal nor unequal to anything.
package where

import (
	"fmt"

	"binmend/decoder"
	"binmend/decoder/jsonb"
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
	and       struct{ left, right node }
	or        struct{ left, right node }
	xor       struct{ left, right node }
	not       struct{ of node }
	truthTest struct { // IS TRUE, IS FALSE, IS UNKNOWN
		of   node
		want truth
	}
	compare struct {
		operand
		op     operator
		values []literal // one; two for between, any number for in, none for isNull
		escape rune      // of like
	}
)

// operand is a value of a row.
type operand struct {
	column    string
	path      *jsonb.Path // into its JSON document; nil for the whole value
	pathText  string
	unquoted  bool   // the text of it
	scalar    bool   // JSON_VALUE: the text of a scalar
	collation string // to compare it with; "" for its own
}

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

	isBoolean bool // TRUE or FALSE, which is a number
}

type literalKind uint8

const (
	numberLiteral literalKind = iota
	stringLiteral
	hexLiteral       // the bytes of 0x… and b'…': a number where one is compared
	hexStringLiteral // the bytes of x'…', which is a number to MySQL only
	nullLiteral
	floatLiteral // with an exponent
	dateLiteral  // DATE '…', TIMESTAMP '…'
	timeLiteral  // TIME '…'
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
type Scratch struct{ a, b, text []byte }

// For prepares the condition for a table of a server. ok is false if the table lacks a column of the condition: then none of its rows meets it.
// It is an error if a value can't be compared with a column.
func (c *Condition) For(t *schema.Table, server decoder.Flavor) (m *Matcher, ok bool, err error) {
	eval, err := compile(c.root, &source{t, server})
	if _, lacks := err.(errNoColumn); lacks {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("table %s: %w", t.FullName(), err)
	}
	return &Matcher{eval}, true, nil
}

// source is a table, and the kind of server that has it.
type source struct {
	*schema.Table
	server decoder.Flavor
}

// errNoColumn is the name of a column that the table lacks.
type errNoColumn string

func (e errNoColumn) Error() string { return "no column " + string(e) }

// Match reports whether the row before or after the change meets the condition.
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
