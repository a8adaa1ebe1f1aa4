package statement

import (
	"bytes"
)

// TokenKind says what a token is.
type TokenKind uint8

const (
	End        TokenKind = iota // after the last token; empty
	Word                        // a keyword or a name without quotes
	Identifier                  // a name without quotes that can't be a keyword: after a dot or an @, or with digits first
	QuotedName                  // `…`, and "…" under ANSI_QUOTES
	String                      // '…', "…", x'…', b'…', n'…', $tag$…$tag$
	Number
	Operator        // one character, or several: <=> := ->> && \N
	Comment         // of any form, including executable comments that the writer does not execute
	Hint            // /*+ … */
	ExecutableBegin // /*! or /*M! with its version: what follows is executed
	ExecutableEnd   // the */ that closes it
)

func (k TokenKind) String() string {
	return [...]string{"end", "word", "identifier", "quoted name", "string", "number", "operator", "comment", "hint",
		"beginning of an executable comment", "end of an executable comment"}[k]
}

// Token is one token of a statement. Its text is text[Start:End].
type Token struct {
	Kind       TokenKind
	Quote      byte // of a String or a QuotedName: ' " ` or $
	Unclosed   bool // the statement ends inside it
	MariaDB    bool // an executable comment that begins with /*M!
	Start, End int  // offsets in bytes
	Version    int  // of an executable comment, 50700 for 5.7.0; 0 when it names none
}

// Text is the token as written.
func (s *Scanner) Text(t Token) []byte { return s.text[t.Start:t.End] }

// Is reports whether the token is a keyword, given in upper case. A name never is, whatever it looks like.
func (s *Scanner) Is(t Token, keyword string) bool {
	return t.Kind == Word && t.End-t.Start == len(keyword) && equalFold(s.text[t.Start:t.End], keyword)
}

// IsOperator reports whether the token is an operator.
func (s *Scanner) IsOperator(t Token, operator string) bool {
	return t.Kind == Operator && string(s.text[t.Start:t.End]) == operator
}

// equalFold compares ASCII regardless of case; upper must be in upper case.
func equalFold(b []byte, upper string) bool {
	for i, c := range b {
		if in(c, 'a', 'z') {
			c -= 'a' - 'A'
		}
		if c != upper[i] {
			return false
		}
	}
	return true
}

// Name is the identifier that the token stands for; ok is false for a token that can't be one. The bytes may be shared with the
// statement.
func (s *Scanner) Name(t Token) (name []byte, ok bool) {
	switch t.Kind {
	case Word, Identifier:
		return s.Text(t), true
	case QuotedName:
		inner := s.inner(t)
		if bytes.IndexByte(inner, t.Quote) < 0 {
			return inner, true
		}
		return s.appendUnquoted(nil, inner, t.Quote, false), true
	}
	return nil, false
}

// AppendString appends what a String token stands for, without its quotes. The digits of x'…' and b'…' are appended as written.
func (s *Scanner) AppendString(dst []byte, t Token) []byte {
	inner := s.inner(t)
	if t.Quote == '$' {
		return append(dst, inner...)
	}
	return s.appendUnquoted(dst, inner, t.Quote, s.escapes)
}

// inner is the text between a token's quotes.
func (s *Scanner) inner(t Token) []byte {
	text := s.Text(t)
	open := bytes.IndexByte(text, t.Quote) + 1
	if t.Quote == '$' {
		open += bytes.IndexByte(text[open:], '$') + 1
	}
	if t.Unclosed {
		return text[open:]
	}
	closing := 1
	if t.Quote == '$' {
		closing = open
	}
	return text[open : len(text)-closing]
}

// appendUnquoted appends quoted text with doubled quotes made single and, if escapes is set, backslash sequences resolved.
func (s *Scanner) appendUnquoted(dst, inner []byte, quote byte, escapes bool) []byte {
	for i := 0; i < len(inner); {
		n := s.charset.size(inner[i:])
		switch c := inner[i]; {
		case n > 1:
			dst = append(dst, inner[i:i+n]...)
		case c == quote && i+1 < len(inner):
			dst, n = append(dst, quote), 2
		case c == '\\' && escapes && i+1 < len(inner):
			dst, n = appendEscaped(dst, inner[i+1]), 2
		default:
			dst = append(dst, c)
		}
		i += n
	}
	return dst
}

// appendEscaped appends what a backslash and c stand for. A backslash before a wildcard of LIKE stays (MySQL source: get_text).
func appendEscaped(dst []byte, c byte) []byte {
	switch c {
	case '0':
		c = 0
	case 'b':
		c = '\b'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'Z':
		c = 0x1a
	case '%', '_':
		dst = append(dst, '\\')
	}
	return append(dst, c)
}
