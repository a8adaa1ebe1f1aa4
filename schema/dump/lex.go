package dump

import (
	"errors"
	"strings"
)

// tokenKind tells what a token is.
type tokenKind uint8

const (
	tokenWord   tokenKind = iota // a keyword or an unquoted name
	tokenName                    // a name in back quotes
	tokenString                  // '…' or "…", with the prefix of x'…', b'…', n'…'
	tokenNumber
	tokenSymbol // one character
	tokenEnd    // after the last token
)

// token is one token of a statement. Comments are no tokens; what stands inside a conditional comment is.
type token struct {
	kind  tokenKind
	text  string // as written
	start int    // offset in the statement
}

// is says whether the token is the given keyword.
func (t token) is(keyword string) bool {
	return t.kind == tokenWord && strings.EqualFold(t.text, keyword)
}

func (t token) isSymbol(c byte) bool { return t.kind == tokenSymbol && t.text[0] == c }

// isDoubleQuoted says whether the token is "…": a string, or a name under sql_mode ANSI_QUOTES.
func (t token) isDoubleQuoted() bool { return t.kind == tokenString && t.text[0] == '"' }

// name is the identifier that the token stands for, and whether it can be one.
func (t token) name() (string, bool) {
	switch t.kind {
	case tokenWord:
		return t.text, true
	case tokenName:
		return strings.ReplaceAll(t.text[1:len(t.text)-1], "``", "`"), true
	}
	return "", false
}

// quoteName writes an identifier in back quotes.
func quoteName(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

var (
	errOpenString  = errors.New("a quote is never closed")
	errOpenComment = errors.New("a comment is never closed")
)

// lex splits one statement into tokens. Every conditional comment (/*! … */, /*M! … */) counts, whatever its version,
// except those of a version that no server has: mysqldump hides client commands in them.
func lex(sql string) ([]token, error) {
	l := lexer{sql: sql}
	for {
		more, err := l.next()
		if err != nil {
			return nil, err
		}
		if !more {
			return l.tokens, nil
		}
	}
}

type lexer struct {
	sql         string
	at          int
	conditional int // conditional comments that are open here
	tokens      []token
}

// noServer is the first version number in a conditional comment that only a client reads (/*M!999999\- … */).
const noServer = "999999"

// next appends one token or passes one stretch of blanks or comment; it returns false at the end.
func (l *lexer) next() (bool, error) {
	rest := l.sql[l.at:]
	if rest == "" {
		return false, nil
	}
	c := rest[0]
	switch {
	case c <= ' ':
		l.at++
	case strings.HasPrefix(rest, "/*"):
		return true, l.comment(rest)
	case l.conditional > 0 && strings.HasPrefix(rest, "*/"):
		l.conditional--
		l.at += 2
	case c == '#', strings.HasPrefix(rest, "--") && (len(rest) == 2 || rest[2] <= ' '):
		l.lineComment(rest)
	case c == '`':
		return true, l.quoted(tokenName, 0)
	case c == '\'' || c == '"':
		return true, l.quoted(tokenString, 0)
	case strings.IndexByte("xXbBnN", c) >= 0 && len(rest) > 1 && rest[1] == '\'':
		return true, l.quoted(tokenString, 1)
	case '0' <= c && c <= '9':
		l.emit(numberOrWord(rest))
	case isWordByte(c):
		l.emit(tokenWord, wordLength(rest))
	default:
		l.emit(tokenSymbol, 1)
	}
	return true, nil
}

func (l *lexer) emit(kind tokenKind, length int) {
	l.tokens = append(l.tokens, token{kind: kind, text: l.sql[l.at : l.at+length], start: l.at})
	l.at += length
}

// comment passes a comment, or only the opening of a conditional one.
func (l *lexer) comment(rest string) error {
	body, conditional := strings.CutPrefix(rest[2:], "M!")
	if !conditional {
		body, conditional = strings.CutPrefix(rest[2:], "!")
	}
	if conditional && !strings.HasPrefix(body, noServer) {
		digits := 0
		for digits < len(body) && digits < 6 && '0' <= body[digits] && body[digits] <= '9' {
			digits++
		}
		l.conditional++
		l.at += len(rest) - len(body) + digits
		return nil
	}
	end := strings.Index(rest[2:], "*/")
	if end < 0 {
		return errOpenComment
	}
	l.at += 2 + end + 2
	return nil
}

func (l *lexer) lineComment(rest string) {
	end := strings.IndexByte(rest, '\n')
	if end < 0 {
		end = len(rest)
	}
	l.at += end
}

// quoted emits a token that ends with the quote at offset prefix. A doubled quote stands for one; a back slash takes
// the next character in strings, not in names.
func (l *lexer) quoted(kind tokenKind, prefix int) error {
	rest := l.sql[l.at:]
	quote := rest[prefix]
	for i := prefix + 1; i < len(rest); i++ {
		switch {
		case rest[i] == '\\' && quote != '`':
			i++
		case rest[i] != quote:
		case i+1 < len(rest) && rest[i+1] == quote:
			i++
		default:
			l.emit(kind, i+1)
			return nil
		}
	}
	return errOpenString
}

func isWordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '$' || c >= 0x80
}

func wordLength(s string) int {
	n := 0
	for n < len(s) && isWordByte(s[n]) {
		n++
	}
	return n
}

// numberOrWord measures what begins with a digit: a number (12, 0x1F, 1.5, 1e-3) or, as MySQL allows, a name.
func numberOrWord(s string) (tokenKind, int) {
	n := wordLength(s)
	digits := strings.TrimLeft(s[:n], "0123456789")
	if digits == "" && n < len(s) && s[n] == '.' {
		n++
		n += wordLength(s[n:])
	}
	if last := s[n-1]; (last == 'e' || last == 'E') && n < len(s) && (s[n] == '-' || s[n] == '+') && s[0] != '0' {
		n++
		n += wordLength(s[n:])
	}
	if digits == "" || strings.IndexByte("eExX", digits[0]) >= 0 {
		return tokenNumber, n
	}
	return tokenWord, n
}

// ansiNames turns "…" into names: the statement was written under sql_mode ANSI_QUOTES.
func ansiNames(tokens []token) {
	for i, t := range tokens {
		if t.isDoubleQuoted() {
			name := strings.ReplaceAll(t.text[1:len(t.text)-1], `""`, `"`)
			tokens[i] = token{kind: tokenName, text: quoteName(name), start: t.start}
		}
	}
}

// stringValue is what a string token '…' or "…" stands for.
func stringValue(text string) string {
	quote, body := text[0], text[1:len(text)-1]
	if strings.IndexByte(body, '\\') < 0 && strings.IndexByte(body, quote) < 0 {
		return body
	}
	var b strings.Builder
	for i := 0; i < len(body); i++ {
		c := body[i]
		switch {
		case c == quote:
			i++ // doubled
		case c == '\\' && i+1 < len(body):
			i++
			c = unescaped(body[i])
		}
		b.WriteByte(c)
	}
	return b.String()
}

// unescaped is the character that a back slash and c stand for.
func unescaped(c byte) byte {
	switch c {
	case '0':
		return 0
	case 'b':
		return '\b'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'Z':
		return 0x1a
	}
	return c
}
