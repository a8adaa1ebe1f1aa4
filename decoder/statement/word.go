package statement

// word reads an unquoted word.
func (s *Scanner) word(kind TokenKind) Token {
	t := s.take(kind, s.wordLength(0))
	if kind == Word {
		s.hintNext = s.takesHints(t)
	}
	return t
}

// wordLength is the length of the unquoted word at an offset.
func (s *Scanner) wordLength(from int) int {
	rest := s.text[s.at:]
	n := from
	for n < len(rest) && s.charset.isWordByte(rest[n]) {
		n += s.charset.size(rest[n:])
	}
	return n - from
}

// takesHints reports whether a comment right after a word may be a hint.
func (s *Scanner) takesHints(t Token) bool {
	return t.End-t.Start == 6 && (s.Is(t, "SELECT") || s.Is(t, "INSERT") || s.Is(t, "UPDATE") || s.Is(t, "DELETE")) ||
		t.End-t.Start == 7 && s.Is(t, "REPLACE")
}

// followsWord reports whether an unquoted name ends right before the next byte.
func (s *Scanner) followsWord() bool { return s.at > 0 && s.charset.isWordByte(s.text[s.at-1]) }

func (s *Scanner) isHostByte(b byte) bool { return s.charset.isWordByte(b) || b == '.' }

// host reads the name of a user variable or of an account's host.
func (s *Scanner) host() Token {
	n := 0
	for s.at+n < len(s.text) && s.isHostByte(s.text[s.at+n]) {
		n += s.charset.size(s.text[s.at+n:])
	}
	return s.take(Identifier, n)
}

// number reads a token that begins with a digit: a number or, as servers allow, a name (MySQL source: MY_LEX_NUMBER_IDENT).
func (s *Scanner) number() Token {
	rest := s.text[s.at:]
	at := func(i int) byte {
		if i < len(rest) {
			return rest[i]
		}
		return 0
	}
	if rest[0] == '0' && (at(1) == 'x' || at(1) == 'b') {
		n := s.wordLength(0)
		if n > 2 && allDigits(rest[2:n], at(1) == 'x') {
			return s.take(Number, n)
		}
		return s.take(Identifier, n)
	}
	n := 1
	for isDigit(at(n)) {
		n++
	}
	switch c := at(n); {
	case c == '.':
		return s.real(n + 1)
	case !s.charset.isWordByte(c):
		return s.take(Number, n)
	case c|0x20 == 'e' && isDigit(at(n+1)), c|0x20 == 'e' && (at(n+1) == '+' || at(n+1) == '-') && isDigit(at(n+2)):
		return s.exponent(n)
	}
	return s.take(Identifier, s.wordLength(0))
}

func allDigits(b []byte, hex bool) bool {
	for _, c := range b {
		if hex && !isDigit(c) && !in(c|0x20, 'a', 'f') || !hex && c != '0' && c != '1' {
			return false
		}
	}
	return true
}

// real reads a number whose digits after the point begin at an offset.
func (s *Scanner) real(from int) Token {
	rest := s.text[s.at:]
	n := from
	for n < len(rest) && isDigit(rest[n]) {
		n++
	}
	if n < len(rest) && rest[n]|0x20 == 'e' {
		return s.exponent(n)
	}
	return s.take(Number, n)
}

// exponent reads a number whose e stands at an offset, if digits follow.
func (s *Scanner) exponent(e int) Token {
	rest := s.text[s.at:]
	n := e + 1
	if n < len(rest) && (rest[n] == '+' || rest[n] == '-') {
		n++
	}
	digits := n
	for n < len(rest) && isDigit(rest[n]) {
		n++
	}
	if n == digits {
		return s.take(Number, e)
	}
	return s.take(Number, n)
}
