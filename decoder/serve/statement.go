package serve

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"binmend/decoder/statement"
)

// The statements that clients send before a dump are few and simple. This file parses them; answers.go answers them.

// token is a word, a name with its @ signs and dots, a quoted text, or one character.
type token struct {
	text   string // without the quotes
	quoted bool
}

// is reports whether the token is a word or a character, in any case.
func (t token) is(word string) bool { return !t.quoted && strings.EqualFold(t.text, word) }

// tokens splits a statement into tokens. It leaves comments out; one that servers execute is an error.
func tokens(sql string) ([]token, error) {
	s := statement.NewScanner([]byte(strings.TrimRight(sql, "\x00")), statement.Context{})
	var all []token
	nameEnd := -1 // where the last token ends, if it is a name: what follows without a blank belongs to it
	for {
		t := s.Scan()
		switch raw := s.Text(t); {
		case t.Kind == statement.End:
			return all, nil
		case t.Unclosed:
			return nil, fmt.Errorf("a text that does not end: %.20q", raw)
		case t.Kind == statement.ExecutableBegin, bytes.HasPrefix(raw, []byte("/*!")), bytes.HasPrefix(raw, []byte("/*M!")):
			return nil, errors.New("a comment that can't be passed over")
		case t.Kind == statement.Comment, t.Kind == statement.Hint:
		case t.Kind == statement.String:
			all = append(all, token{string(s.AppendString(nil, t)), true})
		case t.Kind == statement.QuotedName:
			name, _ := s.Name(t)
			all = append(all, token{string(name), true})
		case t.Start == nameEnd && isNamePart(&s, t):
			all[len(all)-1].text += string(raw)
			nameEnd = t.End
		default:
			all = append(all, token{text: string(raw)})
			if isNamePart(&s, t) {
				nameEnd = t.End
			}
		}
	}
}

// isNamePart reports whether a token is part of a word, a number, or a variable's name.
func isNamePart(s *statement.Scanner, t statement.Token) bool {
	return t.Kind != statement.Operator || s.IsOperator(t, "@") || s.IsOperator(t, ".")
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

// startsWith reports whether tokens begin with the words, and returns those after them.
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

// join joins tokens into one text, to name a column or to quote what was not understood.
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
