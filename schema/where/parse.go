package where

import (
	"encoding/hex"
	"fmt"
	"strings"

	"binmend/decoder/statement"
)

// maxDepth bounds how deep parentheses and NOT may be nested.
const maxDepth = 100

// SyntaxError says where a condition is not understood.
type SyntaxError struct {
	Text   string
	Offset int // in bytes
	What   string
}

func (e *SyntaxError) Error() string {
	if e.Offset >= len(e.Text) {
		return e.What + " at the end"
	}
	return fmt.Sprintf("%s at %q", e.What, e.Text[e.Offset:])
}

// Parse reads a condition.
func Parse(text string) (*Condition, error) {
	p := parser{text: text, scanner: statement.NewScanner([]byte(text), statement.Context{SQLMode: statement.NoBackslashEscapes})}
	p.advance()
	root := p.or(0)
	if p.err == nil && p.kind != end {
		p.fail("expected AND or OR")
	}
	if p.err != nil {
		return nil, p.err
	}
	return &Condition{text: text, root: root}, nil
}

// parser reads tokens of the text one after the other. After the first error it reads no more.
type parser struct {
	text    string
	scanner statement.Scanner
	begin   int // of the token
	kind    kind
	value   string // a word as written, the content of quotes, a number, an operator
	err     error
}

// kind is the kind of a token.
type kind uint8

const (
	end kind = iota
	word
	quotedName
	stringToken
	hexToken       // 0x… and b'…'
	hexStringToken // x'…'
	numberToken
	symbol
)

func (p *parser) fail(what string) node {
	if p.err == nil {
		p.err = &SyntaxError{p.text, p.begin, what}
	}
	p.kind = end
	return nil
}

// isWord reports whether the token is a word, in either case.
func (p *parser) isWord(w string) bool { return p.kind == word && strings.EqualFold(p.value, w) }

// take skips a word or symbol, if it is the token.
func (p *parser) take(w string) bool {
	if p.isWord(w) || p.kind == symbol && p.value == w {
		p.advance()
		return true
	}
	return false
}

func (p *parser) need(w string) {
	if !p.take(w) {
		p.fail("expected " + w)
	}
}

func (p *parser) or(depth int) node {
	n := p.and(depth)
	for p.take("OR") || p.take("||") {
		n = or{n, p.and(depth)}
	}
	return n
}

func (p *parser) and(depth int) node {
	n := p.negation(depth)
	for p.take("AND") || p.take("&&") {
		n = and{n, p.negation(depth)}
	}
	return n
}

func (p *parser) negation(depth int) node {
	if depth > maxDepth {
		return p.fail(fmt.Sprintf("nested more than %d deep", maxDepth))
	}
	if p.take("NOT") || p.take("!") {
		return not{p.negation(depth + 1)}
	}
	if p.take("(") {
		n := p.or(depth + 1)
		p.need(")")
		return n
	}
	return p.comparison()
}

var operators = map[string]operator{"=": equal, "<=>": nullSafeEqual, "<": less, "<=": lessOrEqual, ">": greater, ">=": greaterOrEqual}

func (p *parser) comparison() node {
	if p.kind != word && p.kind != quotedName {
		return p.fail("expected the name of a column")
	}
	c := compare{column: p.value}
	p.advance()
	if p.kind == symbol {
		return p.operator(c)
	}
	if p.take("IS") {
		negated := p.take("NOT")
		p.need("NULL")
		c.op = isNull
		return negate(c, negated)
	}
	negated := p.take("NOT")
	switch {
	case p.take("IN"):
		c.op, c.values = in, p.list()
	case p.take("BETWEEN"):
		c.op, c.values = between, []literal{p.literal()}
		p.need("AND")
		c.values = append(c.values, p.literal())
	case p.take("LIKE"):
		c.op = like
	case p.take("REGEXP"), p.take("RLIKE"):
		c.op = matches
	default:
		return p.fail("expected =, <=>, <>, <, <=, >, >=, IS, IN, BETWEEN, LIKE or REGEXP")
	}
	if c.op == like || c.op == matches {
		if p.kind != stringToken {
			return p.fail("expected a string")
		}
		c.values = []literal{p.literal()}
	}
	return negate(c, negated)
}

func (p *parser) operator(c compare) node {
	unequal := p.value == "<>" || p.value == "!="
	op, ok := operators[p.value]
	if !ok && !unequal {
		return p.fail("expected a comparison")
	}
	p.advance()
	c.op, c.values = op, []literal{p.literal()}
	return negate(c, unequal)
}

func negate(c compare, negated bool) node {
	if negated {
		return not{c}
	}
	return c
}

func (p *parser) list() []literal {
	p.need("(")
	values := []literal{p.literal()}
	for p.take(",") {
		values = append(values, p.literal())
	}
	p.need(")")
	return values
}

func (p *parser) literal() literal {
	sign := ""
	if p.kind == symbol && (p.value == "-" || p.value == "+") {
		sign = strings.TrimPrefix(p.value, "+")
		if p.advance(); p.kind != numberToken {
			p.fail("expected a number")
		}
	}
	l := literal{text: p.value}
	switch {
	case p.kind == numberToken:
		l.text = sign + l.text
	case p.kind == stringToken:
		l.kind = stringLiteral
	case p.kind == hexToken:
		l.kind = hexLiteral
	case p.kind == hexStringToken:
		l.kind = hexStringLiteral
	case p.isWord("NULL"):
		l = literal{kind: nullLiteral}
	case p.isWord("TRUE"):
		l.text = "1"
	case p.isWord("FALSE"):
		l.text = "0"
	default:
		p.fail("expected a number, a string or NULL")
		return l
	}
	p.advance()
	return l
}

// advance reads the next token. A condition is written as under NO_BACKSLASH_ESCAPES.
func (p *parser) advance() {
	t := p.scanner.Scan()
	p.begin, p.value = t.Start, string(p.scanner.Text(t))
	if p.err != nil {
		p.kind = end
		return
	}
	switch t.Kind {
	case statement.End:
		p.kind = end
	case statement.Word, statement.Identifier:
		p.kind = word
	case statement.QuotedName:
		name, _ := p.scanner.Name(t)
		p.kind, p.value = quotedName, string(name)
	case statement.Number:
		if p.kind = numberToken; strings.HasPrefix(p.value, "0x") {
			p.kind, p.value = hexToken, p.value[2:]
			p.unhex()
		}
	case statement.String:
		p.string(t)
	default: // a comment is not understood either
		p.kind = symbol
	}
	if t.Unclosed {
		p.fail("a quote that does not close")
	}
}

// string reads '…', "…", n'…', x'…' or b'…'.
func (p *parser) string(t statement.Token) {
	prefix := p.value[0]
	p.kind, p.value = stringToken, string(p.scanner.AppendString(nil, t))
	switch {
	case prefix == t.Quote:
	case prefix|0x20 == 'x':
		p.kind = hexStringToken
		p.unhex()
	case prefix|0x20 == 'b':
		p.kind = hexToken
		p.unbit()
	case prefix|0x20 != 'n':
		p.kind = symbol
	}
}

// unhex turns the digits of a hex string into its bytes.
func (p *parser) unhex() {
	if p.err != nil {
		return
	}
	digits := p.value
	if len(digits)%2 == 1 {
		digits = "0" + digits
	}
	b, err := hex.DecodeString(digits)
	if err != nil {
		p.fail("expected hexadecimal digits")
		return
	}
	p.value = string(b)
}

// unbit turns the digits of a bit string into its bytes.
func (p *parser) unbit() {
	digits := p.value
	if p.err != nil {
		return
	}
	if digits == "" || strings.Trim(digits, "01") != "" {
		p.fail("expected binary digits")
		return
	}
	bytes := make([]byte, (len(digits)+7)/8)
	for i := range len(digits) {
		at := len(digits) - 1 - i // of the bit, from the lowest
		bytes[len(bytes)-1-at/8] |= (digits[i] - '0') << (at % 8)
	}
	p.value = string(bytes)
}
