package dump

import (
	"fmt"
	"strings"
)

// cursor walks the tokens of a statement.
type cursor struct {
	tokens []token
	at     int
}

// peek is the next token, a tokenEnd after the last one.
func (c *cursor) peek() token { return c.ahead(0) }

// ahead is the token n after the next one.
func (c *cursor) ahead(n int) token {
	if c.at+n >= len(c.tokens) {
		return token{kind: tokenEnd}
	}
	return c.tokens[c.at+n]
}

func (c *cursor) done() bool { return c.at >= len(c.tokens) }

func (c *cursor) next() token {
	t := c.peek()
	if !c.done() {
		c.at++
	}
	return t
}

// sees reports whether the keywords come next.
func (c *cursor) sees(keywords ...string) bool {
	if c.at+len(keywords) > len(c.tokens) {
		return false
	}
	for i, k := range keywords {
		if !c.tokens[c.at+i].is(k) {
			return false
		}
	}
	return true
}

// accept passes the keywords if they come next, all of them.
func (c *cursor) accept(keywords ...string) bool {
	if !c.sees(keywords...) {
		return false
	}
	c.at += len(keywords)
	return true
}

// acceptAny passes one of several keywords.
func (c *cursor) acceptAny(keywords ...string) bool {
	for _, k := range keywords {
		if c.accept(k) {
			return true
		}
	}
	return false
}

func (c *cursor) acceptSymbol(symbol byte) bool {
	if !c.peek().isSymbol(symbol) {
		return false
	}
	c.at++
	return true
}

// name reads an identifier. One in double quotes tells that the statement was written under sql_mode ANSI_QUOTES.
func (c *cursor) name() (string, error) {
	if c.peek().isDoubleQuoted() {
		ansiNames(c.tokens[c.at:])
	}
	name, ok := c.peek().name()
	if !ok {
		return "", fmt.Errorf("expected a name, found %s", c.found())
	}
	c.at++
	return name, nil
}

// tableName reads name or database.name.
func (c *cursor) tableName() (database, table string, err error) {
	c.acceptSymbol('.') // .t is a table of the default database
	table, err = c.name()
	if err == nil && c.acceptSymbol('.') {
		database = table
		table, err = c.name()
	}
	return database, table, err
}

// parens reads a balanced pair of parentheses and returns what stands between them.
func (c *cursor) parens() ([]token, error) {
	if !c.peek().isSymbol('(') {
		return nil, fmt.Errorf("expected (, found %s", c.found())
	}
	depth := 0
	for i := c.at; i < len(c.tokens); i++ {
		switch t := c.tokens[i]; {
		case t.isSymbol('('):
			depth++
		case t.isSymbol(')'):
			if depth--; depth == 0 {
				inner := c.tokens[c.at+1 : i]
				c.at = i + 1
				return inner, nil
			}
		}
	}
	return nil, fmt.Errorf("no closing parenthesis for the one after %s", c.before())
}

// skipParens passes a pair of parentheses if one comes next.
func (c *cursor) skipParens() error {
	if !c.peek().isSymbol('(') {
		return nil
	}
	_, err := c.parens()
	return err
}

// skipValue passes an optional "=" and one token: the value of an option.
func (c *cursor) skipValue() {
	c.acceptSymbol('=')
	c.next()
}

func (c *cursor) found() string {
	if c.done() {
		return "the end of the statement"
	}
	return excerpt(c.peek().text)
}

func (c *cursor) before() string {
	if c.at == 0 {
		return "the beginning"
	}
	return excerpt(c.tokens[c.at-1].text)
}

// excerpt quotes a piece of a statement for a message.
func excerpt(s string) string {
	const most = 40
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}

// splitList cuts tokens at the commas that are outside parentheses.
func splitList(tokens []token) [][]token {
	var list [][]token
	depth, from := 0, 0
	for i, t := range tokens {
		switch {
		case t.isSymbol('('):
			depth++
		case t.isSymbol(')'):
			depth--
		case depth == 0 && t.isSymbol(','):
			list = append(list, tokens[from:i])
			from = i + 1
		}
	}
	return append(list, tokens[from:])
}

// text writes tokens as SQL, with one space where the statement had blanks or a comment.
func text(tokens []token) string {
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 && tokens[i-1].end != t.start {
			b.WriteByte(' ')
		}
		b.WriteString(t.text)
	}
	return b.String()
}
