package statement

import "bytes"

// beginsLineComment reports whether -- begins a comment: only before a blank, a control character or the end.
func beginsLineComment(rest []byte) bool {
	return len(rest) > 1 && rest[1] == '-' && (len(rest) == 2 || rest[2] <= ' ' || rest[2] == 0x7f)
}

func (s *Scanner) lineComment() Token {
	rest := s.text[s.at:]
	length := bytes.IndexByte(rest, '\n')
	if length < 0 {
		length = len(rest)
	}
	return s.take(Comment, length)
}

// comment reads a comment, or only the beginning of one whose content the writer executed. afterVerb: hints may stand here.
func (s *Scanner) comment(afterVerb bool) Token {
	rest := s.text[s.at:]
	mark := 0
	mariaDB := len(rest) > 3 && rest[2] == 'M' && rest[3] == '!' && s.context.knowsMariaComments()
	switch {
	case mariaDB:
		mark = len("/*M!")
	case len(rest) > 2 && rest[2] == '!':
		mark = len("/*!")
	case len(rest) > 2 && rest[2] == '+':
		return s.closedComment(Hint, s.hintLength(rest, afterVerb))
	default:
		return s.closedComment(Comment, commentLength(rest, len("/*"), 0))
	}
	digits, version := s.context.version(rest[mark:])
	var t Token
	if s.context.executes(version, mariaDB) {
		s.executing = true
		t = s.take(ExecutableBegin, mark+digits)
	} else {
		t = s.closedComment(Comment, commentLength(rest, mark, 1))
	}
	t.MariaDB, t.Version = mariaDB, version
	return t
}

// closedComment reads a comment of a length, 0 for one that does not close.
func (s *Scanner) closedComment(kind TokenKind, length int) Token {
	if length == 0 {
		return s.unclosed(kind, 0, ErrUnclosedComment)
	}
	return s.take(kind, length)
}

// version reads the version after the mark of an executable comment: five digits, or six if the writer supports that. Fewer
// digits are not a version; they belong to the statement.
func (c *Context) version(text []byte) (digits, version int) {
	for digits < len(text) && digits < c.versionDigits() && isDigit(text[digits]) {
		version = 10*version + int(text[digits]-'0')
		digits++
	}
	if digits < 5 {
		return 0, 0
	}
	return digits, version
}

// versionDigits is the most digits that a version has.
func (c *Context) versionDigits() int {
	if w := c.Writer; w.Flavor == 0 && w.Major != 0 && !w.AtLeast(8, 0, 34) {
		return 5
	}
	return 6
}

// commentLength is the length of a comment, its marks included, and 0 if it does not close. nested is how deep comments may nest
// in it: servers allow one level in those that they skip because of the version, and none in plain ones (MySQL source:
// consume_comment).
func commentLength(rest []byte, from, nested int) int {
	for i := from; i+1 < len(rest); {
		switch {
		case rest[i] == '*' && rest[i+1] == '/':
			return i + 2
		case nested > 0 && rest[i] == '/' && rest[i+1] == '*':
			inner := commentLength(rest[i:], 2, nested-1)
			if inner == 0 {
				return 0
			}
			i += inner
		default:
			i++
		}
	}
	return 0
}

// hintLength is the length of /*+ … */. After a verb, where the server parses the hint, a quoted name in it may contain */.
func (s *Scanner) hintLength(rest []byte, afterVerb bool) int {
	plain := commentLength(rest, len("/*+"), 0)
	if !afterVerb {
		return plain
	}
	for i := len("/*+"); i+1 < len(rest); i++ {
		switch c := rest[i]; {
		case c == '*' && rest[i+1] == '/':
			return i + 2
		case c == '`', c == '"' && s.context.SQLMode&ANSIQuotes != 0:
			end := bytes.IndexByte(rest[i+1:], c)
			if end < 0 {
				return plain
			}
			i += end + 1
		}
	}
	return plain
}
