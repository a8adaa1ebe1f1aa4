package statement

import (
	"bytes"
	"errors"
)

// ErrUnclosedQuote and ErrUnclosedComment: a statement ends inside quotes or a comment.
var (
	ErrUnclosedQuote   = errors.New("a quote is never closed")
	ErrUnclosedComment = errors.New("a comment is never closed")
)

// Scanner splits one statement into tokens. It allocates nothing.
type Scanner struct {
	text    []byte
	at      int
	context Context
	charset charset
	escapes bool // a backslash in a string escapes the next character

	executing bool // inside an executable comment
	nameNext  bool // the next token is a name, even if it looks like a keyword or a number
	hostNext  bool // after an @: a user variable or the host of an account, which may hold dots
	hintNext  bool // after a word that hints may follow
	err       error
}

// NewScanner returns a scanner that stands before the first token. The text must stay as it is.
func NewScanner(text []byte, context Context) Scanner {
	return Scanner{text: text, context: context, charset: charsetOf(context.Client), escapes: context.SQLMode&NoBackslashEscapes == 0}
}

// Err is ErrUnclosedQuote or ErrUnclosedComment once the scanner has reached the end inside one.
func (s *Scanner) Err() error { return s.err }

// Next returns the next token that the server parses: no comments, and no marks of executable comments.
func (s *Scanner) Next() Token {
	for {
		if t := s.Scan(); t.Kind < Comment {
			return t
		}
	}
}

// Scan returns the next token, comments included. Only blanks stand between tokens.
func (s *Scanner) Scan() Token {
	named, host, hint := s.nameNext, s.hostNext, s.hintNext
	s.nameNext, s.hostNext, s.hintNext = false, false, false
	for s.at < len(s.text) && s.charset.isBlank(s.text[s.at]) {
		s.at++
		s.hintNext = hint
	}
	if s.at == len(s.text) {
		if s.executing && s.err == nil {
			s.err = ErrUnclosedComment
		}
		return Token{Start: s.at, End: s.at}
	}
	rest := s.text[s.at:]
	c := rest[0]
	switch {
	case host:
		return s.host()
	case named:
		return s.word(Identifier)
	case c == '$' && s.quotesByDollar():
		return s.dollarQuoted()
	case isDigit(c):
		return s.number()
	case c == '.' && len(rest) > 1 && isDigit(rest[1]) && !s.followsWord():
		return s.real(1)
	case len(rest) > 1 && rest[1] == '\'' && (c|0x20 == 'x' || c|0x20 == 'b' || c|0x20 == 'n'):
		return s.quoted(String, 1)
	case s.charset.isWordByte(c):
		return s.word(Word)
	case c == '\'':
		return s.quoted(String, 0)
	case c == '"' && s.context.SQLMode&ANSIQuotes == 0:
		return s.quoted(String, 0)
	case c == '"', c == '`':
		return s.quoted(QuotedName, 0)
	case c == '#', c == '-' && beginsLineComment(rest):
		return s.lineComment()
	case c == '/' && len(rest) > 1 && rest[1] == '*':
		return s.comment(hint)
	case c == '*' && s.executing && len(rest) > 1 && rest[1] == '/':
		s.executing = false
		return s.take(ExecutableEnd, 2)
	}
	return s.operator(rest)
}

// take makes a token from the next bytes.
func (s *Scanner) take(kind TokenKind, length int) Token {
	t := Token{Kind: kind, Start: s.at, End: s.at + length}
	s.at = t.End
	return t
}

// unclosed makes a token from all that is left.
func (s *Scanner) unclosed(kind TokenKind, quote byte, err error) Token {
	t := s.take(kind, len(s.text)-s.at)
	t.Quote, t.Unclosed, s.err = quote, true, err
	return t
}

// operators are the operators of more than one character, the longer ones first.
var operators = [...]string{"<=>", "->>", "<=", ">=", "<>", "!=", "<<", ">>", "&&", "||", ":=", "->", `\N`}

func (s *Scanner) operator(rest []byte) Token {
	length := 1
	for _, o := range operators {
		if o[0] == rest[0] && len(rest) >= len(o) && string(rest[:len(o)]) == o {
			length = len(o)
			break
		}
	}
	if after := rest[1:]; len(after) > 0 {
		switch rest[0] {
		case '.':
			s.nameNext = s.charset.isWordByte(after[0])
		case '@':
			// After @@ comes the name of a system variable, after @ anything that is not quoted.
			system := s.at > 0 && s.text[s.at-1] == '@'
			s.nameNext = system && s.charset.isWordByte(after[0])
			s.hostNext = !system && s.isHostByte(after[0])
		}
	}
	return s.take(Operator, length)
}

// quoted reads quoted text, whose quote stands at an offset. A doubled quote is part of it.
func (s *Scanner) quoted(kind TokenKind, offset int) Token {
	rest := s.text[s.at:]
	quote := rest[offset]
	for i := offset + 1; ; i++ {
		n, closed := s.charset.quotedPart(rest[i:], quote, s.escapes && kind == String)
		if i += n; !closed {
			return s.unclosed(kind, quote, ErrUnclosedQuote)
		}
		if i == len(rest) || rest[i] != quote {
			t := s.take(kind, i)
			t.Quote = quote
			return t
		}
	}
}

// QuotedPart is for quoted text that is read in pieces. b begins inside the quotes: n is how much of it belongs to them, and
// closed whether the closing quote is in b, which n then includes. A doubled quote counts as a closing and an opening one. A
// backslash at the very end of b is left for the next piece, which has the byte that it escapes, unless it is all of b.
func QuotedPart(b []byte, quote byte) (n int, closed bool) {
	n, closed = other.quotedPart(b, quote, quote != '`')
	if n > len(b) && len(b) > 1 {
		return len(b) - 1, false
	}
	return min(n, len(b)), closed
}

// quotedPart measures quoted text up to its first quote, and reports whether there is one. A backslash includes the byte after
// it, which may be beyond b.
func (c charset) quotedPart(b []byte, quote byte, escapes bool) (n int, closed bool) {
	for i := 0; i < len(b); {
		switch ch := b[i]; {
		case ch >= 0x80:
			i += c.size(b[i:])
		case ch == '\\' && escapes:
			if i += 2; i > len(b) {
				return i, false
			}
		case ch == quote:
			return i + 1, true
		default:
			i++
		}
	}
	return len(b), false
}

// quotesByDollar reports whether the writer knows $$…$$ and $tag$…$tag$: MySQL from 8.1 on, for programs in other languages.
func (s *Scanner) quotesByDollar() bool {
	w := s.context.Writer
	return w.Flavor == 0 && w.AtLeast(8, 1, 0) && s.dollarTag() > 0
}

// dollarTag is the length of $tag$, 0 when none follows.
func (s *Scanner) dollarTag() int {
	rest := s.text[s.at:]
	for i := 1; i < len(rest); i++ {
		switch {
		case rest[i] == '$':
			return i + 1
		case !s.charset.isWordByte(rest[i]):
			return 0
		}
	}
	return 0
}

func (s *Scanner) dollarQuoted() Token {
	rest := s.text[s.at:]
	tag := rest[:s.dollarTag()]
	end := bytes.Index(rest[len(tag):], tag)
	if end < 0 {
		return s.unclosed(String, '$', ErrUnclosedQuote)
	}
	t := s.take(String, len(tag)+end+len(tag))
	t.Quote = '$'
	return t
}
