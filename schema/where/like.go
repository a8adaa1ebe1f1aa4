package where

import "unicode/utf8"

// pattern is a LIKE pattern: characters, and what stands for any of them.
type pattern []rune

const (
	anyOne  = -1
	anyMany = -2
)

func compilePattern(text string) pattern {
	var p pattern
	escaped := false
	for _, r := range text {
		switch {
		case escaped:
			p = append(p, r)
			escaped = false
		case r == '\\':
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
		p = append(p, '\\')
	}
	return p
}

// matches goes back to the last % only, so its time is at most the product of the lengths.
func (p pattern) matches(text []byte) bool {
	i, j := 0, 0
	many, from := -1, 0
	for j < len(text) {
		r, size := utf8.DecodeRune(text[j:])
		switch {
		case i < len(p) && p[i] == anyMany:
			many, from = i, j
			i++
		case i < len(p) && (p[i] == anyOne || p[i] == r):
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
