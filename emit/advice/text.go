package advice

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"binmend/decoder/statement"
)

// text is a statement in tokens.
type text struct {
	statement.Scanner
	statement.Statement
	sql    []byte
	tokens []statement.Token
	begin  int // of the tokens, where the statement itself begins
}

func (in *Input) read() *text {
	sql := []byte(in.Statement.SQL)
	x := &text{Scanner: statement.NewScanner(sql, in.Statement.Context), Statement: statement.Classify(sql, in.Statement.Context), sql: sql}
	for t := x.Next(); t.Kind != statement.End; t = x.Next() {
		if t.Start < x.Body {
			x.begin++
		}
		x.tokens = append(x.tokens, t)
	}
	if n := len(x.tokens); n > 0 && x.IsOperator(x.tokens[n-1], ";") {
		x.tokens = x.tokens[:n-1]
	}
	return x
}

// print writes tokens as a statement on one line; ok is false if it would not be the same statement in a script.
func (x *text) print(in *Input, tokens []statement.Token) (sql string, ok bool) {
	var b []byte
	for i, t := range tokens {
		if i > 0 && t.Start != tokens[i-1].End && !x.IsOperator(t, ",") {
			b = append(b, ' ')
		}
		if name, isName := x.Name(t); isName && t.Kind == statement.QuotedName && t.Quote == '"' {
			b = in.Dialect.AppendIdent(b, string(name))
			continue
		}
		written := x.Text(t)
		isBackslash := t.Kind == statement.String && bytes.IndexByte(written, '\\') >= 0
		if isBackslash && in.Statement.Context.SQLMode&statement.NoBackslashEscapes != 0 {
			return "", false
		}
		b = append(b, written...)
	}
	return string(b), utf8.Valid(b) && bytes.IndexFunc(b, func(r rune) bool { return r < ' ' || r == 0x7f }) < 0
}

// cursor reads tokens one after the other.
type cursor struct {
	*text
	at, end int // in tokens
}

func (x *text) from(at int) *cursor { return &cursor{x, at, len(x.tokens)} }

func (c *cursor) token() statement.Token {
	if c.at < c.end {
		return c.tokens[c.at]
	}
	return statement.Token{}
}

// sees reports whether the next tokens are keywords.
func (c *cursor) sees(keywords ...string) bool {
	for i, keyword := range keywords {
		if c.at+i >= c.end || !c.Is(c.tokens[c.at+i], keyword) {
			return false
		}
	}
	return true
}

// accept skips the keywords if they come next.
func (c *cursor) accept(keywords ...string) bool {
	if !c.sees(keywords...) {
		return false
	}
	c.at += len(keywords)
	return true
}

// acceptAny skips any number of the keywords.
func (c *cursor) acceptAny(keywords ...string) {
	for passed := true; passed; {
		passed = false
		for _, keyword := range keywords {
			passed = c.accept(keyword) || passed
		}
	}
}

func (c *cursor) seesOperator(operator string) bool {
	return c.at < c.end && c.IsOperator(c.token(), operator)
}

func (c *cursor) acceptOperator(operator string) bool {
	if !c.seesOperator(operator) {
		return false
	}
	c.at++
	return true
}

func (c *cursor) identifier() (string, bool) {
	if c.at >= c.end {
		return "", false
	}
	name, ok := c.Name(c.token())
	if ok {
		c.at++
	}
	return string(name), ok
}

// table reads a name with a database before it, or in the default one.
func (c *cursor) table(standard string) (n Name, ok bool) {
	n.Database = standard
	c.acceptOperator(".")
	if n.Table, ok = c.identifier(); !ok || !c.acceptOperator(".") {
		return n, ok
	}
	n.Database = n.Table
	n.Table, ok = c.identifier()
	return n, ok
}

// list splits the tokens up to the end, or up to the parenthesis that closes the one before them, at commas.
func (c *cursor) list() (parts []*cursor) {
	depth, begin := 0, c.at
	for ; c.at < c.end; c.at++ {
		switch {
		case c.seesOperator("("):
			depth++
		case c.seesOperator(")") && depth == 0:
			return append(parts, &cursor{c.text, begin, c.at})
		case c.seesOperator(")"):
			depth--
		case c.seesOperator(",") && depth == 0:
			parts = append(parts, &cursor{c.text, begin, c.at})
			begin = c.at + 1
		}
	}
	return append(parts, &cursor{c.text, begin, c.at})
}

func (c *cursor) rest() []statement.Token { return c.tokens[c.at:c.end] }

func same(a, b string) bool { return strings.EqualFold(a, b) }
