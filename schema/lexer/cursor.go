package lexer

import (
	"fmt"
	"strings"
)

// Cursor walks the tokens of a statement or of a part of it.
type Cursor struct {
	Tokens []Token
	At     int // the next token
}

// Peek is the next token, an End after the last one.
func (c *Cursor) Peek() Token { return c.Ahead(0) }

// Ahead is the token n after the next one.
func (c *Cursor) Ahead(n int) Token {
	if c.At+n >= len(c.Tokens) {
		return Token{Kind: End}
	}
	return c.Tokens[c.At+n]
}

// Done reports whether no token is left.
func (c *Cursor) Done() bool { return c.At >= len(c.Tokens) }

// Next passes a token, or returns an End.
func (c *Cursor) Next() Token {
	t := c.Peek()
	if !c.Done() {
		c.At++
	}
	return t
}

// Sees reports whether the keywords come next.
func (c *Cursor) Sees(keywords ...string) bool {
	if c.At+len(keywords) > len(c.Tokens) {
		return false
	}
	for i, k := range keywords {
		if !c.Tokens[c.At+i].Is(k) {
			return false
		}
	}
	return true
}

// Accept passes the keywords if they come next, all of them.
func (c *Cursor) Accept(keywords ...string) bool {
	if !c.Sees(keywords...) {
		return false
	}
	c.At += len(keywords)
	return true
}

// AcceptAny passes one of several keywords.
func (c *Cursor) AcceptAny(keywords ...string) bool {
	for _, k := range keywords {
		if c.Accept(k) {
			return true
		}
	}
	return false
}

// SkipAny passes any number of the keywords, in any order.
func (c *Cursor) SkipAny(keywords ...string) {
	for c.AcceptAny(keywords...) {
	}
}

// AcceptSymbol passes an operator of one character if it comes next.
func (c *Cursor) AcceptSymbol(symbol byte) bool {
	if !c.Peek().IsSymbol(symbol) {
		return false
	}
	c.At++
	return true
}

// Name reads an identifier. One in double quotes tells that the statement was written under sql_mode ANSI_QUOTES.
func (c *Cursor) Name() (string, error) {
	if c.Peek().IsDoubleQuoted() {
		ansiNames(c.Tokens[c.At:])
	}
	name, ok := c.Peek().Name()
	if !ok {
		return "", fmt.Errorf("expected a name, found %s", c.Found())
	}
	c.At++
	return name, nil
}

// TableName reads name or database.name.
func (c *Cursor) TableName() (database, table string, err error) {
	c.AcceptSymbol('.') // .t is a table of the default database
	table, err = c.Name()
	if err == nil && c.AcceptSymbol('.') {
		database = table
		table, err = c.Name()
	}
	return database, table, err
}

// Parens reads a balanced pair of parentheses and returns what stands between them.
func (c *Cursor) Parens() ([]Token, error) {
	if !c.Peek().IsSymbol('(') {
		return nil, fmt.Errorf("expected (, found %s", c.Found())
	}
	depth := 0
	for i := c.At; i < len(c.Tokens); i++ {
		switch t := c.Tokens[i]; {
		case t.IsSymbol('('):
			depth++
		case t.IsSymbol(')'):
			if depth--; depth == 0 {
				inner := c.Tokens[c.At+1 : i]
				c.At = i + 1
				return inner, nil
			}
		}
	}
	return nil, fmt.Errorf("no closing parenthesis for the one after %s", c.before())
}

// SkipParens passes a pair of parentheses if one comes next.
func (c *Cursor) SkipParens() error {
	if !c.Peek().IsSymbol('(') {
		return nil
	}
	_, err := c.Parens()
	return err
}

// SkipValue passes an optional "=" and one token: the value of an option.
func (c *Cursor) SkipValue() {
	c.AcceptSymbol('=')
	c.Next()
}

// Found describes the next token, for a message.
func (c *Cursor) Found() string {
	if c.Done() {
		return "the end of the statement"
	}
	return Excerpt(c.Peek().Text)
}

func (c *Cursor) before() string {
	if c.At == 0 {
		return "the beginning"
	}
	return Excerpt(c.Tokens[c.At-1].Text)
}

// Excerpt quotes a piece of a statement for a message.
func Excerpt(s string) string {
	const most = 40
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}

// From are the tokens from an offset of the statement on.
func From(tokens []Token, offset int) []Token {
	for len(tokens) > 0 && tokens[0].Start < offset {
		tokens = tokens[1:]
	}
	return tokens
}

// Split cuts tokens at the commas that are outside parentheses.
func Split(tokens []Token) [][]Token {
	var list [][]Token
	depth, from := 0, 0
	for i, t := range tokens {
		switch {
		case t.IsSymbol('('):
			depth++
		case t.IsSymbol(')'):
			depth--
		case depth == 0 && t.IsSymbol(','):
			list = append(list, tokens[from:i])
			from = i + 1
		}
	}
	return append(list, tokens[from:])
}

// Text writes tokens as SQL, with one space where the statement had blanks or a comment.
func Text(tokens []Token) string {
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 && tokens[i-1].End != t.Start {
			b.WriteByte(' ')
		}
		b.WriteString(t.Text)
	}
	return b.String()
}
