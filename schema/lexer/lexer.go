// Package lexer splits one statement into tokens, for what reads its clauses: definitions in schema/dump, and what is left to do of
// a failed statement in emit/advice. In go the text and how its server read it (statement.Context); out come tokens that are spelled
// as the default sql_mode reads them, and a [Cursor] over them.
//
// It knows no grammar, and what kind of statement it is comes from decoder/statement.
package lexer

import (
	"strings"

	"binmend/decoder/statement"
	"binmend/decoder/words"
)

// Kind tells what a token is.
type Kind uint8

const (
	Word   Kind = iota // a keyword or an unquoted name
	Name               // a name in back quotes, or one that can be no keyword where it stands
	String             // '…' or "…", with the prefix of x'…', b'…', n'…'
	Number
	Symbol // an operator
	End    // after the last token
)

// Token is one token of a statement. Comments are not tokens; what stands inside an executable comment is.
type Token struct {
	Kind       Kind
	Text       string // as it reads under the default sql_mode
	Start, End int    // offsets in the statement
}

// Is reports whether the token is the given keyword.
func (t Token) Is(keyword string) bool {
	return t.Kind == Word && len(t.Text) == len(keyword) && strings.EqualFold(t.Text, keyword)
}

// IsSymbol reports whether the token is the given operator of one character.
func (t Token) IsSymbol(c byte) bool {
	return t.Kind == Symbol && len(t.Text) == 1 && t.Text[0] == c
}

// IsDoubleQuoted reports whether the token is "…": a string, or a name under sql_mode ANSI_QUOTES.
func (t Token) IsDoubleQuoted() bool { return t.Kind == String && t.Text[0] == '"' }

// Name is the identifier that the token stands for; ok is false if it can't be one.
func (t Token) Name() (name string, ok bool) {
	switch {
	case t.Kind == Name && t.Text[0] == '`':
		return strings.ReplaceAll(t.Text[1:len(t.Text)-1], "``", "`"), true
	case t.Kind == Word, t.Kind == Name:
		return t.Text, true
	}
	return "", false
}

// Read splits one statement into tokens, as context says. Without a writer every executable comment counts, except those of a
// version that no server has.
func Read(sql string, context statement.Context) ([]Token, error) {
	s := statement.NewScanner([]byte(sql), context)
	tokens := make([]Token, 0, min(len(sql)/4, 1<<10)) // a token takes four bytes and more, the blank after it included
	for {
		t := s.Next()
		if t.Kind == statement.End {
			return tokens, s.Err()
		}
		if s.Err() != nil {
			continue
		}
		tokens = append(tokens, plainToken(&s, t, sql[t.Start:t.End], context.SQLMode))
	}
}

// plainToken spells a token as the default sql_mode reads it: the parser of definitions knows no other.
func plainToken(s *statement.Scanner, t statement.Token, text string, mode uint64) Token {
	plain := Token{Text: text, Start: t.Start, End: t.End}
	switch t.Kind {
	case statement.Word:
		plain.Kind = Word
	case statement.Identifier:
		plain.Kind = Name
	case statement.QuotedName:
		plain.Kind = Name
		if t.Quote == '"' {
			name, _ := s.Name(t)
			plain.Text = words.Quote(string(name))
		}
	case statement.String:
		plain.Kind = String
		if mode&statement.NoBackslashEscapes != 0 {
			plain.Text = strings.ReplaceAll(text, `\`, `\\`)
		}
	case statement.Number:
		plain.Kind = Number
	default:
		plain.Kind = Symbol
	}
	return plain
}

// ansiNames turns "…" into names: the statement was written under sql_mode ANSI_QUOTES.
func ansiNames(tokens []Token) {
	for i, t := range tokens {
		if t.IsDoubleQuoted() {
			tokens[i].Kind, tokens[i].Text = Name, words.Quote(strings.ReplaceAll(t.Text[1:len(t.Text)-1], `""`, `"`))
		}
	}
}

// Value is what the text of a string token '…' or "…" stands for.
func Value(text string) string {
	s := statement.NewScanner([]byte(text), statement.Context{})
	return string(s.AppendString(nil, s.Next()))
}
