package advice

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"binmend/decoder/statement"
	"binmend/schema/lexer"
)

// text is a statement in tokens.
type text struct {
	statement.Statement
	sql    []byte
	tokens []lexer.Token // none if the statement can't be read
}

func (in *Input) read() *text {
	sql := []byte(in.Statement.SQL)
	x := &text{Statement: statement.Classify(sql, in.Statement.Context), sql: sql}
	tokens, err := lexer.Read(in.Statement.SQL, in.Statement.Context)
	if err != nil {
		return x
	}
	if n := len(tokens); n > 0 && tokens[n-1].IsSymbol(';') {
		tokens = tokens[:n-1]
	}
	x.tokens = tokens
	return x
}

// body are the tokens of the statement itself, after what precedes its verb.
func (x *text) body() []lexer.Token { return lexer.From(x.tokens, x.Body) }

func (x *text) cursor() *lexer.Cursor { return &lexer.Cursor{Tokens: x.body()} }

// parts is how many parts the statement has that commas separate.
func (x *text) parts() int { return len(lexer.Split(x.body())) }

// print writes tokens as a statement on one line; ok is false if it would not be the same statement in a script.
func (in *Input) print(tokens []lexer.Token) (sql string, ok bool) {
	var b []byte
	for i, t := range tokens {
		if i > 0 && t.Start != tokens[i-1].End && !t.IsSymbol(',') {
			b = append(b, ' ')
		}
		isBackslash := t.Kind == lexer.String && strings.Contains(t.Text, `\`)
		if isBackslash && in.Statement.Context.SQLMode&statement.NoBackslashEscapes != 0 {
			return "", false
		}
		b = append(b, t.Text...)
	}
	return string(b), len(b) > 0 && utf8.Valid(b) && bytes.IndexFunc(b, func(r rune) bool { return r < ' ' || r == 0x7f }) < 0
}

// identifier reads a name; ok is false if none comes next.
func identifier(c *lexer.Cursor) (name string, ok bool) {
	name, err := c.Name()
	return name, err == nil
}

// tableName reads a name with a database before it, or in the default one.
func tableName(c *lexer.Cursor, standard string) (n Name, ok bool) {
	database, table, err := c.TableName()
	if database == "" {
		database = standard
	}
	return Name{database, table}, err == nil
}

// rest are the tokens that the cursor has not passed.
func rest(c *lexer.Cursor) []lexer.Token { return c.Tokens[c.At:] }

func same(a, b string) bool { return strings.EqualFold(a, b) }
