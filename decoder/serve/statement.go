package serve

import (
	"fmt"
	"strings"
)

// The statements that clients send before a dump are few and simple. This file takes them apart; answers.go answers them.

// token is a word, a name with its @ signs and dots, a text in quotes, or one character.
type token struct {
	text   string // of a text in quotes what is between them
	quoted bool
}

// is says whether the token is a word or a character, in any case.
func (t token) is(word string) bool { return !t.quoted && strings.EqualFold(t.text, word) }

// tokens takes a statement apart. Comments are left out, but those that servers execute are an error.
func tokens(statement string) ([]token, error) {
	var all []token
	for s := statement; ; {
		s = strings.TrimLeft(s, " \t\r\n\x00")
		switch {
		case s == "":
			return all, nil
		case strings.HasPrefix(s, "/*"):
			end := strings.Index(s, "*/")
			if end < 0 || len(s) > 2 && (s[2] == '!' || s[2] == 'M') {
				return nil, fmt.Errorf("a comment that can't be passed over")
			}
			s = s[end+2:]
		case strings.HasPrefix(s, "-- "), s[0] == '#':
			_, s, _ = strings.Cut(s, "\n")
		case s[0] == '\'' || s[0] == '"' || s[0] == '`':
			text, rest, err := quotedText(s)
			if err != nil {
				return nil, err
			}
			all, s = append(all, token{text, true}), rest
		default:
			n := 0
			for n < len(s) && isNameByte(s[n]) {
				n++
			}
			n = max(n, 1)
			all, s = append(all, token{text: s[:n]}), s[n:]
		}
	}
}

// isNameByte says whether a character is part of a word, a number, or a variable's name.
func isNameByte(c byte) bool {
	return c == '_' || c == '@' || c == '.' || c == '$' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// quotedText reads the text in quotes that s begins with, and returns what follows it.
func quotedText(s string) (text, rest string, err error) {
	quote := s[0]
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quote != '`' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] != quote:
			b.WriteByte(s[i])
		case i+1 < len(s) && s[i+1] == quote:
			i++
			b.WriteByte(quote)
		default:
			return b.String(), s[i+1:], nil
		}
	}
	return "", "", fmt.Errorf("a text that does not end: %.20q", s)
}

// splitAt cuts tokens at each separator outside parentheses.
func splitAt(all []token, separator string) [][]token {
	var parts [][]token
	depth, from := 0, 0
	for i, t := range all {
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case t.is(separator) && depth == 0:
			parts, from = append(parts, all[from:i]), i+1
		}
	}
	return append(parts, all[from:])
}

// startsWith says whether tokens begin with the words, and returns those after them.
func startsWith(all []token, words ...string) ([]token, bool) {
	if len(all) < len(words) {
		return nil, false
	}
	for i, w := range words {
		if !all[i].is(w) {
			return nil, false
		}
	}
	return all[len(words):], true
}

// join writes tokens as one text, to name a column or to show what was not understood.
func join(all []token) string {
	var b strings.Builder
	for i, t := range all {
		if i > 0 && !t.is("(") && !t.is(")") && !all[i-1].is("(") {
			b.WriteByte(' ')
		}
		if t.quoted {
			fmt.Fprintf(&b, "'%s'", t.text)
			continue
		}
		b.WriteString(t.text)
	}
	return b.String()
}
