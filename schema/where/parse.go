package where

import (
	"encoding/hex"
	"fmt"
	"strings"
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
	p := parser{text: text}
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
	text  string
	at    int // behind the token
	begin int // of the token
	kind  kind
	value string // a word as written, the content of quotes, a number, an operator
	err   error
}

// kind is the kind of a token.
type kind uint8

const (
	end kind = iota
	word
	quotedName
	stringToken
	hexToken
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

// isWord says whether the token is a word, in either case.
func (p *parser) isWord(w string) bool { return p.kind == word && strings.EqualFold(p.value, w) }

// take passes over a word or symbol, if it is the token.
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
		if c.op = like; p.kind != stringToken {
			return p.fail("expected a string")
		}
		c.values = []literal{p.literal()}
	default:
		return p.fail("expected =, <=>, <>, <, <=, >, >=, IS, IN, BETWEEN or LIKE")
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

// advance reads the next token.
func (p *parser) advance() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
	p.begin, p.value = p.at, ""
	if p.err != nil || p.at == len(p.text) {
		p.kind = end
		return
	}
	rest := p.text[p.at:]
	switch c := rest[0]; {
	case (c == 'x' || c == 'X') && len(rest) > 1 && rest[1] == '\'':
		p.at++
		p.quoted('\'', hexToken)
		p.unhex()
	case strings.HasPrefix(rest, "0x"):
		p.run(hexToken, func(c byte) bool { return isWordByte(c) })
		p.value = p.value[2:]
		p.unhex()
	case '0' <= c && c <= '9' || c == '.' && len(rest) > 1 && '0' <= rest[1] && rest[1] <= '9':
		p.number()
	case isWordByte(c):
		p.run(word, isWordByte)
	case c == '\'' || c == '"':
		p.quoted(c, stringToken)
	case c == '`':
		p.quoted(c, quotedName)
	default:
		p.symbol(rest)
	}
}

func isWordByte(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// run reads a token of bytes of a kind.
func (p *parser) run(k kind, is func(byte) bool) {
	for p.at < len(p.text) && is(p.text[p.at]) {
		p.at++
	}
	p.kind, p.value = k, p.text[p.begin:p.at]
}

// number reads digits with a point and an exponent.
func (p *parser) number() {
	p.run(numberToken, func(c byte) bool { return '0' <= c && c <= '9' || c == '.' || c == 'e' || c == 'E' })
	if last := p.value[len(p.value)-1]; (last == 'e' || last == 'E') && p.at+1 < len(p.text) && strings.IndexByte("+-", p.text[p.at]) >= 0 {
		p.at++
		p.run(numberToken, func(c byte) bool { return '0' <= c && c <= '9' })
	}
}

// quoted reads text between quotes, which are doubled inside.
func (p *parser) quoted(quote byte, k kind) {
	var b strings.Builder
	for i := p.at + 1; i < len(p.text); i++ {
		if p.text[i] == quote {
			if i+1 == len(p.text) || p.text[i+1] != quote {
				p.at, p.kind, p.value = i+1, k, b.String()
				return
			}
			i++
		}
		b.WriteByte(p.text[i])
	}
	p.fail("a quote that does not close")
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

func (p *parser) symbol(rest string) {
	for _, s := range [...]string{"<=>", "<=", ">=", "<>", "!=", "&&", "||"} {
		if strings.HasPrefix(rest, s) {
			p.at += len(s)
			p.kind, p.value = symbol, s
			return
		}
	}
	p.at++
	p.kind, p.value = symbol, rest[:1]
}
