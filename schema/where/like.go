package where

import (
	"fmt"
	"unicode/utf8"

	"binmend/decoder"
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

// like makes the test of a pattern.
func (r *rules) like(c *compare, text appender) (cellTest, error) {
	p, err := compilePattern(c.values[0].text, c.escape)
	if err != nil {
		return nil, err
	}
	return func(s *Scratch, v decoder.Cell) (truth, error) {
		var err error
		if s.a, err = s.words(text, v); err != nil {
			return isFalse, err
		}
		if r.isBinary {
			return truthOf(p.matches(s.a, func(a, b rune) bool { return a == b })), nil
		}
		surely := p.matches(s.a, r.surelySame)
		if perhaps := p.matches(s.a, r.perhapsSame); surely != perhaps {
			return isFalse, r.undecided(s.a, []byte(c.values[0].text))
		}
		return truthOf(surely), nil
	}, nil
}

func (r *rules) surelySame(a, b rune) bool {
	return a == b || r.folds && !r.isUnknown && isASCII(a) && isASCII(b) && lower(a) == lower(b)
}

func (r *rules) perhapsSame(a, b rune) bool {
	if isASCII(a) && isASCII(b) {
		return a == b || r.folds && lower(a) == lower(b)
	}
	return canBe(lower(a), lower(b))
}

func lower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}
