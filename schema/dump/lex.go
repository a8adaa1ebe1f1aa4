package dump

import (
	"strings"

	"binmend/decoder/statement"
	"binmend/decoder/words"
)

// tokenKind tells what a token is.
type tokenKind uint8

const (
	tokenWord   tokenKind = iota // a keyword or an unquoted name
	tokenName                    // a name in back quotes, or one that can be no keyword where it stands
	tokenString                  // '…' or "…", with the prefix of x'…', b'…', n'…'
	tokenNumber
	tokenSymbol // an operator
	tokenEnd    // after the last token
)

// token is one token of a statement. Comments are no tokens; what stands inside a conditional comment is.
type token struct {
	kind       tokenKind
	text       string // as it reads under the default sql_mode
	start, end int    // offsets in the statement
}

// is reports whether the token is the given keyword.
func (t token) is(keyword string) bool {
	return t.kind == tokenWord && len(t.text) == len(keyword) && strings.EqualFold(t.text, keyword)
}

func (t token) isSymbol(c byte) bool {
	return t.kind == tokenSymbol && len(t.text) == 1 && t.text[0] == c
}

// isDoubleQuoted reports whether the token is "…": a string, or a name under sql_mode ANSI_QUOTES.
func (t token) isDoubleQuoted() bool { return t.kind == tokenString && t.text[0] == '"' }

// name is the identifier that the token stands for, and whether it can be one.
func (t token) name() (string, bool) {
	switch {
	case t.kind == tokenName && t.text[0] == '`':
		return strings.ReplaceAll(t.text[1:len(t.text)-1], "``", "`"), true
	case t.kind == tokenWord, t.kind == tokenName:
		return t.text, true
	}
	return "", false
}

// lex splits one statement into tokens, as context says. Without a writer every executable comment counts, except those of a
// version that no server has.
func lex(sql string, context statement.Context) ([]token, error) {
	s := statement.NewScanner([]byte(sql), context)
	tokens := make([]token, 0, min(len(sql)/4, 1<<10)) // a token takes four bytes and more, the blank after it included
	for {
		t := s.Next()
		if t.Kind == statement.End {
			return tokens, s.Err()
		}
		if s.Err() != nil {
			continue
		}
		tokens = append(tokens, plainToken(&s, t, sql[t.Start:t.End], context.SQLMode))
		if n := len(tokens); n > 1 && tokens[n-2].is("CHAR") && tokens[n-1].is("SET") {
			tokens[n-2].text = "CHARACTER" // servers take the one word for the other
		}
	}
}

// plainToken spells a token as the default sql_mode wants it: the parser of definitions knows no other.
func plainToken(s *statement.Scanner, t statement.Token, text string, mode uint64) token {
	plain := token{text: text, start: t.Start, end: t.End}
	switch t.Kind {
	case statement.Word:
		plain.kind = tokenWord
	case statement.Identifier:
		plain.kind = tokenName
	case statement.QuotedName:
		plain.kind = tokenName
		if t.Quote == '"' {
			name, _ := s.Name(t)
			plain.text = words.Quote(string(name))
		}
	case statement.String:
		plain.kind = tokenString
		if mode&statement.NoBackslashEscapes != 0 {
			plain.text = strings.ReplaceAll(text, `\`, `\\`)
		}
	case statement.Number:
		plain.kind = tokenNumber
	default:
		plain.kind = tokenSymbol
	}
	return plain
}

// ansiNames turns "…" into names: the statement was written under sql_mode ANSI_QUOTES.
func ansiNames(tokens []token) {
	for i, t := range tokens {
		if t.isDoubleQuoted() {
			tokens[i].kind, tokens[i].text = tokenName, words.Quote(strings.ReplaceAll(t.text[1:len(t.text)-1], `""`, `"`))
		}
	}
}

// stringValue is what a string token '…' or "…" stands for.
func stringValue(text string) string {
	s := statement.NewScanner([]byte(text), statement.Context{})
	return string(s.AppendString(nil, s.Next()))
}
