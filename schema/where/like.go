package where

import (
	"fmt"
	"unicode/utf8"
)

// pattern is a LIKE pattern: characters, and what stands for any of them.
type pattern []rune

const (
	anyOne  = -1
	anyMany = -2
)

// compilePattern reads a pattern. Where a backslash escapes it stands before % and _ only: whether a string has one of two depends on
// the sql_mode.
func compilePattern(text string, escape rune) (pattern, error) {
	var p pattern
	escaped := false
	for _, r := range text {
		switch {
		case escaped && escape == '\\' && r != '%' && r != '_', !escaped && escape != '\\' && r == '\\':
			return nil, fmt.Errorf(`%q: what a backslash means depends on the sql_mode, but before %% and _`, text)
		case escaped:
			p = append(p, r)
			escaped = false
		case r == escape:
			escaped = true
		case r == '%':
			p = append(p, anyMany)
		case r == '_':
			p = append(p, anyOne)
		default:
			p = append(p, r)
		}
	}
	if escaped {
		return nil, fmt.Errorf("%q ends in what escapes the next character", text)
	}
	return p, nil
}

// matches goes back to the last % only, so its time is at most the product of the lengths.
func (p pattern) matches(text []byte, same func(a, b rune) bool) bool {
	i, j := 0, 0
	many, from := -1, 0
	for j < len(text) {
		r, size := utf8.DecodeRune(text[j:])
		switch {
		case i < len(p) && p[i] == anyMany:
			many, from = i, j
			i++
		case i < len(p) && (p[i] == anyOne || same(p[i], r)):
			i++
			j += size
		case many >= 0:
			_, size = utf8.DecodeRune(text[from:])
			from += size
			i, j = many+1, from
		default:
			return false
		}
	}
	for i < len(p) && p[i] == anyMany {
		i++
	}
	return i == len(p)
}
